"""Find installed files whose content is not what was installed.

uv installs by hard link where the file system cannot clone, so that a file is the same one in its cache and in every
environment that has it. Whoever writes *into* such a file, instead of replacing it, changes it everywhere.

What a file should hold stands in the RECORD of its distribution
(https://packaging.python.org/en/latest/specifications/recording-installed-packages/). To hash everything would take
seconds; a file is hashed only when it was written after the rest of its distribution.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SLACK = 2_000_000_000
"""Nanoseconds that unpacking one distribution may take; wheels have their metadata last (PEP 427)."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """An installed file whose content is another.

    Attributes:
        distribution: name of what it belongs to, as its metadata folder spells it.
        path: absolute.
        shared: whether it has other names on disk: in uv's cache, in other environments.
    """

    distribution: str
    path: str
    shared: bool


def find_changed(folders: Sequence[Path], *, built: float | None = None) -> tuple[ChangedFile, ...]:
    """Find the installed files whose content is not what their RECORD says, by their path.

    A change that set the file's modification time back is not seen.

    Args:
        folders: of packages.
        built: when the environment was complete, in seconds since the epoch; None where that is not known.
    """
    found = [file for folder in folders for file in _find_in(folder, None if built is None else int(built * 1e9))]
    return tuple(sorted(set(found), key=lambda file: file.path))


def describe_damage(location: str, changed: Sequence[ChangedFile]) -> tuple[Problem, ...]:
    """Say which installed files of a location were changed, as one problem."""
    if not changed:
        return ()
    first = changed[0]
    name = os.path.basename(first.path)  # noqa: PTH119 — a path as text
    more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
    shared = any(file.shared for file in changed)
    reach = "; uv's cache and other environments have the same file" if shared else ""
    return (
        Problem(
            "installed_changed",
            f"{name} of {first.distribution}, which is installed for {location}, was written to{more}{reach}",
            f"run: atoll sync {location} --rebuild",
            file=first.path,
            detail="\n".join(file.path for file in changed) if more else None,
            severity="warning",
        ),
    )


def _find_in(folder: Path, built: int | None) -> Iterator[ChangedFile]:
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".dist-info")]  # noqa: PTH208 — names suffice
    except OSError:
        return
    start = str(folder)
    for name in names:
        metadata = os.path.join(start, name)  # noqa: PTH118 — tens of thousands of files
        try:
            limit = os.stat(os.path.join(metadata, "METADATA")).st_mtime_ns + _SLACK  # noqa: PTH116, PTH118 — as above
            with open(os.path.join(metadata, "RECORD"), encoding="utf-8", newline="") as record:  # noqa: PTH118, PTH123 — as above
                rows = list(csv.reader(record))
        except (OSError, ValueError, csv.Error):
            continue
        limit = limit if built is None else min(limit, built)
        for row in rows:
            # Without a hash: RECORD itself, bytecode, and what an installer wrote.
            if len(row) < 2 or not row[1].startswith("sha256="):  # noqa: PLR2004 — path and hash
                continue
            path = os.path.join(start, row[0])  # noqa: PTH118 — as above
            try:
                status = os.stat(path)  # noqa: PTH116 — as above
                if status.st_mtime_ns <= limit or _digest(path) == row[1]:
                    continue
            except (OSError, ValueError):
                continue  # a file that is gone is no file that was written to
            yield ChangedFile(name.split("-")[0], os.path.normpath(path), status.st_nlink > 1)


def _digest(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 — as above
        found = hashlib.file_digest(file, "sha256").digest()
    return "sha256=" + base64.urlsafe_b64encode(found).decode().rstrip("=")
