"""From chosen assets to stages: a worker process for each location and stage, in the order of what they need."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.configuring import split_config
from atoll_host.runs.planning.partitioning import check_partitions
from atoll_host.runs.planning.plan import RunPlan, Stage, Unit
from atoll_host.workspace.describing.text import count

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a run is asked for, beside what it makes.

    Attributes:
        partition: key of one partition.
        partition_range: first and last key of several.
        config: as it was given.
    """

    partition: str | None = None
    partition_range: tuple[str, str] | None = None
    config: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.partition is not None and self.partition_range is not None:
            raise UsageError("A partition and a range of partitions exclude each other")


@dataclass(slots=True)
class _Group:
    """Assets that are made together: the nodes of one computation, or one of it where it can make each alone."""

    location: str
    computation: str
    nodes: list[AssetNode] = field(default_factory=list)
    depth: int = 0


def plan_assets(
    graph: AssetGraph, chosen: Collection[str], definitions: Mapping[str, Mapping[str, Any]], wanted: Wanted
) -> RunPlan:
    """Plan to make assets.

    Args:
        graph: of the whole workspace.
        chosen: ids of its nodes; those that nobody makes are left out.
        definitions: by location, as the SDK describes them.
        wanted: how.

    Raises:
        UsageError: nothing that is chosen can be made, or not together.
    """
    nodes = [node for name, node in graph.nodes.items() if name in chosen and node.type == "materializable"]
    if not nodes:
        raise UsageError(
            "The selection chooses nothing that can be made",
            hint="`atoll list assets --select SELECTION` shows what it chooses" if chosen else _name_some(graph),
        )
    _refuse_twins(nodes)
    is_partitioned = check_partitions(nodes, wanted.partition, wanted.partition_range)
    groups = _make_groups(nodes, definitions)
    ordered = _sort(graph, nodes, groups)
    stages = _make_stages(graph, groups, ordered, is_partitioned)
    configs = split_config(wanted.config, {stage.location: definitions[stage.location] for stage in stages})
    stages = [_with(stage, configs[stage.location]) for stage in stages]
    made = {node.key for node in nodes}
    stored = {
        graph.nodes[edge.upstream].key: None
        for node in nodes
        for edge in graph.upstream(node.id)
        if graph.nodes[edge.upstream].key not in made
    }
    return RunPlan(tuple(stages), wanted.partition, wanted.partition_range, tuple(stored))


def _name_some(graph: AssetGraph) -> str:
    keys = [node.key for node in graph.nodes.values() if node.type == "materializable"]
    if not keys:
        return "no location has assets that can be made"
    return f"there are: {', '.join(keys[:_NAMED])}{', …' if len(keys) > _NAMED else ''}"


def _refuse_twins(nodes: Sequence[AssetNode]) -> None:
    by_key: dict[str, list[AssetNode]] = defaultdict(list)
    for node in nodes:
        by_key[node.key].append(node)
    for key, twins in by_key.items():
        if len(twins) > 1:
            names = " and ".join(str(node.location) for node in twins)
            hint = f"choose one: 'key:{key} and location:{twins[0].location}'"
            raise UsageError(f"Asset {key!r} is made by {names}, and both would store it in one place", hint=hint)


def _make_groups(nodes: Sequence[AssetNode], definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, _Group]:
    """Give the group of each node, by its id.

    Raises:
        UsageError: a part of what is made together is chosen.
    """
    found: dict[tuple[str, str, str], _Group] = {}
    groups: dict[str, _Group] = {}
    described = {
        (location, computation["name"]): computation
        for location, definition in definitions.items()
        for computation in definition.get("computations", ())
    }
    for node in nodes:
        location, name = str(node.location), str(node.definition.get("computation"))
        computation = described.get((location, name), {})
        alone = node.id if computation.get("can_subset") else ""
        group = found.setdefault((location, name, alone), _Group(location, name))
        group.nodes.append(node)
        groups[node.id] = group
    for (location, name, alone), group in found.items():
        keys = [] if alone else described.get((location, name), {}).get("keys", [])
        missing = [key for key in keys if key not in {node.key for node in group.nodes}]
        if missing and len(keys) > 1:
            message = f"{group.nodes[0].key!r} is chosen without {missing[0]!r}, and {name!r} makes both"
            raise UsageError(message, hint="choose both, or give it can_subset=True")
    return groups


def _sort(graph: AssetGraph, nodes: Sequence[AssetNode], groups: Mapping[str, _Group]) -> list[_Group]:
    """Put groups in an order in which each comes after those that it needs, and set their depths.

    Raises:
        UsageError: they need each other in a circle.
    """
    above: dict[int, dict[int, _Group]] = {id(group): {} for group in groups.values()}
    below: dict[int, list[_Group]] = defaultdict(list)
    for node in nodes:
        own = groups[node.id]
        for edge in graph.upstream(node.id):
            other = groups.get(edge.upstream)
            if other is not None and other is not own and id(other) not in above[id(own)]:
                above[id(own)][id(other)] = other
                below[id(other)].append(own)
    every = list({id(group): group for group in groups.values()}.values())
    waiting = {id(group): len(above[id(group)]) for group in every}
    ready = [group for group in every if not waiting[id(group)]]
    ordered: list[_Group] = []
    while ready:
        group = ready.pop(0)
        ordered.append(group)
        for other in below[id(group)]:
            other.depth = max(other.depth, group.depth + (other.location != group.location))
            waiting[id(other)] -= 1
            if not waiting[id(other)]:
                ready.append(other)
    if len(ordered) < len(every):
        left = [group for group in every if waiting[id(group)]]
        if len({group.location for group in left}) == 1 and _can_be_left_to_worker(left):
            return [*ordered, *left]
        names = ", ".join(repr(group.nodes[0].key) for group in left[:_NAMED])
        raise UsageError(f"{names} depend on each other in a circle", hint="`atoll validate` shows how")
    return ordered


def _can_be_left_to_worker(groups: Sequence[_Group]) -> bool:
    return all(len(group.nodes) > 1 for group in groups)


def _make_stages(
    graph: AssetGraph, groups: Mapping[str, _Group], ordered: Sequence[_Group], is_partitioned: Collection[str]
) -> list[Stage]:
    places: dict[tuple[int, str], list[_Group]] = defaultdict(list)
    for group in ordered:
        places[group.depth, group.location].append(group)
    numbers = {place: number for number, place in enumerate(sorted(places, key=lambda place: place[0]), 1)}
    stages = []
    for (depth, location), number in numbers.items():
        members = places[depth, location]
        edges = [edge for group in members for node in group.nodes for edge in graph.upstream(node.id)]
        needed = {
            numbers[groups[edge.upstream].depth, groups[edge.upstream].location]
            for edge in edges
            if edge.upstream in groups
        }
        external = {
            node.key: {"partitions": node.definition.get("partitions")}
            for node in (graph.nodes[edge.upstream] for edge in edges)
            if node.location != location
        }
        stages.append(
            Stage(
                number=number,
                location=location,
                units=tuple(_make_unit(graph, group, groups) for group in members),
                after=tuple(sorted(needed - {number})),
                is_partitioned=any(node.id in is_partitioned for group in members for node in group.nodes),
                external=external,
            )
        )
    return stages


def _make_unit(graph: AssetGraph, group: _Group, groups: Mapping[str, _Group]) -> Unit:
    own = {node.id for node in group.nodes}
    upstream = {
        graph.nodes[edge.upstream].key: None
        for node in group.nodes
        for edge in graph.upstream(node.id)
        if edge.upstream in groups and edge.upstream not in own
    }
    return Unit(group.computation, tuple(node.key for node in group.nodes), tuple(upstream))


def _with(stage: Stage, config: Mapping[str, Any] | None) -> Stage:
    return replace(stage, config=config)


def describe_size(plan: RunPlan) -> str:
    """Say in a few words what a plan comes to."""
    assets, locations = len(plan.assets), len(plan.locations)
    return f"{count(assets, 'asset')} in {count(locations, 'location')}"
