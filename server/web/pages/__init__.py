"""The pages. Each module has its `routes`, and the application serves those of all modules named here."""

from __future__ import annotations

MODULES = (
    "overview",
    "locations",
    "problems",
    "search",
    "assets",
    "launch",
    "checks",
    "jobs",
    "automation",
    "runs",
    "backfills",
    "resources",
    "graph",
)
"""In the order in which their routes are asked."""
