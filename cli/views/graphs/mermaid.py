"""The merged graph as a mermaid flowchart, with a subgraph a location."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atoll_host.workspace.graph.graph import AssetNode
    from atoll_host.workspace.graph.part import Part

_STYLES = (
    "  classDef external stroke-dasharray: 4 3",
    "  classDef unknown stroke-dasharray: 1 3,color:#888",
    "  classDef stale stroke:#c90",
)


def write_mermaid(part: Part) -> str:
    """Write the graph for mermaid: edges that cross locations are thick, ambiguous ones dotted."""
    return "\n".join(_lines(part))


def escape(text: str) -> str:
    """Make text safe between double quotes: mermaid reads numeric and named entities that begin with `#`."""
    return "".join(
        character if character.isalnum() or character in " _-./:,()" else f"#{ord(character)};"
        for character in one_line(text)
    )


def _lines(part: Part) -> Iterator[str]:
    nodes = part.graph.nodes.values()
    names = {node.id: f"n{number}" for number, node in enumerate(nodes)}
    yield "flowchart LR"
    for number, location in enumerate(part.graph.locations):
        own = [node for node in nodes if node.location == location]
        if own:
            yield f'  subgraph location{number}["{escape(location)}"]'
            yield from (f"    {_node(names[node.id], node)}" for node in own)
            yield "  end"
    yield from (f"  {_node(names[node.id], node)}" for node in nodes if node.location is None)
    for edge in part.graph.edges:
        arrow = "-.->" if edge.ambiguous else "==>" if edge.crosses else "-->"
        yield f"  {names[edge.upstream]} {arrow} {names[edge.downstream]}"
    yield from _STYLES
    for kind in ("external", "unknown"):
        yield from _classes([names[node.id] for node in nodes if node.type == kind], kind)
    yield from _classes([names[node.id] for node in nodes if node.stale], "stale")


def _node(name: str, node: AssetNode) -> str:
    opening, closing = {"materializable": ("[", "]"), "external": ("([", "])"), "unknown": ("([", "])")}[node.type]
    label = escape(node.key) + (" ?" if node.type == "unknown" else "")
    return f'{name}{opening}"{label}"{closing}'


def _classes(names: list[str], style: str) -> Iterator[str]:
    if names:
        yield f"  class {','.join(names)} {style}"
