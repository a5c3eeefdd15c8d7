"""`atoll lock` and `atoll upgrade`: what each location's packages resolve to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, LocationNames, LocationOption, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(opens_workspace(lock))
    app.command()(opens_workspace(upgrade))


def lock(locations: LocationNames = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """Resolve the packages of every location anew where its uv.lock is missing or stale; build nothing.

    Examples:

      atoll lock

      atoll lock sales
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.views.syncing import lock_with_progress

        return lock_with_progress(session, session.locations(locations))

    perform("lock", body, as_json=as_json, workspace_file=workspace)


def upgrade(
    packages: Annotated[list[str] | None, typer.Argument(metavar="[PACKAGE]...", help="Only these packages.")] = None,
    locations: LocationOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Let packages get newer than their lock says, as far as the requirements allow, and build the environments.

    Examples:

      atoll upgrade

      atoll upgrade pandas --location sales
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.views.syncing import sync_with_progress

        chosen = session.locations(locations)
        return sync_with_progress(session, chosen, upgrade=tuple(packages or ()) or True, command="upgrade")

    perform("upgrade", body, as_json=as_json, workspace_file=workspace)
