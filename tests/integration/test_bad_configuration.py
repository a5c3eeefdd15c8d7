"""Bad input in configuration: one clear sentence, where it is, what to type next, and status 1."""

from __future__ import annotations

import pytest

GOOD = "import atoll\ndefs = atoll.Definitions()\n"
PROJECT = '[project]\nname = "one"\nversion = "0"\nrequires-python = ">=3.8"\n'

BAD = [
    # files, what the message says, the file, the line
    pytest.param({"workspace.yaml": ""}, "empty", "workspace.yaml", None, id="empty"),
    pytest.param({"workspace.yaml": "load_from: [\n"}, "", "workspace.yaml", 2, id="malformed"),
    pytest.param({"workspace.yaml": "- a\n"}, "", "workspace.yaml", 1, id="not-a-mapping"),
    pytest.param({"workspace.yaml": "load_form:\n  - python_file: a.py\n"}, "load_form", "workspace.yaml", 1, id="unknown-key"),
    pytest.param({"workspace.yaml": "load_from:\n  - python_file: nowhere.py\n"}, "nowhere.py", "workspace.yaml", 2, id="missing-file"),
    pytest.param({"workspace.yaml": "load_from:\n  - project: locations/*\n"}, "locations/*", "workspace.yaml", 2, id="empty-glob"),
    pytest.param({"workspace.yaml": "load_from:\n  - project: nowhere\n"}, "nowhere", "workspace.yaml", 2, id="missing-project"),
    pytest.param(
        {"workspace.yaml": "load_from:\n  - python_file: a.py\n  - python_file: b/a.py\n", "a.py": GOOD, "b/a.py": GOOD},
        "a", "workspace.yaml", 3, id="duplicate-names",
    ),
    pytest.param({"workspace.yaml": b"load_from:\n  - python_file: \xff.py\n"}, "UTF-8", "workspace.yaml", None, id="not-utf-8"),
    pytest.param(
        {"workspace.yaml": "load_from:\n  - project: one\n", "one/pyproject.toml": PROJECT + '\n[tool.atoll]\nmodule = "one.nowhere"\n', "one/src/one/__init__.py": ""},
        "no nowhere in the package one", "pyproject.toml", 7, id="module-that-is-not-there",
    ),
    pytest.param(
        {"workspace.yaml": "load_from:\n  - project: one\n", "one/pyproject.toml": PROJECT + '\n[tool.atoll]\nmodul = "one"\n', "one/src/one/__init__.py": ""},
        "modul", "pyproject.toml", 7, id="unknown-key-in-pyproject",
    ),
    pytest.param({"workspace.yaml": "load_from:\n  - project: one\n", "one/pyproject.toml": "[project\n"}, "", "pyproject.toml", 1, id="malformed-pyproject"),
]  # fmt: skip


@pytest.mark.parametrize("words", [["list"], ["validate"]], ids=" ".join)
@pytest.mark.parametrize(("files", "says", "file", "line"), BAD)
def test_bad_configuration_is_a_sentence_with_its_place(folder, files, says, file, line, words):
    folder.write(files)
    outcome = folder.run(*words, "--json").ended(1)
    problem = outcome.problems[0]
    assert says in problem["message"]
    assert problem["file"].endswith(file)
    if line is not None:
        assert problem["line"] == line
    shown = folder.run(*words).ended(1)
    assert file in shown.err + shown.out
    assert "hint:" in shown.err + shown.out


def test_a_key_that_is_nearly_right_is_suggested(folder):
    folder.write({"workspace.yaml": "load_form:\n  - python_file: a.py\n"})
    assert "load_from" in folder.run("list").ended(1).err


def test_without_a_workspace_the_next_step_is_said(folder):
    outcome = folder.run("list").ended(1)
    assert "workspace.yaml" in outcome.err
    assert "atoll create workspace" in outcome.err


def test_an_unknown_location_is_wrong_usage(folder):
    folder.write({"workspace.yaml": "load_from:\n  - python_file: sales.py\n", "sales.py": GOOD})
    assert "did you mean sales" in folder.run("validate", "sale").ended(2).err


def test_an_unknown_command_is_wrong_usage(folder):
    assert "validat" in folder.run("validat").ended(2).err


def test_errors_speak_json_when_asked_to(folder):
    envelope = folder.run("list", "--json").ended(1).json()
    assert envelope["data"] is None
    assert envelope["exit_status"] == 1
    assert envelope["problems"][0]["hint"]
