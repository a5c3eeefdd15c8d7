# /// script
# requires-python = "==3.9.*"
# dependencies = [
#     "polars>=1",
#     "httpx",
# ]
# ///
"""The code location monthly-report: one file, which lists above what it needs."""

from atoll import Definitions

defs = Definitions()
