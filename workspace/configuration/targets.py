"""What a Python file is imported as: itself, or a module of the package that it stands in."""

from __future__ import annotations

import keyword
import os
import re
import sys
from typing import TYPE_CHECKING

from atoll_host.envs.loading.target import LoadTarget
from atoll_host.workspace.configuration.entries import is_dotted

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_dotted", "make_file_target"]


def make_file_target(file: Path, attribute: str | None) -> tuple[LoadTarget, Path]:
    """Say how a file is imported, and which folder stands on `sys.path` for it.

    A file in a folder with an `__init__.py` is imported as a module of that package, so that its relative imports work;
    any other as by `python path/to/file.py`.
    """
    parts: list[str] = [] if file.name == "__init__.py" else [file.stem]
    folder = file.parent
    while os.path.isfile(folder / "__init__.py") and folder != folder.parent:  # noqa: PTH113 — never raises
        parts.insert(0, folder.name)
        folder = folder.parent
    dotted = ".".join(parts)
    if folder != file.parent and is_dotted(dotted):
        return LoadTarget("module", dotted, None, attribute), folder
    return LoadTarget("file", _make_module_name(file.stem), file, attribute), file.parent


def _make_module_name(stem: str) -> str:
    name = re.sub(r"\W", "_", stem)
    if not name or name[0].isdigit():
        name = f"_{name}"
    # Under the name of a module that the interpreter has imported already, it would take that one's place.
    taken = keyword.iskeyword(name) or name in sys.stdlib_module_names or name in {"atoll", "__main__"}
    return f"{name}_" if taken else name
