"""What Atoll loads: everything that is defined below `sales.defs`."""

from atoll import load_definitions_from_package_module

import sales.defs
from sales.defs.resources.brand_new import brand_new

defs = load_definitions_from_package_module(
    sales.defs,
    resources={"brand_new": brand_new},
)
