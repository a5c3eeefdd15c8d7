"""`atoll validate`: load everything, say everything that is wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import LocationNames, WorkspaceFile

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


class Format(StrEnum):
    """How findings are printed."""

    text = "text"
    json = "json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(validate)


def validate(
    locations: LocationNames = None,
    report: Annotated[Format, typer.Option("--format", help="How findings are printed.")] = Format.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Load every location with its own interpreter, and report everything that is wrong.

    Exit status: 0 all well, 1 findings, 2 wrong usage or a failure of the tool.

    Examples:

      atoll validate

      atoll validate sales --format json
    """
    from atoll_host.cli.session import perform  # noqa: PLC0415

    def body(session: Session) -> Result:
        from atoll_host.cli.views.validation import validation_result  # noqa: PLC0415

        chosen = session.locations(locations)
        with session.renderer.progress("Loading", len(chosen)) as advance:
            reports = session.loader.load_all(session.workspace, chosen, on_report=lambda _: advance())
        return validation_result(reports)

    perform("validate", body, as_json=as_json or report is Format.json, workspace_file=workspace)
