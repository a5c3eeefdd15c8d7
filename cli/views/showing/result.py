"""The result of `atoll show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.views.showing.sheets import draw
from atoll_host.envs.errors import UsageError
from atoll_host.workspace.describing.details import describe, describe_location
from atoll_host.workspace.describing.finding import find
from atoll_host.workspace.findings.located import LocatedProblem
from atoll_host.workspace.graph.merging import merge_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.workspace.loading import LoadReport


def show_result(kind: str, name: str, reports: Sequence[LoadReport], problems: tuple[LocatedProblem, ...]) -> Result:
    """Make the result of showing a definition; where there is none of the name, that and the other problems.

    Args:
        kind: such as `asset`.
        name: `name` or `location:name`.
        reports: of all locations.
        problems: what is shown beside it.
    """
    try:
        found = find(kind, name, reports)
    except UsageError as error:
        missing = tuple(LocatedProblem(None, problem) for problem in error.problems)
        return Result("show", None, None, (*missing, *problems), exit_status=error.exit_status)
    data = describe(found, merge_reports(reports))
    return Result("show", data, lambda console: draw(console, data), problems)


def location_result(report: LoadReport, problems: tuple[LocatedProblem, ...]) -> Result:
    """Make the result of showing a location."""
    data = describe_location(report)
    return Result("show", data, lambda console: draw(console, data), problems)
