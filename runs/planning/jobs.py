"""Jobs: which one is meant, and the plan of it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.partitioning import check_key, name_partitions
from atoll_host.runs.planning.plan import RunPlan, Stage, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.runs.planning.planner import Wanted
    from atoll_host.workspace.graph.graph import AssetGraph

_LISTED = 10


def find_job(name: str, definitions: Mapping[str, Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """Give the location and the description of a job.

    Args:
        name: `JOB` or `LOCATION:JOB`.
        definitions: by location.

    Raises:
        UsageError: there is none, or several are called so.
    """
    jobs = [(location, job) for location, found in definitions.items() for job in found.get("jobs", ())]
    meant = [(place, job) for place, job in jobs if name in (job["name"], f"{place}:{job['name']}")]
    if len(meant) > 1:
        names = " and ".join(place for place, _ in meant)
        raise UsageError(f"There is a job {name!r} in {names}", hint=f"write {meant[0][0]}:{name}")
    if meant:
        return meant[0]
    known = [job["name"] for _, job in jobs]
    close = difflib.get_close_matches(name.rpartition(":")[2], known, n=1)
    listed = ", ".join(known[:_LISTED]) if known else "none yet: `atoll create job NAME` makes one"
    raise UsageError(f"There is no job {name!r}", hint=f"did you mean {close[0]}?" if close else f"there are: {listed}")


def plan_job(
    location: str,
    job: Mapping[str, Any],
    graph: AssetGraph,
    definition: Mapping[str, Any],
    wanted: Wanted,
    *,
    steps: tuple[str, ...] | None = None,
    values_from: Mapping[str, str] | None = None,
) -> RunPlan:
    """Plan to execute a job, in its location.

    Args:
        location: whose it is.
        job: as the SDK describes it.
        graph: of the whole workspace.
        definition: of the location.
        wanted: how.
        steps: only these of its steps.
        values_from: the run that made the values of steps which are not executed, by step.

    Raises:
        UsageError: the partitions don't fit.
    """
    made = list(job.get("assets") or ())
    nodes = [graph.nodes[f"{location}:{key}"] for key in made if f"{location}:{key}" in graph.nodes]
    partitions = job.get("partitions") or next(
        (node.definition["partitions"] for node in nodes if node.definition.get("partitions")), None
    )
    _check(job["name"], partitions, wanted)
    upstream = [graph.nodes[edge.upstream] for node in nodes for edge in graph.upstream(node.id)]
    computations = {key: item["name"] for item in definition.get("computations", ()) for key in item.get("keys", ())}
    grouped: dict[str, list[str]] = {}
    for key in made:
        grouped.setdefault(computations.get(key, key), []).append(key)
    stage = Stage(
        number=1,
        location=location,
        units=tuple(Unit(name, tuple(keys)) for name, keys in grouped.items()),
        job=job["name"],
        steps=steps,
        is_partitioned=partitions is not None,
        config=wanted.config,
        external={
            node.key: {"partitions": node.definition.get("partitions")}
            for node in upstream
            if node.location != location
        },
        values_from=values_from or {},
    )
    stored = dict.fromkeys(node.key for node in upstream if node.key not in made)
    return RunPlan((stage,), wanted.partition, wanted.partition_range, tuple(stored))


def _check(name: str, partitions: Mapping[str, Any] | None, wanted: Wanted) -> None:
    keys = [wanted.partition] if wanted.partition is not None else list(wanted.partition_range or ())
    if partitions is None:
        if keys:
            raise UsageError(f"Partition {keys[0]!r} is asked for, and job {name!r} has no partitions")
        return
    if not keys:
        kind = name_partitions(partitions)
        hint = f"--partition {(partitions.get('keys') or [partitions.get('start') or 'KEY'])[0]}"
        raise UsageError(f"Job {name!r} has {kind}, and no partition is chosen", hint=hint)
    for key in keys:
        check_key(partitions, key)
