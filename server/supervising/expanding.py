"""From what somebody wants to hear of to the files that are looked at, and the folders to watch for that."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.workspace.changes.reach import translate_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atoll_host.server.supervising.interests import Concern, Interests

_PRUNED = frozenset({"__pycache__", "node_modules", "site-packages"})
_MOST_FOLDERS = 2000
"""Of one location that are watched because something new may appear in them."""


def expand(
    interests: Interests,
) -> tuple[set[tuple[str, Concern]], set[str], set[str], list[tuple[re.Pattern[str], set[str]]]]:
    """Find the files, and the folders that have to be watched, of what somebody wants to hear of."""
    files = set(interests.files)
    trees: set[str] = set()
    for tree in interests.trees:
        for folder, names in _walk(tree, interests.spared):
            trees.add(folder)
            files.update((f"{folder}{os.sep}{name}", "code") for name in names if name.endswith(".py"))
    patterns = []
    for pattern in interests.patterns:
        places = _list_places(pattern)
        patterns.append((re.compile(translate_pattern(pattern.replace(os.sep, "/"))), places))
        files.update((path, "input") for path in glob.iglob(pattern, recursive=True) if os.path.isfile(path))  # noqa: PTH113, PTH207 — as above
    # Who writes to a file that a link leads to changes nothing beside the link.
    files.update((os.path.realpath(path), concern) for path, concern in list(files) if os.path.islink(path))  # noqa: PTH114 — as above
    folders = {_nearest(os.path.dirname(path)) for path, _ in files}  # noqa: PTH120 — as above
    folders.update(_nearest(folder) for folder, _ in interests.folders)
    folders.update(trees, *(places for _, places in patterns))
    for folder in list(folders):
        folders.update(_list_above(folder, interests.anchor))
    return files, folders, trees, patterns


def _walk(top: str, spared: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    """Go through a folder's own folders: no hidden ones, no environments, nothing of other locations."""
    for count, (folder, folders, names) in enumerate(os.walk(top), 1):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _PRUNED
            and not name.startswith(".")
            and f"{folder}{os.sep}{name}" not in spared
            and not os.path.exists(f"{folder}/{name}/pyvenv.cfg")  # noqa: PTH110 — as above
        )
        yield folder, names
        if count >= _MOST_FOLDERS:
            return


def _list_places(pattern: str) -> set[str]:
    """Give the folders in which something that a pattern matches may appear."""
    parts = Path(pattern).parts
    first = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    base = str(Path(*parts[:first]))
    if not os.path.isdir(base):  # noqa: PTH112 — as above
        return {_nearest(base)}
    if first == len(parts) - 1 and parts[first] != "**":
        return {base}
    return {folder for folder, _ in _walk(base, frozenset())}


def _nearest(folder: str) -> str:
    """Give a folder, or the nearest one above it that is there."""
    while not os.path.isdir(folder):  # noqa: PTH112 — as above
        above = os.path.dirname(folder)  # noqa: PTH120 — as above
        if above == folder:
            break
        folder = above
    return folder


def _list_above(folder: str, anchor: str) -> Iterator[str]:
    """Give the folders above one, as far as the anchor; outside of that, the next one: it may be replaced."""
    if not _is_below(folder, anchor):
        yield os.path.dirname(folder)  # noqa: PTH120 — as above
        return
    while folder != anchor:
        folder = os.path.dirname(folder)  # noqa: PTH120 — as above
        yield folder


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
