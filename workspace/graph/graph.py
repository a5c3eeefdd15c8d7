"""The assets of a workspace with their edges, within locations and across them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

AssetType = Literal["materializable", "external", "unknown"]


@dataclass(frozen=True, slots=True)
class AssetNode:
    """An asset as the workspace sees it.

    Attributes:
        id: unique in the graph: `location:key` for what a location makes, otherwise the key.
        key: the asset's key.
        type: `materializable` (a location makes it), `external` (declared, made by nobody here) or `unknown` (only
            depended on; no location declares it).
        location: the location that makes it, or the first that declares it; None when it is unknown.
        declared_in: the other locations that declare it as external.
        definition: as its location's SDK describes it; empty when it is unknown.
        stale: whether the definition is of an earlier load.
    """

    id: str
    key: str
    type: AssetType
    location: str | None
    declared_in: tuple[str, ...] = ()
    definition: Mapping[str, Any] = field(default_factory=dict)
    stale: bool = False

    @property
    def known_in(self) -> tuple[str, ...]:
        """The locations whose own it is: the one that makes it, or all that declare it when nobody does."""
        if self.location is None:
            return ()
        return (self.location,) if self.type == "materializable" else (self.location, *self.declared_in)


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency.

    Attributes:
        upstream: id of the asset that is depended on.
        downstream: id of the asset that depends on it.
        crosses: whether the two are in different locations.
        ambiguous: whether several locations make an asset of the upstream key, so that it is not clear which is meant.
    """

    upstream: str
    downstream: str
    crosses: bool = False
    ambiguous: bool = False


@dataclass(frozen=True)
class AssetGraph:
    """The merged graph of a workspace.

    Attributes:
        nodes: by id, in the order of locations and of declaration; unknown assets come last.
        edges: in the order of the downstream assets and of their dependencies.
        locations: names of all locations, in order, those without assets included.
    """

    nodes: Mapping[str, AssetNode]
    edges: tuple[Edge, ...]
    locations: tuple[str, ...]

    @cached_property
    def _upstream(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.downstream, []).append(edge)
        return found

    @cached_property
    def _downstream(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.upstream, []).append(edge)
        return found

    def upstream(self, node: str) -> list[Edge]:
        """Give the edges from what an asset depends on."""
        return self._upstream.get(node, [])

    def downstream(self, node: str) -> list[Edge]:
        """Give the edges to what depends on an asset."""
        return self._downstream.get(node, [])

    def reach(self, start: Iterable[str], direction: Literal["up", "down"], depth: int | None = None) -> set[str]:
        """Give the ids at most `depth` steps away (None: any number), the start included."""
        step: Callable[[str], list[str]] = (
            (lambda node: [edge.upstream for edge in self.upstream(node)])
            if direction == "up"
            else (lambda node: [edge.downstream for edge in self.downstream(node)])
        )
        reached = set(start)
        border, distance = set(reached), 0
        while border and (depth is None or distance < depth):
            border = {other for node in border for other in step(node)} - reached
            reached |= border
            distance += 1
        return reached

    def restricted(self, chosen: set[str]) -> AssetGraph:
        """Give the part of the graph that lies between the chosen assets."""
        return AssetGraph(
            {name: node for name, node in self.nodes.items() if name in chosen},
            tuple(edge for edge in self.edges if edge.upstream in chosen and edge.downstream in chosen),
            self.locations,
        )

    def without_edges_between(self, nodes: set[str]) -> AssetGraph:
        """Give the graph less the edges both of whose ends are among these nodes."""
        kept = (edge for edge in self.edges if not (edge.upstream in nodes and edge.downstream in nodes))
        return AssetGraph(self.nodes, tuple(kept), self.locations)

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Groups of assets each of which depends on itself by way of the others, in the order of the nodes."""
        loops = {edge.upstream for edge in self.edges if edge.upstream == edge.downstream}
        return tuple(group for group in self.components if len(group) > 1 or group[0] in loops)

    @cached_property
    def components(self) -> tuple[tuple[str, ...], ...]:
        """The strongly connected components, each in the order of the nodes.

        The algorithm is Tarjan's, written without recursion, as chains of assets may be long.
        """
        order = {name: number for number, name in enumerate(self.nodes)}
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        stacked: set[str] = set()
        found: list[tuple[str, ...]] = []
        for root in self.nodes:
            if root in index:
                continue
            work = [(root, iter(self.downstream(root)))]
            index[root] = low[root] = len(index)
            stack.append(root)
            stacked.add(root)
            while work:
                node, edges = work[-1]
                for edge in edges:
                    other = edge.downstream
                    if other not in index:
                        index[other] = low[other] = len(index)
                        stack.append(other)
                        stacked.add(other)
                        work.append((other, iter(self.downstream(other))))
                        break
                    if other in stacked:
                        low[node] = min(low[node], index[other])
                else:
                    work.pop()
                    if work:
                        above = work[-1][0]
                        low[above] = min(low[above], low[node])
                    if low[node] == index[node]:
                        group: list[str] = []
                        while not group or group[-1] != node:
                            group.append(stack.pop())
                            stacked.discard(group[-1])
                        found.append(tuple(sorted(group, key=order.__getitem__)))
        return tuple(sorted(found, key=lambda group: order[group[0]]))
