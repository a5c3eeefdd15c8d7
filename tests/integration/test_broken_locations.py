"""A broken location is a row with a reason, a file and a line; it never hides, stops or slows another one."""

from __future__ import annotations

import sys

import pytest

GOOD = "from atoll import Definitions, asset\n\n\n@asset\ndef {name}():\n    return 1\n\n\ndefs = Definitions(assets=[{name}])\n"
BROKEN = {
    "gone": ("import nowhere_to_be_found\n", "import_error", 1),
    "syntax": ("x = (\n", "syntax_error", 1),
    "leaves": ("import sys\n\nsys.exit(0)\n", "exited", 3),
    "vanishes": ("import os\nos._exit(0)\n", "exited", None),
    "crashes": ("import ctypes\nctypes.string_at(0)\n", "crashed", 2),
    "hangs": ("while True: pass\n", "timeout", 1),
    "empty": ("", "no_definitions", None),
    "twice": ("import atoll\none = atoll.Definitions()\ntwo = atoll.Definitions()\n", "multiple_definitions", None),
    "wrong": ("defs = 3\n", "wrong_type", None),
    "closes": ("import os\nos.closerange(0, 70000)\n", "protocol", None),
    "shouts": (
        "import sys\nsys.stdout.write('x' * 100_000_000)\nraise RuntimeError('after all that')\n",
        "exception",
        3,
    ),
}


def entry(name):
    return (
        f"  - python_file:\n      relative_path: {name}.py\n      executable_path: {sys.executable}\n      timeout: 5\n"
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Two good locations among many broken ones, listed once."""
    from command_line import Folder

    folder = Folder(tmp_path_factory.mktemp("many"))
    names = ["before", *BROKEN, "after"]
    files = {f"{name}.py": text for name, (text, _, _) in BROKEN.items()}
    files |= {f"{name}.py": GOOD.format(name=name) for name in ("before", "after")}
    folder.write({"workspace.yaml": "load_from:\n" + "".join(entry(name) for name in names), **files})
    return folder, folder.run("list", "--json").ended(1)


def test_every_location_is_a_row_in_the_order_of_the_workspace(many):
    _, outcome = many
    rows = outcome.json()["data"]
    rows = rows["locations"] if isinstance(rows, dict) else rows
    assert [row["name"] for row in rows] == ["before", *BROKEN, "after"]
    status = {row["name"]: row["status"] for row in rows}
    assert (status["before"], status["after"]) == ("loaded", "loaded")
    assert {status[name] for name in BROKEN} == {"failed"}


@pytest.mark.parametrize("name", BROKEN)
def test_each_failure_has_its_kind_its_file_and_its_line(many, name):
    folder, outcome = many
    (problem,) = [problem for problem in outcome.problems if problem["location"] == name]
    _, kind, line = BROKEN[name]
    assert problem["kind"] == kind
    assert problem["file"] == str(folder.path / f"{name}.py")
    if line is not None:
        assert problem["line"] == line


def test_validate_and_list_find_the_same(many):
    folder, listed = many
    validated = folder.run("validate", "--format", "json").ended(1)
    assert sorted((item["location"], item["kind"]) for item in validated.problems) == sorted(
        (item["location"], item["kind"]) for item in listed.problems
    )


def test_one_location_can_be_asked_for_alone(many):
    folder, _ = many
    assert "All well" in folder.run("validate", "before").ended(0).out


def test_a_load_that_fails_keeps_the_last_one_that_worked_and_marks_it_stale(folder):
    folder.write({"workspace.yaml": "load_from:\n" + entry("one"), "one.py": GOOD.format(name="orders")})
    folder.run("list").ended(0)
    folder.write({"one.py": GOOD.format(name="orders") + "raise RuntimeError\n"})
    outcome = folder.run("list", "--json").ended(1)
    rows = outcome.json()["data"]
    (row,) = rows["locations"] if isinstance(rows, dict) else rows
    assert row["status"] == "stale"
    assert row["counts"]["assets"] == 1
    assert "stale" in folder.run("list").ended(1).out
    folder.write({"one.py": GOOD.format(name="orders")})
    assert "loaded" in folder.run("list").ended(0).out


def test_a_broken_import_is_told_in_under_fifteen_lines(folder):
    files = {
        "one.py": "import helper\n",
        "helper.py": "import deeper\n",
        "deeper.py": "def work():\n    import nowhere\n\n\nwork()\n",
    }
    folder.write({"workspace.yaml": "load_from:\n" + entry("one"), **files})
    outcome = folder.run("validate").ended(1)
    lines = (outcome.out + outcome.err).splitlines()
    assert len(lines) < 15
    assert any("deeper.py:2" in line for line in lines)
    assert any("nowhere" in line for line in lines)


def test_secrets_in_the_environment_are_in_no_output(folder):
    text = "import os\nfrom atoll import ConfigurableResource, Definitions, EnvVar\n\n\nclass Store(ConfigurableResource):\n    password: str\n\n\ndefs = Definitions(resources={'store': Store(password=EnvVar('STORE_PASSWORD'))})\n"
    folder.write({"workspace.yaml": "load_from:\n" + entry("one"), "one.py": text})
    secret = {"STORE_PASSWORD": "correct horse battery"}
    for words in (
        ["list", "resources", "--json"],
        ["show", "resource", "store", "--json"],
        ["validate", "--json"],
        ["list"],
    ):
        outcome = folder.run(*words, variables=secret).ended(0)
        assert "correct horse" not in outcome.out + outcome.err
    assert "STORE_PASSWORD" in folder.run("show", "resource", "store", variables=secret).ended(0).out
    assert not [
        file for file in (folder.path / ".atoll").rglob("*") if file.is_file() and b"correct horse" in file.read_bytes()
    ]


def test_names_in_other_scripts_and_emoji_are_printed_as_they_are(folder):
    text = "from atoll import Definitions, asset\n\n\n@asset(description='שלום 🏝 naïve')\ndef orders():\n    return 1\n\n\ndefs = Definitions(assets=[orders])\n"
    folder.write({"workspace.yaml": "load_from:\n" + entry("one"), "one.py": text})
    for words in (["show", "asset", "orders"], ["list", "assets", "--json"]):
        assert "🏝" in folder.run(*words).ended(0).out


def test_output_works_where_the_terminal_knows_no_unicode(folder):
    folder.write({"workspace.yaml": "load_from:\n" + entry("one"), "one.py": GOOD.format(name="orders")})
    import subprocess

    from command_line import ATOLL

    done = subprocess.run(
        [*ATOLL, "list"], cwd=folder.path, env={**__import__("os").environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert b"one" in done.stdout
