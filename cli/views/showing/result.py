"""The result of `atoll show`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from atoll_host.cli.reading import load_reports, problems_beside
from atoll_host.cli.result import Result
from atoll_host.cli.views.showing.sheets import draw
from atoll_host.envs.errors import UsageError
from atoll_host.workspace.describing.details import describe, describe_location
from atoll_host.workspace.describing.finding import find, find_any
from atoll_host.workspace.findings.located import LocatedProblem
from atoll_host.workspace.graph.merging import merge_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.cli.session import Session
    from atoll_host.workspace.loading import LoadReport

_MOST_WORDS = 2


def read_words(words: Sequence[str], kinds: Sequence[str]) -> tuple[str | None, str]:
    """Tell the kind, if it is said, and the name of what is to be shown.

    Raises:
        UsageError: there are too many words, or no such kind.
    """
    if len(words) == 1:
        return None, words[0]
    kind, name = words[0], words[-1]
    if len(words) > _MOST_WORDS:
        raise UsageError(f"{len(words)} words are too many", hint="atoll show [KIND] NAME")
    if kind not in kinds:
        close = difflib.get_close_matches(kind, kinds, n=1) or [kind] * kind.endswith("s")
        hint = f"did you mean {close[0]}?" if close and close[0] in kinds else f"there are: {', '.join(kinds)}"
        raise UsageError(f"There is no kind {kind!r}", hint=hint)
    return kind, name


def show_words(session: Session, kind: str | None, name: str) -> Result:
    """Show the location or the definition that has a name; a definition's location need not be told.

    Raises:
        UsageError: there is no location of this name, and one is asked for.
    """
    is_location = any(location.name == name for location in session.workspace.locations)
    if kind == "location" or (kind is None and is_location):
        (report,) = load_reports(session, [name])
        return location_result(report, problems_beside([report], whole=True))
    reports = load_reports(session)
    return show_result(kind, name, reports, problems_beside(reports, whole=session.renderer.as_json, brief=True))


def show_result(
    kind: str | None, name: str, reports: Sequence[LoadReport], problems: tuple[LocatedProblem, ...]
) -> Result:
    """Make the result of showing a definition; where there is none of the name, that and the other problems.

    Args:
        kind: such as `asset`; None for any.
        name: `name` or `location:name`.
        reports: of all locations.
        problems: what is shown beside it.
    """
    try:
        found = find_any(name, reports) if kind is None else find(kind, name, reports)
    except UsageError as error:
        missing = tuple(LocatedProblem(None, problem) for problem in error.problems)
        return Result("show", None, None, (*missing, *problems), exit_status=error.exit_status)
    data = describe(found, merge_reports(reports))
    return Result("show", data, lambda console: draw(console, data), problems)


def location_result(report: LoadReport, problems: tuple[LocatedProblem, ...]) -> Result:
    """Make the result of showing a location."""
    data = describe_location(report)
    return Result("show", data, lambda console: draw(console, data), problems)
