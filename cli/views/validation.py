"""How the outcome of `atoll validate` looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.views.locations import COUNTED, counts, located, status_text
from atoll_host.cli.views.problems import LocatedProblem, count_severities, draw_problems
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.cli.views.text import count, one_line
from atoll_host.cli.views.wording import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.workspace.loading import LoadReport


def validation_result(reports: Sequence[LoadReport], findings: Sequence[LocatedProblem] = ()) -> Result:
    """Make the result of `atoll validate`.

    Args:
        reports: one for each location.
        findings: what is wrong between locations.
    """
    problems = (*located(reports), *findings)
    data = {
        "locations": [
            {
                "name": report.location.name,
                "status": report.status,
                "seconds": report.seconds,
                "counts": counts(report) if report.status == "loaded" else None,
            }
            for report in reports
        ],
        "errors": sum(item.problem.severity == "error" for item in problems),
        "warnings": sum(item.problem.severity == "warning" for item in problems),
    }

    def view(console: Console) -> None:
        draw_validation(console, reports, problems)

    return Result("validate", data, view, problems, problems_in_view=True)


def draw_validation(console: Console, reports: Sequence[LoadReport], problems: Sequence[LocatedProblem]) -> None:
    """Draw every problem, then a line for each location, then how many problems there are."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if problems:
        draw_problems(console, problems)
        console.print()
    columns = (Column(""), Column(""), Column("", rank=1, least=16), Column("", right=True, rank=2))
    draw_table(
        console,
        columns,
        (
            (
                Text(one_line(report.location.name), style="bold"),
                status_text(report.status),
                _definitions(report),
                Text(duration(report.seconds), style="dim"),
            )
            for report in reports
        ),
        headings=False,
    )
    said = count_severities(problems)
    console.print(Text(said or f"All well in {count(len(reports), 'location')}"), soft_wrap=True)


def _definitions(report: LoadReport) -> str:
    """Say what a location defines, such as `3 assets, 1 job`."""
    found = counts(report) if report.status == "loaded" else None
    return ", ".join(count(found[kind], kind.removesuffix("s")) for kind in COUNTED if found[kind]) if found else ""
