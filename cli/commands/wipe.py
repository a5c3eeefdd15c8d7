"""`atoll wipe`: forget what was made of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceSources, opens_workspace
from atoll_host.cli.run_options import complete_any_asset

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(wipe))


def wipe(
    selection: Annotated[
        str, typer.Argument(metavar="SELECTION", show_default=False, autocompletion=complete_any_asset)
    ],
    partition: Annotated[
        list[str] | None, typer.Option("--partition", metavar="KEY", help="Only this partition (repeatable).")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Forget materialisations and what checks found.")
    ] = True,
    values: Annotated[
        bool, typer.Option("--values", help="Also remove the values that the default IO manager keeps in .atoll.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be forgotten, do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Forget what was made of assets: they count as never materialised. Runs and what they printed stay.

    Asks before it does so. An asset that a run makes now is refused. What your own IO managers keep is yours to remove.

    Examples:

      atoll wipe raw/orders --dry-run

      atoll wipe 'sales/*' --values --yes

      atoll wipe daily_orders --partition 2024-01-31 --values
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.remembering import WipeOptions, perform_wipe
        from atoll_host.envs.errors import UsageError

        if not history and not values:
            raise UsageError("--no-history without --values leaves nothing to forget", hint="add --values")
        return perform_wipe(session, selection, WipeOptions(partition or (), history, values, dry_run, yes))

    perform("wipe", body, as_json=as_json, workspace_file=workspace)
