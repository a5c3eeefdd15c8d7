"""`atoll create location` and what can be created in a location, on the oldest and the newest Python."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tomllib

import pytest
from uv import find_uv_bin

from command_line import ATOLL, Folder
from tests_support import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: paths are written with slashes")

NEWEST_FIRST = ("3.13", "3.12", "3.11")
DEFINITIONS = (
    ("asset", "orders"),
    ("check", "have_rows", "--asset", "orders"),
    ("job", "refresh", "--select", 'key:"orders"+'),
    ("schedule", "nightly", "--job", "refresh", "--cron", "30 5 * * 1-5"),
    ("sensor", "new_files", "--job", "refresh"),
    ("resource", "bank"),
    ("resource", "another_bank"),
)
COUNTS = {"assets": 1, "checks": 1, "jobs": 1, "schedules": 1, "sensors": 1, "resources": 2}
WORKSPACE = """\
# yaml-language-server: $schema=.workspace.schema.json
# ours
load_from:   # in this order
  - python_file: mine.py    # by hand

# the end
"""


@pytest.fixture
def workspace(folder):
    """A workspace with one location, written by hand."""
    return folder.write(
        {"workspace.yaml": WORKSPACE, "mine.py": "from atoll import Definitions\n\ndefs = Definitions()\n"}
    )


def tree(path):
    """Every file that is not ours alone, with its content."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and ".atoll" not in file.parts and "__pycache__" not in file.parts
    }


def newest(python):
    return next(version for version in NEWEST_FIRST if f'"{version}"' in os.environ["ATOLL_TEST_INTERPRETERS"])


@pytest.mark.parametrize("age", ["oldest", "newest"])
def test_everything_that_can_be_created_passes_its_checks_and_its_tests_at_once(tmp_path_factory, python, age):
    version = "3.8" if age == "oldest" else newest(python)
    python(version)
    folder = Folder(tmp_path_factory.mktemp("created"))
    folder.run("create", "workspace", "demo").ended(0)
    demo = Folder(folder.path / "demo")
    for name, *options in (
        ("sales",),
        ("depot", "--template", "etl"),
        ("depot-north", "--template", "etl"),
        ("monthly-report", "--script", "--add", "tomli"),
    ):
        told = demo.run("create", "location", name, "--python", version, *options, "--json").ended(0).json()["data"]
        assert told["synced"]["status"] == "built"
        assert told["synced"]["python"].startswith(f"{version}.")
    # An asset is made in one location of a workspace only.
    for location, asset in (("sales", "parcels"), ("monthly-report", "invoices")):
        for kind, *words in DEFINITIONS:
            name, *options = (word.replace("orders", asset) for word in words)
            demo.run("create", kind, name, "--location", location, *options).ended(0)

    checked = demo.run("validate", "--json").ended(0).json()
    assert checked["problems"] == []
    counts = {one["name"]: one["counts"] for one in checked["data"]["locations"]}
    assert counts["sales"] == COUNTS
    assert counts["monthly-report"] == COUNTS
    assert counts["depot"] == {"assets": 2, "checks": 1, "jobs": 1, "schedules": 1, "sensors": 0, "resources": 2}
    listed = {row["name"] for row in demo.run("list", "assets", "--json").ended(0).json()["data"]}
    assert {"depot/orders", "depot_north/orders"} <= listed
    for location, passed in (("sales", "9 passed"), ("depot", "4 passed"), ("depot-north", "4 passed")):
        assert passed in demo.run("exec", location, "--", "python", "-W", "error", "-m", "pytest").ended(0).out
    demo.run("sync", "--locked", "--json").ended(0)
    locked = tomllib.loads((demo.path / "locations/sales/uv.lock").read_text())
    assert locked["requires-python"] == f">={version}"
    assert (demo.path / "locations/monthly_report.py.lock").is_file()


def test_a_location_joins_the_workspace_and_no_comment_is_lost(workspace):
    workspace.run("create", "location", "sales", "--no-sync").ended(0)
    workspace.run("create", "location", "monthly-report", "--script", "--no-sync").ended(0)
    assert (workspace.path / "workspace.yaml").read_text() == WORKSPACE.replace(
        "# by hand\n",
        "# by hand\n"
        "  - project: locations/sales\n"
        "  - python_file:\n"
        "      relative_path: locations/monthly_report.py\n"
        "      location_name: monthly-report\n",
    )


@pytest.mark.parametrize("pattern", ["locations/*", "./locations/*", "**", "locations/s?les"])
def test_a_pattern_that_covers_a_new_location_is_left_as_it_is(folder, pattern):
    text = f"load_from:\n  - project: '{pattern}'\n"
    folder.write({"workspace.yaml": text})
    told = folder.run("create", "location", "sales", "--no-sync", "--json").ended(0).json()["data"]
    assert told["changed"] == []
    assert (folder.path / "workspace.yaml").read_text() == text


def test_without_an_environment_the_next_step_is_to_build_it(workspace):
    told = workspace.run("create", "location", "sales", "--no-sync", "--python", "3.9").ended(0)
    assert told.out.startswith("Created the location sales for Python 3.9\n  + locations/sales/.gitignore\n")
    assert "  ~ workspace.yaml\n\nNext:\n  atoll sync sales   " in told.out
    assert not (workspace.path / "locations/sales/uv.lock").exists()


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        pytest.param(["json"], "invalid_name", "would hide the module json of the standard library", id="json"),
        pytest.param(["class"], "invalid_name", "is a word of Python's", id="keyword"),
        pytest.param(["../x"], "invalid_name", "has a / in it", id="parent"),
        pytest.param(["a b"], "invalid_name", "has a space in it", id="space"),
        pytest.param(["naïve"], "invalid_name", "has the letter ï in it", id="letter"),
        pytest.param(["🏝"], "invalid_name", "has the character 🏝 in it", id="emoji"),
        pytest.param(["atoll"], "invalid_name", "would hide the package atoll", id="our-own"),
        pytest.param(["mine"], "exists", "There is a location mine already", id="taken"),
        pytest.param(["MINE"], "exists", "There is a location mine already", id="taken-in-another-case"),
        pytest.param(["there"], "exists", "there is there already", id="a-folder-in-the-way"),
        pytest.param(["script", "--script"], "exists", "script.py is there already", id="a-file-in-the-way"),
        pytest.param(["x", "--python", "3.7"], "python_version", "Python 3.7 is too old", id="too-old"),
        pytest.param(["x", "--python", "2.7"], "python_version", "'2.7' is no version", id="python-2"),
        pytest.param(["x", "--python", ">=3.9"], "python_version", "'>=3.9' is no version", id="no-version"),
        pytest.param(["x", "--template", "elt"], "usage", "There is no template 'elt'", id="no-template"),
        pytest.param(["x", "--script", "--template", "etl"], "usage", "exclude each other", id="script-with-template"),
        pytest.param(["x", "--add", "pandas>>2"], "requirement", "'pandas>>2' is no requirement", id="no-requirement"),
        pytest.param(["x", "--add", "a", "--add", "A>1"], "requirement", "A is required twice", id="twice"),
        pytest.param(["x-y", "--add", "X_y"], "requirement", "a package of its own name", id="itself"),
        pytest.param([], "missing_option", "NAME is missing", id="nobody-to-ask"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(workspace, words, kind, said):
    workspace.write({"locations/there/x": "", "locations/script.py": ""})
    before = tree(workspace.path)
    [problem] = workspace.run("create", "location", "--json", *words).ended(2).problems
    assert problem["kind"] == kind
    assert said in problem["message"]
    assert problem["hint"]
    assert tree(workspace.path) == before


def test_requirements_without_a_solution_leave_nothing_behind(workspace):
    before = tree(workspace.path)
    told = workspace.run("create", "location", "sales", "--add", "tomli<0.0.1", "--json").ended(1)
    [problem] = told.problems
    assert "tomli<0.0.1" in f"{problem['message']} {problem['detail']}"
    assert "nothing was written; --no-sync writes the location without locking it" in problem["hint"]
    assert problem["file"] is None
    assert tree(workspace.path) == before
    assert not list((workspace.path / ".atoll").glob("new-*"))


def test_a_version_that_nobody_has_leaves_nothing_behind(workspace):
    before = tree(workspace.path)
    words = ("create", "location", "sales", "--python", "3.99", "--json")
    [problem] = workspace.run(*words, variables={"UV_PYTHON_DOWNLOADS": "never"}).ended(1).problems
    assert "3.99" in problem["message"]
    assert tree(workspace.path) == before


@contextlib.contextmanager
def stuck(workspace, tools, script):
    """Start `create location` with a uv that gets stuck, and wait until it has."""
    slow = tools / "uv"
    stop = f"echo $$ > {tools}/new\nmv {tools}/new {tools}/started\nexec sleep 600\n"
    slow.write_text(f"#!/bin/sh\n{script}{stop}")
    slow.chmod(0o755)
    process = subprocess.Popen(
        [*ATOLL, "create", "location", "sales"],
        cwd=workspace.path,
        env={**os.environ, "ATOLL_UV": str(slow)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert until((tools / "started").exists), process.communicate()
        yield process
        process.wait(timeout=60)
    finally:
        # Killed outright, nobody ends what it started.
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int((tools / "started").read_text()), signal.SIGKILL)
        process.kill()
    out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert out == b""
    assert b"Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_an_interruption_in_the_middle_leaves_the_workspace_as_it_was(workspace, tmp_path_factory, number):
    before = tree(workspace.path)
    with stuck(workspace, tmp_path_factory.mktemp("tools"), "") as process:
        process.send_signal(number)
    assert tree(workspace.path) == before
    if number != signal.SIGKILL:
        assert not list((workspace.path / ".atoll").glob("new-*"))
    workspace.run("create", "location", "sales", "--no-sync").ended(0)


def test_the_same_command_finishes_what_was_killed_while_it_built(workspace, tmp_path_factory):
    locks_only = f'[ "$1" = lock ] && exec {find_uv_bin()} "$@"\n'
    with stuck(workspace, tmp_path_factory.mktemp("tools"), locks_only) as process:
        process.kill()
    written = tree(workspace.path)
    assert "locations/sales/uv.lock" in written
    told = workspace.run("create", "location", "sales", "--json").ended(0).json()["data"]
    assert told["synced"]["status"] == "built"
    assert told["written"] == told["changed"] == []
    again = workspace.run("create", "location", "sales").ended(0)
    assert again.out.startswith("The location sales was there already\n\nNext:\n")
    assert tree(workspace.path) == written

    (workspace.path / "locations/sales/README.md").write_text("mine")
    [problem] = workspace.run("create", "location", "sales", "--json").ended(2).problems
    assert problem["kind"] == "exists"
    assert (workspace.path / "locations/sales/README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({}, "There is no workspace.yaml", id="no-workspace"),
        pytest.param(
            {"pyproject.toml": '[project]\nname = "x"\nversion = "1"\n[tool.atoll]\n'},
            "is a project of its own, without a workspace.yaml",
            id="a-lone-project",
        ),
    ],
)
def test_where_there_is_no_workspace_it_says_how_to_make_one(folder, files, said):
    folder.write(files)
    [problem] = folder.run("create", "location", "sales", "--json").problems
    assert said in problem["message"]
    assert "atoll create workspace NAME" in problem["hint"]
    assert tree(folder.path).keys() == files.keys()
