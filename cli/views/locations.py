"""How the locations of a workspace look."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.cli.views.text import room, wrap
from atoll_host.workspace.describing.locations import COUNTED, row
from atoll_host.workspace.describing.text import one_line
from atoll_host.workspace.describing.wording import age, duration
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.workspace.loading import LoadReport

NONE_YET = "No locations yet: `atoll create location NAME` makes one"
_COLUMNS = (
    Column("Location"),
    Column("Status"),
    Column("Python", rank=2),
    Column("Packages", "Pkgs", right=True, rank=5),
    Column("Assets", right=True, rank=1),
    Column("Checks", right=True, rank=7),
    Column("Jobs", right=True, rank=4),
    Column("Schedules", "Sched", right=True, rank=6),
    Column("Sensors", "Sens", right=True, rank=8),
    Column("Resources", "Res", right=True, rank=9),
    Column("Load", right=True, rank=3),
)


def located(reports: Sequence[LoadReport]) -> tuple[LocatedProblem, ...]:
    """Give the problems of all reports, each with its location."""
    return tuple(LocatedProblem(report.location.name, problem) for report in reports for problem in report.problems)


def locations_result(
    reports: Sequence[LoadReport], problems: tuple[LocatedProblem, ...] | None = None, command: str = "list"
) -> Result:
    """Make the result of `atoll list`.

    Args:
        reports: one for each location.
        problems: what is shown beside the table; None for everything that is wrong.
        command: its words.
    """
    rows = [row(report) for report in reports]

    def view(console: Console) -> None:
        draw_locations(console, rows)

    return Result(command, rows, view, located(reports) if problems is None else problems)


def draw_locations(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the table of locations."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if not rows:
        console.print(Text(NONE_YET), soft_wrap=True)
        return
    draw_table(
        console,
        _COLUMNS,
        (
            (
                Text(one_line(item["name"]), style="bold"),
                status_text(item["status"]),
                one_line(item["python"] or ""),
                "" if item["packages"] is None else str(item["packages"]),
                *("" if item["counts"] is None else str(item["counts"][kind]) for kind in COUNTED),
                duration(item["seconds"]),
            )
            for item in rows
        ),
    )
    stale = [item for item in rows if item["status"] == "stale"]
    if stale:
        ages = {age(time.time() - item["loaded_at"]) for item in stale}
        when = next(iter(ages)) if len(ages) == 1 else "earlier"
        note = f"▲ stale: it failed to load now; the figures are those of its last load, {when}"
        for line in wrap(note, room(console), rest="  "):
            console.print(Text(line, style="dim"), soft_wrap=True)


def status_text(status: str) -> Any:
    """Give a status as a sign with its word, so that colour alone carries nothing."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    sign, colour = {"loaded": ("●", "green"), "stale": ("▲", "yellow"), "failed": ("✕", "red")}[status]
    return Text(f"{sign} {status}", style=colour)
