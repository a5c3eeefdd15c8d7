"""The report for people: every finding with its source, then a line for each location, then what it comes to."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from atoll_host.cli.views.validation import draw_validation

if TYPE_CHECKING:
    from atoll_host.cli.views.reports.context import Context
    from atoll_host.workspace.validation import Validation


def text(validation: Validation, context: Context) -> str:
    """Give the report as it looks where no terminal is: no colours, and nothing cut."""
    from rich.console import Console  # noqa: PLC0415 — rich is for those who read

    written = io.StringIO()
    console = Console(file=written, force_terminal=False, color_system=None, highlight=False, width=1000)
    draw_validation(console, validation, verbose=context.verbose)
    return written.getvalue()
