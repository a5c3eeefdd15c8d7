"""What is to be drawn, and where it was put. Knows nothing of assets: nodes, boxes around them, edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE_WIDTH = 220
NODE_HEIGHT = 46
COLUMN_PITCH = 310
"""From the left side of a column to that of the next; the difference to a node's width is where edges bend."""
ROW_GAP = 18
HEADER = 42
"""Height of a box's title."""


@dataclass(frozen=True, slots=True)
class Box:
    """A frame around nodes and other boxes.

    Attributes:
        id: unique among boxes and nodes.
        parent: id of the box that it is in; None for none.
        padding: between its sides and its content; boxes in neighbouring columns must not touch.
        gap: between it and what is above or below it.
    """

    id: str
    parent: str | None
    padding: int = 14
    gap: int = 26


@dataclass(frozen=True, slots=True)
class Node:
    """What edges lead to.

    Attributes:
        id: unique among boxes and nodes.
        parent: id of the box that it is in; None for none.
        origin: id of the node that stood for it before a box was opened, if any: it begins at the same column.
    """

    id: str
    parent: str | None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An edge.

    Attributes:
        source: id of the node on the left.
        target: id of the node on the right.
        weight: how much it should be short and straight.
    """

    source: str
    target: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be drawn.

    Attributes:
        nodes: in their natural order, which decides where nothing else does.
        boxes: outer ones before those in them.
        links: at most one from one node to another.
    """

    nodes: tuple[Node, ...]
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place, in units that are CSS pixels at zoom 1; `y` grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge.

    Attributes:
        passes: where it passes the columns between its ends: number of the column and `y`.
        backwards: whether it leads to a column that is not further right; it leaves to the right nevertheless.
    """

    passes: tuple[tuple[int, float], ...] = ()
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is.

    Attributes:
        columns: of the nodes, by id; may be negative.
        nodes: places by id.
        boxes: places by id.
        routes: in the order of the scene's links.
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    nodes: Mapping[str, Rectangle] = field(default_factory=dict)
    boxes: Mapping[str, Rectangle] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


def left_of(column: int) -> float:
    """Give where a column begins."""
    return float(column * COLUMN_PITCH)
