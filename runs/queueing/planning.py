"""The plan of a run that waits in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, UsageError
from atoll_host.runs.planning.drafting import UnloadableError, draft_assets, draft_job
from atoll_host.runs.planning.planner import Wanted
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.runs.planning.plan import RunPlan
    from atoll_host.runs.queueing.requesting import QueuedRequest
    from atoll_host.workspace.graph.graph import AssetGraph
    from atoll_host.workspace.loading import LoadReport


class BrokenLocationError(AtollError):
    """A location that a run needs can't be loaded now, or is not known here."""

    kind = "broken_location"


def plan_request(request: QueuedRequest, reports: Sequence[LoadReport]) -> RunPlan:
    """Plan a run that was asked for earlier.

    Args:
        request: what it was asked for with.
        reports: the last load of each location.

    Raises:
        BrokenLocationError: a location that is needed can't be loaded now, or is another workspace's.
        AtollError: it can't be made: there is no such job or asset, or the partitions don't fit.
    """
    if request.location is not None and all(report.location.name != request.location for report in reports):
        # Others may share the storage, and know it.
        raise BrokenLocationError(f"There is no location {request.location!r} here", hint="atoll list locations")
    wanted = Wanted(request.partition, request.partition_range, request.config)
    try:
        if request.job is not None and request.assets is None:
            name = request.job if request.location is None else f"{request.location}:{request.job}"
            return draft_job(reports, name, wanted)[2]
        return draft_assets(reports, lambda graph: _choose(request, graph), wanted)
    except UnloadableError as error:
        first = error.located[0]
        if any(report.status == "failed" and report.location.name == first.location for report in reports):
            message = f"{first.location} is broken: {first.problem.message}"
            raise BrokenLocationError(message, hint="atoll validate") from error
        raise


def _choose(request: QueuedRequest, graph: AssetGraph) -> set[str]:
    """Give the ids of the assets that are meant.

    Raises:
        UsageError: there is no such asset.
    """
    if request.assets is None:
        return select(graph, request.selection or "")
    chosen = set()
    for key in request.assets:
        nodes = [node for node in graph.nodes.values() if node.key == key and node.type == "materializable"]
        own = [node for node in nodes if node.location == request.location]
        if not nodes:
            raise UsageError(f"There is no asset {key!r} that can be made", hint="atoll list assets")
        chosen |= {node.id for node in own or nodes}
    return chosen
