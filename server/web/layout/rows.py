"""Decide how high nodes and boxes are: nothing overlaps, what belongs together is level, what was there stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.server.web.layout.scene import HEADER, NODE_HEIGHT, ROW_GAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.server.web.layout.scene import Rectangle, Scene


@dataclass(slots=True)
class Block:
    """A node, or a box with what is in it.

    Attributes:
        id: of the node or box.
        number: of the node; None for a box.
        padding: see `Box`.
        gap: kept free below it.
        children: of a box, from top to bottom.
        rank: what comes before `key` when it is put into an order.
        natural: its place in the natural order.
        key: what it is put into an order by.
        first: its first column.
        last: its last column.
        y: its top, from the top of the box that it is in.
        height: without the gap.
    """

    id: str
    number: int | None = None
    padding: int = 0
    gap: int = ROW_GAP
    children: list[Block] = field(default_factory=list)
    rank: int = 0
    natural: int = 0
    key: float = 0.0
    first: int = 0
    last: int = 0
    y: float = 0.0
    height: float = float(NODE_HEIGHT)


def make_blocks(scene: Scene, columns: Sequence[int], ranks: Sequence[int]) -> Block:
    """Make the tree of boxes and nodes; its root stands for the whole picture."""
    root = Block("", gap=0)
    boxes = {box.id: Block(box.id, padding=box.padding, gap=box.gap) for box in scene.boxes}
    for box in scene.boxes:
        (root if box.parent is None else boxes[box.parent]).children.append(boxes[box.id])
    for number, node in enumerate(scene.nodes):
        leaf = Block(node.id, number, rank=ranks[number], natural=number)
        leaf.first = leaf.last = columns[number]
        (root if node.parent is None else boxes[node.parent]).children.append(leaf)
    _measure(root)
    return root


def _measure(block: Block) -> None:
    """Find the columns of boxes, and drop empty ones."""
    if block.number is not None:
        return
    for child in block.children:
        _measure(child)
    block.children = [child for child in block.children if child.number is not None or child.children]
    if block.children:
        block.first = min(child.first for child in block.children)
        block.last = max(child.last for child in block.children)
        block.rank = min(child.rank for child in block.children)
        block.natural = min(child.natural for child in block.children)


def stack(children: Sequence[Block], least: Sequence[float]) -> tuple[list[float], float]:
    """Put blocks below each other, in their order, each at least as low as it should be.

    Returns:
        Their tops, and the height of all together.
    """
    free: dict[int, float] = {}
    tops: list[float] = []
    height = 0.0
    for child, top in zip(children, least, strict=True):
        span = range(child.first, child.last + 1)
        for column in span:
            top = max(top, free.get(column, 0.0))  # noqa: PLW2901 — the place is moved down until it is free
        tops.append(top)
        for column in span:
            free[column] = top + child.height + child.gap
        height = max(height, top + child.height)
    return tops, height


def _stack_upwards(children: Sequence[Block], most: Sequence[float], height: float) -> list[float]:
    """Put blocks above each other, from the last to the first, each at most as low as it should be."""
    free: dict[int, float] = {}
    tops = [0.0] * len(children)
    for place in range(len(children) - 1, -1, -1):
        child, top = children[place], most[place]
        span = range(child.first, child.last + 1)
        for column in span:
            top = min(top, free.get(column, height + child.gap) - child.height - child.gap)
        tops[place] = top
        for column in span:
            free[column] = top
    return tops


def compact(block: Block) -> None:
    """Put what is in a box as high as it can be, in the order that it has."""
    if block.number is not None:
        return
    for child in block.children:
        compact(child)
    tops, height = stack(block.children, [0.0] * len(block.children))
    _settle(block, tops, height)


def _settle(block: Block, tops: Sequence[float], height: float) -> None:
    inset = _inset(block)
    for child, top in zip(block.children, tops, strict=True):
        child.y = top + inset
    block.height = height + inset + block.padding


def _inset(block: Block) -> float:
    return HEADER + 4 if block.padding else 0.0


def align(block: Block, wished: Mapping[str, float]) -> None:
    """Move what is in a box towards where it should be, without making the box higher.

    Between the lowest and the highest place that the order allows, the middle of two answers is taken: pushing down
    what is in the way, and pushing it up.

    Args:
        block: the box; the heights of what is in it are known.
        wished: by id, the tops that would make edges level, from the top of the box.
    """
    children, inset = block.children, _inset(block)
    least, height = stack(children, [0.0] * len(children))
    most = _stack_upwards(children, [height] * len(children), height)
    wish = [wished.get(child.id, child.y) - inset for child in children]
    down, _ = stack(children, wish)
    up = _stack_upwards(children, wish, height)
    tops = [
        min(max((low + high) / 2, first), last) for low, high, first, last in zip(down, up, least, most, strict=True)
    ]
    _settle(block, tops, height)


def keep(block: Block, top: float, earlier: Mapping[str, Rectangle]) -> None:
    """Put everything where it was, and make room for what is new.

    Args:
        block: a box that is laid out on its own already.
        top: where it is in the whole picture.
        earlier: places of nodes and boxes, in the whole picture.
    """
    inset = _inset(block)
    for child in block.children:
        if child.number is None and child.id in earlier:
            keep(child, earlier[child.id].y, earlier)
    known = [child for child in block.children if child.id in earlier]
    new = [child for child in block.children if child.id not in earlier]
    if not known:
        return
    wish = {child.id: earlier[child.id].y - top - inset for child in known}
    known.sort(key=lambda child: wish[child.id])
    for child in new:
        wish[child.id] = _find_room(child, child.y - inset, known, wish)
        known.append(child)
        known.sort(key=lambda other: wish[other.id])
    room = earlier[block.id].height - inset - block.padding if block.id in earlier else 0.0
    lowest = min(wish.values())
    shift = -min(lowest, 0.0) if block.padding else 0.0
    block.children = known
    if not block.padding:
        tops, height = _drop(known, wish)
    else:
        tops, height = _squeeze(known, [wish[child.id] + shift for child in known], room)
    _settle(block, tops, height)


def _squeeze(children: Sequence[Block], wish: Sequence[float], room: float) -> tuple[list[float], float]:
    """Stack what is in a box without making it higher than it was, if that can be."""
    _, least = stack(children, [0.0] * len(children))
    tops, height = stack(children, wish)
    if height <= max(room, least):
        return tops, height
    most = max(room, least)
    return _stack_upwards(children, tops, most), most


def _drop(children: Sequence[Block], wish: Mapping[str, float]) -> tuple[list[float], float]:
    """Stack what is in no box: it may also lie above where the picture began before."""
    shift = -min(0.0, *wish.values())
    tops, height = stack(children, [wish[child.id] + shift for child in children])
    return [top - shift for top in tops], height - shift


def _find_room(child: Block, wished: float, known: Sequence[Block], tops: Mapping[str, float]) -> float:
    """Give the free place nearest to where something new should be; below everything there is always one."""
    taken = sorted(
        (tops[other.id] - child.height - child.gap, tops[other.id] + other.height + other.gap)
        for other in known
        if other.first <= child.last and child.first <= other.last
    )
    wished = max(wished, 0.0)
    if not any(start < wished < end for start, end in taken):
        return wished
    options = [edge for pair in taken for edge in pair if edge >= 0]
    free = [edge for edge in options if not any(start < edge < end for start, end in taken)]
    return min(free, key=lambda edge: abs(edge - wished))
