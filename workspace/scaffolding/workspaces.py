"""Plan a new workspace."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.names import find_location_fault
from atoll_host.workspace.scaffolding.rendering import RenderedFile, render_tree, templates_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA_FILE = ".workspace.schema.json"
"""Beside workspace.yaml, whose first line points editors to it: they need no network, and it goes with the code."""
Ci = Literal["github", "none"]
CI_SYSTEMS: tuple[Ci, ...] = ("github", "none")
_POINTER = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
_HAS_POINTER = re.compile(r"(?m)^#\s*yaml-language-server:")


def check_workspace_name(name: str) -> None:
    """Check the name of a new workspace's folder.

    Raises:
        UsageError: no folder should be called that.
    """
    fault = find_location_fault(name)
    if fault is not None:
        message = fault.message.replace("the name of a location", "the name of a workspace")
        suggestion = "workspace" if fault.suggestion.startswith("location") else fault.suggestion
        raise UsageError(
            message, hint=f"letters, digits, -, _ and . make a name; try {suggestion}", kind="invalid_name"
        )


def plan_workspace(name: str, *, ci: Ci = "none", example: Iterable[RenderedFile] = ()) -> tuple[RenderedFile, ...]:
    """Render the files of a workspace, relative to its folder.

    Args:
        name: of the folder.
        ci: which CI system gets a workflow file.
        example: the files of an example, which go before our own of the same path.
    """
    own = [*render_tree(templates_folder() / "workspace" / "base", {"WORKSPACE": name}), _schema()]
    if ci == "github":
        own += render_tree(templates_folder() / "workspace" / "github", {"VERSION": version("atoll")})
    files = {file.path: file for file in own}
    files.update({file.path: _pointed(file) for file in example})
    return tuple(files[path] for path in sorted(files))


def _schema() -> RenderedFile:
    import atoll_host.workspace  # noqa: PLC0415 — for where it is installed

    folder = Path(next(iter(atoll_host.workspace.__path__))) / "schemas"
    return RenderedFile(PurePosixPath(SCHEMA_FILE), (folder / "workspace.schema.json").read_text(encoding="utf-8"))


def _pointed(file: RenderedFile) -> RenderedFile:
    """Let an example's workspace.yaml point to the schema too."""
    if file.path != PurePosixPath("workspace.yaml") or _HAS_POINTER.search(file.text):
        return file
    return RenderedFile(file.path, _POINTER + file.text, file.mode)
