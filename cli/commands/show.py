"""`atoll show`: everything about one definition or location."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceSources, complete_location, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


KINDS = ("asset", "check", "job", "schedule", "sensor", "resource", "location")


def complete_shown(incomplete: str) -> list[str]:
    """Complete a kind, or the name of a location or an asset."""
    from atoll_host.cli.run_options import complete_any_asset

    kinds = [kind for kind in KINDS if kind.startswith(incomplete)]
    return [*kinds, *complete_location(incomplete), *complete_any_asset(incomplete)]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(show))


def show(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[KIND] NAME",
            help=f"Its name; `location:name` where several locations have one. The kind ({', '.join(KINDS)}) is needed "
            "only where several things have the name.",
            autocompletion=complete_shown,
        ),
    ],
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Show everything about one definition or location.

    For an asset also what is upstream and downstream of it, in other locations too; for a schedule when it is due
    next. Of environment variables the names are shown, never the values.

    Examples:

      atoll show sales/orders

      atoll show job stock:refresh

      atoll show check sales/orders:no_duplicates

      atoll show location sales --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.views.showing.result import read_words, show_words

        return show_words(session, *read_words(words, KINDS))

    perform("show", body, as_json=as_json, workspace_file=workspace)
