"""Whether patterns will match a folder that is not there yet."""

from __future__ import annotations

import fnmatch
import posixpath
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def covers(pattern: str, path: str) -> bool:
    """Tell whether a pattern (`*`, `?`, `[…]`, and `**` for any number of folders) matches the whole of a path.

    Args:
        pattern: as a configuration file writes it, with slashes.
        path: relative to the same folder.
    """
    return _fits(path.split("/"), posixpath.normpath(pattern).split("/"))


def joins_uv_workspace(folder: Path) -> bool:
    """Tell whether a project in this folder will be a member of a uv workspace, whose lock is its lock.

    Rules: https://docs.astral.sh/uv/concepts/projects/workspaces/

    Args:
        folder: absolute; need not be there.
    """
    for root in folder.parents:
        table = _workspace_table(root)
        if table is not None:
            path = folder.relative_to(root).as_posix()
            return _is_listed(table.get("members"), path) and not _is_listed(table.get("exclude"), path)
    return False


def _fits(parts: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _fits(parts, pattern[1:]) or (bool(parts) and _fits(parts[1:], pattern))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _workspace_table(root: Path) -> dict[str, Any] | None:
    try:
        table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))["tool"]["uv"]["workspace"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return table if isinstance(table, dict) else None


def _is_listed(patterns: Any, path: str) -> bool:
    return isinstance(patterns, list) and any(covers(str(pattern), path) for pattern in patterns)
