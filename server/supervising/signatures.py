"""What is at a path, as something that can be compared: events are hints, this is the truth."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from hashlib import blake2b

_LARGEST = 16 * 1024 * 1024
"""In bytes. A larger file is identified by its size and times."""
_RACY = 0.05
"""Seconds within which two writes may bear the same time (git-racy: https://git-scm.com/docs/racy-git)."""
_PASSING = (".pyc", "~", ".tmp", ".swp", ".swx", ".part", ".lock", "___")
"""How the names of files end that come and go without meaning anything to a location."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What was at a path.

    Attributes:
        content: digest of a file, names in a folder, or why there is none.
        status: inode, size and times.
        settled: whether a later write is bound to show in the status.
        changed: when it changed last, in seconds since the epoch; None where nothing is there.
        size: in bytes; 0 for what is no file.
    """

    content: object
    status: tuple[int, ...] | None = None
    settled: bool = True
    changed: float | None = None
    size: int = 0

    @property
    def exists(self) -> bool:
        """Whether anything was there."""
        return self.status is not None


_ABSENT = Signature("absent")


def sign(path: str, before: Signature | None = None) -> Signature:
    """Look at a path.

    Args:
        path: absolute.
        before: what was there when it was looked at last; its content is taken where nothing can have changed since.
    """
    now = time.time()
    try:
        status = os.stat(path)  # noqa: PTH116 — this runs for thousands of files at once
    except FileNotFoundError:
        return _ABSENT
    except (OSError, ValueError):
        return Signature("out of reach")
    numbers = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if before is not None and before.settled and before.status == numbers:
        return before
    changed = max(status.st_mtime, status.st_ctime)
    settled = now - changed > _RACY
    if stat.S_ISDIR(status.st_mode):
        return Signature(list_names(path), numbers, settled, changed)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        return Signature(numbers, numbers, settled, changed, status.st_size)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 — as above
            digest = blake2b(file.read(), digest_size=16).digest()
    except OSError as error:
        return Signature(("unreadable", error.errno), numbers, settled, changed, status.st_size)
    return Signature(digest, numbers, settled, status.st_mtime, status.st_size)


def list_names(folder: str) -> frozenset[str]:
    """List what is in a folder, without what comes and goes while files are saved."""
    try:
        return frozenset(filter(is_lasting, os.listdir(folder)))  # noqa: PTH208 — as above
    except OSError:
        return frozenset()


def is_lasting(name: str) -> bool:
    """Tell whether a file of that name can mean anything: caches, hidden files and what editors leave cannot."""
    return not (name.startswith((".", "#")) or name.endswith(_PASSING) or name == "__pycache__" or name.isdigit())
