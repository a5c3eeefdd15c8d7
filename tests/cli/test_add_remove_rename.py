"""`atoll add`, `atoll remove` and `atoll rename`."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: paths are written with slashes")

CODE = "from atoll import Definitions\n\ndefs = Definitions()\n"
PROJECT = '# ours\n[project]\nname = "sales"  # the shop\nversion = "1"\n\n[tool.atoll]  # ours too\nmodule = "sales"\n'
WORKSPACE = f"""\
# everything we have
load_from:
  - project: sales    # since 2019
  - python_file:      # by hand
      relative_path: mine.py
      executable_path: {sys.executable}
# the end
"""
FILES = {"workspace.yaml": WORKSPACE, "sales/pyproject.toml": PROJECT, "sales/sales.py": CODE, "mine.py": CODE}


@pytest.fixture
def workspace(folder):
    """A workspace of a project and a file."""
    return folder.write(FILES)


def read(folder, name):
    return (folder.path / name).read_text()


def test_a_file_is_added_behind_the_others_and_says_what_comes_next(workspace):
    workspace.write({"reports/monthly.py": CODE})
    told = workspace.run("add", "reports/monthly.py").ended(0)
    assert told.out.splitlines() == [
        "Added monthly",
        "  ~ workspace.yaml",
        "",
        "Next:",
        "  atoll sync monthly   build its environment, if it has its own",
        "  atoll validate       see that all is well",
    ]
    assert read(workspace, "workspace.yaml") == WORKSPACE.replace(
        "# the end\n", "  - python_file: reports/monthly.py\n# the end\n"
    )


def test_paths_start_where_the_caller_stands(workspace):
    workspace.write({"reports/monthly.py": CODE})
    data = workspace.run("add", "monthly.py", "--name", "month", "--json", inside="reports").ended(0).json()["data"]
    assert data["locations"] == ["month"]
    assert "      relative_path: reports/monthly.py\n      location_name: month\n" in read(workspace, "workspace.yaml")


def test_an_interpreter_loads_what_is_named_behind_it(workspace):
    workspace.write({"legacy.py": CODE})
    workspace.run("add", sys.executable, "legacy.py").ended(0)
    assert f"executable_path: {sys.executable}\n" in read(workspace, "workspace.yaml").partition("legacy.py")[2]
    workspace.run("validate", "legacy").ended(0)


def test_a_module_that_is_nowhere_here_may_be_installed_for_the_interpreter_before_it(workspace):
    refused = workspace.run("add", "json.tool").ended(2)
    assert "`atoll add PYTHON json.tool`" in refused.err
    workspace.run("add", sys.executable, "json.tool").ended(0)
    assert "module_name: json.tool\n" in read(workspace, "workspace.yaml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["sales"], "is in the workspace already (line 3)", id="there"),
        pytest.param(["./nowhere"], "nowhere", id="nowhere"),
        pytest.param(["nowhere"], "there is no module, file or folder nowhere in ", id="a-word"),
        pytest.param(
            ["nowhere.definitions"], "there is no module, file or folder nowhere.definitions in ", id="dotted"
        ),
        pytest.param(["workspace.yaml"], "is no Python file, no project and no interpreter", id="something-else"),
        pytest.param(["mine.py", "--name", "a b"], "has a space in it", id="a-bad-name"),
        pytest.param(["mine.py", "--python", "three"], "'three' is no version of Python", id="a-bad-version"),
        pytest.param([], "PATH is missing", id="nothing"),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_changes(workspace, words, said):
    [problem] = workspace.run("add", "--json", *words).ended(2).problems
    assert said in problem["message"]
    assert {name: read(workspace, name) for name in FILES} == FILES


def test_a_location_is_removed_with_its_lines_and_its_files_stay(workspace):
    told = workspace.run("remove", "mine").ended(0)
    assert told.out.startswith("Removed mine from workspace.yaml\n  ~ workspace.yaml\n")
    assert "atoll clean   remove what was built for it" in told.out
    assert read(workspace, "workspace.yaml") == (
        "# everything we have\nload_from:\n  - project: sales    # since 2019\n# the end\n"
    )
    assert read(workspace, "mine.py") == CODE


def test_a_project_is_renamed_in_its_own_file_and_every_comment_stays(workspace):
    told = workspace.run("rename", "sales", "sales-eu").ended(0)
    assert told.out.startswith("Renamed sales to sales-eu\n  ~ sales/pyproject.toml\n")
    assert "  atoll sync sales-eu   build its environment under the new name" in told.out
    text = read(workspace, "sales/pyproject.toml")
    assert [line for line in text.splitlines() if "#" in line] == [line for line in PROJECT.splitlines() if "#" in line]
    assert read(workspace, "workspace.yaml") == WORKSPACE
    listed = workspace.run("list", "--json").json()["data"]
    assert [one["name"] for one in listed] == ["sales-eu", "mine"]


def test_a_file_is_renamed_in_workspace_yaml(workspace):
    workspace.run("rename", "mine", "ours").ended(0)
    assert "      location_name: ours\n" in read(workspace, "workspace.yaml")
    assert workspace.run("validate", "ours", "--json").ended(0).json()["problems"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["remove", "sails"], "There is no location 'sails'", id="remove-unknown"),
        pytest.param(["remove"], "LOCATION is missing", id="remove-nothing"),
        pytest.param(["rename", "sails", "x"], "There is no location 'sails'", id="rename-unknown"),
        pytest.param(["rename", "sales", "mine"], "There is a location mine already", id="rename-to-a-taken-name"),
        pytest.param(["rename", "sales", "class"], "is a word of Python's", id="rename-to-a-bad-name"),
        pytest.param(["rename", "sales", "../x"], "has a / in it", id="rename-to-a-path"),
        pytest.param(["rename", "sales"], "NEW is missing", id="rename-to-nothing"),
    ],
)
def test_what_cannot_be_changed_is_said_and_nothing_changes(workspace, words, said):
    [problem] = workspace.run(*words, "--json").ended(2).problems
    assert said in problem["message"]
    assert problem["hint"]
    assert {name: read(workspace, name) for name in FILES} == FILES
