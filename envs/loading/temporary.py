"""A temporary folder for each load, gone after it, however it and we end.

A folder that is in use is locked (flock(2)), which ends with the process that holds the lock. So whoever loads next
recognises what a killed command has left. They are in the system's temporary folder, below one folder a user: near
enough to the root that a path of a socket in them fits into the 107 bytes that it may have (unix(7)).
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

if sys.platform != "win32":
    import fcntl

VARIABLES = ("TMPDIR", "TEMP", "TMP")
"""What names the temporary folder, on one system or another."""
_TRIES = 10
_OLD = 7 * 86_400.0
"""Seconds after which a folder is taken to be left over where nothing can be locked."""


def home() -> Path:
    """Give the folder that all of them are in, which need not exist."""
    return Path(tempfile.gettempdir()) / (f"atoll-{os.getuid()}" if sys.platform != "win32" else "atoll")


def without_temporary(variables: Mapping[str, str]) -> dict[str, str]:
    """Leave out what names the caller's temporary folder."""
    return {name: value for name, value in variables.items() if name not in VARIABLES}


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make a temporary folder, and remove it with whatever is in it.

    Raises:
        OSError: it cannot be made.
    """
    folder, lock = _make()
    try:
        yield folder
    finally:
        remove(folder)
        if lock is not None:
            os.close(lock)
        # So that nothing at all is left; where others are at work it stays.
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


def remove_leftovers() -> None:
    """Remove the folders of loads whose host was killed."""
    with contextlib.suppress(OSError):
        parent = home()
        if not _is_ours(parent):
            return
        for folder in parent.iterdir():
            lock = _lock(folder)
            if lock is not None:
                remove(folder)
                os.close(lock)
            elif sys.platform == "win32" and time.time() - folder.stat().st_mtime > _OLD:
                remove(folder)
        parent.rmdir()


def remove(folder: Path) -> None:
    """Remove a folder, whatever rights its owner has taken from what is in it. What cannot be removed stays."""
    with contextlib.suppress(OSError):
        folder.rmdir()
        return
    import shutil  # noqa: PLC0415 — most are empty

    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
            for path, names, _ in os.walk(folder):
                for name in names:
                    inner = Path(path, name)
                    if not inner.is_symlink():
                        inner.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)


def _make() -> tuple[Path, int | None]:
    parent = home()
    for _ in range(_TRIES):
        with contextlib.suppress(FileExistsError):
            parent.mkdir(mode=0o700)
        if not _is_ours(parent):
            break
        try:
            folder = Path(tempfile.mkdtemp(prefix="", dir=parent))
        except FileNotFoundError:
            # Another load's end has removed the parent.
            continue
        lock = _lock(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if sys.platform == "win32":
            return folder, None
        # Another command took it for a leftover before it was locked.
        if lock is not None:
            os.close(lock)
    folder = Path(tempfile.mkdtemp(prefix="atoll-"))
    return folder, _lock(folder)


def _is_ours(folder: Path) -> bool:
    """Tell whether nobody else can have put anything there, links included."""
    if sys.platform == "win32":
        return folder.is_dir()
    try:
        status = folder.lstat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and status.st_mode & 0o170077 == 0o040000  # noqa: PLR2004 — inode(7)


def _lock(folder: Path) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
