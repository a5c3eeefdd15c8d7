"""`atoll rename`: give a location another name, or what is remembered of an asset another key."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile, complete_location

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    asset: Annotated[
        bool, typer.Option("--asset", help="OLD and NEW are keys of an asset: its history and values go on under NEW.")
    ] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Rename a location, in its pyproject.toml or in workspace.yaml. Folders and packages keep their names.

    What is remembered of its runs goes on under the new name. With --asset, what is remembered of an asset, and its
    values of the default IO manager, go on under another key; the code is yours to change.

    Examples:

      atoll rename sales sales-eu

      atoll rename --asset raw/orders shop/orders
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.asking import Asker
        from atoll_host.cli.changing import edit_result, open_to_change
        from atoll_host.workspace.editing import rename_location
        from atoll_host.workspace.names import check_new_location_name

        asker = Asker.of(session)
        if asset:
            from atoll_host.cli.renaming import perform_rename_asset

            key = old or asker.text("Key of the asset now", option="OLD")
            return perform_rename_asset(session, key, new or asker.text("Its key from now on", option="NEW"))
        changeable = open_to_change(session)
        chosen = old or asker.choice("Location to rename", changeable.choices(), option="OLD")

        def check(text: str) -> None:
            check_new_location_name(text)
            changeable.refuse_taken(text, but=chosen)

        wanted = new or asker.text("New name", option="NEW", check=check)
        with _history_renamed(session, chosen, wanted):
            edit = rename_location(changeable.workspace, chosen, wanted, variables=session.variables)
        return edit_result("rename", edit, {f"atoll sync {wanted}": "build its environment under the new name"})

    perform("rename", body, as_json=as_json, workspace_file=workspace)


@contextlib.contextmanager
def _history_renamed(session: Session, old: str, new: str) -> Iterator[None]:
    """Let what is remembered of a location be of another name, first; and back, where the files can't be changed.

    In this order a command that was killed between the two can be given again.

    Raises:
        StorageError: what is remembered can't be opened; nothing is renamed then.
    """
    from atoll_host.runs.instance import read_instance

    instance = read_instance(session.workspace.root, session.state, session.variables)
    names = {location.name for location in session.workspace.locations}
    if not instance.has_storage() or old not in names or new in names:
        yield
        return
    with instance.open_storage() as storage:
        moved = storage.rename_location(old, new)
        try:
            yield
        except BaseException:
            if moved:
                storage.rename_location(new, old)
            raise
