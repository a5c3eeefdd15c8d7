"""The result of `atoll graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.views.graphs.dot import write_dot
from atoll_host.cli.views.graphs.mermaid import write_mermaid
from atoll_host.cli.views.graphs.tree import draw_tree
from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.graph.part import Part, choose_part
from atoll_host.workspace.graph.selection import select as choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.workspace.findings.located import LocatedProblem
    from atoll_host.workspace.loading import LoadReport

_WRITERS = {"mermaid": write_mermaid, "dot": write_dot}


def graph_result(
    reports: Sequence[LoadReport],
    problems: tuple[LocatedProblem, ...],
    *,
    form: str,
    select: str | None,
    locations: Sequence[str] | None,
) -> Result:
    """Make the result of `atoll graph`.

    Args:
        reports: of all locations.
        problems: what is shown beside the graph.
        form: `tree`, `mermaid`, `dot` or `json`.
        select: a selection; None for all assets.
        locations: only the assets of these, with what they touch; None for all.

    Raises:
        UsageError: the selection can't be read.
    """
    graph = merge_reports(reports)
    part = choose_part(graph, locations, None if select is None else choose(graph, select))

    def view(console: Console) -> None:
        draw_graph(console, part, form)

    return Result("graph", part.to_json(), view, problems)


def draw_graph(console: Console, part: Part, form: str) -> None:
    """Draw or write the graph in one of its forms; a text for another program is written as it is."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if form in _WRITERS:
        console.print(Text(_WRITERS[form](part)), soft_wrap=True)
    elif not part.graph.nodes:
        console.print(Text("No assets to show"), soft_wrap=True)
    else:
        draw_tree(console, part)
