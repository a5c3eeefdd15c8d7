"""Take a location out of a workspace. Its files stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.configuration.entries import read_declaration
from atoll_host.workspace.configuration.expansion import is_glob
from atoll_host.workspace.configuration.reader import Reader
from atoll_host.workspace.configuration.sources import suggest
from atoll_host.workspace.configuration.yaml_nodes import compose
from atoll_host.workspace.editing.additions import write_path
from atoll_host.workspace.editing.edit import Edit, Source, preview, require_file
from atoll_host.workspace.editing.transaction import Transaction
from atoll_host.workspace.editing.yaml_edits import remove_entry, replace_entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from atoll_host.workspace.configuration.entries import Entry
    from atoll_host.workspace.location import Location, Workspace

_ROUNDS = 20
"""How many patterns may cover one folder."""


def remove_location(
    workspace: Workspace, name: str, *, variables: Mapping[str, str], expand_pattern: bool = False
) -> Edit:
    """Work out how a location is taken out of the workspace.

    Args:
        workspace: to change.
        name: of the location.
        variables: what `{env: NAME}` in the workspace.yaml looks up.
        expand_pattern: whether a pattern that covers the location may be replaced by entries for the others.

    Raises:
        UsageError: there is no such location, or a pattern covers it and may not be replaced.
        EditRefusedError: the workspace.yaml is written in a way that does not allow it.
    """
    file = require_file(workspace, "remove")
    source = Source.read(file)
    now = preview(source, source.text, variables)
    location = find_location(now, name)
    text = source.text
    notes = [f"its files stay: {location.root}"] if location.environment.kind == "project" else []
    for _ in range(_ROUNDS):
        current = preview(source, text, variables)
        still = next((one for one in current.locations if _is_same(one, location)), None)
        if still is None:
            break
        number, entry = find_entry(text, source, still, variables)
        if not is_glob(entry, file.parent):
            text = remove_entry(text, number, file)
            continue
        others = [one for one in current.locations if one.declared_at == still.declared_at and one is not still]
        if not expand_pattern:
            raise _covered(location, entry, len(others), file)
        text = replace_entry(text, number, [write_path(one.root, file.parent) for one in others], file)
        notes.append(f"the pattern {entry.target.value} is replaced by what else it matched")
    transaction = Transaction(workspace.root)
    source.replace(text, transaction)
    return Edit(f"removed {name} from {file.name}", transaction, (name,), tuple(notes))


def find_location(workspace: Workspace, name: str) -> Location:
    """Give the location of a name.

    Raises:
        UsageError: there is none.
    """
    for location in workspace.locations:
        if location.name == name:
            return location
    names = tuple(location.name for location in workspace.locations)
    near = suggest(name, names)
    hint = f"did you mean {near}?" if near else "there are: " + (", ".join(names) or "none")
    raise UsageError(f"There is no location {name!r} in this workspace", hint=hint, kind="not_found")


def find_entry(text: str, source: Source, location: Location, variables: Mapping[str, str]) -> tuple[int, Entry]:
    """Give the entry of `load_from` that names a location, and its number."""
    reader = Reader(source.file, variables)
    entries = read_declaration(compose(text, source.file), reader).entries
    for number, entry in enumerate(entries):
        if entry.place == location.declared_at:
            return number, entry
    raise UsageError(f"{location.name} is not named by {source.file.name}", hint="run the command again")


def _is_same(one: Location, other: Location) -> bool:
    if one.environment.kind == other.environment.kind == "project":
        return one.name == other.name and one.root == other.root
    return one.name == other.name and one.target == other.target


def _covered(location: Location, entry: Entry, others: int, file: Path) -> UsageError:
    instead = "the entry goes" if not others else f"the pattern is replaced by entries for the other {others}"
    return UsageError(
        f"{location.name} is in the workspace by the pattern {entry.target.value} ({file.name}:{entry.place.line})",
        hint=f"move {location.root} away, or `atoll remove {location.name} --expand`: {instead}",
        kind="covered_by_pattern",
    )
