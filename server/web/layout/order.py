"""Order what is in each box from top to bottom so that few edges cross, and level what is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.server.web.layout.rows import align, compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.server.web.layout.columns import Arcs
    from atoll_host.server.web.layout.rows import Block

_SWEEPS = 8
_ALIGNMENTS = 6
_NEARLY = 16.0
"""Units by which an edge may climb or fall and still be made level."""
_WORK = 400_000
"""Edges looked at, at most, while ordering: large pictures get fewer sweeps."""


def arrange(root: Block, arcs: Arcs, columns: Sequence[int]) -> None:
    """Order and place everything below the root; the places are from the top of the surrounding box."""
    parents = _list_boxes(root)
    nodes = _Nodes(root, columns)
    links = sum(len(after) for after in arcs.after)
    sweeps = max(1, min(_SWEEPS, _WORK // max(links, 1)))
    for box in parents:
        box.children.sort(key=lambda child: (child.rank, child.natural))
    compact(root)
    best, least = _order_of(parents), nodes.locate(arcs)
    for sweep in range(sweeps if links else 0):
        nodes.sweep(arcs, forwards=sweep % 2 == 0)
        _sort(root, nodes.middles)
        compact(root)
        cost = nodes.locate(arcs)
        if cost < least:
            best, least = _order_of(parents), cost
    for box, children in zip(parents, best, strict=True):
        box.children = children
    compact(root)
    nodes.locate(arcs)
    turns = min(_ALIGNMENTS, sweeps) if links else 0
    for turn in range(turns):
        nodes.level(root, arcs, forwards=turn % 2 == 0, last=turn >= turns - 2)
        nodes.locate(arcs)


def _list_boxes(root: Block) -> list[Block]:
    found = [root]
    for box in found:
        found.extend(child for child in box.children if child.number is None)
    return found


def _order_of(boxes: Sequence[Block]) -> list[list[Block]]:
    return [list(box.children) for box in boxes]


def _sort(block: Block, middles: Sequence[float]) -> float:
    """Order what is in a box by where it would like to be; a box by the mean of what is in it."""
    if block.number is not None:
        block.key = middles[block.number]
        return block.key
    block.key = sum(_sort(child, middles) for child in block.children) / len(block.children)
    block.children.sort(key=lambda child: (child.rank, child.key, child.natural))
    return block.key


class _Nodes:
    """The middles of all nodes in the whole picture, which are moved while it is ordered."""

    def __init__(self, root: Block, columns: Sequence[int]) -> None:
        self.middles = [0.0] * len(columns)
        self._root = root
        self._columns: dict[int, list[int]] = {}
        for number, column in enumerate(columns):
            self._columns.setdefault(column, []).append(number)
        self._boxes: list[str] = [""] * len(columns)
        self._remember(root)

    def _remember(self, block: Block) -> None:
        for child in block.children:
            if child.number is None:
                self._remember(child)
            else:
                self._boxes[child.number] = block.id

    def locate(self, arcs: Arcs) -> float:
        """Take the middles from the blocks, and give the height that all edges climb and fall together."""
        stack = [(self._root, 0.0)]
        while stack:
            block, top = stack.pop()
            for child in block.children:
                if child.number is None:
                    stack.append((child, top + child.y))
                else:
                    self.middles[child.number] = top + child.y + child.height / 2
        middles = self.middles
        return sum(
            abs(middles[source] - middles[target]) * weight
            for source, after in enumerate(arcs.after)
            for target, weight in after
        )

    def sweep(self, arcs: Arcs, *, forwards: bool) -> None:
        """Order each column by the neighbours in the columns before it (or after it): who has the middle there first.

        The nodes of a box exchange places only among themselves.
        """
        for column in sorted(self._columns, reverse=not forwards):
            near, far = (arcs.before, arcs.after) if forwards else (arcs.after, arcs.before)
            groups: dict[str, list[tuple[float, int]]] = {}
            for number in self._columns[column]:
                wish = self._mean(near[number], self._mean(far[number], self.middles[number]))
                groups.setdefault(self._boxes[number], []).append((wish, number))
            for box, members in groups.items():
                members.sort()
                places = sorted(self.middles[number] for _, number in members)
                for (wish, number), place in zip(members, places, strict=True):
                    # What is in no box goes where it wishes, as boxes move too.
                    self.middles[number] = place if box else wish

    def _mean(self, arcs: Sequence[tuple[int, float]], otherwise: float) -> float:
        if not arcs:
            return otherwise
        total = sum(weight for _, weight in arcs)
        return sum(self.middles[other] * weight for other, weight in arcs) / total

    def level(self, root: Block, arcs: Arcs, *, forwards: bool, last: bool) -> None:
        """Move blocks towards where their edges would be level, from the inside out.

        Args:
            root: of the blocks.
            arcs: the edges.
            forwards: whether nodes follow those in the columns before them, or those in the columns after them.
            last: only to make edges quite level that are nearly so.
        """
        order = [number for column in sorted(self._columns, reverse=not forwards) for number in self._columns[column]]
        wishes = [0.0] * len(self.middles)
        weights = [0.0] * len(self.middles)
        near, far = (arcs.before, arcs.after) if forwards else (arcs.after, arcs.before)
        for number in order:
            # Those before it have said already where they wish to be: so a whole chain becomes level at once.
            pulls = [(wishes[other], 2 * weight) for other, weight in near[number]]
            pulls += [(self.middles[other], weight) for other, weight in far[number]]
            total = sum(weight for _, weight in pulls)
            weights[number] = 0.0 if last else total
            here = self.middles[number]
            if last:
                level = min((wishes[other] for other, _ in near[number]), key=lambda y: abs(y - here), default=here)
                wishes[number] = level if abs(level - here) < _NEARLY else here
            else:
                wishes[number] = sum(y * weight for y, weight in pulls) / total if total else here
        self._level(root, wishes, weights, 0.0)

    def _level(
        self, block: Block, wishes: Sequence[float], weights: Sequence[float], top: float
    ) -> tuple[float, float]:
        """Align what is in a box, and give by how much it would like to move, times the weight, and the weight."""
        pull, weight = 0.0, 0.0
        wished: dict[str, float] = {}
        for child in block.children:
            if child.number is None:
                moved, much = self._level(child, wishes, weights, top + child.y)
                wished[child.id] = child.y + (moved / much if much else 0.0)
            else:
                much = weights[child.number]
                moved = (wishes[child.number] - self.middles[child.number]) * much
                wished[child.id] = wishes[child.number] - child.height / 2 - top
            pull += moved
            weight += much
        align(block, wished)
        return pull, weight
