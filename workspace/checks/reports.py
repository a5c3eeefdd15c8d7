"""Everything that is checked once locations have loaded: each by itself, and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.workspace.checks.across import check_across
from atoll_host.workspace.checks.definitions import check_definitions
from atoll_host.workspace.checks.pointing import point_at_word
from atoll_host.workspace.checks.variables import check_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atoll_host.workspace.loading import LoadReport
    from atoll_host.workspace.location import Workspace


def check_report(workspace: Workspace, report: LoadReport, variables: Mapping[str, str]) -> tuple[Problem, ...]:
    """Check one location by itself; one that failed or is stale has nothing to check.

    Args:
        workspace: what it belongs to.
        report: what came of loading it.
        variables: the caller's environment.
    """
    if report.status != "loaded":
        return ()
    found = (
        *check_definitions(report.definitions, report.problems),
        *_check_variables(workspace, report, variables),
    )
    return tuple(map(point_at_word, found))


def check_workspace(workspace: Workspace, reports: Iterable[LoadReport]) -> tuple[tuple[str, Problem], ...]:
    """Check the locations that loaded against one another.

    What exists nowhere is said only when every location of the workspace loaded: one that failed, or was not asked for,
    may have it, and so may another location where single modules and files are named.

    Returns:
        Pairs of a location and its problem.
    """
    loaded = {report.location.name: report.definitions for report in reports if report.status == "loaded"}
    complete = workspace.whole and all(location.name in loaded for location in workspace.locations)
    found = check_across(loaded, complete=complete, root=workspace.root)
    return tuple((location, point_at_word(problem)) for location, problem in found)


def _check_variables(workspace: Workspace, report: LoadReport, variables: Mapping[str, str]) -> tuple[Problem, ...]:
    environment = report.environment
    if environment is None or not report.definitions.get("environment_variables"):
        return ()
    from atoll_host.envs.loading.variables import location_variables  # noqa: PLC0415 — for few locations

    files = (*workspace.env_files, *report.location.env_files)
    try:
        given = location_variables(
            variables, prefix=environment.prefix, executable=environment.executable, env_files=files
        )
    except AtollError:
        # The file was there when the location loaded; a moment later is no time to say so.
        return ()
    return check_variables(
        report.definitions,
        frozenset(given),
        dropped=frozenset(variables) - frozenset(given),
        files=[file.name for file in files],
    )
