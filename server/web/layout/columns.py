"""Put nodes into columns: each right of what it depends on, none so full that it becomes a mere line."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.server.web.layout.scene import Layout, Scene

_LEAST_CAPACITY = 14
"""Nodes of one box in one column, at least, before further ones go into the next."""
_ASPECT = 1.6
_LARGEST_MOVE = 60
"""Nodes that are moved to the right together, at most."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """The edges of a scene by number of node, without those that close a cycle.

    Attributes:
        before: for each node (source, weight).
        after: for each node (target, weight).
        closing: numbers of the links that close a cycle, which lead to the left.
    """

    before: Sequence[Sequence[tuple[int, float]]]
    after: Sequence[Sequence[tuple[int, float]]]
    closing: frozenset[int]


def make_arcs(scene: Scene) -> Arcs:
    """Leave out edges until no cycle is left: those that a search from the roots finds leading back."""
    number = {node.id: place for place, node in enumerate(scene.nodes)}
    size = len(scene.nodes)
    out: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    balance = [0.0] * size
    entered = [False] * size
    for place, link in enumerate(scene.links):
        source, target = number[link.source], number[link.target]
        out[source].append((target, place))
        balance[source] += link.weight
        balance[target] -= link.weight
        entered[target] = entered[target] or source != target
    # Beginning where much leaves and little arrives leaves out few and light edges.
    starts = sorted(range(size), key=lambda node: (entered[node], -balance[node], node))
    closing = _find_closing(out, starts)
    before: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    after: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for place, link in enumerate(scene.links):
        if place not in closing:
            source, target = number[link.source], number[link.target]
            before[target].append((source, link.weight))
            after[source].append((target, link.weight))
    return Arcs(before, after, frozenset(closing))


def _find_closing(out: Sequence[Sequence[tuple[int, int]]], starts: Sequence[int]) -> set[int]:
    """Give the edges that lead to a node which is being visited. Without recursion: chains may be long."""
    closing: set[int] = set()
    state = [0] * len(out)
    for start in starts:
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(out[start]))]
        while stack:
            node, edges = stack[-1]
            for target, place in edges:
                if state[target] == 1:
                    closing.add(place)
                elif state[target] == 0:
                    state[target] = 1
                    stack.append((target, iter(out[target])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return closing


def sort_topologically(arcs: Arcs) -> list[int]:
    """Give the nodes, each after what it depends on, otherwise in their natural order."""
    waiting = [len(arcs.before[node]) for node in range(len(arcs.before))]
    ready = [node for node, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    ordered: list[int] = []
    while ready:
        node = heapq.heappop(ready)
        ordered.append(node)
        for target, _ in arcs.after[node]:
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, target)
    return ordered


def find_components(scene: Scene) -> list[int]:
    """Give for each node the number of what it hangs together with, by edges or by being in one outer box."""
    outer = {box.id: box.id if box.parent is None else box.parent for box in scene.boxes}
    number = {node.id: place for place, node in enumerate(scene.nodes)}
    parent = list(range(len(scene.nodes)))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    first: dict[str, int] = {}
    for place, node in enumerate(scene.nodes):
        if node.parent is not None:
            parent[find(place)] = find(first.setdefault(outer[node.parent], place))
    for link in scene.links:
        parent[find(number[link.target])] = find(number[link.source])
    return [find(place) for place in range(len(scene.nodes))]


class _Room:
    """How full the columns of each box are; what is in no box fills columns with what it hangs together with."""

    def __init__(self, scene: Scene, component: Sequence[int], known: Sequence[int | None]) -> None:
        self._areas = [(node.parent, component[place]) for place, node in enumerate(scene.nodes)]
        self._capacity = {
            area: max(_LEAST_CAPACITY, math.ceil(1.5 * math.sqrt(size))) for area, size in Counter(self._areas).items()
        }
        self._used: Counter[tuple[str | None, int, int]] = Counter()
        for place, column in enumerate(known):
            if column is not None:
                self.take(place, column)
        # A box that was drawn before gets no higher as long as one of its columns has room.
        highest: dict[tuple[str | None, int], int] = {}
        for (parent, number, _), count in self._used.items():
            if parent is not None:
                highest[parent, number] = max(highest.get((parent, number), 0), count)
        self._capacity.update(highest)

    def has(self, node: int, column: int) -> bool:
        area = self._areas[node]
        return self._used[*area, column] < self._capacity[area]

    def take(self, node: int, column: int) -> None:
        self._used[*self._areas[node], column] += 1

    def leave(self, node: int, column: int) -> None:
        self._used[*self._areas[node], column] -= 1


class _Columns:
    """Chooses the columns of the nodes of one scene."""

    def __init__(self, scene: Scene, arcs: Arcs, component: Sequence[int], earlier: Layout) -> None:
        self._nodes = scene.nodes
        self._arcs = arcs
        self._earlier = earlier
        self._known = [earlier.columns.get(node.id) for node in scene.nodes]
        self._room = _Room(scene, component, self._known)
        outer = {box.id: box.id if box.parent is None else box.parent for box in scene.boxes}
        self._outer = [None if node.parent is None else outer[node.parent] for node in scene.nodes]
        self.columns = [0] * len(scene.nodes)

    def choose(self, node: int) -> None:
        """Put a node as far left as its dependencies, which have their columns, allow."""
        least = max((self.columns[source] + 1 for source, _ in self._arcs.before[node]), default=None)
        kept = self._known[node]
        if kept is not None:
            self.columns[node] = kept if least is None else max(kept, least)
            return
        origin = self._nodes[node].origin
        begin = self._earlier.columns[origin] if origin is not None and origin in self._earlier.nodes else None
        column = max((place for place in (begin, least) if place is not None), default=None)
        if column is None:
            # A new root stands before what depends on it, which therefore need not move.
            after = [place for target, _ in self._arcs.after[node] if (place := self._known[target]) is not None]
            column = min(after) - 1 if after else 0
        while not self._room.has(node, column):
            column += 1
        self._room.take(node, column)
        self.columns[node] = column

    def tighten(self, node: int) -> None:
        """Move a new node, with all that nothing else depends on, to the right where that makes edges shorter.

        Only as far as what depends on it in the same location: else that would become wide and empty.
        """
        after = self._arcs.after[node]
        outer = self._outer[node]
        if not after or not any(outer is None or self._outer[target] == outer for target, _ in after):
            return
        if self._known[node] is not None:
            return
        moved = self._find_own(node)
        leaving, entering, slack = 0.0, 0.0, min(self.columns[target] for target, _ in after) - self.columns[node] - 1
        if not slack:
            return
        for member in moved:
            leaving += sum(weight for target, weight in self._arcs.after[member] if target not in moved)
            entering += sum(weight for source, weight in self._arcs.before[member] if source not in moved)
        if leaving >= entering:
            # From right to left: none takes the place of another.
            for member in sorted(moved, key=lambda place: -self.columns[place]):
                self._move(member, self.columns[member] + slack)

    def _find_own(self, node: int) -> set[int]:
        """Give a node with the new ones before it, in its location, that only it needs."""
        found, border = {node}, [node]
        while border and len(found) < _LARGEST_MOVE:
            for source, _ in self._arcs.before[border.pop()]:
                elsewhere = self._outer[source] != self._outer[node]
                if source in found or elsewhere or self._known[source] is not None:
                    continue
                if all(target in found for target, _ in self._arcs.after[source]):
                    found.add(source)
                    border.append(source)
        return found

    def gather(self) -> None:
        """Move new nodes that nothing holds in their location to where the rest of their box begins."""
        begins: dict[str, int] = {}
        loose: list[int] = []
        for place, node in enumerate(self._nodes):
            outer, before, after = self._outer[place], self._arcs.before[place], self._arcs.after[place]
            if outer is None or node.parent is None:
                continue
            if before or any(self._outer[target] == outer for target, _ in after):
                for box in {node.parent, outer}:
                    begins[box] = min(begins.get(box, self.columns[place]), self.columns[place])
            elif self._known[place] is None:
                loose.append(place)
        for place in loose:
            parent, outer = self._nodes[place].parent, self._outer[place]
            begin = begins.get(parent or "", begins.get(outer or "", 0))
            self._move(place, begin)

    def _move(self, node: int, best: int) -> None:
        for target, _ in self._arcs.after[node]:
            best = min(best, self.columns[target] - 1)
        while best > self.columns[node] and not self._room.has(node, best):
            best -= 1
        if best > self.columns[node]:
            self._room.leave(node, self.columns[node])
            self._room.take(node, best)
            self.columns[node] = best


def assign_columns(scene: Scene, arcs: Arcs, component: Sequence[int], earlier: Layout) -> list[int]:
    """Give the column of each node.

    Args:
        scene: what is to be drawn.
        arcs: its edges.
        component: see `find_components`.
        earlier: whose columns are kept unless a dependency moves them to the right; may be empty.
    """
    chooser = _Columns(scene, arcs, component, earlier)
    order = sort_topologically(arcs)
    for node in order:
        chooser.choose(node)
    for node in reversed(order):
        chooser.tighten(node)
    chooser.gather()
    return chooser.columns


def spread_components(component: Sequence[int], columns: list[int]) -> list[int]:
    """Move what hangs together with nothing else beside each other, so that the picture is no long strip.

    Args:
        component: see `find_components`.
        columns: of the nodes; changed in place.

    Returns:
        For each node the rank of what it hangs together with, from the top.
    """
    members: dict[int, list[int]] = {}
    for place, root in enumerate(component):
        members.setdefault(root, []).append(place)
    shapes = [_measure(group, columns) for group in members.values()]
    area = sum(width * height for _, width, height in shapes)
    limit = max(math.sqrt(area * _ASPECT), *(width for _, width, _ in shapes), 0)
    ranks = [0] * len(component)
    across = 0
    # The large ones first; equal ones in their natural order.
    ranked = sorted(zip(members.values(), shapes, strict=True), key=lambda pair: -len(pair[0]))
    for rank, (group, (start, width, _)) in enumerate(ranked):
        if across + width > limit:
            across = 0
        for place in group:
            ranks[place] = rank
            columns[place] += across - start
        across += width
    return ranks


def _measure(group: Sequence[int], columns: Sequence[int]) -> tuple[int, int, float]:
    """Give the first column, the number of columns, and about how high it is, in units of a column's width."""
    counts = Counter(columns[place] for place in group)
    start, end = min(counts), max(counts)
    return start, end - start + 1, 0.25 * max(counts.values()) + 0.15
