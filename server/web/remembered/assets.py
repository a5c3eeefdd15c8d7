"""What is remembered of assets, as their list and their pages show it: a few queries for a page, none for a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError
from atoll_host.runs.staleness import Staleness, judge
from atoll_host.server.web.remembered.partitions import Partitions, describe_partitions
from atoll_host.server.web.remembered.plots import Plot, draw_plots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.requests import Request

    from atoll_host.envs.errors import Problem
    from atoll_host.runs.storage.asset_records import AssetEvent, CheckResult, LastRun
    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.operations.operations import Operations
    from atoll_host.workspace.graph.graph import AssetNode

HISTORY = 20
"""Materialisations of one page."""
PLOTTED = 60
"""Materialisations that plots go through."""
_DIGITS = 18
_UNDER_WAY = frozenset({"queued", "starting", "running", "canceling"})
_ENDED_BADLY = frozenset({"failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of an asset, in brief.

    Attributes:
        latest: its last materialisation; None where there is none.
        staleness: whether that is still what would be made.
        run: a run that goes on, or that came to a bad end after that; None where there is none.
        partitions: how many of them were made.
    """

    latest: AssetEvent | None
    staleness: Staleness
    run: LastRun | None = None
    partitions: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What the page of an asset shows of what is remembered.

    Attributes:
        made: in brief.
        history: materialisations, the newest first.
        older: number to go on with; None where there are no more.
        is_newest: whether the history begins with the last one.
        plots: of numbers in their metadata.
        partitions: what became of them; None for an asset without.
        checks: the last result of each check, by its name.
        numbers: of the runs that are named, by id.
    """

    made: Made
    history: Sequence[AssetEvent] = ()
    older: int | None = None
    is_newest: bool = True
    plots: Sequence[Plot] = ()
    partitions: Partitions | None = None
    checks: Mapping[str, CheckResult] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


def open_storage(request: Request) -> tuple[Storage | None, Problem | None]:
    """Give what is remembered, or why it can't be read: a page is shown without it."""
    operations: Operations = request.app.state.operations
    try:
        return operations.read(), None
    except AtollError as error:
        return None, error.problems[0]


def code_versions(live: LiveWorkspace) -> dict[tuple[str, str], str]:
    """Give the version that the code of each function names, by location and the function's name."""
    return {
        (report.location.name, item["name"]): item["code_version"]
        for report in live.reports
        for item in report.definitions.get("computations") or ()
        if item.get("code_version") is not None
    }


def remember_some(storage: Storage | None, live: LiveWorkspace, nodes: Sequence[AssetNode]) -> dict[str, Made]:
    """Give what was made of several assets, by their ids in the graph.

    Args:
        storage: what is remembered; None for nothing.
        live: what is known now.
        nodes: the assets.
    """
    graph = live.graph
    keys = {node.key for node in nodes}
    keys |= {graph.nodes[edge.upstream].key for node in nodes for edge in graph.upstream(node.id)}
    summaries = {} if storage is None or not keys else storage.assets.latest_of(sorted(keys))
    last = {} if storage is None or not keys else storage.assets.last_runs(sorted({node.key for node in nodes}))
    latest = {key: summary.latest for key, summary in summaries.items()}
    versions = code_versions(live)
    return {
        node.id: Made(
            latest.get(node.key),
            judge(node, graph, latest, find_code_version(node, versions)),
            _choose_run(last.get(node.key), latest.get(node.key)),
            summaries[node.key].partitions if node.key in summaries else 0,
        )
        for node in nodes
    }


def find_code_version(node: AssetNode, versions: Mapping[tuple[str, str], str]) -> str | None:
    """Give the version that the code of an asset names now; None where it names none."""
    own = node.definition.get("code_version")
    return own if own is not None else versions.get((node.location or "", node.definition.get("computation") or ""))


def _choose_run(run: LastRun | None, latest: AssetEvent | None) -> LastRun | None:
    """Give a run that says more than what was made: it has not made it, or not yet."""
    if run is None or (latest is not None and latest.run == run.run):
        return None
    if run.status in _ENDED_BADLY and latest is not None and latest.time > (run.ended or 0.0):
        return None
    return run if run.status in _UNDER_WAY or run.status in _ENDED_BADLY else None


def remember_one(
    storage: Storage | None, live: LiveWorkspace, node: AssetNode, *, before: int | None, keys: Sequence[str]
) -> Memory:
    """Give what the page of an asset shows.

    Args:
        storage: what is remembered; None for nothing.
        live: what is known now.
        node: the asset.
        before: number of the last materialisation of the page of its history that was seen.
        keys: of its partitions, as far as they are known.
    """
    made = remember_some(storage, live, [node])[node.id]
    is_parted = bool(node.definition.get("partitions"))
    if storage is None:
        return Memory(made, partitions=describe_partitions(keys, ()) if is_parted and keys else None)
    newest = storage.assets.history(node.key, limit=PLOTTED)
    history = (
        newest[: HISTORY + 1] if before is None else storage.assets.history(node.key, before=before, limit=HISTORY + 1)
    )
    states = storage.assets.partitions_status(node.key) if is_parted else ()
    partitions = describe_partitions(keys, states) if is_parted and (keys or states) else None
    runs = [event.run for event in (*newest[:1], *history[:HISTORY])]
    runs += () if partitions is None else [one.run for one in partitions.ranges]
    return Memory(
        made=made,
        history=history[:HISTORY],
        older=history[HISTORY - 1].number if len(history) > HISTORY else None,
        is_newest=before is None,
        plots=draw_plots([event.metadata for event in newest]),
        partitions=partitions,
        checks={result.name: result for result in storage.checks.latest([node.key])},
        numbers=number_runs(storage, runs),
    )


def number_runs(storage: Storage, runs: Iterable[str | None]) -> dict[str, int]:
    """Give the numbers of runs by their ids; those that are forgotten have none."""
    return storage.runs.numbers(sorted({run for run in runs if run is not None}))


def read_before(request: Request) -> int | None:
    """Give the parameter `before` of a request; None where there is none, or no number."""
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
