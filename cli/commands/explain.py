"""`atoll explain`: what a code means, an example, and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def complete_code(incomplete: str) -> list[str]:
    """Complete a code for the shell."""
    from atoll_host.workspace.findings.codes import NUMBERS

    return [number for number in NUMBERS if number.startswith(incomplete.upper())]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    codes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CODE]...",
            help="Such as ATL301, or its kind, import_error. Without one, all are listed.",
            autocompletion=complete_code,
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what a finding of `atoll validate` means, with an example and the fix.

    Examples:

      atoll explain

      atoll explain ATL301
    """
    from atoll_host.cli.session import perform

    def body(_: Session) -> Result:
        from atoll_host.cli.views.explaining import find_code, list_result, pages_result

        return pages_result([find_code(word) for word in codes]) if codes else list_result()

    perform("explain", body, as_json=as_json)
