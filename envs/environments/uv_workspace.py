"""Which project of a uv workspace holds the lock (https://docs.astral.sh/uv/concepts/projects/workspaces/)."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any


def find_root(project: Path) -> Path:
    """Find the folder whose `uv.lock` covers the project: the workspace's root, or the project itself.

    Args:
        project: folder of the project, absolute.
    """
    if _workspace_table(project) is not None:
        return project
    for folder in project.parents:
        table = _workspace_table(folder)
        if table is not None:
            return folder if _is_member(project, folder, table) else project
    return project


def _workspace_table(folder: Path) -> dict[str, Any] | None:
    try:
        data = (folder / "pyproject.toml").read_bytes()
    except OSError:
        return None
    if b"workspace" not in data:  # parsing every pyproject.toml above us would be most of the work
        return None
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))["tool"]["uv"]["workspace"]
    except (ValueError, KeyError, TypeError):
        return None
    return table if isinstance(table, dict) else None


def _is_member(project: Path, root: Path, table: dict[str, Any]) -> bool:
    relative = PurePosixPath(project.relative_to(root).as_posix())
    return _matches(relative, table.get("members")) and not _matches(relative, table.get("exclude"))


def _matches(relative: PurePosixPath, patterns: Any) -> bool:
    return isinstance(patterns, list) and any(
        isinstance(pattern, str) and _match(relative.parts, PurePosixPath(pattern).parts) for pattern in patterns
    )


def _match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _match(parts, pattern[1:]) or (bool(parts) and _match(parts[1:], pattern))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _match(parts[1:], pattern[1:])
