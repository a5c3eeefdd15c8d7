"""The merged graph as an indented text: what nothing is upstream of stands at the margin, what depends on it below it.

An asset that several others lead to is shown once with what is below it, and by its name alone elsewhere. Where the
indentation would leave too little room, what follows begins anew at the margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.cli.views.text import cut_middle, measure, room, wrap
from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode, Edge
    from atoll_host.workspace.graph.part import Part

_STEP = 3
"""Cells by which each level is indented."""
_AMPLE = 40
"""How many levels there are where the width is unknown."""

Mark = str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the tree.

    Attributes:
        node: id of the asset.
        lead: what stands before its name: the branches.
        above: id of the asset that the branch leads from; empty for a root.
        crosses: whether the branch leads from another location.
        ambiguous: whether several locations make an asset of the key that the branch leads from.
        remark: why what is below the asset is not shown here: `above`, `below`, `cycle`, or nothing.
        root: whether the line stands at the margin; `again` when it goes on with what was too far right.
    """

    node: str
    lead: str = ""
    above: str = ""
    crosses: bool = False
    ambiguous: bool = False
    remark: Mark = ""
    root: Mark = ""


def draw_tree(console: Console, part: Part) -> None:
    """Draw the graph."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    graph = part.graph
    width = room(console)
    most = _AMPLE if width is None else max(width // 2 // _STEP, 2)
    used: set[str] = set()
    for line in lines(graph, most):
        text = _text(graph, line, outside=line.node in part.outside, width=width)
        console.print(text, soft_wrap=True)
        used |= set(_signs(graph.nodes[line.node], line))
    if used:
        console.print()
        for sign, meaning in _LEGEND.items():
            if sign in used:
                for said in wrap(meaning, width, f"{sign} ", "  "):
                    console.print(Text(said, style="dim"), soft_wrap=True)


def lines(graph: AssetGraph, most: int) -> Iterator[Line]:
    """Give the lines of the tree.

    Args:
        graph: what is shown.
        most: levels to which it is indented.
    """
    shown: set[str] = set()
    waiting = [(name, "") for name in _roots(graph)]
    while waiting:
        root, mark = waiting.pop(0)
        continued: list[str] = []
        yield from _below(graph, root, mark, most, shown=shown, continued=continued)
        waiting = [(name, "again") for name in continued if name not in shown] + waiting


def _below(
    graph: AssetGraph, root: str, mark: Mark, most: int, *, shown: set[str], continued: list[str]
) -> Iterator[Line]:
    """Give a root and what is below it, without recursion: chains of assets may be long."""
    yield Line(root, root=mark or "first")
    shown.add(root)
    # The assets on the way down to where we are; an edge back to one of them closes a cycle.
    path = [root]
    stack: list[tuple[str, Sequence[Edge], int]] = [("", graph.downstream(root), 0)]
    while stack:
        lead, edges, position = stack.pop()
        if position == len(edges):
            path.pop()
            continue
        stack.append((lead, edges, position + 1))
        edge = edges[position]
        name, last = edge.downstream, position + 1 == len(edges)
        branch = ("└" if last else "├") + ("▶ " if edge.crosses else "─ ")
        if name in shown or name in continued:
            remark = "cycle" if name in path else "above" if name in shown else "below"
            if not graph.downstream(name) and remark == "above":
                remark = ""
            yield Line(name, lead + branch, edge.upstream, edge.crosses, edge.ambiguous, remark)
        elif len(path) >= most and graph.downstream(name):
            continued.append(name)
            yield Line(name, lead + branch, edge.upstream, edge.crosses, edge.ambiguous, "below")
        else:
            yield Line(name, lead + branch, edge.upstream, edge.crosses, edge.ambiguous)
            shown.add(name)
            path.append(name)
            stack.append((lead + ("   " if last else "│  "), graph.downstream(name), 0))


def _roots(graph: AssetGraph) -> list[str]:
    """Give the assets at the margin: one a component that nothing else leads to, in the order of the nodes."""
    component = {name: number for number, group in enumerate(graph.components) for name in group}
    ends = ((component[edge.upstream], component[edge.downstream]) for edge in graph.edges)
    led_to = {below for above, below in ends if above != below}
    roots = {group[0] for number, group in enumerate(graph.components) if number not in led_to}
    places = {location: number for number, location in enumerate(graph.locations)}
    ordered = [name for name in graph.nodes if name in roots]
    return sorted(ordered, key=lambda name: places.get(graph.nodes[name].location or "", len(places)))


def _text(graph: AssetGraph, line: Line, *, outside: bool, width: int | None) -> Text:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    node = graph.nodes[line.node]
    ends = []
    if not line.above or node.location != graph.nodes[line.above].location:
        ends.append((f"  {one_line(node.location or '')}".rstrip(), "cyan"))
    if node.type != "materializable":
        ends.append((f"  {_TYPE_SIGNS[node.type]} {node.type}", "yellow" if node.type == "unknown" else "dim"))
    if node.stale:
        ends.append(("  (stale)", "yellow"))
    if line.ambiguous:
        ends.append(("  ! ambiguous", "yellow"))
    if line.remark:
        ends.append((f"  {_REMARKS[line.remark]}", "dim"))
    name = one_line(node.key)
    if width is not None:
        left = width - measure(line.lead) - sum(measure(text) for text, _ in ends)
        name = cut_middle(name, max(left, 8))
    style = "bold" if line.root else "dim" if outside else ""
    return Text.assemble((line.lead, "dim"), (name, style), *ends)


def _signs(node: AssetNode, line: Line) -> Iterator[str]:
    if line.crosses:
        yield "▶"
    if line.ambiguous:
        yield "!"
    if node.type != "materializable":
        yield _TYPE_SIGNS[node.type]
    if line.remark:
        yield _REMARKS[line.remark][0]


_TYPE_SIGNS = {"external": "◇", "unknown": "?"}
_REMARKS = {"above": "↑", "below": "↓ below", "cycle": "↻ cycle"}
_LEGEND = {
    "▶": "leads into another location, which is named",
    "◇": "made outside of this workspace",
    "?": "no location declares it",
    "!": "several locations make an asset of the key that it depends on",
    "↑": "what is below it stands further up",
    "↓": "what is below it stands further down, at the margin",
    "↻": "leads back to an asset above: a cycle",
}
