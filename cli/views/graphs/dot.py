"""The merged graph in graphviz's language, with a cluster a location."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atoll_host.workspace.graph.graph import AssetNode
    from atoll_host.workspace.graph.part import Part


def write_dot(part: Part) -> str:
    """Write the graph for graphviz: edges that cross locations are bold, ambiguous ones dotted."""
    return "\n".join(_lines(part))


def quote(text: str) -> str:
    """Write text as a quoted string of the language (graphviz.org/doc/info/lang.html), without its own escapes."""
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _lines(part: Part) -> Iterator[str]:
    nodes = part.graph.nodes.values()
    yield "digraph assets {"
    yield "  rankdir=LR"
    yield '  node [shape=box, style=rounded, fontname="sans-serif"]'
    for number, location in enumerate(part.graph.locations):
        own = [node for node in nodes if node.location == location]
        if own:
            yield f"  subgraph cluster_{number} {{"
            yield f"    label={quote(location)}"
            yield from (f"    {_node(node)}" for node in own)
            yield "  }"
    yield from (f"  {_node(node)}" for node in nodes if node.location is None)
    for edge in part.graph.edges:
        style = " [style=dotted]" if edge.ambiguous else " [style=bold]" if edge.crosses else ""
        yield f"  {quote(edge.upstream)} -> {quote(edge.downstream)}{style}"
    yield "}"


def _node(node: AssetNode) -> str:
    label = f"{node.key} ?" if node.type == "unknown" else f"{node.key} (stale)" if node.stale else node.key
    style = {"materializable": "", "external": ', style="rounded,dashed"', "unknown": ', style="rounded,dotted"'}
    return f"{quote(node.id)} [label={quote(label)}{style[node.type]}]"
