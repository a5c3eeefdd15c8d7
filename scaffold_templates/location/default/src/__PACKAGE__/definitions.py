"""What Atoll loads: everything that is defined below `__PACKAGE__.defs`."""

from atoll import load_definitions_from_package_module

import __PACKAGE__.defs

defs = load_definitions_from_package_module(__PACKAGE__.defs)
