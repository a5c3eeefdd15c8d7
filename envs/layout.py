"""Where a workspace keeps what this tool makes: the `.atoll` folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The `.atoll` folder of a workspace.

    Everything in it can be made again, but what is remembered of runs and the values that they stored.

    Attributes:
        path: absolute path of the folder, which need not exist yet.
    """

    path: Path

    def make(self) -> None:
        """Make the folder, and keep it out of version control by a `.gitignore` of its own."""
        self.path.mkdir(parents=True, exist_ok=True)
        ignore = self.path / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")

    def sdk(self, version: str) -> Path:
        """Give the folder that stands on a worker's `sys.path` so that `import atoll` works."""
        return self.path / "sdk" / version

    def environments(self, location: str) -> Path:
        """Give the folder that holds the generations of one location's environment."""
        return self.path / "envs" / location

    @property
    def snapshots(self) -> Path:
        """The folder of the last snapshot of each location."""
        return self.path / "snapshots"
