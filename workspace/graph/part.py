"""The part of the merged graph that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode


@dataclass(frozen=True, slots=True)
class Part:
    """What of a graph is shown.

    Attributes:
        graph: the assets that are shown and the edges between them.
        outside: ids of those that are shown only because what was asked for touches them in another location.
    """

    graph: AssetGraph
    outside: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Give nodes, edges and cycles."""
        return {
            "nodes": [self._node(node) for node in self.graph.nodes.values()],
            "edges": [
                {
                    "upstream": edge.upstream,
                    "downstream": edge.downstream,
                    "crosses": edge.crosses,
                    "ambiguous": edge.ambiguous,
                }
                for edge in self.graph.edges
            ],
            "cycles": [list(cycle) for cycle in self.graph.cycles],
        }

    def _node(self, node: AssetNode) -> dict[str, Any]:
        definition = node.definition
        return {
            "id": node.id,
            "key": node.key,
            "type": node.type,
            "location": node.location,
            "declared_in": list(node.declared_in),
            "group": definition.get("group"),
            "kinds": definition.get("kinds") or [],
            "stale": node.stale,
            "outside": node.id in self.outside,
        }


def choose_part(graph: AssetGraph, locations: Sequence[str] | None, chosen: set[str] | None) -> Part:
    """Choose what is shown.

    Args:
        graph: the whole graph.
        locations: only the assets of these, with what they touch in other ones; None for all.
        chosen: only these ids; None for all.
    """
    shown = set(graph.nodes) if chosen is None else set(chosen)
    outside: set[str] = set()
    if locations:
        inside = {name for name in shown if set(graph.nodes[name].known_in) & set(locations)}
        touching = [edge for edge in graph.edges if (edge.upstream in inside) != (edge.downstream in inside)]
        ends = {end for edge in touching for end in (edge.upstream, edge.downstream)}
        outside = (ends - inside) & shown
        shown = inside | outside
        # What lies between two assets outside is not what was asked for.
        part = graph.restricted(shown).without_edges_between(outside)
        return Part(part, frozenset(outside))
    return Part(graph.restricted(shown))
