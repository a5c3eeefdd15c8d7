"""What commands cost, as counts: modules imported, processes started. Never as times: machines are noisy."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
sys.argv = ["atoll", *{words!r}]
from atoll_host.cli.entry import main
try:
    main()
except SystemExit:
    pass
import json
sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""


def modules(words, folder):
    """Give the modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(words=words)], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture
def workspace(folder):
    """A workspace of one location."""
    text = "import atoll\ndefs = atoll.Definitions()\n"
    return folder.write({"workspace.yaml": f"load_from:\n  - python_file:\n      relative_path: one.py\n      executable_path: {sys.executable}\n", "one.py": text}).path  # fmt: skip


def test_the_version_is_printed_without_typer(tmp_path):
    assert not {"typer", "rich", "subprocess", "dataclasses"} & modules(["--version"], tmp_path)


def test_help_imports_nothing_of_the_workspace(tmp_path):
    imported = modules(["--help"], tmp_path)
    assert not [
        name
        for name in imported
        if name.startswith(("atoll_host.workspace", "atoll_host.envs", "yaml", "tomlkit", "packaging"))
    ]


def test_json_is_printed_without_rich(workspace):
    imported = modules(["list", "--json"], workspace)
    assert "rich.table" not in imported
    assert "rich.live" not in imported


@pytest.mark.parametrize("words", [["list", "--json"], ["validate", "--json"], ["list"]], ids=" ".join)
def test_reading_imports_nothing_that_only_edits_or_builds(workspace, words):
    imported = modules(words, workspace)
    assert not {"tomlkit", "virtualenv", "uv", "cronsim", "asyncio", "multiprocessing"} & imported


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="platform: processes are counted through an audit hook"
)
def test_a_load_starts_one_process_and_a_sync_with_nothing_to_do_none(folder):
    text = "import atoll\ndefs = atoll.Definitions()\n"
    project = (
        '[project]\nname = "one"\nversion = "0"\nrequires-python = ">=3.8"\n\n[tool.atoll]\nmodule = "definitions"\n'
    )
    folder.write(
        {"workspace.yaml": "load_from:\n  - project: one\n", "one/pyproject.toml": project, "one/definitions.py": text}
    )
    folder.run("sync").ended(0)
    folder.run("list").ended(0)
    assert started(["sync"], folder.path) == 0
    assert started(["list"], folder.path) == 1
    assert started(["validate"], folder.path) == 1


def started(words, folder):
    """Count the processes that a command starts."""
    hook = "import sys\ncount = []\nsys.addaudithook(lambda event, _: count.append(event) if event == 'subprocess.Popen' else None)\n"
    done = subprocess.run(
        [sys.executable, "-c", hook + SCRIPT.format(words=words) + "\nsys.stderr.write('\\n' + str(len(count)))"],
        cwd=folder, capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    return int(done.stderr.splitlines()[-1])
