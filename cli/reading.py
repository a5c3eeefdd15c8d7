"""What the commands that only read have in common: load what is asked for, and say what is wrong beside it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.workspace.describing.text import count
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from atoll_host.cli.session import Session
    from atoll_host.workspace.loading import LoadReport


def load_reports(session: Session, names: Sequence[str] | None = None) -> list[LoadReport]:
    """Load the locations that were named, or all of them, with a display of progress.

    Raises:
        UsageError: there is no location of such a name.
    """
    chosen = session.locations(names)
    with session.renderer.progress("Loading", len(chosen)) as advance:
        return session.loader.load_all(session.workspace, chosen, on_report=lambda _: advance())


def problems_beside(reports: Sequence[LoadReport], *, whole: bool, brief: bool = False) -> tuple[LocatedProblem, ...]:
    """Give the problems of what was loaded, to be shown beside data that somebody asked for.

    Args:
        reports: what was loaded.
        whole: whether everything is given, as in JSON; for people warnings are counted in one line.
        brief: whether people are told only the first error of each location, without how it came about.
    """
    every = tuple(LocatedProblem(report.location.name, problem) for report in reports for problem in report.problems)
    if whole:
        return every
    errors = [item for item in every if item.problem.severity == "error"]
    warnings = [item for item in every if item.problem.severity == "warning"]
    return (*(_shorten(errors) if brief else errors), *_count(warnings))


def _shorten(errors: Sequence[LocatedProblem]) -> Iterator[LocatedProblem]:
    for location, group in groupby(errors, key=lambda item: item.location):
        first, *others = (item.problem for item in group)
        more = f"this and {len(others)} more" if others else "how it came about"
        hint = f"`atoll validate {location}` shows {more}"
        yield LocatedProblem(location, first.replaced(frames=(), detail=None, hint=hint))


def _count(warnings: Sequence[LocatedProblem]) -> Iterator[LocatedProblem]:
    names = list(dict.fromkeys(str(item.location) for item in warnings))
    if names:
        where = names[0] if len(names) == 1 else count(len(names), "location")
        hint = f"`atoll validate {names[0]}` shows them" if len(names) == 1 else "`atoll validate` shows them"
        message = f"{count(len(warnings), 'warning')} in {where}"
        yield LocatedProblem(None, Problem("warnings", message, hint, severity="warning"))
