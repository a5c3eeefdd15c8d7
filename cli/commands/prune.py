"""`atoll prune`: forget what is old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prune)


def prune(
    runs_before: Annotated[
        str | None,
        typer.Option("--runs-before", metavar="TIME", help="Forget runs that ended before: a date, or '90 days'."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=0, help="This many of the newest runs stay in any case.")
    ] = None,
    ticks_before: Annotated[
        str | None,
        typer.Option("--ticks-before", metavar="TIME", help="Forget evaluations of schedules and sensors before it."),
    ] = None,
    history_before: Annotated[
        str | None,
        typer.Option(
            "--history-before", metavar="TIME", help="Forget materialisations before it, but for the last of each."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print how much would be forgotten, and forget nothing.")
    ] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Forget old runs, ticks and history: as long ago as `retention` in instance.yaml says, or as the options say.

    A time is a date (2024-01-31), a date with a time, an age ('12 hours', '90 days', '2 weeks'), or `never`. Runs that
    have not ended stay, and so does what each asset's partition was made of last. It can be stopped at any moment, and
    goes on where it was when it is given again.

    Examples:

      atoll prune --dry-run

      atoll prune

      atoll prune --runs-before '30 days' --keep 500
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.pruning import PruneOptions, perform_prune

        return perform_prune(session, PruneOptions(runs_before, ticks_before, history_before, keep, dry_run))

    perform("prune", body, as_json=as_json, workspace_file=workspace)
