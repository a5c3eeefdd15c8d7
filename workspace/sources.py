"""What a command line names to work with, instead of the nearest workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sources:
    """Workspace files, or modules and Python files without one. Paths are absolute, or relative to the caller's folder.

    Attributes:
        files: `workspace.yaml` or `pyproject.toml` files (`--workspace`).
        modules: dotted names (`--module`).
        python_files: paths (`--python-file`).
        attribute: which `Definitions` of the modules and Python files (`--attribute`).
        working_directory: of the modules and Python files (`--working-directory`).
    """

    files: tuple[Path, ...] = ()
    modules: tuple[str, ...] = ()
    python_files: tuple[Path, ...] = ()
    attribute: str | None = None
    working_directory: Path | None = None

    def __bool__(self) -> bool:
        """Whether anything is named."""
        return bool(self.files or self.modules or self.python_files)
