"""What of the merged graph is drawn: assets, and groups and locations that are folded into one node each."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from atoll_host.server.web.layout.scene import Box, Link, Node, Scene

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode

FEW = 200
"""Up to so many assets are drawn without folding; so many groups without folding locations."""
NOWHERE = "*"
"""The region of assets that no location knows. No location is quoted so."""
EVERY = "*all"
"""Stands for all regions."""
DEFAULT_GROUP = "default"
_MANY = 4
"""Dependencies in one edge; more do not weigh more."""

Kind = Literal["asset", "group", "location"]


@dataclass(frozen=True, slots=True)
class Region:
    """A location, or a group in one.

    Attributes:
        id: see `region_of`.
        kind: which of the two.
        location: name of the location; None for assets that no location knows.
        group: name of the group; None for a location.
        assets: ids of the assets in it that are shown, in the order of the graph.
        parts: number of groups in a location.
    """

    id: str
    kind: Kind
    location: str | None
    group: str | None
    assets: tuple[str, ...]
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Bundle:
    """All dependencies between two things that are drawn.

    Attributes:
        count: how many they are.
        crosses: whether any is between locations.
        ambiguous: whether any may mean another asset.
        cyclic: whether any is part of a cycle.
    """

    count: int
    crosses: bool
    ambiguous: bool
    cyclic: bool


@dataclass(frozen=True)
class View:
    """What is drawn.

    Attributes:
        graph: the assets that are shown, folded ones included.
        regions: all locations and groups that have any of them, by id, outer ones first.
        open: ids of the regions that are drawn as boxes.
        place: for each asset the id of the node that it is drawn as: its own, or that of a folded region.
        parent: for each node the box that it is in; None for none.
        bundles: edges by (source, target), each an asset's id or a region's.
        cyclic: ids of assets that are part of a cycle.
        scene: all this for the layout.
    """

    graph: AssetGraph
    regions: Mapping[str, Region]
    open: frozenset[str]
    place: Mapping[str, str]
    parent: Mapping[str, str | None]
    bundles: Mapping[tuple[str, str], Bundle]
    cyclic: frozenset[str]
    scene: Scene = field(default_factory=lambda: Scene((), (), ()))


def region_of(node: AssetNode) -> tuple[str, str]:
    """Give the ids of the location and the group that an asset is drawn in."""
    if node.location is None:
        return NOWHERE, f"{NOWHERE}/"
    location = quote(node.location, safe="")
    group: str = node.definition.get("group") or DEFAULT_GROUP
    return location, f"{location}/{quote(group, safe='')}"


def list_regions(graph: AssetGraph) -> dict[str, tuple[str, ...]]:
    """Give the ids of the assets of each location and each group, by the id of that."""
    return {name: region.assets for name, region in _find_regions(graph).items()}


def make_view(graph: AssetGraph, opened: Collection[str] = (), closed: Collection[str] = ()) -> View:
    """Fold what is too much to be seen at once.

    Args:
        graph: the assets that are shown.
        opened: ids of regions that are to be open.
        closed: ids of regions that are to be one node, whatever `opened` says. In either, `EVERY` stands for all that
            the other does not name.
    """
    regions = _find_regions(graph)
    unfolded = _choose_open(regions, len(graph.nodes))
    if EVERY in closed:
        unfolded = {region.id for region in regions.values() if len(region.assets) == 1}
    elif EVERY in opened:
        unfolded = set(regions)
    unfolded = (unfolded | set(opened)) - set(closed)
    place: dict[str, str] = {}
    parent: dict[str, str | None] = {}
    origin: dict[str, str] = {}
    drawn: list[str] = []
    seen: set[str] = set()
    boxes: list[str] = []
    for name, node in graph.nodes.items():
        location, group = region_of(node)
        grouped = regions[location].parts > 1
        # From the outside to the inside: the first that is not open stands for the asset.
        path = (location, group) if grouped else (location,)
        within: str | None = None
        standing = name
        for region in path:
            if region not in unfolded:
                standing = region
                break
            if len(regions[region].assets) > 1 or region == location:
                within = region
                if region not in seen:
                    seen.add(region)
                    boxes.append(region)
        place[name] = standing
        if standing not in seen:
            seen.add(standing)
            drawn.append(standing)
            parent[standing] = within
            if within is not None:
                origin[standing] = within
    cyclic = frozenset(name for cycle in graph.cycles for name in cycle)
    bundles = _bundle(graph, place, cyclic)
    scene = _make_scene(graph, drawn, boxes, parent, origin, regions, bundles)
    return View(
        graph,
        regions,
        frozenset(boxes),
        place,
        parent,
        bundles,
        cyclic,
        scene,
    )


def _find_regions(graph: AssetGraph) -> dict[str, Region]:
    locations: dict[str, list[str]] = {}
    groups: dict[str, dict[str, list[str]]] = {}
    for name, node in graph.nodes.items():
        location, group = region_of(node)
        locations.setdefault(location, []).append(name)
        groups.setdefault(location, {}).setdefault(group, []).append(name)
    found: dict[str, Region] = {}
    for location, assets in locations.items():
        first = graph.nodes[assets[0]]
        found[location] = Region(location, "location", first.location, None, tuple(assets), len(groups[location]))
        for group, members in groups[location].items():
            title = graph.nodes[members[0]].definition.get("group") or DEFAULT_GROUP
            found[group] = Region(group, "group", first.location, title, tuple(members))
    return found


def _choose_open(regions: Mapping[str, Region], size: int) -> set[str]:
    """Open everything while that is little; then only locations; of many locations none."""
    if size <= FEW:
        return set(regions)
    locations = [region for region in regions.values() if region.kind == "location"]
    alone = {region.id for region in regions.values() if len(region.assets) == 1}
    if sum(region.parts for region in locations) > FEW:
        return alone
    return alone | {region.id for region in locations if region.parts > 1}


def _bundle(graph: AssetGraph, place: Mapping[str, str], cyclic: frozenset[str]) -> dict[tuple[str, str], Bundle]:
    counts: Counter[tuple[str, str]] = Counter()
    crossing: set[tuple[str, str]] = set()
    ambiguous: set[tuple[str, str]] = set()
    cycles: set[tuple[str, str]] = set()
    component = {name: number for number, cycle in enumerate(graph.cycles) for name in cycle}
    for edge in graph.edges:
        pair = (place[edge.upstream], place[edge.downstream])
        if pair[0] == pair[1]:
            continue
        counts[pair] += 1
        if edge.crosses:
            crossing.add(pair)
        if edge.ambiguous:
            ambiguous.add(pair)
        if edge.upstream in cyclic and component[edge.upstream] == component.get(edge.downstream):
            cycles.add(pair)
    return {pair: Bundle(count, pair in crossing, pair in ambiguous, pair in cycles) for pair, count in counts.items()}


def _make_scene(  # noqa: PLR0917 — what a scene is made of
    graph: AssetGraph,
    drawn: Sequence[str],
    boxes: Sequence[str],
    parent: Mapping[str, str | None],
    origin: Mapping[str, str],
    regions: Mapping[str, Region],
    bundles: Mapping[tuple[str, str], Bundle],
) -> Scene:
    open_boxes = set(boxes)
    made = []
    for name in boxes:
        outer = region_of(graph.nodes[regions[name].assets[0]])[0]
        inside = regions[name].kind == "group" and outer in open_boxes
        made.append(Box(name, outer, 12, 22) if inside else Box(name, None, 28, 36))
    links = tuple(
        Link(source, target, _weigh(parent[source], parent[target], bundle))
        for (source, target), bundle in bundles.items()
    )
    nodes = tuple(Node(name, parent[name], origin.get(name)) for name in drawn)
    return Scene(nodes, tuple(made), links)


def _weigh(source: str | None, target: str | None, bundle: Bundle) -> float:
    """Draw together what is in one box, and what has many dependencies."""
    near = 4.0 if source == target and source is not None else 2.0 if not bundle.crosses else 1.0
    return near * math.sqrt(min(bundle.count, _MANY))
