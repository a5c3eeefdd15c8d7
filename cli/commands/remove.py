"""`atoll remove`: take a location out of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile, complete_location

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(remove)


def remove(
    name: Annotated[
        str | None, typer.Argument(metavar="[LOCATION]", help="Which one.", autocompletion=complete_location)
    ] = None,
    expand: Annotated[
        bool, typer.Option("--expand", help="Replace a pattern that covers it by what else the pattern matches.")
    ] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Take a location out of workspace.yaml. Its files stay where they are; `atoll clean` removes its environment.

    Examples:

      atoll remove legacy
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.asking import Asker
        from atoll_host.cli.changing import edit_result, open_to_change
        from atoll_host.workspace.editing import remove_location

        changeable = open_to_change(session)
        chosen = name or Asker.of(session).choice("Location to remove", changeable.choices(), option="LOCATION")
        edit = remove_location(changeable.workspace, chosen, variables=session.variables, expand_pattern=expand)
        return edit_result("remove", edit, {"atoll clean": "remove what was built for it"})

    perform("remove", body, as_json=as_json, workspace_file=workspace)
