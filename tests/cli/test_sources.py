"""Several `-w`, `-m` and `-f` on every reading command, and workspaces without a location or without a workspace.yaml."""

from __future__ import annotations

import sys

import pytest

DEFINED = "import atoll\n\n\n@atoll.asset\ndef {name}():\n    return 1\n\n\ndefs = atoll.Definitions(assets=[{name}])\n"
ENTRY = "load_from:\n  - python_file: {{relative_path: {name}.py, executable_path: {python}}}\n"


@pytest.fixture
def two(folder):
    files = {}
    for name in ("one", "two"):
        files[f"{name}/workspace.yaml"] = ENTRY.format(name=name, python=sys.executable)
        files[f"{name}/{name}.py"] = DEFINED.format(name=name)
    return folder.write(files)


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("list", "assets"),
        ("show", "asset", "two"),
        ("graph",),
        ("validate",),
        ("doctor",),
        ("sync",),
        ("lock",),
    ],
    ids=" ".join,
)
def test_every_reading_command_takes_several_workspaces(two, words):
    outcome = two.run(*words, "-w", "one/workspace.yaml", "-w", "two/workspace.yaml").ended(0)
    assert "two" in outcome.out + outcome.err or words[0] in {"sync", "lock"}
    assert (two.path / "one/.atoll").is_dir() or words[0] in {"doctor", "lock", "sync"}
    assert not (two.path / "two/.atoll").exists()


def test_a_file_and_a_module_are_loaded_without_a_workspace(two):
    outcome = two.run("list", "--json", "-f", "one/one.py", "-m", "two", "-d", "two").ended(0)
    assert {row["name"]: row["status"] for row in outcome.json()["data"]} == {"two": "loaded", "one": "loaded"}
    assert {row["root"] for row in outcome.json()["data"]} == {str(two.path / "two")}
    outcome = two.run("list", "--json", "-f", "one/one.py", "-f", "two/two.py", "-a", "defs").ended(0)
    assert [row["name"] for row in outcome.json()["data"]] == ["one", "two"]
    assert (two.path / ".atoll").is_dir()
    assert not (two.path / "one/.atoll").exists()


def test_what_is_named_on_the_command_line_is_loaded_by_the_active_environment(two):
    outcome = two.run("exec", "-f", "one/one.py", "one", "--", "python", "-c", "import sys; print(sys.prefix)").ended(0)
    described = two.run("doctor", "-m", "two", "-d", "two", "--json").ended(0).json()["data"]
    assert outcome.out.strip()
    assert described


def test_workspaces_exclude_modules(two):
    outcome = two.run("validate", "-w", "one/workspace.yaml", "-m", "two").ended(2)
    assert "--workspace excludes --module and --python-file" in outcome.err


def test_a_workspace_without_locations_is_all_well(folder):
    folder.write({"workspace.yaml": "load_from: []\n"})
    assert folder.run("list").ended(0).out == "No locations yet: `atoll create location NAME` makes one\n"
    assert folder.run("list", "--json").ended(0).json()["data"] == []
    assert "There is nothing to validate" in folder.run("validate").ended(0).out
    for words in (("list", "assets"), ("graph",), ("doctor",), ("sync",), ("exec", "--all", "--", "true")):
        folder.run(*words).ended(0)
    assert "atoll create location NAME" in folder.run("show", "location", "x").err
    folder.write({"workspace.yaml": ""}).run("list").ended(1)


def test_a_pyproject_alone_is_a_workspace_of_one(folder, python):
    folder.write(
        {
            "pyproject.toml": '[project]\nname = "lone"\nversion = "1"\nrequires-python = ">=3.8"\n[tool.atoll]\nmodule = "lone"\n',
            "lone.py": DEFINED.format(name="only"),
            "deep/inside/x": "",
        }
    )
    folder.run("sync").ended(0)
    rows = folder.run("list", "--json", inside="deep/inside").ended(0).json()["data"]
    assert [(row["name"], row["status"], row["counts"]["assets"]) for row in rows] == [("lone", "loaded", 1)]
    assert "only" in folder.run("list", "assets").ended(0).out


def test_a_file_alone_is_no_whole_workspace_so_that_its_upstream_may_be_elsewhere(folder):
    text = DEFINED.format(name="one").replace("def one():", "def one(elsewhere):")
    folder.write({"one.py": text})
    assert "All well" in folder.run("validate", "-f", "one.py").ended(0).out
