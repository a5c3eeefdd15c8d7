"""Lay out a scene: columns, then rows, then the ways of edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.server.web.layout.columns import assign_columns, find_components, make_arcs, spread_components
from atoll_host.server.web.layout.order import arrange
from atoll_host.server.web.layout.routes import route
from atoll_host.server.web.layout.rows import keep, make_blocks
from atoll_host.server.web.layout.scene import NODE_HEIGHT, NODE_WIDTH, Layout, Rectangle, left_of

if TYPE_CHECKING:
    from atoll_host.server.web.layout.rows import Block
    from atoll_host.server.web.layout.scene import Scene


def lay_out(scene: Scene, earlier: Layout | None = None) -> Layout:
    """Say where everything is.

    The answer depends on nothing but the arguments.

    Args:
        scene: what is to be drawn.
        earlier: where things were in a scene that was much the same. They stay there; what is new finds a free place
            near what it is connected with, or has others make room downwards and to the right.
    """
    arcs = make_arcs(scene)
    component = find_components(scene)
    columns = assign_columns(scene, arcs, component, earlier or Layout())
    ranks = [0] * len(scene.nodes) if earlier else spread_components(component, columns)
    root = make_blocks(scene, columns, ranks)
    if root.children:
        arrange(root, arcs, columns)
    if earlier:
        keep(root, 0.0, {**earlier.nodes, **earlier.boxes})
    nodes: dict[str, Rectangle] = {}
    boxes: dict[str, Rectangle] = {}
    first: dict[str, int] = {}
    _collect(root, 0.0, nodes, boxes, first)
    return Layout(first, nodes, boxes, route(scene.links, first, nodes, boxes))


def _collect(
    block: Block, top: float, nodes: dict[str, Rectangle], boxes: dict[str, Rectangle], first: dict[str, int]
) -> None:
    for child in block.children:
        y = round(top + child.y)
        first[child.id] = child.first
        if child.number is not None:
            nodes[child.id] = Rectangle(left_of(child.first), y, NODE_WIDTH, NODE_HEIGHT)
            continue
        left, right = left_of(child.first) - child.padding, left_of(child.last) + NODE_WIDTH + child.padding
        boxes[child.id] = Rectangle(left, y, right - left, round(child.height))
        _collect(child, y, nodes, boxes, first)
