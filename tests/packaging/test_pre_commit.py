"""The hook as pre-commit runs it: installed from a clone, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]
GIT = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]


def test_a_commit_that_breaks_a_location_is_stopped_with_the_finding(tmp_path):
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    clone, workspace = tmp_path / "clone", tmp_path / "workspace"
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    workspace.mkdir()
    entry = f"load_from:\n  - python_file: {{relative_path: sales.py, executable_path: {sys.executable}}}\n"
    (workspace / "workspace.yaml").write_text(entry)
    (workspace / "sales.py").write_text("import atoll\nimport surely_not_there\n\ndefs = atoll.Definitions()\n")
    for folder in (clone, workspace):
        subprocess.run([*GIT, "init", "-q"], cwd=folder, check=True)
        subprocess.run([*GIT, "add", "."], cwd=folder, check=True)
        subprocess.run([*GIT, "commit", "-q", "-m", "all"], cwd=folder, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(clone), "atoll-validate", "--all-files"],
        cwd=workspace,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[ATL301]: sales: ModuleNotFoundError: No module named 'surely_not_there'" in done.stdout
    assert "sales.py:2" in done.stdout
