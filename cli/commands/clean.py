"""`atoll clean`: free the disk of environments that nobody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, LocationNames, WorkspaceFile

if TYPE_CHECKING:
    from rich.console import Console

    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(clean)


def clean(
    locations: LocationNames = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is in use: `atoll sync` builds it again.")
    ] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Remove earlier generations of environments, and those of locations that are no more.

    Examples:

      atoll clean

      atoll clean sales --all
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.result import Result
        from atoll_host.cli.views.sizes import size

        chosen = session.locations(locations or [location.name for location in session.whole_workspace.locations])
        cleaned = {
            location.name: session.environments.clean(location.environment, current=everything) for location in chosen
        }
        if not locations:
            strays = session.environments.clean_strays(location.name for location in session.whole_workspace.locations)
            cleaned["what is left of others"] = strays
        freed = sum(item.freed for item in cleaned.values())

        def view(console: Console) -> None:
            for name, item in cleaned.items():
                if item.removed:
                    console.print(f"{name}  {size(item.freed)} freed", markup=False)
                if item.kept:
                    console.print(f"{name}  {len(item.kept)} kept, in use by a running process", markup=False)
            console.print(f"{size(freed)} freed in all", markup=False)

        return Result("clean", [{"name": name, **item.to_json()} for name, item in cleaned.items()], view)

    perform("clean", body, as_json=as_json, workspace_file=workspace)
