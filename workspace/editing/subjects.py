"""What a path that is typed after `atoll add` is: a project, a file, a package, a module, or an interpreter."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.configuration.entries import is_dotted
from atoll_host.workspace.configuration.paths import find_executable, resolve, say_missing

if TYPE_CHECKING:
    from pathlib import Path

SubjectKind = Literal["project", "python_file", "python_module", "python_package", "interpreter"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What was named.

    Attributes:
        kind: what it is.
        path: project folder, file, or interpreter; for modules and packages the folder that they are imported from.
        module: dotted name of a module or package.
    """

    kind: SubjectKind
    path: Path
    module: str | None = None


def recognise(text: str, directory: Path, root: Path, *, installed: bool = False) -> Subject:
    """Find out what a text names.

    Args:
        text: as it was typed: a path relative to `directory`, or a dotted name.
        directory: the caller's.
        root: of the workspace.
        installed: whether it may be a module that is nowhere here: an interpreter that may have it was named.

    Raises:
        UsageError: it names nothing, or nothing that can be loaded.
    """
    path = resolve(text, directory)
    if os.path.isdir(path):  # noqa: PTH112 — unlike Path.is_dir, never raises
        return _recognise_folder(path, text)
    if os.path.isfile(path):  # noqa: PTH113 — as above
        return _recognise_file(path)
    if is_dotted(text):
        first = text.partition(".")[0]
        for home in (directory, root):
            if any((home / name).exists() for name in (first, f"{first}.py")):
                return Subject("python_module", home, text)
        if installed:
            return Subject("python_module", root, text)
    if os.sep not in text:
        found = shutil.which(text)
        if found is not None and "python" in text:
            return Subject("interpreter", resolve(found, directory))
    message, hint = say_missing(path, "file" if path.suffix else "folder")
    if is_dotted(text):
        message = f"there is no module, file or folder {text} in {directory}"
        hint = f"{hint}; a module that is installed is named after its interpreter: `atoll add PYTHON {text}`"
    raise UsageError(message, hint=hint, kind="not_found")


def _recognise_folder(path: Path, text: str) -> Subject:
    if os.path.isfile(path / "pyproject.toml"):  # noqa: PTH113 — as above
        return Subject("project", path)
    executable = find_executable(str(path), path)
    if not isinstance(executable, tuple):
        return Subject("interpreter", executable)
    if os.path.isfile(path / "pyvenv.cfg"):  # noqa: PTH113 — as above
        raise UsageError(executable[0], hint=executable[1], kind="not_found")
    if os.path.isfile(path / "__init__.py"):  # noqa: PTH113 — as above
        parts, folder = [path.name], path.parent
        while os.path.isfile(folder / "__init__.py"):  # noqa: PTH113 — as above
            parts.insert(0, folder.name)
            folder = folder.parent
        return Subject("python_package", folder, ".".join(parts))
    if os.path.isfile(path / "workspace.yaml"):  # noqa: PTH113 — as above
        raise UsageError(f"{path} is a workspace of its own", hint="add its projects one by one", kind="not_a_location")
    raise UsageError(
        f"{path} is no project (no pyproject.toml), no package and no virtual environment",
        hint=f"`uv init --bare {text}` makes it a project; or name a Python file in it",
        kind="not_a_location",
    )


def _recognise_file(path: Path) -> Subject:
    if path.name == "pyproject.toml":
        return Subject("project", path.parent)
    if path.suffix == ".py":
        return Subject("python_file", path)
    if os.access(path, os.X_OK):
        return Subject("interpreter", path)
    raise UsageError(
        f"{path} is no Python file, no project and no interpreter",
        hint="name a folder with a pyproject.toml, a .py file, a module or an interpreter",
        kind="not_a_location",
    )
