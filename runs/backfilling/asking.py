"""From what somebody asks for to a backfill: which partitions, in which order, so many in each run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.drafting import draft_assets, draft_job
from atoll_host.runs.planning.jobs import find_job
from atoll_host.runs.planning.partition_keys import check_existing, choose_range, list_dynamic_names, list_keys
from atoll_host.runs.planning.planner import Wanted
from atoll_host.runs.storage.automation_records import NewBackfill
from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from atoll_host.runs.storage.store import Storage
    from atoll_host.workspace.loading import LoadReport

_NAMED = 3
_MOST = 1_000_000
"""Partitions of one run, and runs at once: more than anybody means."""


@dataclass(frozen=True, slots=True)
class BackfillWish:
    """What somebody asks for.

    Attributes:
        selection: of assets; or else
        job: `JOB` or `LOCATION:JOB`.
        partitions: the keys; or else
        partition_range: the first and the last.
        every: all partitions that there are now.
        missing: only those, of the others, of which something was never made.
        batch: partitions of one run.
        max_runs: runs that are under way at once.
        config: of every run.
        tags: of every run.
        jobs: workers of one run that execute at once.
        timeout: seconds that a stage may take.
    """

    selection: str | None = None
    job: str | None = None
    partitions: tuple[str, ...] = ()
    partition_range: tuple[str, str] | None = None
    every: bool = False
    missing: bool = False
    batch: int = 1
    max_runs: int = 1
    config: Mapping[str, Any] | None = None
    tags: Mapping[str, str] | None = None
    jobs: int | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """What the runs make: the description of its partitions, the keys of assets with and without them."""

    described: Mapping[str, Any]
    parted: tuple[str, ...]
    plain: tuple[str, ...]
    location: str | None = None
    job: str | None = None


def make_backfill(
    wish: BackfillWish,
    reports: Sequence[LoadReport],
    storage: Storage | None,
    dynamic: Mapping[str, Sequence[str]] | None = None,
) -> NewBackfill:
    """Choose the partitions, and see that a run of the first one can be planned.

    Args:
        wish: what is asked for.
        reports: the last load of each location.
        storage: knows what was made; None where nothing is remembered yet.
        dynamic: the keys of dynamic partitions, by their name.

    Returns:
        A backfill; without partitions where nothing is missing.

    Raises:
        AtollError: a location that is needed is broken.
        UsageError: it makes no sense.
    """
    _check(wish)
    target = _find_job_target(wish.job, reports) if wish.job is not None else _find_assets(wish, reports)
    known = _list_known(wish, target, dynamic)
    chosen = _choose(wish, known)
    if wish.missing:
        chosen = _keep_missing(chosen, target, storage)
    if chosen:
        _try_plan(wish, reports, chosen[0])
    places = {key: position for position, key in enumerate(known)}
    breaks = [
        position for position in range(1, len(chosen)) if places[chosen[position]] != places[chosen[position - 1]] + 1
    ]
    return NewBackfill(
        partitions=chosen,
        job=target.job,
        location=target.location,
        selection=wish.selection,
        tags=dict(wish.tags or {}),
        config=wish.config or None,
        options={
            "batch": wish.batch,
            "max_runs": wish.max_runs,
            "breaks": breaks,
            "assets": list(target.parted),
            "assets_without_partitions": list(target.plain),
            "jobs": wish.jobs,
            "timeout": wish.timeout,
        },
    )


def divide(partitions: Sequence[tuple[int, str]], options: Mapping[str, Any]) -> Iterator[list[str]]:
    """Divide partitions into those of one run each: a run takes so many that follow each other.

    Args:
        partitions: the position and key of each, in order.
        options: of the backfill.
    """
    breaks, batch = set(options.get("breaks") or ()), int(options.get("batch") or 1)
    part: list[str] = []
    last = -1
    for position, key in partitions:
        if part and (len(part) >= batch or position != last + 1 or position in breaks):
            yield part
            part = []
        part.append(key)
        last = position
    if part:
        yield part


def _check(wish: BackfillWish) -> None:
    if (wish.selection is None) == (wish.job is None):
        raise UsageError("A backfill needs a selection of assets or a job", hint="atoll backfill SELECTION --all")
    for name, number in (("--batch", wish.batch), ("--max-runs", wish.max_runs)):
        if not 1 <= number <= _MOST:
            raise UsageError(f"{name} {number} is not between 1 and {_MOST}")
    given = [bool(wish.partitions), wish.partition_range is not None, wish.every]
    if sum(given) > 1:
        raise UsageError("--partitions, --partition-range and --all exclude each other")
    if not any(given) and not wish.missing:
        hint = "--all, --missing, --partition-range FIRST...LAST or --partitions A,B"
        raise UsageError("It is not said which partitions are meant", hint=hint)


def _find_job_target(name: str | None, reports: Sequence[LoadReport]) -> _Target:
    definitions = {report.location.name: report.definitions for report in reports}
    location, job = find_job(str(name), definitions)
    if not job.get("partitions"):
        raise UsageError(f"Job {job['name']!r} has no partitions", hint=f"atoll run {job['name']}")
    assets = {asset["key"]: asset for asset in definitions[location].get("assets") or ()}
    keys = [key for key in job.get("assets") or () if key in assets]
    parted = tuple(key for key in keys if assets[key].get("partitions"))
    plain = tuple(key for key in keys if not assets[key].get("partitions"))
    return _Target(job["partitions"], parted, plain, location, job["name"])


def _find_assets(wish: BackfillWish, reports: Sequence[LoadReport]) -> _Target:
    graph = merge_reports(reports)
    chosen = select(graph, str(wish.selection))
    nodes = [node for name, node in graph.nodes.items() if name in chosen and node.type == "materializable"]
    if not nodes:
        # Says what is wrong, be it the selection or a location.
        draft_assets(reports, lambda _: chosen, Wanted())
    parted = [node for node in nodes if node.definition.get("partitions")]
    if not parted:
        names = ", ".join(repr(node.key) for node in nodes[:_NAMED])
        hint = f"atoll materialize {wish.selection!r}"
        raise UsageError(f"Nothing that is chosen has partitions: {names}", hint=hint)
    plain = tuple(node.key for node in nodes if not node.definition.get("partitions"))
    return _Target(parted[0].definition["partitions"], tuple(node.key for node in parted), plain)


def _list_known(wish: BackfillWish, target: _Target, dynamic: Mapping[str, Sequence[str]] | None) -> list[str]:
    """Give the keys among which is chosen, in order."""
    unknown = [name for name in list_dynamic_names(target.described) if not (dynamic or {}).get(name)]
    if not unknown:
        return list_keys(target.described, dynamic)
    if wish.partitions:
        return list(dict.fromkeys(wish.partitions))
    message = f"The dynamic partitions {unknown[0]!r} have no keys yet"
    raise UsageError(message, hint="name those that are meant: --partitions A,B")


def _choose(wish: BackfillWish, known: list[str]) -> list[str]:
    if wish.partitions:
        check_existing({"type": "static", "keys": known}, wish.partitions)
        wanted = set(wish.partitions)
        return [key for key in known if key in wanted]
    if wish.partition_range is not None:
        return choose_range(known, *wish.partition_range)
    return known


def _keep_missing(keys: list[str], target: _Target, storage: Storage | None) -> list[str]:
    """Leave out the partitions of which everything was made."""
    if not target.parted:
        raise UsageError(f"Job {target.job!r} makes no assets with partitions: what is missing is not known")
    if storage is None:
        return keys
    made = [storage.assets.latest_partitions(key) for key in target.parted]
    return [key for key in keys if not all(key in found for found in made)]


def _try_plan(wish: BackfillWish, reports: Sequence[LoadReport], first: str) -> None:
    """See that it can be planned.

    Raises:
        AtollError: it can't.
    """
    wanted = Wanted(partition=first, config=wish.config)
    if wish.job is not None:
        draft_job(reports, wish.job, wanted)
    else:
        draft_assets(reports, lambda graph: select(graph, str(wish.selection)), wanted)
