"""A workspace written for a test, and what reading it said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atoll_host.envs.errors import AtollError
from atoll_host.workspace.configuration import open_workspace


class Tree:
    """A folder that a test fills."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: dict[str, str | bytes]) -> Tree:
        """Write files, with the folders that they are in."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def open(self, start: str = ".", **variables: str):
        """Open the workspace."""
        return open_workspace(self.root / start, variables=variables)

    def location(self, name: str | None = None, **variables: str):
        """Open the workspace and give its only location, or the one of this name, free of problems."""
        workspace = self.open(**variables)
        found = [location for location in workspace.locations if name in {None, location.name}]
        assert len(found) == 1, [location.name for location in workspace.locations]
        assert found[0].problems == ()
        return found[0]

    def complaints(self, start: str = ".", **variables: str) -> list[tuple[str, str]]:
        """Give everything that is wrong as ("file:line:column: message", hint)."""
        try:
            problems = [one for location in self.open(start, **variables).locations for one in location.problems]
        except AtollError as error:
            problems = list(error.problems)
        told = []
        for problem in problems:
            numbers = [str(number) for number in (problem.line, problem.column) if number is not None]
            place = ":".join([os.path.relpath(problem.file, self.root) if problem.file else "-", *numbers])
            told.append((f"{place}: {self.plain(problem.message)}", self.plain(problem.hint or "")))
        return told

    def plain(self, text: str) -> str:
        """Put <root> in the place of the folder's path."""
        return text.replace(str(self.root), "<root>")


@pytest.fixture
def tree(tmp_path):
    """An empty folder with the helpers above."""
    return Tree(tmp_path)
