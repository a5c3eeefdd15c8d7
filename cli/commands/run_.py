"""`atoll run`: execute a job in its location's environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceSources, opens_workspace
from atoll_host.cli.run_options import (
    ConfigOption,
    DebugFlag,
    DebugPortOption,
    DetachFlag,
    DryRunFlag,
    JobsOption,
    PartitionOption,
    PartitionRangeOption,
    TagOption,
    TimeoutOption,
    complete_job,
)

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(run))


def run(
    job: Annotated[str, typer.Argument(metavar="JOB", show_default=False, autocompletion=complete_job)],
    partition: PartitionOption = None,
    partition_range: PartitionRangeOption = None,
    config: ConfigOption = None,
    tag: TagOption = None,
    jobs: JobsOption = None,
    timeout: TimeoutOption = None,
    dry_run: DryRunFlag = False,
    detach: DetachFlag = False,
    debug: DebugFlag = False,
    debug_port: DebugPortOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Execute a job in its location's environment. LOCATION:JOB names one that several locations have.

    Ctrl-C cancels the run, and ends it at once the second time. Exit status: 0 it succeeded, 1 it failed, 2 wrong
    usage, 130 interrupted.

    Examples:

      atoll run nightly

      atoll run sales:nightly --config nightly.yaml

      atoll run refresh --partition 2024-01-31 --detach
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.warming import make_launcher

        with make_launcher(session.directory, session.variables) as launcher:
            from atoll_host.cli.running import RunOptions, perform_job, told

            options = RunOptions(
                partition, partition_range, config, tag or (), dry_run, detach, jobs, timeout, debug, debug_port
            )
            return told("run", lambda: perform_job(session, launcher, job, options))

    perform("run", body, as_json=as_json, workspace_file=workspace, alone=False)
