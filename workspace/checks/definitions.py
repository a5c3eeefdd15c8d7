"""What only the whole snapshot of a location shows: jobs that do nothing, resources and targets that are not there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.doubts import find_doubts
from atoll_host.workspace.checks.partitions import find_misfit
from atoll_host.workspace.checks.places import find_dependency, find_name, find_spot
from atoll_host.workspace.checks.words import list_names, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_DEFAULT_MANAGER = "io_manager"


def check_definitions(definitions: Mapping[str, Any], known: Sequence[Problem] = ()) -> tuple[Problem, ...]:
    """Find what is wrong with a location that loaded, beyond what its SDK said.

    Args:
        definitions: a location's, as the SDK describes them.
        known: what was said of it already, and is not said again.
    """
    said = {_name_subject(problem) for problem in known}
    found = (
        *_check_jobs(definitions),
        *_check_targets(definitions),
        *_check_resources(definitions),
        *_check_edges(definitions),
    )
    return tuple(problem for problem in found if _name_subject(problem) not in said)


def _name_subject(problem: Problem) -> tuple[str, str | None, str]:
    """Tell what a problem is about: its kind, its file, and the definition that its sentence begins with."""
    return (problem.kind, problem.file, problem.message.partition("'")[2].partition("'")[0])


def describe_misfit(misfit: str, asset: str, upstream: str, *, mapped: bool) -> tuple[str, str]:
    """Give the message and the hint for a dependency whose partitions can't work."""
    hint = "say how they relate with a partition mapping: AssetDep(…, partition_mapping=…)"
    if mapped:
        hint = "choose another partition mapping, or change the partitions of one of the assets"
    return f"Asset {asset!r} can't depend on {upstream} this way: {misfit}", hint


def describe_doubts(doubts: Sequence[str], asset: str, upstream: str) -> tuple[str, str]:
    """Give the message and the hint for a dependency whose partitions are hardly meant so."""
    hint = "change the partitions of one of them, or say that it is meant so with a partition mapping"
    if any("begins" in doubt or "ends" in doubt for doubt in doubts):
        hint = (
            "let both cover the same time, or map them with"
            " TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)"
        )
    return f"Asset {asset!r} depends on {upstream}, whose partitions differ: {'; '.join(doubts)}", hint


def _check_jobs(definitions: Mapping[str, Any]) -> Iterator[Problem]:
    for job in definitions.get("jobs") or ():
        if job.get("type") == "op" and not job.get("nodes"):
            message = f"Job {job['name']!r} runs no op"
            hint = "call an op in its function, or remove it"
            yield Problem("empty_selection", message, hint, *find_name(job, job["name"])).replaced(severity="warning")
        elif job.get("type") == "asset" and not job.get("assets") and not job.get("checks"):
            message = f"Job {job['name']!r} selects nothing: {job.get('selection')}"
            hint = "does the selection name what the location has? atoll list assets"
            yield Problem("empty_selection", message, hint, *find_name(job, job["name"])).replaced(severity="warning")


def _check_targets(definitions: Mapping[str, Any]) -> Iterator[Problem]:
    jobs = [job["name"] for job in definitions.get("jobs") or ()]
    for kind, word in (("schedules", "Schedule"), ("sensors", "Sensor")):
        for item in definitions.get(kind) or ():
            targets = [item["target"]] if kind == "schedules" else item.get("targets") or ()
            for target in targets:
                name = target.get("job")
                if name is not None and name not in jobs:
                    message = f"{word} {item['name']!r} starts job {name!r}, which this location does not have"
                    yield Problem("unknown_target", message, _did_you_mean(name, jobs), *find_spot(item, name))


def _check_resources(definitions: Mapping[str, Any]) -> Iterator[Problem]:
    given = [resource["name"] for resource in definitions.get("resources") or ()]
    for item in definitions.get("computations") or ():
        # Ops get theirs from the jobs, which may bring some of their own.
        if item.get("type") not in ("op", "graph"):
            yield from _find_unmet(item, f"Function {item['name']!r}", item.get("resources") or (), given)
    for job in definitions.get("jobs") or ():
        own = [*given, *(job.get("resource_defs") or {})]
        if job.get("type") == "op":
            yield from _find_unmet(job, f"Job {job['name']!r}", job.get("resources") or (), own)
    for asset in definitions.get("assets") or ():
        names = [asset.get("io_manager"), *(dep.get("input_manager") for dep in asset.get("dependencies") or ())]
        yield from _find_unmet(asset, f"Asset {asset['key']!r}", names, given)
    for check in definitions.get("checks") or ():
        names = [dep.get("input_manager") for dep in check.get("dependencies") or ()]
        yield from _find_unmet(check, f"Check {check['name']!r} of asset {check['asset']!r}", names, given)


def _find_unmet(
    item: Mapping[str, Any], who: str, names: Sequence[str | None], given: Collection[str]
) -> Iterator[Problem]:
    for name in dict.fromkeys(names):
        if name is None or name in given or name == _DEFAULT_MANAGER:
            continue
        similar = suggest(name, given)
        hint = f"did you mean {similar!r}?" if similar else f"add it: Definitions(resources={{{name!r}: ...}})"
        message = f"{who} needs the resource {name!r}, which is not given"
        yield Problem("unmet_resource", message, hint, *find_spot(item, name, argument=name))


def _check_edges(definitions: Mapping[str, Any]) -> Iterator[Problem]:
    assets = {asset["key"]: asset for asset in definitions.get("assets") or ()}
    for key, asset in assets.items():
        for dependency in asset.get("dependencies") or ():
            upstream = assets.get(dependency["key"])
            if upstream is None or upstream is asset:
                continue
            above, below, mapping = (
                upstream.get("partitions"),
                asset.get("partitions"),
                dependency.get("partition_mapping"),
            )
            spot = partial(find_dependency, asset, dependency)
            misfit = find_misfit(above, below, mapping)
            if misfit is not None:
                message, hint = describe_misfit(misfit, key, repr(dependency["key"]), mapped=mapping is not None)
                yield Problem("partition_mapping", message, hint, *spot())
                continue
            doubts = find_doubts(above, below, mapping)
            if doubts:
                message, hint = describe_doubts(doubts, key, repr(dependency["key"]))
                yield Problem("doubtful_partitions", message, hint, *spot()).replaced(severity="warning")


def _did_you_mean(name: str, known: Collection[str]) -> str:
    similar = suggest(name, known)
    return f"did you mean {similar!r}?" if similar else f"there are: {list_names(sorted(known), 10)}"
