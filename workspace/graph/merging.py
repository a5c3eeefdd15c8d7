"""Make one graph of the assets of all locations.

A dependency on a key means: the asset that the same location makes; else the one that another location makes; else
one that is declared as external, here or elsewhere; else an asset that nobody knows. Where several other locations
make an asset of that key, it is not clear which is meant: the dependency is on each of them, and marked as ambiguous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.workspace.graph.graph import AssetGraph, AssetNode, Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atoll_host.workspace.loading import LoadReport

_EXTERNAL = "external"


def merge_reports(reports: Iterable[LoadReport]) -> AssetGraph:
    """Merge what was loaded; a location that failed takes part with its last snapshot, marked as stale."""
    reports = list(reports)
    return merge(
        {report.location.name: report.definitions for report in reports},
        stale={report.location.name for report in reports if report.stale},
    )


def merge(definitions: Mapping[str, Mapping[str, Any]], stale: Iterable[str] = ()) -> AssetGraph:
    """Merge the definitions of locations.

    Args:
        definitions: by location, in order: what the SDK describes; empty for a location of which nothing is known.
        stale: locations whose definitions are of an earlier load.
    """
    declared = [
        (location, asset) for location, described in definitions.items() for asset in described.get("assets", ())
    ]
    makers = _by_key((location, asset) for location, asset in declared if asset.get("type") != _EXTERNAL)
    externals = _by_key((location, asset) for location, asset in declared if asset.get("type") == _EXTERNAL)
    nodes = _make_nodes(declared, makers, externals, frozenset(stale))
    edges: dict[tuple[str, str], Edge] = {}
    for location, asset in declared:
        own = _own_id(location, asset, makers)
        for dependency in asset.get("dependencies", ()):
            key = dependency["key"]
            meant = _meant(location, key, makers)
            if key not in nodes and not meant:
                nodes[key] = AssetNode(key, key, "unknown", None)
            for upstream in meant or (key,):
                crosses = not _known_in(nodes[own].location, nodes[upstream])
                edges.setdefault((upstream, own), Edge(upstream, own, crosses, len(meant) > 1))
    return AssetGraph(nodes, tuple(edges.values()), tuple(definitions))


def _by_key(declared: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, list[str]]:
    """Give for each key the locations, in order and each once."""
    found: dict[str, list[str]] = {}
    for location, asset in declared:
        names = found.setdefault(asset["key"], [])
        if location not in names:
            names.append(location)
    return found


def _make_nodes(
    declared: Sequence[tuple[str, Mapping[str, Any]]],
    makers: Mapping[str, list[str]],
    externals: Mapping[str, list[str]],
    stale: frozenset[str],
) -> dict[str, AssetNode]:
    nodes: dict[str, AssetNode] = {}
    for location, asset in declared:
        key = asset["key"]
        if asset.get("type") != _EXTERNAL:
            name = f"{location}:{key}"
            others = tuple(other for other in externals.get(key, ()) if other != location)
            nodes.setdefault(name, AssetNode(name, key, "materializable", location, others, asset, location in stale))
        elif key not in makers:
            others = tuple(other for other in externals[key] if other != location)
            nodes.setdefault(key, AssetNode(key, key, "external", location, others, asset, location in stale))
    return nodes


def _own_id(location: str, asset: Mapping[str, Any], makers: Mapping[str, list[str]]) -> str:
    """Give the node that stands for a declared asset: an external one is its maker, where there is one."""
    key: str = asset["key"]
    if asset.get("type") != _EXTERNAL:
        return f"{location}:{key}"
    meant = _meant(location, key, makers)
    return meant[0] if meant else key


def _known_in(location: str | None, node: AssetNode) -> bool:
    """Tell whether an asset is a location's own, or one that no other location has."""
    return node.type == "unknown" or location in node.known_in


def _meant(location: str, key: str, makers: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Give the ids of the made assets that a key means in a location."""
    names = makers.get(key, [])
    return (f"{location}:{key}",) if location in names else tuple(f"{name}:{key}" for name in names)
