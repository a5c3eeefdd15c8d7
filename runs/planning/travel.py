"""Whether values can travel from one location to another: what is pickled can't, beyond what every Python has.

The default IO manager writes values of JSON types as JSON and data frames as Parquet, which everybody reads. Everything
else is pickled, and a pickle names the classes that it needs. Where an annotation says that a value is of such a class,
this is known before anything starts.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode

_DEFAULT = "io_manager"
_RETURNS = re.compile(r"\)\s*->\s*(?P<annotation>.+)$", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_TRAVELS = frozenset(
    {
        *("pandas", "polars", "pyarrow", "typing", "collections", "datetime", "decimal", "fractions", "pathlib"),
        *("uuid", "numbers", "typing_extensions", "atoll", "builtins", "types", "abc", "ipaddress", "zoneinfo"),
        *("array", "enum", "re", "os", "io", "dagster"),
    }
)
"""Top-level packages whose classes every Python has, or whose values are written as Parquet."""


def find_untravelled(
    graph: AssetGraph,
    chosen: Collection[str],
    definitions: Mapping[str, Mapping[str, Any]],
    pythons: Mapping[str, str],
) -> list[tuple[str, Problem]]:
    """Find values that would be loaded in another location than they were made for, and can't be.

    Args:
        graph: of the whole workspace.
        chosen: ids of the assets that are made.
        definitions: by location.
        pythons: version of the Python of each location, such as `3.9.18`.

    Returns:
        The location that would load it, and what is wrong, for each.
    """
    found = []
    for name in chosen:
        node = graph.nodes[name]
        for edge in graph.upstream(name):
            above = graph.nodes[edge.upstream]
            if not edge.crosses or above.type != "materializable" or not _takes_value(node, above.key):
                continue
            culprit = _find_culprit(above, definitions)
            if culprit is not None and (_is_own(culprit, above) or _differ(above, node, pythons)):
                found.append((str(node.location), _say(above, node, culprit, pythons)))
    return found


def _takes_value(node: AssetNode, key: str) -> bool:
    dependencies = node.definition.get("dependencies", ())
    return any(
        dependency["key"] == key and dependency.get("argument") and not dependency.get("input_manager")
        for dependency in dependencies
    )


def _find_culprit(above: AssetNode, definitions: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Give the class that keeps the value of an asset from being read elsewhere; None where none is known."""
    definition = definitions.get(str(above.location), {})
    resources = {resource["name"] for resource in definition.get("resources", ())}
    manager = above.definition.get("io_manager") or _DEFAULT
    if manager != _DEFAULT or manager in resources:
        return None
    computation: Mapping[str, Any] = next(
        (item for item in definition.get("computations", ()) if item["name"] == above.definition.get("computation")), {}
    )
    if computation.get("type") not in ("asset", "graph_asset"):
        return None
    returns = _RETURNS.search(str(computation.get("signature") or ""))
    return None if returns is None else next(_list_foreign(returns["annotation"]), None)


def _is_own(name: str, above: AssetNode) -> bool:
    """Tell whether a class is one of the location's own modules, which no other location has."""
    file = PurePath((above.definition.get("source") or {}).get("file") or "")
    return name.partition(".")[0] in {file.stem, *file.parts}


def _differ(above: AssetNode, node: AssetNode, pythons: Mapping[str, str]) -> bool:
    made, used = (pythons.get(str(one.location), "").split(".")[:2] for one in (above, node))
    return made != used


def _list_foreign(annotation: str) -> Iterator[str]:
    for name in _NAME.findall(annotation):
        top, dot, _ = name.partition(".")
        if dot and top not in _TRAVELS:
            yield name


def _say(above: AssetNode, node: AssetNode, culprit: str, pythons: Mapping[str, str]) -> Problem:
    made, used = (pythons.get(str(one.location), "?") for one in (above, node))
    source = above.definition.get("source") or {}
    return Problem(
        "cannot_travel",
        f"{above.key!r} is a {culprit}, which would be pickled by Python {made} in {above.location}; "
        f"{node.key!r} could not read it with Python {used} in {node.location}",
        hint="return a data frame or JSON types (dict, list, str, int, float), or give both an IO manager of your own",
        file=source.get("file"),
        line=source.get("line"),
    )
