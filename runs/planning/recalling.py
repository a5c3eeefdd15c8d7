"""Definitions for a plan: as they were last loaded where nothing has changed since, and loaded otherwise.

The worker that executes loads its location in any case, and refuses a plan that was made for other definitions. So a
plan may use what is remembered where the last load saw nothing but files and variables, all of which are as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError
from atoll_host.workspace.changes.witness import find_change
from atoll_host.workspace.loading import LoadReport
from atoll_host.workspace.snapshots import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.workspace.loading import Loader
    from atoll_host.workspace.location import Location, Workspace


def recall(loader: Loader, workspace: Workspace, location: Location) -> LoadReport | None:
    """Give the last load of a location as if it were one of now; None where it may be another now."""
    if location.problems:
        return None
    snapshot = read_snapshot(loader.state, location.name)
    if snapshot is None or not _is_provable(snapshot.trace):
        return None
    sdk = (snapshot.worker.get("sdk") or {}).get("file")
    if not isinstance(sdk, str) or (str(loader.state.path) in sdk and not sdk.startswith(str(loader.sdk))):
        return None
    try:
        inspection = loader.environments.inspect(location.environment)
        environment = inspection.environment
        if environment is None or inspection.problems or inspection.state in ("missing", "stale", "broken"):
            return None
        variables = loader.make_request(workspace, location, environment).variables
    except AtollError:
        return None
    if find_change(snapshot.trace, location, environment, variables) is not None:
        return None
    return LoadReport(location, "loaded", snapshot, environment=environment, trace=snapshot.trace)


def recall_all(
    loader: Loader, workspace: Workspace, load: Callable[[list[str]], Sequence[LoadReport]]
) -> list[LoadReport]:
    """Give what all locations define, in order.

    Args:
        loader: knows where snapshots are.
        workspace: what the locations belong to.
        load: loads those of these names, which may be others now.
    """
    recalled = {location.name: recall(loader, workspace, location) for location in workspace.locations}
    missing = [name for name, report in recalled.items() if report is None]
    loaded = {report.location.name: report for report in load(missing)} if missing else {}
    reports = {**{name: report for name, report in recalled.items() if report is not None}, **loaded}
    return [reports[location.name] for location in workspace.locations]


def _is_provable(trace: Mapping[str, Any]) -> bool:
    """Tell whether a load saw nothing but what leaves a trace that can be compared."""
    return (
        not trace.get("connections", True)
        and not trace.get("commands", True)
        and "*" not in trace.get("variables", "*")
    )
