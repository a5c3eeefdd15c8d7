"""Folders that a pattern of workspace.yaml matches, without a look into hidden folders and virtual environments."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SKIPPED = frozenset({"__pycache__", "node_modules"})


def is_pattern(text: str) -> bool:
    """Tell whether a path is a pattern."""
    return any(character in text for character in "*?[")


def match_folders(pattern: str, base: Path) -> list[Path]:
    """Give the folders that a pattern matches, in alphabetical order, as absolute paths.

    `*`, `?` and `[…]` stand for parts of one name, `**` for any number of folders. Hidden folders are matched only by a
    name that begins with a dot.

    Args:
        pattern: relative to `base`, or absolute.
        base: absolute path.
    """
    absolute = os.path.normpath(os.path.join(base, pattern))  # noqa: PTH118 — pathlib leaves `..` in
    anchor, *parts = Path(absolute).parts
    return sorted({Path(found) for found in _match(anchor, parts)})


def matches(folder: Path, pattern: str, base: Path) -> bool:
    """Tell whether a pattern matches one folder."""
    return folder in match_folders(pattern, base)


def _match(folder: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _match(folder, rest)
        for name in _list(folder, links=False):
            if not name.startswith("."):
                yield from _match(os.path.join(folder, name), parts)  # noqa: PTH118 — as above
    elif is_pattern(part):
        for name in _list(folder, links=True):
            if fnmatch.fnmatchcase(name, part) and (not name.startswith(".") or part.startswith(".")):
                yield from _match(os.path.join(folder, name), rest)  # noqa: PTH118 — as above
    else:
        path = os.path.join(folder, part)  # noqa: PTH118 — as above
        if os.path.isdir(path):  # noqa: PTH112 — unlike Path.is_dir, never raises
            yield from _match(path, rest)


def _list(folder: str, *, links: bool) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=links)]
    except (OSError, ValueError):
        return []
    return [
        name
        for name in sorted(names)
        if name not in _SKIPPED and not os.path.exists(f"{folder}/{name}/pyvenv.cfg")  # noqa: PTH110 — as above
    ]
