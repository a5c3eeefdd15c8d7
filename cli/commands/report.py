"""`atoll report`: an asset was materialised elsewhere."""

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
    app.command()(opens_workspace(report))


def report(
    key: Annotated[
        str, typer.Argument(metavar="KEY", show_default=False, help="The asset.", autocompletion=complete_any_asset)
    ],
    partition: Annotated[
        str | None, typer.Option("--partition", metavar="KEY", help="The partition that was made, such as 2024-01-31.")
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option("--metadata", metavar="NAME=VALUE|JSON", help="What is known of the value (repeatable)."),
    ] = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="What was done, in words.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME=VALUE", help="A tag of the materialisation (repeatable)."),
    ] = None,
    data_version: Annotated[
        str | None, typer.Option("--data-version", metavar="VERSION", help="The version of the value.")
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Remember that an asset was materialised elsewhere, by something that Atoll does not run.

    It counts like every other materialisation: what is downstream is out of date, and sensors hear of it.

    Examples:

      atoll report raw/orders --metadata rows=1200 --metadata source=https://example.org/orders

      atoll report daily_orders --partition 2024-01-31 --description 'loaded by hand'
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.remembering import Reported, perform_report

        reported = Reported(partition, metadata or (), description, tag or (), data_version)
        return perform_report(session, key, reported)

    perform("report", body, as_json=as_json, workspace_file=workspace)
