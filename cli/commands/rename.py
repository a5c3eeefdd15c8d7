"""`atoll rename`: give a location another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile, complete_location

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rename)


def rename(
    old: Annotated[
        str | None, typer.Argument(metavar="[OLD]", help="Its name now.", autocompletion=complete_location)
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="[NEW]", help="Its name from now on.")] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Rename a location, in its pyproject.toml or in workspace.yaml. Folders and packages keep their names.

    Examples:

      atoll rename sales sales-eu
    """
    from atoll_host.cli.session import perform  # noqa: PLC0415

    def body(session: Session) -> Result:
        from atoll_host.cli.asking import Asker  # noqa: PLC0415
        from atoll_host.cli.changing import edit_result, open_to_change  # noqa: PLC0415
        from atoll_host.workspace.editing import rename_location  # noqa: PLC0415
        from atoll_host.workspace.names import check_new_location_name  # noqa: PLC0415

        asker = Asker.of(session)
        changeable = open_to_change(session)
        chosen = old or asker.choice("Location to rename", changeable.choices(), option="OLD")

        def check(text: str) -> None:
            check_new_location_name(text)
            changeable.refuse_taken(text, but=chosen)

        wanted = new or asker.text("New name", option="NEW", check=check)
        edit = rename_location(changeable.workspace, chosen, wanted, variables=session.variables)
        return edit_result("rename", edit, {f"atoll sync {wanted}": "build its environment under the new name"})

    perform("rename", body, as_json=as_json, workspace_file=workspace)
