"""Circles of assets that no location sees, as they lead through several."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.places import find_dependency, name_place
from atoll_host.workspace.graph.graph import AssetGraph
from atoll_host.workspace.graph.merging import merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from atoll_host.workspace.graph.graph import AssetNode

_MOST_SHOWN = 10


def check_cycles(definitions: Mapping[str, Mapping[str, Any]], root: Path | None) -> Iterator[tuple[str, Problem]]:
    """Find circles that lead through several locations: for each location in one, at its asset that another feeds.

    Of assets that hang together in several ways, the shortest circle is shown. Keys that several locations make are
    another finding, and no edge of a circle.

    Args:
        definitions: of the locations that loaded, by name in alphabetical order.
        root: folder that places in messages are relative to.
    """
    merged = merge(definitions)
    clear = AssetGraph(merged.nodes, tuple(edge for edge in merged.edges if not edge.ambiguous), merged.locations)
    for group in clear.cycles:
        path = _find_shortest(clear, sorted(group))
        if path:
            yield from _describe([clear.nodes[name] for name in path], root)


def _find_shortest(graph: AssetGraph, group: Sequence[str]) -> list[str]:
    """Give the shortest circle through an edge between locations, in the direction of the work; empty without one."""
    members, best = set(group), list[str]()
    crossing = [
        edge for name in group for edge in graph.downstream(name) if edge.crosses and edge.downstream in members
    ]
    for edge in sorted(crossing, key=lambda one: (one.upstream, one.downstream)):
        path = _find_path(graph, members, edge.downstream, edge.upstream, len(best) - 1 if best else None)
        if path and (not best or len(path) < len(best)):
            best = path
    if not best:
        return []
    first = best.index(min(best))
    return best[first:] + best[:first]


def _find_path(graph: AssetGraph, members: set[str], start: str, end: str, most: int | None) -> list[str]:
    """Give the nodes of a shortest path from one node to another; empty when there is none of at most so many."""
    before: dict[str, str | None] = {start: None}
    depth = {start: 1}
    pending = deque([start])
    while pending:
        node = pending.popleft()
        if node == end:
            path: list[str] = []
            step: str | None = node
            while step is not None:
                path.append(step)
                step = before[step]
            return path[::-1]
        if most is not None and depth[node] >= most:
            continue
        for other in sorted(edge.downstream for edge in graph.downstream(node) if edge.downstream in members):
            if other not in before:
                before[other], depth[other] = node, depth[node] + 1
                pending.append(other)
    return []


def _describe(path: Sequence[AssetNode], root: Path | None) -> Iterator[tuple[str, Problem]]:
    names = [f"{node.key!r} ({node.location})" for node in path]
    if len(names) > _MOST_SHOWN:
        names = [*names[: _MOST_SHOWN - 1], f"… {len(names) - _MOST_SHOWN} more …", names[-1]]
    message = f"Assets depend on each other in a circle through several locations: {' → '.join([*names, names[0]])}"
    detail = "\n".join(f"{node.key!r} of {node.location}: {name_place(node.definition, root)}" for node in path)
    told = set()
    for before, node in zip([path[-1], *path[:-1]], path, strict=True):
        if node.location is None or node.location == before.location or node.location in told:
            continue
        told.add(node.location)
        # Of what another location makes, an AssetSpec may say more than its maker does.
        given = {one["key"]: one for one in node.definition.get("dependencies") or ()}
        spot = find_dependency(node.definition, given.get(before.key, {"key": before.key}))
        hint = f"remove one of these dependencies, such as that of {node.key!r} on {before.key!r}"
        yield node.location, Problem("cycle_across", message, hint, *spot, detail=detail)
