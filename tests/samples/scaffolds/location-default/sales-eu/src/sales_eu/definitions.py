"""What Atoll loads: everything that is defined below `sales_eu.defs`."""

from atoll import load_definitions_from_package_module

import sales_eu.defs

defs = load_definitions_from_package_module(sales_eu.defs)
