"""What the commands that only read have in common: load what is asked for, and say what is wrong beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.views.problems import LocatedProblem
from atoll_host.envs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def problems_beside(reports: Sequence[LoadReport], *, whole: bool) -> tuple[LocatedProblem, ...]:
    """Give the problems of what was loaded, to be shown beside data that somebody asked for.

    Args:
        reports: what was loaded.
        whole: whether warnings are given one by one, as in JSON; for people they are counted in one line.
    """
    every = tuple(LocatedProblem(report.location.name, problem) for report in reports for problem in report.problems)
    warned = [item for item in every if item.problem.severity == "warning"]
    if whole or not warned:
        return every
    names = list(dict.fromkeys(item.location for item in warned if item.location is not None))
    where = names[0] if len(names) == 1 else f"{len(names)} locations"
    message = f"{len(warned)} warning{'' if len(warned) == 1 else 's'} in {where}"
    hint = "`atoll validate` shows them" if len(names) > 1 else f"`atoll validate {names[0]}` shows them"
    return (
        *(item for item in every if item.problem.severity != "warning"),
        LocatedProblem(None, Problem("warnings", message, hint, severity="warning")),
    )
