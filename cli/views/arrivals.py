"""What came of each location as soon as it is known, while slower ones still load."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.cli.views.locations import status_text
from atoll_host.cli.views.text import cut
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

    from atoll_host.workspace.loading import LoadReport

_LINES = 12
"""How many arrived locations are shown at once; those that failed come before the others."""
_NAMES = 3
"""How many of the locations that still load are named."""


@contextlib.contextmanager
def show_arrivals(console: Console, names: Sequence[str], *, wanted: bool) -> Iterator[Callable[[LoadReport], None]]:
    """Show a line for each location that has arrived, until all have; give what is called with each.

    On a terminal that can't write over its lines, they stay. Where nobody watches, nothing is shown.

    Args:
        console: where it is shown.
        names: the locations that load.
        wanted: whether anything is shown.
    """
    if not wanted or not console.is_terminal:
        yield lambda _: None
        return
    if console.is_dumb_terminal:
        yield lambda report: console.print(arrival_line(report, console.width))
        return
    from rich.live import Live  # noqa: PLC0415 — only where somebody watches

    arrivals = Arrivals(tuple(names))
    with Live(arrivals, console=console, refresh_per_second=8, transient=True) as live:

        def arrived(report: LoadReport) -> None:
            arrivals.reports.append(report)
            live.refresh()

        yield arrived


@dataclass
class Arrivals:
    """What has arrived, drawn anew some times a second.

    Attributes:
        names: the locations that load.
        reports: what has arrived.
        started: when the first one began to load, by `time.monotonic`.
    """

    names: tuple[str, ...]
    reports: list[LoadReport] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give a line for each that has arrived, and one that says what still loads."""
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        reports = list(self.reports)
        shown = sorted(reports, key=lambda report: report.status != "failed")[:_LINES]
        for report in shown:
            yield arrival_line(report, options.max_width)
        if len(reports) > len(shown):
            yield Text(f"… and {len(reports) - len(shown)} more", style="dim")
        arrived = {report.location.name for report in reports}
        waiting = [one_line(name) for name in self.names if name not in arrived]
        if waiting:
            more = f" and {len(waiting) - _NAMES} more" if len(waiting) > _NAMES else ""
            names = ", ".join(waiting[:_NAMES])
            took = duration(time.monotonic() - self.started)
            line = Text.assemble(("◐", "cyan"), f" loading {count(len(waiting), 'location')}: {names}{more}")
            line.append(f"  {took}", style="dim")
            cut(line, options.max_width)
            yield line


def arrival_line(report: LoadReport, width: int) -> Text:
    """Say in a line what came of loading one location."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    line = Text.assemble(status_text(report.status), "  ", (one_line(report.location.name), "bold"))
    line.append(f"  {duration(report.seconds)}", style="dim")
    first = next((problem for problem in report.problems if problem.severity == "error"), None)
    if first is not None:
        line.append(f"  {one_line(first.message)}")
    cut(line, width)
    return line
