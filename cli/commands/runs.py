"""`atoll runs`: what became of runs, what they printed, and what is done with them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile
from atoll_host.cli.run_options import (
    DebugFlag,
    DebugPortOption,
    DetachFlag,
    DryRunFlag,
    JobsOption,
    TimeoutOption,
)

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.runs.storage.records import RunStatus


class Status(StrEnum):
    """Where a run can be."""

    queued = "queued"
    starting = "starting"
    running = "running"
    canceling = "canceling"
    canceled = "canceled"
    succeeded = "succeeded"
    failed = "failed"


RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", show_default=False, help="Its number, or the beginning of its id.")
]


def add_to(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(help="Runs: list them, show one, see what it printed, cancel it, try it again.")
    group.command("list")(list_)
    for command in (show, logs, cancel, retry):
        group.command()(command)
    app.add_typer(group, name="runs", no_args_is_help=True)


def list_(
    status: Annotated[list[Status] | None, typer.Option("--status", help="Only runs with it (repeatable).")] = None,
    job: Annotated[str | None, typer.Option("--job", metavar="JOB", help="Only runs of this job.")] = None,
    asset: Annotated[str | None, typer.Option("--asset", metavar="KEY", help="Only runs that make this asset.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="NAME[=VALUE]", help="Only runs with this tag (repeatable).")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """List runs, the newest first.

    Examples:

      atoll runs list

      atoll runs list --status failed --limit 50

      atoll runs list --asset sales/orders --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.run_reading import list_result
        from atoll_host.runs.storage.records import RunFilter

        tags = {name: value if mark else None for name, mark, value in (word.partition("=") for word in tag or ())}
        statuses: list[RunStatus] = [one.value for one in status or ()]
        return list_result(session, RunFilter(statuses=statuses, job=job, asset=asset, tags=tags), limit)

    perform("runs list", body, as_json=as_json, workspace_file=workspace)


def show(run: RunArgument, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """Show a run: its status, its steps, and what went wrong.

    Examples:

      atoll runs show 12

      atoll runs show 01a22476 --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.run_reading import show_result

        return show_result(session, run)

    perform("runs show", body, as_json=as_json, workspace_file=workspace)


def logs(
    run: RunArgument,
    step: Annotated[str | None, typer.Option("--step", metavar="STEP", help="Only what this step did.")] = None,
    events: Annotated[bool, typer.Option("--events", help="Every event, not only what was logged.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Show what a run logged, and what its steps printed.

    Examples:

      atoll runs logs 12

      atoll runs logs 12 --step orders

      atoll runs logs 12 --events --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.run_reading import logs_result

        return logs_result(session, run, step=step, events=events, follow_on=follow)

    perform("runs logs", body, as_json=as_json, workspace_file=workspace)


def cancel(run: RunArgument, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """Cancel a run: its steps are interrupted, and its resources torn down. Waits until it has ended.

    Examples:

      atoll runs cancel 12
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.run_reading import cancel_result

        return cancel_result(session, run)

    perform("runs cancel", body, as_json=as_json, workspace_file=workspace)


def retry(
    run: RunArgument,
    jobs: JobsOption = None,
    timeout: TimeoutOption = None,
    dry_run: DryRunFlag = False,
    detach: DetachFlag = False,
    debug: DebugFlag = False,
    debug_port: DebugPortOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Do what is left of a run that did not succeed, in a new run: what was made is read as it is stored.

    Examples:

      atoll runs retry 12

      atoll runs retry 12 --dry-run
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.warming import make_launcher

        with make_launcher(session.directory, session.variables) as launcher:
            from atoll_host.cli.run_retrying import perform_retry
            from atoll_host.cli.running import RunOptions, told

            options = RunOptions(
                dry_run=dry_run, detach=detach, jobs=jobs, timeout=timeout, debug=debug, debug_port=debug_port
            )
            return told("runs retry", lambda: perform_retry(session, launcher, run, options))

    perform("runs retry", body, as_json=as_json, workspace_file=workspace, alone=False)
