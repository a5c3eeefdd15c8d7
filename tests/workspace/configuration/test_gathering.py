"""Several workspace files at once, and modules and Python files without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from atoll_host.envs.errors import ConfigurationError, UsageError
from atoll_host.workspace.configuration import open_sources
from atoll_host.workspace.sources import Sources


def _open(tree, **given):
    return open_sources(tree.root, Sources(**given), variables={})


def _two(tree, second="y"):
    return tree.write(
        {
            "a/workspace.yaml": "load_from:\n  - python_file: x.py\nenv_file: a.env\ntimeout: 7\n",
            "a/a.env": "",
            "a/x.py": "",
            "b/workspace.yaml": f"load_from:\n  - python_file: y.py\n  - python_file: {second}.py\n".replace(
                "  - python_file: y.py\n  - python_file: y.py\n", "  - python_file: y.py\n"
            ),
            "b/y.py": "",
            f"b/{second}.py": "",
        }
    )


def test_the_locations_of_all_files_are_those_of_one_workspace_rooted_at_the_first(tree):
    workspace = _open(_two(tree), files=(Path("a/workspace.yaml"), Path("b/workspace.yaml"), Path("a/workspace.yaml")))
    assert (workspace.root, workspace.file) == (tree.root / "a", tree.root / "a/workspace.yaml")
    assert [location.name for location in workspace.locations] == ["x", "y"]
    x, y = workspace.locations
    assert (x.root, y.root) == (tree.root / "a", tree.root / "b")
    assert (x.timeout, y.timeout) == (7.0, 60.0)


def test_what_a_file_says_for_its_locations_does_not_reach_those_of_another(tree):
    workspace = _open(_two(tree), files=(Path("a/workspace.yaml"), Path("b/workspace.yaml")))
    assert workspace.env_files == ()
    assert [location.env_files for location in workspace.locations] == [(tree.root / "a/a.env",), ()]


def test_one_name_in_two_files_is_told_with_both_places(tree):
    with pytest.raises(ConfigurationError) as error:
        _open(_two(tree, second="x"), files=(Path("a/workspace.yaml"), Path("b/workspace.yaml")))
    (problem,) = error.value.problems
    assert problem.message == f"two locations are called x (the other is in {tree.root / 'a/workspace.yaml'}:2)"
    assert (problem.file, problem.line) == (str(tree.root / "b/workspace.yaml"), 3)
    assert problem.hint == "give one of them a location_name"


def test_the_mistakes_of_all_files_are_told_at_once(tree):
    tree.write({"a.yaml": "load_form: []\n", "b.yaml": "load_from: [{python_fil: x}]\n"})
    with pytest.raises(ConfigurationError) as error:
        _open(tree, files=(Path("a.yaml"), Path("b.yaml"), Path("c.yaml")))
    assert [Path(problem.file).name for problem in error.value.problems] == ["a.yaml", "b.yaml", "c.yaml"]


def test_modules_and_files_are_locations_of_the_callers_folder(tree):
    tree.write({"pkg/__init__.py": "", "pkg/defs.py": "", "jobs/x.py": "", "jobs/y.py": ""})
    workspace = _open(
        tree, modules=("pkg.defs",), python_files=(Path("jobs/x.py"), Path("jobs/y.py")), attribute="all_of_it"
    )
    assert (workspace.root, workspace.file) == (tree.root, None)
    assert [location.name for location in workspace.locations] == ["pkg.defs", "x", "y"]
    assert {location.target.attribute for location in workspace.locations} == {"all_of_it"}
    assert {location.root for location in workspace.locations} == {tree.root}
    assert {location.environment.kind for location in workspace.locations} == {"interpreter"}
    assert [problem for location in workspace.locations for problem in location.problems] == []


def test_a_working_directory_is_where_they_run(tree):
    tree.write({"legacy/defs.py": ""})
    (location,) = _open(tree, modules=("defs",), working_directory=Path("legacy")).locations
    assert (location.root, location.search_paths) == (tree.root / "legacy", (tree.root / "legacy",))


def test_a_file_with_metadata_has_its_own_environment(tree):
    tree.write({"x.py": "# /// script\n# dependencies = []\n# ///\n"})
    (location,) = _open(tree, python_files=(Path("x.py"),)).locations
    assert location.environment.kind == "script"


def test_two_files_of_one_name_are_told(tree):
    tree.write({"a/x.py": "", "b/x.py": ""})
    with pytest.raises(ConfigurationError) as error:
        _open(tree, python_files=(Path("a/x.py"), Path("b/x.py")))
    (problem,) = error.value.problems
    assert problem.message == f"two locations are called x (the other is in {tree.root / 'a/x.py'})"
    assert problem.file == str(tree.root / "b/x.py")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"files": (Path("a.yaml"),), "modules": ("m",)}, "--workspace excludes --module and --python-file"),
        ({"attribute": "defs"}, "--attribute belongs to --module or --python-file"),
        (
            {"files": (Path("a.yaml"),), "working_directory": Path()},
            "--working-directory belongs to --module or --python-file",
        ),
        ({"modules": ("a/b.py",)}, "'a/b.py' is no module's name"),
    ],
    ids=["workspace-and-module", "attribute-alone", "directory-and-workspace", "no-module"],
)
def test_what_makes_no_sense_together_is_refused(tree, given, message):
    with pytest.raises(UsageError) as error:
        _open(tree, **given)
    assert error.value.problems[0].message == message
