"""What Atoll loads: everything that is defined below `sales_eu.defs`."""

from atoll import load_definitions_from_package_module

import sales_eu.defs
from sales_eu.defs.resources.inbox import inbox
from sales_eu.defs.resources.warehouse import warehouse

defs = load_definitions_from_package_module(
    sales_eu.defs,
    resources={"inbox": inbox, "warehouse": warehouse},
)
