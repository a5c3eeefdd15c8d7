# /// script
# requires-python = "__PYTHONS__"
# dependencies = []
# ///
"""The code location __LOCATION__: one file, with the packages that it needs listed above."""

from atoll import Definitions

defs = Definitions()
