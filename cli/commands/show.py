"""`atoll show`: everything about one definition or location."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


class Kind(StrEnum):
    """What can be shown."""

    asset = "asset"
    check = "check"
    job = "job"
    schedule = "schedule"
    sensor = "sensor"
    resource = "resource"
    location = "location"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(show))


def show(
    kind: Annotated[Kind, typer.Argument(help="What is shown.")],
    name: Annotated[str, typer.Argument(help="Its name; `location:name` where several locations have one.")],
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Show everything about one definition or location.

    For an asset also what is upstream and downstream of it, in other locations too; for a schedule when it is due
    next. Of environment variables the names are shown, never the values.

    Examples:

      atoll show asset sales/orders

      atoll show job stock:refresh

      atoll show check sales/orders:no_duplicates

      atoll show location sales --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.reading import load_reports, problems_beside
        from atoll_host.cli.views.showing.result import location_result, show_result

        reports = load_reports(session, [name] if kind is Kind.location else None)
        if kind is Kind.location:
            return location_result(reports[0], problems_beside(reports, whole=True))
        problems = problems_beside(reports, whole=session.renderer.as_json, brief=True)
        return show_result(kind.value, name, reports, problems)

    perform("show", body, as_json=as_json, workspace_file=workspace)
