"""`atoll list`: the locations and what they define."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(help="List locations, or what they define.", invoke_without_command=True)
    group.callback()(locations)
    app.add_typer(group, name="list")


def locations(context: typer.Context, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """List the code locations: status, Python, packages, counts, load time.

    Examples:

      atoll list

      atoll list --json
    """
    if context.invoked_subcommand is not None:
        return
    from atoll_host.cli.session import perform  # noqa: PLC0415

    def body(session: Session) -> Result:
        from atoll_host.cli.views.locations import locations_result  # noqa: PLC0415

        chosen = session.locations(None)
        with session.renderer.progress("Loading", len(chosen)) as advance:
            reports = session.loader.load_all(session.workspace, chosen, on_report=lambda _: advance())
        return locations_result(reports)

    perform("list", body, as_json=as_json, workspace_file=workspace)
