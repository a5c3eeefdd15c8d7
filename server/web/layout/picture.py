"""A laid out view as the JSON that the page draws."""

from __future__ import annotations

import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from atoll_host.server.web.links import definition_url, location_url
from atoll_host.workspace.describing.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.web.layout.scene import Layout
    from atoll_host.server.web.layout.view import Region, View
    from atoll_host.workspace.graph.graph import AssetNode

CROSSES, AMBIGUOUS, CYCLIC, BACKWARDS = 1, 2, 4, 8
"""What is said of an edge, as bits."""
_KINDS = 4


def draw(live: LiveWorkspace, view: View, layout: Layout) -> dict[str, Any]:
    """Give nodes, boxes and edges.

    Edges are lists to be small: index of the source, index of the target, bits, number of dependencies, then column
    and height of each place where they pass a column.

    Args:
        live: what is known of the locations.
        view: what is drawn.
        layout: where.
    """
    index = {node.id: place for place, node in enumerate(view.scene.nodes)}
    problems = _count_problems(live)
    edges = []
    for (pair, bundle), route in zip(view.bundles.items(), layout.routes, strict=True):
        bits = CROSSES * bundle.crosses | AMBIGUOUS * bundle.ambiguous | CYCLIC * bundle.cyclic
        bits |= BACKWARDS * route.backwards
        passes = [value for column, y in route.passes for value in (column, round(y, 1))]
        edges.append([index[pair[0]], index[pair[1]], bits, bundle.count, *passes])
    hues = {name: number % 8 for number, name in enumerate(live.states)}
    nodes = [_describe(live, view, layout, name, problems) for name in index]
    for source, target in view.bundles:
        # An asset's neighbours are counted in the whole graph, a folded region's in the picture.
        for end, side in ((source, "down"), (target, "up")):
            if end in view.regions:
                nodes[index[end]][side] += 1
    return {
        "nodes": nodes,
        "boxes": list(_describe_boxes(live, view, layout)),
        "edges": edges,
        "hues": {region.location: hues[region.location] for region in view.regions.values() if region.location in hues},
    }


def _describe(
    live: LiveWorkspace, view: View, layout: Layout, name: str, problems: Mapping[tuple[str, str, int], Counter[str]]
) -> dict[str, Any]:
    place = layout.nodes[name]
    at = {"id": name, "parent": view.parent[name], "x": place.x, "y": place.y}
    if name in view.graph.nodes:
        return {**at, **_describe_asset(live, view, view.graph.nodes[name], problems)}
    region = view.regions[name]
    return {**at, **_describe_region(live, view, region)}


def _describe_asset(
    live: LiveWorkspace, view: View, node: AssetNode, problems: Mapping[tuple[str, str, int], Counter[str]]
) -> dict[str, Any]:
    graph, definition = live.graph, node.definition
    source = definition.get("source") or {}
    found = problems.get((node.location or "", source.get("file") or "", source.get("line") or 0), Counter())
    described = {key: value for key, value in definition.items() if key != "source"}
    return {
        "kind": "asset",
        "name": clean(node.key),
        "type": node.type,
        "location": node.location,
        "group": clean(definition["group"]) if definition.get("group") else None,
        "kinds": [clean(kind) for kind in (definition.get("kinds") or ())[:_KINDS]],
        "state": _state(live, node.location),
        "cyclic": node.id in view.cyclic,
        "errors": found["error"],
        "warnings": found["warning"],
        "up": len(graph.upstream(node.id)),
        "down": len(graph.downstream(node.id)),
        "declared": list(node.declared_in),
        "url": definition_url("asset", node.location, node.key),
        "version": zlib.crc32(repr(described).encode("utf-8", "replace")),
    }


def _describe_region(live: LiveWorkspace, view: View, region: Region) -> dict[str, Any]:
    return {
        **_name_region(live, region),
        "cyclic": any(name in view.cyclic for name in region.assets),
        "up": 0,
        "down": 0,
    }


def _name_region(live: LiveWorkspace, region: Region) -> dict[str, Any]:
    name = region.group if region.kind == "group" else region.location
    return {
        "kind": region.kind,
        "name": "in no location" if name is None else clean(name),
        "location": region.location,
        "count": len(region.assets),
        "parts": region.parts if region.kind == "location" else 0,
        "state": _state(live, region.location),
        "url": None if region.location is None else location_url(region.location),
    }


def _describe_boxes(live: LiveWorkspace, view: View, layout: Layout) -> Iterator[dict[str, Any]]:
    for box in view.scene.boxes:
        place = layout.boxes[box.id]
        yield {
            "id": box.id,
            "parent": box.parent,
            "x": place.x,
            "y": place.y,
            "w": place.width,
            "h": place.height,
            **_name_region(live, view.regions[box.id]),
        }


def _state(live: LiveWorkspace, location: str | None) -> str | None:
    state = live.states.get(location) if location is not None else None
    return None if state is None else state.word


def _count_problems(live: LiveWorkspace) -> dict[tuple[str, str, int], Counter[str]]:
    """Count findings by the line that they point at, which may be where an asset is defined."""
    found: dict[tuple[str, str, int], Counter[str]] = {}
    for finding in live.findings:
        problem = finding.problem
        if finding.location and problem.file and problem.line:
            place = (finding.location, problem.file, problem.line)
            found.setdefault(place, Counter())[finding.severity] += 1
    return found
