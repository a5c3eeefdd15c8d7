"""Edges between assets."""

from __future__ import annotations

from .._errors import describe_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping

    from .._catalog import Asset, Catalog
    from .._keys import AssetKey


_MAXIMUM_SHOWN = 10


def find_asset_problems(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Cycles. Whether what checks are of is there, only the whole workspace can tell."""
    cycles = list(_find_cycles(_list_edges(catalog)))
    for path in cycles:
        yield _describe_cycle(catalog, path)
    if not cycles:
        yield from _find_function_cycles(catalog)


def _list_edges(catalog: Catalog) -> dict[AssetKey, list[AssetKey]]:
    edges = {}
    for key, asset in catalog.by_key.items():
        edges[key] = [
            dependency.key
            for dependency in asset.dependencies
            if dependency.key in catalog.by_key and not _looks_back(asset, dependency)
        ]
    return edges


def _looks_back(asset: Asset, dependency: Any) -> bool:
    """Whether an asset depends on earlier partitions of itself, which is no cycle."""
    mapping = dependency.partition_mapping
    return dependency.key == asset.key and getattr(mapping, "start_offset", 0) < 0 and mapping.end_offset < 0


def _find_cycles(edges: Mapping[Any, list[Any]]) -> Iterator[list[Any]]:
    """Cycles that share no node, each as a path of nodes; the last leads back to the first."""
    done: set[Any] = set()
    for start in edges:
        path: dict[Any, Iterator[Any]] = {} if start in done else {start: iter(edges[start])}
        while path:
            node, others = next(reversed(path.items()))
            following = next((other for other in others if other not in done), None)
            if following is None:
                done.add(node)
                del path[node]
            elif following in path:
                nodes = list(path)
                cycle = nodes[nodes.index(following) :]
                yield cycle
                done.update(cycle)
                break
            else:
                path[following] = iter(edges[following])


def _describe_cycle(catalog: Catalog, path: list[AssetKey]) -> dict[str, Any]:
    # an edge leads to what an asset depends on; people read from upstream to downstream
    first = min(path, key=lambda key: list(catalog.by_key).index(key))
    ordered = path[path.index(first) :] + path[: path.index(first)]
    downstream = [ordered[0], *reversed(ordered[1:])]
    names = [str(key) for key in downstream]
    if len(names) > _MAXIMUM_SHOWN:
        names = [*names[: _MAXIMUM_SHOWN - 1], f"… {len(names) - _MAXIMUM_SHOWN} more …", names[-1]]
    shown = " → ".join([*names, names[0]])
    places = ", ".join(f"'{key}' at {_place(catalog, key)}" for key in downstream[:_MAXIMUM_SHOWN])
    message = f"assets depend on each other in a circle: {shown} ({places})"
    source = catalog.by_key[first].spec.source
    return describe_problem("cycle", message, hint="remove one of these dependencies", source=source)


def _place(catalog: Catalog, key: AssetKey) -> str:
    source = catalog.by_key[key].spec.source
    return f"{source.file}:{source.line}"


def _find_function_cycles(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Functions that make several assets and can't make a part of them, in a circle with others."""
    makers = {key: catalog.graph.get_neighbors(key)[:1] or [key] for key in catalog.by_key}
    edges: dict[AssetKey, list[AssetKey]] = {}
    for key, others in _list_edges(catalog).items():
        own = makers[key][0]
        edges.setdefault(own, []).extend(makers[other][0] for other in others if makers[other][0] != own)
    for path in _find_cycles(edges):
        names = " → ".join(str(catalog.by_key[key].computation.name) for key in [*reversed(path), path[-1]])
        message = f"functions that make several assets depend on each other in a circle: {names}"
        hint = "set can_subset=True on one of them, or make the assets in functions of their own"
        yield describe_problem("cycle", message, hint=hint, source=catalog.by_key[path[0]].spec.source)
