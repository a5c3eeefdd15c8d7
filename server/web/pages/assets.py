"""The assets of all locations, and the page of one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse
from starlette.routing import Route

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.definitions import find_definition, show_definition, show_missing, show_page
from atoll_host.server.web.launching.prospects import list_partition_keys
from atoll_host.server.web.links import NOWHERE, definition_url, read_name
from atoll_host.server.web.listing import cut, matches, words_of
from atoll_host.server.web.remembered.assets import open_storage, read_before, remember_one, remember_some
from atoll_host.server.web.remembered.partitions import WORDS
from atoll_host.workspace.describing.details import describe_end, find_node
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.envs.errors import Problem
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.web.remembered.assets import Made
    from atoll_host.workspace.describing.finding import Found
    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode

_PLACE = re.compile(r"at character (\d+)$")
_WORD = re.compile(r"unknown (?:function|attribute) '?([^\s'()]+)")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The assets that a request asks for.

    Attributes:
        nodes: by location, group and key; what no location has comes last.
        problem: why the selection can't be read; None when it can.
        column: where in the selection, from 1; None when it is not at one place.
    """

    nodes: Sequence[AssetNode]
    problem: Problem | None = None
    column: int | None = None


def show_assets(request: Request) -> Response:
    """List assets: those that match `q`, that `select` chooses."""
    live: LiveWorkspace = request.app.state.hub.current
    chosen = choose(live, request.query_params.get("select", ""), words_of(request))
    part = cut(request, chosen.nodes)
    checks: dict[tuple[str, str], int] = {}
    for report in live.reports:
        for check in report.definitions.get("checks") or ():
            place = (report.location.name, check["asset"])
            checks[place] = checks.get(place, 0) + 1
    storage, trouble = open_storage(request)
    made = remember_some(storage, live, part.items)
    groups = [
        (location, group, [_row(node, live.graph, checks, made) for node in nodes])
        for (location, group), nodes in groupby(part.items, key=lambda node: (node.location, group_of(node)))
    ]
    return show_page(
        request,
        "definitions/assets.html",
        live=live,
        title="Assets",
        part=part,
        groups=groups,
        every=len(live.graph.nodes),
        select=request.query_params.get("select", ""),
        q=request.query_params.get("q", ""),
        problem=chosen.problem,
        column=chosen.column,
        launchable=_selection_of_list(request, chosen),
        trouble=trouble,
    )


def choose(live: LiveWorkspace, selection: str, words: Sequence[str]) -> Chosen:
    """Choose assets by a selection and by words that are in them.

    Args:
        live: what is known now.
        selection: in the syntax of `workspace/graph/selection.py`; empty for all.
        words: each has to be in the key, the location, the group, a kind, an owner, a tag or the description.
    """
    graph, problem, column = live.graph, None, None
    ids = set(graph.nodes)
    if selection.strip():
        try:
            ids = select(graph, selection)
        except UsageError as error:
            problem = error.problems[0]
            column = find_column(problem.message, selection)
            ids = set()
    rank = {name: number for number, name in enumerate(live.states)}
    nodes = [graph.nodes[name] for name in ids]
    if words:
        nodes = [node for node in nodes if _matches(node, words)]
    nodes.sort(key=lambda node: (rank.get(node.location or "", len(rank)), group_of(node), node.key))
    return Chosen(nodes, problem, column)


def find_column(message: str, selection: str) -> int | None:
    """Give the place in a selection that a message about it points at, from 1; None when it names none."""
    if place := _PLACE.search(message):
        return int(place[1])
    if word := _WORD.search(message.removeprefix(f"Selection {selection!r}")):
        return selection.find(word[1]) + 1 or None
    return None


def group_of(node: AssetNode) -> str:
    """Give the group of an asset; an unknown one has none."""
    return str(node.definition.get("group") or "default") if node.definition else ""


def show_asset(request: Request) -> Response:
    """Show an asset: as its location describes it, or as what depends on it when no location has it."""
    live: LiveWorkspace = request.app.state.hub.current
    location, key = request.path_params["location"], read_name(request.path_params["name"])
    found = find_definition(live, "asset", location, key)
    if found is not None:
        return show_definition(request, "asset", selection=selection_of(key), **_around(request, live, found))
    known = [node for node in live.graph.nodes.values() if node.key == key]
    if not known:
        return show_missing(request, "asset", location, key)
    url = definition_url("asset", known[0].location, key)
    if (known[0].location or NOWHERE) != location:
        return RedirectResponse(url, status_code=307)
    return _show_unknown(request, live, known[0])


def selection_of(key: str) -> str | None:
    """Give the selection of an asset with all that is upstream and downstream of it; None when its key has none."""
    if '"' in key:
        return None
    plain = re.fullmatch(r"[^\s()+:=\"*]+", key) and key.lower() not in ("and", "or", "not") and not key.isdigit()
    return f"+{key}+" if plain else f'+"{key}"+'


def selection_of_one(node: AssetNode | None, graph: AssetGraph) -> str | None:
    """Give the selection that makes one asset and nothing else; None where nobody makes it, or its key has none."""
    if node is None or node.type != "materializable" or '"' in f"{node.key}{node.location}":
        return None
    plain = (selection_of(node.key) or "").strip("+")
    twins = [other for other in graph.nodes.values() if other.key == node.key and other.type == "materializable"]
    return plain if len(twins) == 1 else f'key:"{node.key}" and location:"{node.location}"'


def _selection_of_list(request: Request, chosen: Chosen) -> str | None:
    """Give the selection of what the list shows; None where no selection says that, or nothing of it can be made."""
    if words_of(request) or not any(node.type == "materializable" for node in chosen.nodes):
        return None
    return request.query_params.get("select", "").strip() or "*"


def _show_unknown(request: Request, live: LiveWorkspace, node: AssetNode) -> Response:
    graph = live.graph
    dependencies = {
        edge.downstream: [
            dependency
            for dependency in graph.nodes[edge.downstream].definition.get("dependencies") or ()
            if dependency["key"] == node.key
        ]
        for edge in graph.downstream(node.id)
    }
    return show_page(
        request,
        "definitions/unknown.html",
        live=live,
        title=node.key,
        key=node.key,
        selection=selection_of(node.key),
        downstream=[describe_end(edge, edge.downstream, graph) for edge in graph.downstream(node.id)],
        dependencies=dependencies,
    )


def _around(request: Request, live: LiveWorkspace, found: Found) -> dict[str, Any]:
    """Give what the page of an asset shows of other places: who makes it, declares it, checks it, watches it."""
    location, key = found.report.location.name, found.name
    node = find_node(live.graph, location, key)
    known = [] if node is None else [name for name in (node.location, *node.declared_in) if name is not None]
    made = node is not None and node.type == "materializable"
    dependencies: dict[str, list[Mapping[str, Any]]] = {}
    for dependency in found.definition.get("dependencies") or ():
        dependencies.setdefault(dependency["key"], []).append(dependency)
    memory, trouble = None, None
    if node is not None:
        storage, trouble = open_storage(request)
        keys = list_partition_keys(request.app.state.operations, found.definition.get("partitions"))
        memory = remember_one(storage, live, node, before=read_before(request), keys=keys)
    return {
        "node": node,
        "memory": memory,
        "partition_words": WORDS,
        "trouble": trouble,
        "launchable": selection_of_one(node, live.graph) if node is not None and node.location == location else None,
        "maker": node.location if node is not None and made and node.location != location else None,
        "others": [name for name in known if name != location and not (made and name == known[0])],
        "dependencies": dependencies,
        "checks": [
            (report.location.name, check)
            for report in live.reports
            if report.location.name in known
            for check in report.definitions.get("checks") or ()
            if check["asset"] == key
        ],
        "watchers": [
            (report.location.name, sensor["name"])
            for report in live.reports
            for sensor in report.definitions.get("sensors") or ()
            if sensor.get("asset") == key and find_node(live.graph, report.location.name, key) in (node, None)
        ],
    }


def _matches(node: AssetNode, words: Sequence[str]) -> bool:
    asset = node.definition
    tags = (f"{name}={value}" for name, value in (asset.get("tags") or {}).items())
    several = (*(asset.get("kinds") or ()), *(asset.get("owners") or ()), *tags)
    return matches(words, node.key, node.location, group_of(node), asset.get("description"), *several)


def _row(
    node: AssetNode, graph: AssetGraph, checks: dict[tuple[str, str], int], made: Mapping[str, Made]
) -> dict[str, Any]:
    return {
        "node": node,
        "asset": node.definition,
        "url": definition_url("asset", node.location, node.key),
        "made": made[node.id],
        "upstream": len(graph.upstream(node.id)),
        "downstream": len(graph.downstream(node.id)),
        "crosses": any(edge.crosses for edge in graph.upstream(node.id)),
        "checks": 0 if node.location is None else checks.get((node.location, node.key), 0),
    }


routes = [
    Route("/assets", show_assets),
    Route("/assets/{location}/{name:path}", show_asset),
]
