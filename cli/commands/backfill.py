"""`atoll backfill`: make many partitions, by several runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from atoll_host.cli.options import JsonFlag, WorkspaceFile
from atoll_host.cli.run_options import (
    ConfigOption,
    DetachFlag,
    DryRunFlag,
    JobsOption,
    TagOption,
    TimeoutOption,
    complete_asset,
    complete_job,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.runs.launching.launcher import LocalLauncher

BackfillArgument = Annotated[
    str, typer.Argument(metavar="BACKFILL", show_default=False, help="Its number, or the beginning of its id.")
]
_HELP = """Make many partitions, by several runs. `atoll backfill SELECTION …` is short for `atoll backfill start …`.

Examples:

  atoll backfill daily_orders --partition-range 2024-01-01...2024-01-31

  atoll backfill 'sales/*' --missing

  atoll backfill --job nightly --all --max-runs 2
"""


class _StartsByDefault(TyperGroup):
    """Words that name no command of the group are those of `start`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words."""
        if args and args[0] not in {*self.commands, "--help", "-h"}:
            args = ["start", *args]
        return super().parse_args(ctx, args)


def add_to(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(cls=_StartsByDefault, help=_HELP)
    group.command("list")(list_)
    for command in (start, show, cancel, retry, resume):
        group.command()(command)
    app.add_typer(group, name="backfill", no_args_is_help=True)


def start(
    selection: Annotated[
        str | None, typer.Argument(metavar="[SELECTION]", show_default=False, autocompletion=complete_asset)
    ] = None,
    job: Annotated[
        str | None,
        typer.Option("--job", metavar="JOB", help="Execute this job, not a selection.", autocompletion=complete_job),
    ] = None,
    partition_range: Annotated[
        str | None, typer.Option("--partition-range", metavar="FIRST...LAST", help="From the first to the last.")
    ] = None,
    partitions: Annotated[
        str | None, typer.Option("--partitions", metavar="A,B", help="These partitions, between commas.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All partitions that there are now.")] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only partitions of which something was never made.")
    ] = False,
    batch: Annotated[int, typer.Option("--batch", metavar="N", min=1, help="Partitions of one run.")] = 1,
    max_runs: Annotated[
        int | None,
        typer.Option("--max-runs", metavar="N", min=1, help="Runs at once; as many as the instance allows."),
    ] = None,
    config: ConfigOption = None,
    tag: TagOption = None,
    jobs: JobsOption = None,
    timeout: TimeoutOption = None,
    dry_run: DryRunFlag = False,
    detach: DetachFlag = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Make many partitions of assets or of a job, by several runs.

    The command launches the runs, and shows how far it is. Ctrl-C cancels the backfill with its runs. Where the command
    is killed, its runs go on; `atoll backfill resume`, or a server of the workspace, launches the others. Exit status:
    0 all was made, 1 something failed, 2 wrong usage, 130 interrupted.

    Examples:

      atoll backfill daily_orders --partition-range 2024-01-01...2024-01-31

      atoll backfill 'sales/*' --missing --batch 7

      atoll backfill --job nightly --all --max-runs 2 --detach

      atoll backfill daily_orders --partitions 2024-01-01,2024-01-05 --dry-run
    """
    from atoll_host.cli.session import perform

    def body(session: Session, launcher: LocalLauncher) -> Result:
        from atoll_host.cli.backfilling import BackfillOptions, perform_backfill

        options = BackfillOptions(
            selection=selection,
            job=job,
            partitions=partitions,
            partition_range=partition_range,
            every=every,
            missing=missing,
            batch=batch,
            max_runs=max_runs,
            config=config,
            tags=tag or (),
            jobs=jobs,
            timeout=timeout,
            dry_run=dry_run,
            detach=detach,
        )
        return perform_backfill(session, launcher, options)

    perform("backfill start", _launching(body), as_json=as_json, workspace_file=workspace, alone=False)


def _launching(body: Callable[[Session, LocalLauncher], Result]) -> Callable[[Session], Result]:
    def with_launcher(session: Session) -> Result:
        from atoll_host.cli.warming import make_launcher

        with make_launcher(session.directory, session.variables) as launcher:
            return body(session, launcher)

    return with_launcher


def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """List backfills, the newest first.

    Examples:

      atoll backfill list
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.backfilling import list_result

        return list_result(session, limit)

    perform("backfill list", body, as_json=as_json, workspace_file=workspace)


def show(backfill: BackfillArgument, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """Show a backfill: how far it is, and which partitions failed.

    Examples:

      atoll backfill show 3
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.backfilling import show_result

        return show_result(session, backfill)

    perform("backfill show", body, as_json=as_json, workspace_file=workspace)


def cancel(backfill: BackfillArgument, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """Cancel a backfill with its runs. Waits until they have ended.

    Examples:

      atoll backfill cancel 3
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.backfilling import cancel_result

        return cancel_result(session, backfill)

    perform("backfill cancel", body, as_json=as_json, workspace_file=workspace)


def retry(
    backfill: BackfillArgument, detach: DetachFlag = False, as_json: JsonFlag = False, workspace: WorkspaceFile = None
) -> None:
    """Make the partitions of a backfill again that failed or were canceled.

    Examples:

      atoll backfill retry 3
    """
    from atoll_host.cli.session import perform

    def body(session: Session, launcher: LocalLauncher) -> Result:
        from atoll_host.cli.backfilling import retry_result

        return retry_result(session, launcher, backfill, detach=detach)

    perform("backfill retry", _launching(body), as_json=as_json, workspace_file=workspace, alone=False)


def resume(
    backfill: BackfillArgument,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing in the end.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """See a backfill through whose command was killed. Several may do so at once: each partition is made once.

    Examples:

      atoll backfill resume 3
    """
    from atoll_host.cli.session import perform

    def body(session: Session, launcher: LocalLauncher) -> Result:
        from atoll_host.cli.backfilling import resume_result

        return resume_result(session, launcher, backfill, quiet=quiet)

    perform("backfill resume", _launching(body), as_json=as_json, workspace_file=workspace, alone=False)
