"""`atoll materialize`: make assets, each in its own location's environment."""

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
    complete_asset,
)

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(materialize))


def materialize(
    selection: Annotated[
        str,
        typer.Argument(metavar="SELECTION", show_default=False, autocompletion=complete_asset),
    ],
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
    """Make assets, in dependency order across locations, each in its own location's environment.

    What is upstream and not selected is read as it is stored. Ctrl-C cancels the run, and ends it at once the second
    time. Exit status: 0 all was made, 1 something failed, 2 wrong usage, 130 interrupted.

    Examples:

      atoll materialize 'sales/*'

      atoll materialize 'report+' --dry-run

      atoll materialize 'tag:nightly and not group:raw' --detach

      atoll materialize daily_orders --partition 2024-01-31

      atoll materialize orders --debug
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.warming import make_launcher

        with make_launcher(session.directory, session.variables) as launcher:
            from atoll_host.cli.running import RunOptions, perform_assets, told

            options = RunOptions(
                partition, partition_range, config, tag or (), dry_run, detach, jobs, timeout, debug, debug_port
            )
            return told("materialize", lambda: perform_assets(session, launcher, selection, options))

    perform("materialize", body, as_json=as_json, workspace_file=workspace, alone=False)
