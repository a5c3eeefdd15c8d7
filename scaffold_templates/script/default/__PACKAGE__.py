# /// script
# requires-python = "__PYTHONS__"
# dependencies = []
# ///
"""The code location __LOCATION__: one file, which lists above what it needs."""

from atoll import Definitions

defs = Definitions()
