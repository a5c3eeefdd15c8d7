"""What a reader asked to see of the graph, read from the address of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.workspace.graph.selection import SelectionError, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import QueryParams

    from atoll_host.workspace.graph.graph import AssetGraph

Way = Literal["up", "down", "both"]
DEEPEST = 99


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be seen.

    Attributes:
        selection: in the language of `workspace/graph/selection.py`; empty for none.
        only: whether what is not chosen is left out, instead of dimmed.
        focus: id of an asset or region around which the graph is to be seen; None for the whole graph.
        way: which side of it.
        depth: how many steps from it; None for any number.
        opened: ids of regions that the reader opened.
        closed: ids of regions that the reader closed.
    """

    selection: str = ""
    only: bool = False
    focus: str | None = None
    way: Way = "both"
    depth: int | None = None
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    @classmethod
    def read(cls, query: QueryParams) -> Wish:
        """Read the query of an address; what makes no sense in it is left out."""
        way, depth = query.get("way"), query.get("depth", "")
        return cls(
            selection=query.get("select", "").strip(),
            only=query.get("show") == "only",
            focus=query.get("focus") or None,
            way="up" if way == "up" else "down" if way == "down" else "both",
            depth=min(int(depth), DEEPEST) if depth.isascii() and depth.isdigit() else None,
            opened=frozenset(query.getlist("open")),
            closed=frozenset(query.getlist("close")),
        )

    @property
    def scope(self) -> tuple[Any, ...]:
        """What tells two pictures apart that show different assets."""
        around = (self.focus, self.way, self.depth) if self.focus else None
        return (around, self.selection if self.only else None)


@dataclass(frozen=True)
class Chosen:
    """What a wish comes to.

    Attributes:
        graph: the assets that are shown.
        matched: ids of those that the selection chooses; None where there is no selection that can be read.
        error: why it can't be read.
        missing: the focus, where there is nothing of that id.
    """

    graph: AssetGraph
    matched: frozenset[str] | None = None
    error: SelectionError | None = None
    missing: str | None = None


def choose(graph: AssetGraph, wish: Wish, regions: Mapping[str, tuple[str, ...]]) -> Chosen:
    """Find what a wish chooses.

    Args:
        graph: the whole graph.
        wish: what is asked for.
        regions: the assets of each location and group, by id.
    """
    matched, error, missing = None, None, None
    if wish.selection:
        try:
            matched = frozenset(select(graph, wish.selection))
        except SelectionError as problem:
            error = problem
    shown: set[str] | None = None
    if wish.focus is not None:
        start = regions.get(wish.focus, (wish.focus,) if wish.focus in graph.nodes else ())
        if start:
            shown = set(start)
            if wish.way != "down":
                shown |= graph.reach(start, "up", wish.depth)
            if wish.way != "up":
                shown |= graph.reach(start, "down", wish.depth)
        else:
            missing = wish.focus
    if wish.only and matched is not None:
        shown = set(matched) if shown is None else shown & matched
    return Chosen(graph if shown is None else graph.restricted(shown), matched, error, missing)
