# /// script
# requires-python = "==3.9.*"
# dependencies = [
#     "polars>=1",
#     "httpx",
# ]
# ///
"""The code location monthly-report: one file, with the packages that it needs listed above."""

from atoll import Definitions

defs = Definitions()
