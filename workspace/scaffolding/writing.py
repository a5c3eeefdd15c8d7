"""Write what was planned: all of it, or nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.configuration.entries import read_declaration
from atoll_host.workspace.configuration.globs import is_pattern
from atoll_host.workspace.configuration.reader import Reader
from atoll_host.workspace.configuration.yaml_nodes import compose
from atoll_host.workspace.editing.edit import Source, require_file
from atoll_host.workspace.editing.transaction import Transaction
from atoll_host.workspace.editing.yaml_edits import NewEntry, add_entry
from atoll_host.workspace.scaffolding.coverage import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atoll_host.workspace.location import Workspace
    from atoll_host.workspace.scaffolding.locations import LocationRequest
    from atoll_host.workspace.scaffolding.rendering import RenderedFile

_EXECUTABLE = 0o100


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is to be written.

    Attributes:
        path: absolute.
        text: all of it.
        before: what it holds now; None when it is new.
    """

    path: Path
    text: str
    before: str | None = None


def refuse_existing(path: Path, planned: Mapping[Path, str]) -> bool:
    """Refuse to write where something is, even an empty folder or a link that leads nowhere.

    What an interrupted run of the same command left is no obstacle: all that is planned, exactly as it is planned.

    Args:
        path: what is to be made.
        planned: all files of it with their texts, by absolute path.

    Returns:
        Whether all of it is there already.

    Raises:
        UsageError: something else is there.
    """
    if not os.path.lexists(path):
        return False
    if not path.is_symlink() and all(_holds(file, text) for file, text in planned.items()):
        return True
    raise UsageError(
        f"{path.name} is there already",
        hint="choose another name, or remove it first",
        kind="exists",
        file=str(path),
    )


def _holds(file: Path, text: str) -> bool:
    try:
        return file.read_bytes() == text.encode()
    except OSError:
        return False


def add_files(transaction: Transaction, folder: Path, files: Iterable[RenderedFile]) -> list[Path]:
    """Have rendered files written below a folder; give the paths of those that are not there yet."""
    paths = []
    for file in files:
        path = folder / file.path
        transaction.create(path, file.text, executable=bool(file.mode & _EXECUTABLE))
        if not os.path.lexists(path):
            paths.append(path)
    return paths


def write_tree(folder: Path, files: Sequence[RenderedFile], *, empty: Sequence[str] = ()) -> list[Path]:
    """Write a whole new folder; give what was not there yet.

    Args:
        folder: absolute; what is above it is there.
        files: all that is in it.
        empty: folders in it that hold nothing yet.

    Raises:
        UsageError: something is in the way.
        ToolFailedError: the system refuses.
    """
    transaction = Transaction(folder.parent)
    paths = add_files(transaction, folder, files)
    for name in empty:
        transaction.make_folder(folder / name)
    transaction.commit()
    return paths


def write_location(
    workspace: Workspace, folder: Path, request: LocationRequest, files: Sequence[RenderedFile]
) -> tuple[list[Path], list[Path]]:
    """Write a new location, and name it in workspace.yaml unless a pattern there covers it.

    Args:
        workspace: opened with `empty_allowed`; it has a workspace.yaml.
        folder: below the workspace's root, where the files go.
        request: what the location is.
        files: all of it.

    Returns:
        What was written, and what was there before and is changed.

    Raises:
        UsageError: something is in the way.
        EditRefusedError: workspace.yaml leaves no room for it, or is another by now.
        ToolFailedError: the system refuses.
    """
    file = require_file(workspace, "create location")
    source = Source.read(file)
    transaction = Transaction(workspace.root)
    paths = add_files(transaction, folder, files)
    relative = (folder / (files[0].path if request.is_script else request.name)).relative_to(workspace.root).as_posix()
    is_named = any(location.name == request.name for location in workspace.locations)
    if is_named or (not request.is_script and _is_covered(relative, source)):
        transaction.commit()
        return paths, []
    # A script's name is its file's, where it can be.
    options = {"location_name": request.name} if request.is_script and request.package != request.name else {}
    entry = NewEntry("python_file" if request.is_script else "project", relative, options)
    source.replace(add_entry(source.text, entry, file), transaction)
    transaction.commit()
    return paths, [file]


def _is_covered(path: str, source: Source) -> bool:
    """Tell whether a pattern in workspace.yaml will match a project that is not there yet."""
    entries = read_declaration(compose(source.text, source.file), Reader(source.file, {})).entries
    patterns = [entry.target.value for entry in entries if entry.form == "project" and is_pattern(entry.target.value)]
    return any(covers(pattern, path) for pattern in patterns)


def write_changes(changes: Sequence[Change]) -> None:
    """Write new files and replace old ones.

    Raises:
        UsageError: something is in the way.
        EditRefusedError: a file is another by now.
        ToolFailedError: the system refuses.
    """
    root = Path(os.path.commonpath([change.path.parent for change in changes]))
    while not root.is_dir():
        root = root.parent
    transaction = Transaction(root)
    for change in changes:
        if change.before is None:
            transaction.create(change.path, change.text)
        else:
            transaction.replace(change.path, change.text, expected=change.before.encode())
    transaction.commit()
