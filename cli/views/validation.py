"""How the outcome of `atoll validate` looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.views.locations import COUNTED, duration, located, status_text
from atoll_host.cli.views.problems import LocatedProblem, draw_problem

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
                "counts": {kind: len(report.definitions.get(kind, ())) for kind in COUNTED}
                if report.status == "loaded"
                else None,
            }
            for report in reports
        ],
        "errors": sum(item.problem.severity == "error" for item in problems),
        "warnings": sum(item.problem.severity == "warning" for item in problems),
    }

    def view(console: Console) -> None:
        _draw(console, reports, problems)

    return Result("validate", data, view, problems, problems_in_view=True)


def _draw(console: Console, reports: Sequence[LoadReport], problems: Sequence[LocatedProblem]) -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    for item in problems:
        draw_problem(console, item)
        console.print()
    for report in reports:
        what = ", ".join(
            f"{len(report.definitions[kind])} {kind if len(report.definitions[kind]) != 1 else kind[:-1]}"
            for kind in COUNTED
            if report.status == "loaded" and report.definitions.get(kind)
        )
        console.print(
            Text.assemble(status_text(report.status), " ", (report.location.name, "bold"), f"  {what}  ", (duration(report.seconds), "dim"))
        )
    errors = sum(item.problem.severity == "error" for item in problems)
    warnings = len(problems) - errors
    said = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in ((errors, "error"), (warnings, "warning")) if number]
    console.print(", ".join(said) if said else f"All well in {len(reports)} location{'' if len(reports) == 1 else 's'}")
