"""Locations are added, removed and renamed, and nothing is written before it is certain."""

from __future__ import annotations

import os
import sys

import pytest

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.editing import EditRefusedError
from atoll_host.workspace.editing.subjects import recognise


@pytest.fixture
def environment(editing):
    """A folder that looks like a virtual environment, with an interpreter in it."""
    editing.write({"venv/pyvenv.cfg": ""})
    (editing.root / "venv/bin").mkdir()
    (editing.root / "venv/bin/python").symlink_to(sys.executable)
    return editing.root / "venv"


def test_every_kind_of_thing_is_recognised(editing, environment):
    editing.project("prj").write({"x.py": "", "pkg/__init__.py": "", "pkg/sub/__init__.py": "", "lib/m.py": ""})
    root = editing.root

    def kind(text, directory=root):
        subject = recognise(text, directory, root)
        return subject.kind, os.path.relpath(subject.path, root), subject.module

    assert kind("prj") == kind("prj/pyproject.toml") == ("project", "prj", None)
    assert kind("x.py") == ("python_file", "x.py", None)
    assert kind("pkg/sub") == ("python_package", ".", "pkg.sub")
    assert kind("pkg.sub") == ("python_module", ".", "pkg.sub")
    assert kind("m", root / "lib") == ("python_module", "lib", "m")
    installed = recognise("installed.module", root, root, installed=True)
    assert (installed.kind, installed.path, installed.module) == ("python_module", root, "installed.module")
    assert kind("venv") == kind("venv/bin/python") == ("interpreter", "venv/bin/python", None)


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("nope.py/x", "there is no nope.py in ", "correct the path"),
        ("notes.txt", "notes.txt is no Python file, no project and no interpreter", "a folder with a pyproject.toml"),
        (
            "empty",
            "empty is no project (no pyproject.toml), no package and no virtual environment",
            "`uv init --bare empty`",
        ),
        ("other", "other is a workspace of its own", "add its projects one by one"),
        ("venv", "venv is an interpreter, and nothing is named that it should load", "`atoll add venv MODULE_OR_FILE`"),
        ("../outside/x-y", "there is no outside in ", "correct the path"),
    ],
)
def test_what_is_no_location_is_refused_with_a_next_step(editing, environment, path, message, hint):
    editing.write({"notes.txt": "", "empty/x": "", "other/workspace.yaml": ""})

    with pytest.raises(UsageError) as error:
        editing.add(path)

    (problem,) = error.value.problems
    assert message in problem.message
    assert hint in problem.hint


def test_projects_files_and_modules_are_added_with_one_command(editing):
    editing.project("teams/a").write({"x.py": "", "lib/m.py": ""})
    edit = editing.add("teams/a", "x.py", "lib.m")
    assert editing.names == []

    edit.commit()

    assert editing.text == (
        "# mine\nload_from:  # none\n  - project: teams/a\n  - python_file: x.py\n  - python_module: lib.m\n"
    )
    assert editing.names == list(edit.names) == ["a", "x", "lib.m"]
    assert (edit.summary, edit.problems) == ("added a, x, lib.m", ())


def test_an_interpreter_loads_what_follows_it(editing, environment):
    editing.write({"x.py": "", "legacy/definitions.py": ""}).add("x.py", "venv", "legacy.definitions").commit()

    assert editing.text.endswith(
        "  - python_module:\n      module_name: legacy.definitions\n      executable_path: venv/bin/python\n"
    )
    first, second = editing.workspace.locations
    assert first.environment.executable is None
    assert second.environment.executable == environment / "bin/python"


def test_a_path_is_written_relative_to_the_file_wherever_the_caller_stands(editing, tmp_path):
    editing.project("teams/a").write({"lib/deep/m.py": ""})
    editing.add("a", directory=editing.root / "teams").commit()
    editing.add("m", directory=editing.root / "lib/deep").commit()
    (tmp_path / "sibling").mkdir()
    (tmp_path / "sibling/s.py").touch()
    editing.add("../sibling/s.py").commit()

    assert editing.text == (
        "# mine\nload_from:  # none\n  - project: teams/a\n"
        "  - python_module:\n      module_name: m\n      working_directory: lib/deep\n"
        "  - python_file: ../sibling/s.py\n"
    )
    assert [location.problems for location in editing.workspace.locations] == [(), (), ()]


def test_options_and_a_name_are_written_too(editing):
    editing.write({"x.py": "# /// script\n# ///\n"}).add(
        "x.py", location_name="report", options={"attribute": "defs", "python": "3.9"}
    ).commit()

    (location,) = editing.workspace.locations
    assert (location.name, location.target.attribute, location.environment.python) == ("report", "defs", "3.9")


def test_what_a_pattern_covers_needs_no_entry(editing):
    editing.write({"workspace.yaml": "load_from:\n  - project: teams/*\n"}).project("teams/a")

    edit = editing.add("teams/a")

    assert edit.is_empty
    assert edit.notes == ("a is in the workspace already, by the pattern teams/*",)
    edit = editing.add("teams/a", location_name="special")
    edit.commit()
    assert editing.names == ["special"]


def test_what_is_there_already_is_not_added_again(editing):
    editing.write({"workspace.yaml": "load_from:\n  - python_file: ./x.py\n", "x.py": ""})

    with pytest.raises(UsageError, match="is in the workspace already \\(line 2\\)"):
        editing.add("x.py")

    editing.add("x.py", location_name="again").commit()
    assert editing.names == ["x", "again"]


def test_a_name_that_is_taken_is_refused_before_anything_is_written(editing):
    editing.write({"workspace.yaml": "load_from:\n  - python_file: x.py\n", "x.py": "", "sub/x.py": ""})

    with pytest.raises(EditRefusedError, match="two locations are called x"):
        editing.add("sub/x.py")

    assert editing.text == "load_from:\n  - python_file: x.py\n"


def test_a_bad_name_is_refused(editing):
    editing.write({"x.py": ""})

    with pytest.raises(UsageError, match="has a / in it"):
        editing.add("x.py", location_name="../x")


def test_what_keeps_a_new_location_from_loading_is_said(editing):
    edit = editing.write({"a/pyproject.toml": "[project]\nname = 'a'\n"}).add("a")

    edit.commit()

    assert editing.names == ["a"]
    assert [problem.message for problem in edit.problems] == [
        "no module was found by the project's name, a, and [tool.atoll] names none"
    ]


def test_a_lone_project_has_no_list_to_add_to(editing):
    (editing.root / "workspace.yaml").unlink()
    editing.write({"pyproject.toml": "[tool.atoll]\nmodule = 'x'\n", "x.py": ""})

    with pytest.raises(UsageError, match=r"`atoll add` changes a workspace.yaml"):
        editing.add("x.py")


def test_a_location_is_removed_and_its_files_stay(editing):
    editing.write({"workspace.yaml": "load_from:\n  # of x\n  - python_file: x.py\n  - project: a # a\n", "x.py": ""})
    edit = editing.project("a").remove("x")

    edit.commit()

    assert editing.text == "load_from:\n  - project: a # a\n"
    assert (editing.root / "x.py").exists()
    assert edit.summary == "removed x from workspace.yaml"


def test_a_location_that_is_broken_can_be_removed(editing):
    editing.write({"workspace.yaml": "load_from:\n  - project: gone\n"}).remove("gone").commit()

    assert editing.text == "load_from: []\n"


def test_what_a_pattern_covers_is_removed_only_by_replacing_the_pattern(editing):
    editing.write({"workspace.yaml": "load_from:\n  # all\n  - project: l/*  # c\n"})
    for name in ("a", "b", "c"):
        editing.project(f"l/{name}")

    with pytest.raises(UsageError) as error:
        editing.remove("b")
    (problem,) = error.value.problems
    assert problem.kind == "covered_by_pattern"
    assert problem.message == "b is in the workspace by the pattern l/* (workspace.yaml:3)"
    assert "`atoll remove b --expand`: the pattern is replaced by entries for the other 2" in problem.hint

    editing.remove("b", expand_pattern=True).commit()

    assert editing.text == "load_from:\n  # all\n  - project: l/a  # c\n  - project: l/c  # c\n"
    assert editing.names == ["a", "c"]


def test_an_entry_that_a_pattern_covers_too_goes_with_the_pattern(editing):
    editing.write({"workspace.yaml": "load_from:\n  - project: l/*\n  - project: l/b\n"}).project("l/a").project("l/b")

    with pytest.raises(UsageError, match="by the pattern"):
        editing.remove("b")
    editing.remove("b", expand_pattern=True).commit()

    assert editing.names == ["a"]


def test_removing_what_is_not_there_names_what_was_probably_meant(editing):
    editing.write({"workspace.yaml": "load_from:\n  - python_file: report.py\n", "report.py": ""})

    with pytest.raises(UsageError) as error:
        editing.remove("reprot")

    assert error.value.problems[0].hint == "did you mean report?"


def test_a_project_is_renamed_in_its_own_file(editing):
    editing.write({"workspace.yaml": "load_from:\n  - project: l/*\n"}).project("l/a", atoll="module = 'a'  # m")

    edit = editing.rename("a", "b")
    edit.commit()

    assert (editing.root / "l/a/pyproject.toml").read_text() == (
        "# a\n[project]\nname = 'a'  # n\n\n[tool.atoll]\nname = \"b\"\nmodule = 'a'  # m\n"
    )
    assert editing.names == ["b"]
    assert editing.workspace.locations[0].problems == ()
    assert "`atoll clean` removes the old one" in edit.notes[0]


def test_a_project_without_settings_keeps_its_module_when_it_is_renamed(editing):
    editing.write({"workspace.yaml": "load_from:\n  - project: a\n"}).project("a").rename("a", "b").commit()

    (location,) = editing.workspace.locations
    assert (location.name, location.target.module, location.problems) == ("b", "a", ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- python_file: x.py  # x", "- python_file:  # x\n      relative_path: x.py\n      location_name: new"),
        (
            "- project:\n      path: x\n      location_name: x  # l",
            "- project:\n      path: x\n      location_name: new  # l",
        ),
    ],
    ids=["file", "named-project"],
)
def test_what_the_workspace_names_is_renamed_there(editing, before, after):
    editing.project("x").write({"x.py": "", "workspace.yaml": f"load_from:\n  {before}\n"}).rename("x", "new").commit()

    assert editing.text == f"load_from:\n  {after}\n"
    assert editing.names == ["new"]


def test_a_project_outside_of_the_workspace_is_renamed_in_the_workspace(editing, tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far/pyproject.toml").write_text("[project]\nname = 'far'\n")
    (tmp_path / "far/far.py").touch()
    editing.write({"workspace.yaml": "load_from:\n  - project: ../far\n"}).rename("far", "near").commit()

    assert editing.names == ["near"]
    assert (tmp_path / "far/pyproject.toml").read_text() == "[project]\nname = 'far'\n"
    editing.write({"workspace.yaml": "load_from:\n  - project: ../fa*\n"})
    with pytest.raises(EditRefusedError, match="comes by a pattern"):
        editing.rename("far", "near")


def test_a_lone_project_is_renamed_too(editing):
    (editing.root / "workspace.yaml").unlink()
    editing.write({"pyproject.toml": "[tool.atoll]\nmodule = 'x'\nname = 'a' # c\n", "x.py": ""}).rename(
        "a", "b"
    ).commit()

    assert (editing.root / "pyproject.toml").read_text() == "[tool.atoll]\nmodule = 'x'\nname = \"b\" # c\n"


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("y", "There is a location y already"),
        ("Y", "There is a location y already"),
        ("json", "would hide"),
        ("a b", "space"),
    ],
)
def test_a_name_that_can_not_be_had_is_refused(editing, new, message):
    editing.write(
        {"workspace.yaml": "load_from:\n  - python_file: x.py\n  - python_file: y.py\n", "x.py": "", "y.py": ""}
    )

    with pytest.raises(UsageError, match=message):
        editing.rename("x", new)


def test_an_edit_is_refused_when_the_file_has_changed_since(editing):
    edit = editing.write({"x.py": ""}).add("x.py")
    editing.write({"workspace.yaml": "# theirs\nload_from: []\n"})

    with pytest.raises(EditRefusedError, match="in the meantime"):
        edit.commit()

    assert editing.text == "# theirs\nload_from: []\n"


def test_a_name_that_the_location_has_already_changes_nothing(editing):
    editing.write({"workspace.yaml": "load_from:\n  - python_file: x.py\n", "x.py": ""})

    assert editing.rename("x", "x").is_empty
