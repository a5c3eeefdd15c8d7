"""Write what was planned: all of it, or nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.editing.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from atoll_host.workspace.scaffolding.definitions import Change
    from atoll_host.workspace.scaffolding.rendering import RenderedFile

_EXECUTABLE = 0o100


def refuse_existing(path: Path) -> None:
    """Refuse to write where something is, even an empty folder or a link that leads nowhere.

    Raises:
        UsageError: something is there.
    """
    if os.path.lexists(path):
        raise UsageError(
            f"{path.name} is there already",
            hint="choose another name, or remove it first",
            kind="exists",
            file=str(path),
        )


def add_files(transaction: Transaction, folder: Path, files: Iterable[RenderedFile]) -> list[Path]:
    """Have rendered files written below a folder; give their paths."""
    paths = []
    for file in files:
        path = folder / file.path
        transaction.create(path, file.text, executable=bool(file.mode & _EXECUTABLE))
        paths.append(path)
    return paths


def write_tree(folder: Path, files: Sequence[RenderedFile], *, empty: Sequence[str] = ()) -> list[Path]:
    """Write a whole new folder.

    Args:
        folder: absolute; what is above it is there, it is not.
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
