"""`atoll graph`: what depends on what, across locations."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.commands.list_ import SelectOption
from atoll_host.cli.options import JsonFlag, LocationOption, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


class Format(StrEnum):
    """How the graph is printed."""

    tree = "tree"
    mermaid = "mermaid"
    dot = "dot"
    json = "json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(graph))


def graph(
    form: Annotated[Format, typer.Option("--format", help="How the graph is printed.")] = Format.tree,
    select: SelectOption = None,
    location: LocationOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Show the assets of all locations and what depends on what; edges that cross locations are marked.

    All locations are loaded in any case: what is upstream may be anywhere. With `--location`, what its assets touch
    in other locations is shown too.

    Examples:

      atoll graph

      atoll graph --location sales

      atoll graph --select '+key:forecast' --format mermaid

      atoll graph --format dot | dot -Tsvg > graph.svg
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.reading import load_reports, problems_beside
        from atoll_host.cli.views.graphs.result import graph_result

        session.locations(location)
        reports = load_reports(session)
        problems = problems_beside(reports, whole=session.renderer.as_json, brief=True)
        return graph_result(reports, problems, form=form.value, select=select, locations=location)

    perform("graph", body, as_json=as_json or form is Format.json, workspace_file=workspace)
