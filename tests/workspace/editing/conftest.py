"""A workspace that is changed, and what it is afterwards."""

from __future__ import annotations

import pytest

from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.editing import add_location, remove_location, rename_location


class Editing:
    """A workspace in a folder, with the commands that change it."""

    def __init__(self, root) -> None:
        self.root = root

    def write(self, files):
        """Write files, with the folders that they are in."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return self

    def project(self, folder, name=None, atoll=""):
        """Write a small project."""
        name = name or folder.rpartition("/")[2]
        toml = f"# {name}\n[project]\nname = '{name}'  # n\n" + (f"\n[tool.atoll]\n{atoll}\n" if atoll else "")
        return self.write({f"{folder}/pyproject.toml": toml, f"{folder}/{name.replace('-', '_')}.py": ""})

    @property
    def workspace(self):
        """The workspace as it is on disk."""
        return open_workspace(self.root, variables={}, empty_allowed=True)

    @property
    def names(self):
        """The names of its locations."""
        return [location.name for location in self.workspace.locations]

    @property
    def text(self):
        """What is in workspace.yaml."""
        return (self.root / "workspace.yaml").read_text()

    def add(self, *paths, **options):
        """Work out an addition."""
        options.setdefault("directory", self.root)
        return add_location(self.workspace, paths, variables={}, **options)

    def remove(self, name, **options):
        """Work out a removal."""
        return remove_location(self.workspace, name, variables={}, **options)

    def rename(self, old, new):
        """Work out a renaming."""
        return rename_location(self.workspace, old, new, variables={})


@pytest.fixture
def editing(tmp_path):
    """A workspace without a location."""
    root = tmp_path / "workspace"
    root.mkdir()
    return Editing(root).write({"workspace.yaml": "# mine\nload_from: []  # none\n"})
