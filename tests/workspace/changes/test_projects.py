"""Locations with environments of their own: built for the other revision from its lock, skipped where nothing changed."""

from __future__ import annotations

import pytest
from repositories import definitions

from command_line import Folder

PROJECT = '[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.9"\n\n[tool.atoll]\nmodule = "{name}"\n'


@pytest.fixture
def projects(repo):
    """Two projects with locks, environments and loads."""
    repo.write(
        {".gitignore": "__pycache__/\n.atoll/\n.venv\n", "workspace.yaml": "load_from:\n  - project: locations/*\n"}
    )
    for name, upstream in (("sales", ()), ("stock", ())):
        folder = f"locations/{name}"
        repo.write(
            {f"{folder}/pyproject.toml": PROJECT.format(name=name), f"{folder}/{name}.py": definitions(name, *upstream)}
        )
    Folder(repo.path).run("validate", "--sync").ended(0)
    repo.commit()
    return repo


def test_projects_are_skipped_and_compared_by_what_their_locks_and_files_are(projects):
    folder = Folder(projects.path)
    unchanged = folder.run("validate", "--changed", "main", "--json").ended(0).json()["data"]
    assert [one["name"] for one in unchanged["skipped"]] == ["sales", "stock"]
    lock = projects.path / "locations/sales/uv.lock"
    lock.write_text(lock.read_text() + "\n# changed\n")
    changed = folder.run("validate", "--changed", "main", "--json").json()["data"]
    assert [one["name"] for one in changed["skipped"]] == ["stock"]
    projects.git("checkout", "-q", "--", ".")
    projects.write({"locations/sales/sales.py": definitions("invoices")})
    text = folder.run("diff", "main", variables={"TMPDIR": str(projects.path.parent)}).ended(0).out
    assert text == "sales changed\n  + asset invoices\n  - asset sales\n\n1 added, 1 removed in 1 location since main\n"
    assert [*projects.path.parent.glob("atoll-revision-*")] == []
    assert projects.git("status", "--porcelain") == "M locations/sales/sales.py"
