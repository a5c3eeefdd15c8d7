"""`atoll sync`: build the environments, in parallel, only what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, LocationNames, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.envs.environments.results import LockMode


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(sync))


def sync(
    locations: LocationNames = None,
    locked: Annotated[bool, typer.Option("--locked", help="Refuse to change a uv.lock.")] = False,
    frozen: Annotated[bool, typer.Option("--frozen", help="Use each uv.lock as it is, without checking it.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build anew, also over changes made by hand.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Build the environment of every location, in parallel. What has not changed is left alone.

    Examples:

      atoll sync

      atoll sync sales --locked
    """
    from atoll_host.cli.session import perform
    from atoll_host.envs.errors import UsageError

    def body(session: Session) -> Result:
        from atoll_host.cli.views.syncing import sync_with_progress

        if locked and frozen:
            raise UsageError("--locked and --frozen exclude each other")
        mode: LockMode = "locked" if locked else "frozen" if frozen else "update"
        return sync_with_progress(session, session.locations(locations), lock_mode=mode, rebuild=rebuild)

    perform("sync", body, as_json=as_json, workspace_file=workspace)
