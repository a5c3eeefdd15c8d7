"""What would run, before it does: the plan, the partitions to choose from, and the configuration that it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError, UsageError
from atoll_host.runs.planning.planner import Wanted
from atoll_host.server.web.launching.fields import Section, make_section
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from atoll_host.envs.errors import Problem
    from atoll_host.runs.launching.launcher import Launched
    from atoll_host.runs.planning.plan import RunPlan, Stage
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.operations.operations import Operations

_UNKNOWN = "KEY"
"""Stands for a partition that nobody has chosen yet, where there is none to choose from."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to run: what a selection chooses, or a job.

    Attributes:
        selection: of assets; None for a job.
        location: of the job.
        job: its name.
    """

    selection: str | None = None
    location: str | None = None
    job: str | None = None

    @classmethod
    def read(cls, selection: str | None, job: str | None) -> Target:
        """Read what a request asks for.

        Args:
            selection: of assets.
            job: `LOCATION:NAME`.

        Raises:
            UsageError: it is neither of both, or both.
        """
        if selection is not None and job is not None:
            raise UsageError("A selection and a job exclude each other", hint="give one of them")
        if job is not None:
            location, mark, name = job.partition(":")
            if not mark or not location or not name:
                raise UsageError(f"{job!r} is not LOCATION:JOB", hint="such as sales:refresh")
            return cls(None, location, name)
        if selection is None or not selection.strip():
            raise UsageError("Nothing is chosen to run", hint='give a selection of assets, such as "+orders", or a job')
        return cls(selection.strip())

    def plan(self, operations: Operations, wanted: Wanted) -> RunPlan:
        """Plan it; nothing is started.

        Raises:
            AtollError: it can't be done.
        """
        if self.selection is not None:
            return operations.plan_assets(self.selection, wanted)
        return operations.plan_job(str(self.location), str(self.job), wanted)

    def launch(self, operations: Operations, wanted: Wanted, tags: Mapping[str, str]) -> Launched:
        """Start it.

        Raises:
            AtollError: it can't be done.
        """
        if self.selection is not None:
            return operations.launch_assets(self.selection, wanted, tags=tags)
        return operations.launch_job(str(self.location), str(self.job), wanted, tags=tags)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known of a run before it begins.

    Attributes:
        plan: what is executed where; None where it can't be said.
        problems: why not.
        partitions: what partitions one has to be chosen of, as the SDK describes them; None for none.
        keys: of these partitions, as far as they are known.
        sections: what configuration it takes.
        config: that the job has by itself.
    """

    plan: RunPlan | None = None
    problems: Sequence[Problem] = ()
    partitions: Mapping[str, Any] | None = None
    keys: Sequence[str] = ()
    sections: tuple[Section, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def proposed(self) -> str:
        """The partition that is most likely wanted: the last one in time, else the first."""
        if not self.keys:
            return ""
        return self.keys[0] if (self.partitions or {}).get("type") in ("static", "multi") else self.keys[-1]


def look_ahead(live: LiveWorkspace, operations: Operations, target: Target) -> Prospect:
    """Find out what would run.

    Args:
        live: what is known now.
        operations: makes the plan.
        target: what is to run.
    """
    try:
        job = None if target.job is None else find_job(live, target)
        partitions = _find_partitions(live, target, job)
        keys = list_partition_keys(operations, partitions)
        prospect = Prospect(partitions=partitions, keys=keys)
        chosen = None if partitions is None else prospect.proposed or _UNKNOWN
        plan = target.plan(operations, Wanted(chosen))
    except AtollError as error:
        return Prospect(problems=error.problems)
    sections = {section.path: section for section in _list_sections(live, plan, job)}
    config = (job or {}).get("config")
    return Prospect(plan, (), partitions, keys, tuple(sections.values()), config if isinstance(config, dict) else {})


def find_job(live: LiveWorkspace, target: Target) -> Mapping[str, Any]:
    """Find the job that a target names.

    Raises:
        UsageError: there is none.
    """
    state = live.states.get(target.location or "")
    jobs: list[Mapping[str, Any]] = [] if state is None else state.shown.definitions.get("jobs") or []
    for job in jobs:
        if job["name"] == target.job:
            return job
    raise UsageError(f"There is no job {target.job!r} in {target.location!r}", hint="`atoll list jobs` shows all")


def list_partition_keys(operations: Operations, partitions: Mapping[str, Any] | None) -> Sequence[str]:
    """Give the keys of partitions, as far as they are known here; none where they aren't.

    Args:
        operations: knows the keys of dynamic partitions.
        partitions: as the SDK describes them; None for none.
    """
    from atoll_host.runs.planning.partition_keys import list_keys  # noqa: PLC0415 — only for what has partitions

    if partitions is None:
        return ()
    try:
        return list_keys(partitions, _read_dynamic(operations, partitions))
    except (AtollError, KeyError, ValueError):
        # Of another version of the SDK: where it is executed, it is known.
        return ()


def _read_dynamic(operations: Operations, partitions: Mapping[str, Any]) -> dict[str, list[str]]:
    from atoll_host.runs.planning.partition_keys import list_dynamic_names  # noqa: PLC0415 — as above

    names = list_dynamic_names(partitions)
    storage = operations.read() if names else None
    return {} if storage is None else {name: list(storage.partitions.list(name)) for name in names}


def _find_partitions(live: LiveWorkspace, target: Target, job: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    graph = live.graph
    if job is not None and job.get("partitions"):
        found: Mapping[str, Any] = job["partitions"]
        return found
    if target.selection is not None:
        chosen = select(graph, target.selection)
        names = [name for name in graph.nodes if name in chosen and graph.nodes[name].type == "materializable"]
    else:
        names = [f"{target.location}:{key}" for key in (job or {}).get("assets") or ()]
    nodes = [graph.nodes[name] for name in names if name in graph.nodes]
    return next((node.definition["partitions"] for node in nodes if node.definition.get("partitions")), None)


def _list_sections(live: LiveWorkspace, plan: RunPlan, job: Mapping[str, Any] | None) -> Iterator[Section]:
    for stage in plan.stages:
        definitions = live.states[stage.location].shown.definitions
        computations = {item["name"]: item for item in definitions.get("computations") or ()}
        names = [unit.computation for unit in stage.units]
        names += _list_checks(definitions, stage)
        pairs = [(name, name) for name in dict.fromkeys(names)]
        pairs += [(node["name"], node["computation"]) for node in (job or {}).get("nodes") or ()]
        for name, computation in pairs:
            yield from _describe(("ops", name), computation, computations, stage.location)


def _list_checks(definitions: Mapping[str, Any], stage: Stage) -> list[str]:
    """Name the functions that check what a stage makes."""
    made = set(stage.assets)
    checks = definitions.get("checks") or ()
    return [check["computation"] for check in checks if check["asset"] in made and check.get("computation")]


def _describe(
    path: tuple[str, ...], name: str, computations: Mapping[str, Mapping[str, Any]], location: str
) -> Iterator[Section]:
    computation = computations.get(name) or {}
    for node in computation.get("nodes") or ():
        yield from _describe((*path, "ops", node["name"]), node["computation"], computations, location)
    schema = computation.get("config_schema")
    if schema:
        roles = [one for one in computation.get("parameters") or () if one.get("role") == "config"]
        is_optional = any(one.get("default") is not None for one in roles)
        yield make_section((*path, "config"), location, schema, is_optional=is_optional)
