"""What Atoll loads: everything that is defined below `__PACKAGE__.defs`."""

from atoll import load_definitions_from_package_module

import __PACKAGE__.defs
from __PACKAGE__.defs.resources.inbox import inbox
from __PACKAGE__.defs.resources.warehouse import warehouse

defs = load_definitions_from_package_module(
    __PACKAGE__.defs,
    resources={"inbox": inbox, "warehouse": warehouse},
)
