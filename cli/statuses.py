"""What commands end with beside 0 (all well) and 1 (something in the workspace is wrong)."""

FAULT = 2
"""Wrong usage, or the tool itself failed."""
INTERRUPTED = 130
"""Ctrl-C: 128 and the number of SIGINT, as shells have it."""
