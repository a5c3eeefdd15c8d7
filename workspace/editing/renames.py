"""Give a location another name: in its pyproject.toml, or in workspace.yaml where that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.configuration.expansion import is_glob
from atoll_host.workspace.configuration.opening import open_project
from atoll_host.workspace.editing.edit import Edit, Source, preview
from atoll_host.workspace.editing.removals import find_entry, find_location
from atoll_host.workspace.editing.toml_edits import set_project_value
from atoll_host.workspace.editing.transaction import EditRefusedError, Transaction
from atoll_host.workspace.editing.yaml_edits import set_option
from atoll_host.workspace.names import check_new_location_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.workspace.location import Location, Workspace


def rename_location(workspace: Workspace, old: str, new: str, *, variables: Mapping[str, str]) -> Edit:
    """Work out how a location gets another name.

    A project keeps its name in its own pyproject.toml, unless its entry in workspace.yaml says it. What `.atoll` holds
    under the old name stays until `atoll clean`: a virtual environment can't be moved (its scripts name their
    interpreter by its whole path), and the `.venv` that leads to it works until the next `sync`.

    Raises:
        UsageError: there is no such location, or the new name is no good or taken.
        EditRefusedError: the files are written in a way that does not allow it.
    """
    check_new_location_name(new)
    if workspace.file is None:
        location = find_location(open_project(workspace.root / "pyproject.toml"), old)
        return _edit(_rename_in_project(workspace, location, new), old, new)
    source = Source.read(workspace.file)
    now = preview(source, source.text, variables)
    location = find_location(now, old)
    taken = next((one for one in now.locations if one.name.casefold() == new.casefold() and one is not location), None)
    if taken is not None:
        raise UsageError(f"There is a location {taken.name} already", hint="choose another name", kind="exists")
    if old == new:
        return Edit(f"{old} has that name already", Transaction(workspace.root), (old,))
    number, entry = find_entry(source.text, source, location, variables)
    by_project = location.environment.source == location.root or entry.form == "project"
    inside = location.root.is_relative_to(workspace.root)
    twice = sum(one.root == location.root for one in now.locations) > 1
    if by_project and "location_name" not in entry.texts and inside and not twice:
        return _edit(_rename_in_project(workspace, location, new), old, new)
    if is_glob(entry, workspace.root):
        raise EditRefusedError(
            f"{old} is outside of the workspace and comes by a pattern, so its name can't be changed from here",
            hint=f'write name = "{new}" below [tool.atoll] in {location.root / "pyproject.toml"}',
        )
    text = set_option(source.text, number, "location_name", new, workspace.file)
    names = [new if one is location else one.name for one in now.locations]
    if [one.name for one in preview(source, text, variables).locations] != names:
        raise EditRefusedError(
            f"{workspace.file.name} was not changed: more than the name would change", hint="change it by hand"
        )
    transaction = Transaction(workspace.root)
    source.replace(text, transaction)
    return _edit(transaction, old, new)


def _rename_in_project(workspace: Workspace, location: Location, new: str) -> Transaction:
    source = Source.read(location.root / "pyproject.toml")
    transaction = Transaction(workspace.root)
    source.replace(set_project_value(source.text, "name", new, source.file), transaction)
    return transaction


def _edit(transaction: Transaction, old: str, new: str) -> Edit:
    notes = ("its environment is built anew by the next `atoll sync`; `atoll clean` removes the old one",)
    return Edit(f"renamed {old} to {new}", transaction, (new,), notes)
