"""`atoll reload`: ask the server that `atoll dev` runs to load locations again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, LocationNames, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(reload))


def reload(
    locations: LocationNames = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for what comes of it.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Let the running `atoll dev` load locations again, and wait for what comes of it.

    For scripts, and for file systems that tell of no changes. The exit status is 1 when a location fails to load, and 2
    when no `atoll dev` runs for this workspace.

    Examples:

      atoll reload

      atoll reload sales

      atoll reload --no-wait --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.reloading import perform_reload

        return perform_reload(session, locations or [], wait=not no_wait)

    perform("reload", body, as_json=as_json, workspace_file=workspace)
