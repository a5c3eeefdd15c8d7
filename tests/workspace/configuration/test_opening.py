"""Which workspace is opened, and what its locations are."""

from __future__ import annotations

import os
import sys

import pytest

from atoll_host.envs.errors import ConfigurationError, UsageError
from atoll_host.workspace.configuration import open_module, open_script, open_workspace

_PROJECT = "[project]\nname = 'p'\n[tool.atoll]\nmodule = 'p'\n"


def test_the_nearest_workspace_file_upward_is_taken(tree):
    tree.write({"workspace.yaml": "load_from:\n  - python_file: a/x.py\n", "a/x.py": "", "a/b/c/d": ""})

    workspace = tree.open("a/b/c")

    assert (workspace.root, workspace.file) == (tree.root, tree.root / "workspace.yaml")
    assert [location.name for location in workspace.locations] == ["x"]


def test_a_workspace_goes_before_the_project_that_one_stands_in(tree):
    tree.write({"workspace.yaml": "load_from:\n  - project: a\n", "a/pyproject.toml": _PROJECT, "a/p.py": ""})

    assert tree.open("a").file == tree.root / "workspace.yaml"


def test_a_lone_project_is_a_workspace_of_one(tree):
    tree.write({"a/pyproject.toml": _PROJECT, "a/p.py": "", "a/b/c": ""})

    workspace = tree.open("a/b")

    assert (workspace.root, workspace.file) == (tree.root / "a", None)
    (location,) = workspace.locations
    assert (location.name, location.problems) == ("p", ())
    assert (location.declared_at.file, location.declared_at.line) == (tree.root / "a/pyproject.toml", 3)


def test_a_lone_project_that_is_broken_is_still_the_one_that_is_meant(tree):
    tree.write({"pyproject.toml": "[tool.atoll]\nmodule = \n"})

    ((said, hint),) = tree.complaints()

    assert said.startswith("pyproject.toml:2:10: pyproject.toml is not valid TOML: ")
    assert hint == "correct the line"


def test_no_workspace_says_what_was_looked_for_and_what_to_type(tree):
    with pytest.raises(ConfigurationError) as error:
        tree.open()

    (problem,) = error.value.problems
    assert problem.kind == "no_workspace"
    assert problem.message == (
        f"There is no workspace.yaml and no pyproject.toml with [tool.atoll] in {tree.root} or above it"
    )
    assert "`atoll create workspace NAME`" in problem.hint


def test_no_workspace_names_a_project_that_could_be_one(tree):
    tree.write({"pyproject.toml": "[project]\nname = 'x'\n", "sub/x": ""})

    with pytest.raises(ConfigurationError) as error:
        tree.open("sub")

    assert f"write `[tool.atoll]` into {tree.root / 'pyproject.toml'}" in error.value.problems[0].hint


def test_no_workspace_names_a_file_of_nearly_that_name(tree):
    tree.write({"workspace.yml": ""})

    with pytest.raises(ConfigurationError) as error:
        tree.open()

    assert error.value.problems[0].hint == "workspace.yml has to be called workspace.yaml"


def test_a_named_file_is_taken_instead_of_the_nearest(tree, tmp_path):
    tree.write({"workspace.yaml": "x", "other/w.yaml": "load_from:\n  - python_file: x.py\n", "other/x.py": ""})

    workspace = open_workspace(tmp_path / "other", file=tmp_path / "other/w.yaml", variables={})

    assert [location.name for location in workspace.locations] == ["x"]


def test_a_folder_named_instead_of_a_file_is_answered_with_the_file_in_it(tree):
    tree.write({"w/workspace.yaml": "x"})

    with pytest.raises(ConfigurationError) as error:
        open_workspace(tree.root, file=tree.root / "w", variables={})

    assert error.value.problems[0].message == f"{tree.root / 'w'} is a folder, not a workspace file"
    assert error.value.problems[0].hint == f"name the file in it: {tree.root / 'w/workspace.yaml'}"


@pytest.mark.parametrize("value", ["[]", "", "~"])
def test_a_workspace_may_have_no_location_yet(tree, value):
    assert tree.write({"workspace.yaml": f"load_from: {value}\n"}).open().locations == ()


def test_an_empty_workspace_can_be_opened_by_what_fills_it(tree):
    tree.write({"workspace.yaml": "load_from:\n  - project: locations/*\n"})

    workspace = open_workspace(tree.root, variables={}, empty_allowed=True)

    assert workspace.locations == ()


def test_a_pattern_gives_its_projects_in_alphabetical_order_and_leaves_out_what_is_none(tree):
    tree.write(
        {"workspace.yaml": "load_from:\n  - project: locations/*\n", "locations/notes/x": "", "locations/file": ""}
    )
    for name in ("b", "a", ".hidden"):
        tree.write(
            {f"locations/{name}/pyproject.toml": f"[project]\nname = '{name}'\n", f"locations/{name}/{name}.py": ""}
        )
    tree.write({"locations/env/pyvenv.cfg": "", "locations/env/pyproject.toml": ""})

    assert [location.name for location in tree.open().locations] == ["a", "b"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("teams/*/loc-?", ["a", "b"]),
        ("teams/**", ["a", "b", "c"]),
        ("teams/x/loc-[12]", ["a"]),
        ("./teams/../teams/y/*", ["b", "c"]),
    ],
)
def test_patterns_mean_what_they_mean_in_a_shell(tree, pattern, names):
    tree.write({"workspace.yaml": f"load_from:\n  - project: {pattern}\n"})
    for folder, name in (("x/loc-1", "a"), ("y/loc-1", "b"), ("y/other", "c")):
        tree.write({f"teams/{folder}/pyproject.toml": f"[project]\nname='{name}'\n", f"teams/{folder}/{name}.py": ""})

    assert [location.name for location in tree.open().locations] == names


def test_an_entry_of_its_own_goes_before_a_pattern_that_matches_too(tree):
    entry = "  - project: {path: locations/b, location_name: special}\n"
    tree.write({"workspace.yaml": f"load_from:\n  - project: locations/*\n{entry}"})
    for name in ("a", "b"):
        tree.write(
            {f"locations/{name}/pyproject.toml": f"[project]\nname = '{name}'\n", f"locations/{name}/{name}.py": ""}
        )

    assert [location.name for location in tree.open().locations] == ["a", "special"]


def test_a_variable_stands_for_any_value(tree):
    text = "timeout: {env: SECONDS}\nload_from:\n  - python_file: {relative_path: {env: FILE}, tags: [{env: TAG}]}\n"
    tree.write({"workspace.yaml": text, "x.py": ""})

    location = tree.location(SECONDS="7", FILE="x.py", TAG="t")

    assert (location.name, location.timeout, location.tags) == ("x", 7, ("t",))


def test_merged_mappings_and_aliases_are_followed(tree):
    text = (
        "load_from:\n"
        "  - python_file: &base {relative_path: x.py, timeout: 5, tags: [a]}\n"
        "  - python_file:\n      <<: *base\n      location_name: y\n      timeout: 6\n"
    )
    first, second = tree.write({"workspace.yaml": text, "x.py": ""}).open().locations

    assert (first.name, first.timeout, second.name, second.timeout, second.tags) == ("x", 5, "y", 6, ("a",))


def test_a_version_keeps_its_zeros(tree):
    tree.write({"workspace.yaml": "load_from:\n  - python_file: {relative_path: x.py, python: 3.10}\n"})
    tree.write({"x.py": "# /// script\n# ///\n"})

    assert tree.location().environment.python == "3.10"


def test_a_file_is_loaded_from_its_folder_and_runs_in_that_of_the_workspace(tree):
    tree.write({"workspace.yaml": "load_from:\n  - python_file: reports/monthly.py\n", "reports/monthly.py": ""})

    location = tree.location()

    assert (location.name, location.root) == ("monthly", tree.root)
    assert location.search_paths == (tree.root / "reports",)
    assert (location.target.form, location.target.module) == ("file", "monthly")
    assert location.target.file == tree.root / "reports/monthly.py"


def test_a_file_in_a_package_is_imported_as_part_of_it(tree):
    entry = "{relative_path: lib/pkg/sub/defs.py, working_directory: data, attribute: d}"
    tree.write({"workspace.yaml": f"load_from:\n  - python_file: {entry}\n", "data/x": ""})
    tree.write({"lib/pkg/__init__.py": "", "lib/pkg/sub/__init__.py": "", "lib/pkg/sub/defs.py": ""})

    location = tree.location()

    assert (location.target.form, location.target.module, location.target.file) == ("module", "pkg.sub.defs", None)
    assert (location.root, location.search_paths) == (tree.root / "data", (tree.root / "lib", tree.root / "data"))


@pytest.mark.parametrize(
    ("name", "module"),
    [("json.py", "json_"), ("my-report.py", "my_report"), ("2024.py", "_2024"), ("atoll.py", "atoll_")],
)
def test_a_file_never_takes_the_place_of_another_module(tree, name, module):
    tree.write({"workspace.yaml": f"load_from:\n  - python_file: {name}\n", name: ""})

    assert tree.location().target.module == module


def test_modules_and_packages_are_imported_from_the_working_directory(tree):
    text = (
        "load_from:\n  - python_module: {module_name: legacy.definitions, working_directory: old}\n"
        "  - python_package: pkg\n"
    )
    tree.write({"workspace.yaml": text, "old/legacy/definitions.py": "", "pkg/__init__.py": ""})

    module, package = tree.open().locations

    assert (module.name, module.root, module.search_paths) == (
        "legacy.definitions",
        tree.root / "old",
        (tree.root / "old",),
    )
    assert (package.target.form, package.target.module, package.search_paths) == ("package", "pkg", (tree.root,))
    assert not (*module.problems, *package.problems)


def test_each_kind_of_environment_comes_from_what_the_entry_says(tree):
    text = """load_from:
  - python_file: inline.py
  - python_file: {relative_path: plain.py, requirements: requirements.txt, backend: virtualenv}
  - python_file: {relative_path: plain.py, location_name: bare}
  - python_file: {relative_path: plain.py, location_name: old, executable_path: venv}
  - project: {path: prj, executable_path: venv/bin/python}
"""
    tree.write({"workspace.yaml": text, "plain.py": "", "requirements.txt": "", "inline.py": "# /// script\n# ///\n"})
    tree.write({"prj/pyproject.toml": "[project]\nname='prj'\n", "prj/prj.py": "", "venv/pyvenv.cfg": ""})
    (tree.root / "venv/bin").mkdir()
    (tree.root / "venv/bin/python").symlink_to(sys.executable)

    specs = {location.name: location.environment for location in tree.open().locations}

    assert {name: spec.kind for name, spec in specs.items()} == {
        "inline": "script",
        "plain": "requirements",
        "bare": "interpreter",
        "old": "interpreter",
        "prj": "interpreter",
    }
    assert specs["inline"].source == tree.root / "inline.py"
    assert specs["plain"].source == tree.root / "requirements.txt"
    assert dict(specs["plain"].settings) == {"backend": "virtualenv"}
    assert (specs["bare"].executable, specs["bare"].why) == (None, None)
    assert specs["old"].executable == specs["prj"].executable == tree.root / "venv/bin/python"


def test_a_virtual_environment_whose_interpreter_is_gone_is_said(tree):
    tree.write(
        {"workspace.yaml": "load_from:\n  - python_file: {relative_path: x.py, executable_path: venv}\n", "x.py": ""}
    )
    (tree.root / "venv/bin").mkdir(parents=True)
    (tree.root / "venv/bin/python").symlink_to("/nowhere/python3")

    ((said, hint),) = tree.complaints()

    assert said == "workspace.yaml:2:57: the interpreter of <root>/venv, /nowhere/python3, is gone"
    assert hint == "build the environment anew, or name another interpreter"


def test_env_files_of_the_workspace_are_for_all(tree):
    tree.write({"workspace.yaml": "env_file: [a.env, b.env]\nload_from:\n  - python_file: x.py\n", "x.py": ""})
    workspace = tree.write({"a.env": "", "b.env": ""}).open()

    assert workspace.env_files == (tree.root / "a.env", tree.root / "b.env")
    assert workspace.locations[0].env_files == ()


def test_a_lone_file_and_a_lone_module_are_workspaces_of_one(tree):
    tree.write({"sub/x.py": "", "m/__init__.py": ""})

    script = open_script(tree.root / "sub/x.py", tree.root, attribute="defs", location_name="named")
    module = open_module("m", tree.root)

    assert (script.file, script.root, script.locations[0].name) == (None, tree.root, "named")
    assert script.locations[0].target.attribute == "defs"
    assert (module.locations[0].target.form, module.locations[0].search_paths) == ("module", (tree.root,))
    with pytest.raises(UsageError, match=r"'x\.py' is no module's name|x\.py"):
        open_module("sub/x.py", tree.root)


def test_a_folder_that_may_not_be_listed_is_no_crash(tree):
    if os.geteuid() == 0:
        # The superuser may list everything, so a folder that goes away stands in for it.
        tree.write({"workspace.yaml": "load_from:\n  - project: closed/*\n"})
    else:
        tree.write({"workspace.yaml": "load_from:\n  - project: closed/*\n", "closed/a/pyproject.toml": ""})
        (tree.root / "closed").chmod(0)

    assert [said for said, _ in tree.complaints()] == ["workspace.yaml:2:14: closed/* matches no folder"]


def test_a_hundred_projects_cost_no_process_and_no_look_into_their_environments(tree, monkeypatch):
    for number in range(100):
        folder = f"locations/p{number}"
        tree.write({f"{folder}/pyproject.toml": f"[project]\nname = 'p{number}'\n", f"{folder}/p{number}.py": ""})
        tree.write({f"{folder}/.venv/pyvenv.cfg": ""})
    tree.write({"workspace.yaml": "load_from:\n  - project: locations/**\n"})
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))

    assert len(tree.open().locations) == 100
    assert not [path for path in listed if ".venv" in str(path)]
