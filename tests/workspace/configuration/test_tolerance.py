"""A mistake in workspace.yaml leaves out what it concerns and nothing else, where that is asked for."""

from __future__ import annotations

import pytest

from atoll_host.envs.errors import ConfigurationError
from atoll_host.workspace.configuration import open_sources, open_workspace
from atoll_host.workspace.sources import Sources

GOOD = "load_from:\n  - python_file: good.py\n"


@pytest.fixture
def opened(tmp_path):
    """Write a workspace.yaml and open it tolerantly; strictly, it is all refused, with the same sentences."""

    def open_it(text, **files):
        (tmp_path / "good.py").touch()
        (tmp_path / "bad.py").touch()
        for name, content in files.items():
            file = tmp_path / name / "pyproject.toml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(content)
        (tmp_path / "workspace.yaml").write_text(text)
        workspace = open_workspace(tmp_path, variables={}, tolerant=True)
        with pytest.raises(ConfigurationError) as caught:
            open_workspace(tmp_path, variables={})
        said = [*workspace.problems, *(problem for location in workspace.locations for problem in location.problems)]
        assert {problem.message for problem in caught.value.problems} == {problem.message for problem in said}
        assert all(problem.line for problem in said)
        return workspace

    return open_it


def problems(workspace):
    """Give the messages of the workspace under None, those of locations by name."""
    found = {location.name: [one.message for one in location.problems] for location in workspace.locations}
    return {None: [problem.message for problem in workspace.problems], **found}


ENTRIES = [
    pytest.param("timeot: 5", "unknown key timeot in python_file", id="unknown-key"),
    pytest.param("timeout: soon", "timeout of python_file must be a number of seconds above 0, not 'soon'", id="type"),
    pytest.param("executable_path: {env: NOWHERE}", "the environment variable 'NOWHERE', which executable_path of python_file names, is not set", id="variable"),
    pytest.param("tags: {a: b}", "tags of python_file must be text or {env: NAME}, not a mapping", id="list"),
    pytest.param("attribute: a-b", "attribute of python_file is 'a-b', which is no Python name", id="attribute"),
    pytest.param("validate: {ignore: ATL9}", "ignore of validate of python_file: 'ATL9' is no code, and no code begins so", id="codes"),
    pytest.param("requirements: r.txt\n      executable_path: python", "python_file has both executable_path and requirements: an interpreter is used as it is", id="both"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message"), ENTRIES)
def test_what_is_wrong_with_an_entry_is_a_problem_of_its_location(opened, line, message):
    workspace = opened(f"{GOOD}  - python_file:\n      relative_path: bad.py\n      {line}\n")
    found = problems(workspace)
    assert found[None] == found["good"] == []
    assert message in found["bad"]
    assert workspace.whole


def test_a_name_that_cannot_be_one_is_not_used(opened):
    workspace = opened(f"{GOOD}  - python_file: {{relative_path: bad.py, location_name: ../up}}\n")
    assert [location.name for location in workspace.locations] == ["good", "bad"]
    assert len(problems(workspace)["bad"]) == 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("", "an entry of load_from is empty"),
        ("- x", "an entry of load_from must be a mapping, not a list"),
        ("pythn_file: a.py", "unknown key pythn_file in an entry of load_from"),
        ("python_file: {location_name: bad}", "python_file does not say its relative_path"),
        ("python_file: {env: NOWHERE}", "the environment variable 'NOWHERE', which python_file names, is not set"),
        ("grpc_server: {port: 4}", "grpc_server is not supported"),
        ("project: nothing/*", "nothing/* matches no folder"),
        ("python_file: ./good.py", "two locations are called good"),
    ],
)
def test_an_entry_that_is_no_location_is_a_problem_of_the_workspace(opened, entry, message):
    workspace = opened(f"{GOOD}  - {entry}\n")
    found = problems(workspace)
    assert list(found) == [None, "good"]
    assert found["good"] == []
    assert [one for one in found[None] if one.startswith(message)], found
    # What the missing one has is not said to be nowhere.
    assert not workspace.whole


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("tiemout: 4", "unknown key tiemout in workspace.yaml"),
        ("timeout: soon", "timeout must be a number of seconds above 0, not 'soon'"),
        ("memory: much", "memory must be a size from 16 MiB on, not 'much'"),
        ("backend: pip", "backend must be uv or virtualenv, not 'pip'"),
        ("validate: {select: ATL9}", "select of validate: 'ATL9' is no code, and no code begins so"),
    ],
)
def test_what_is_wrong_beside_the_entries_leaves_the_locations(opened, line, message):
    assert problems(opened(f"{GOOD}{line}\n")) == {None: [message], "good": []}


def test_without_a_variables_file_of_the_workspace_no_location_is_loaded(opened):
    found = problems(opened(f"env_file: nowhere.env\n{GOOD}"))
    assert found[None] == []
    assert len(found["good"]) == 1
    assert "nowhere.env" in found["good"][0]


def test_what_is_wrong_with_a_pattern_is_said_once_and_its_projects_are_there(opened):
    project = '[project]\nname = "NAME"\n[tool.atoll]\nmodule = "NAME"\n'
    projects = {name: project.replace("NAME", name) for name in ("p1", "p2")}
    found = problems(opened("load_from:\n  - project: {path: 'p*', location_name: x, timeot: 4}\n", **projects))
    assert found == {
        None: ["location_name can't name the 2 projects that p* matches", "unknown key timeot in project"],
        "p1": [],
        "p2": [],
    }


@pytest.mark.parametrize(
    "text",
    ["", "load_from: [\n", "- a\n", "load_from: 3\n", "load_from:\n  - x\n", "load_form: []\n", "\0"],
)
def test_where_no_location_is_left_it_is_an_error(tmp_path, text):
    (tmp_path / "workspace.yaml").write_text(text)
    with pytest.raises(ConfigurationError):
        open_workspace(tmp_path, variables={}, tolerant=True)


def test_of_several_files_the_good_ones_are_opened(tmp_path):
    for name, text in (("a", GOOD), ("b", "load_from: ["), ("c", f"{GOOD}timeot: 4\n"), ("d", "")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "good.py").touch()
        (folder / "workspace.yaml").write_text(text.replace("good.py", f"../{name}.py"))
        (tmp_path / f"{name}.py").touch()
    files = tuple(tmp_path / name / "workspace.yaml" for name in "bacd")
    workspace = open_sources(tmp_path, Sources(files), variables={}, tolerant=True)
    assert [location.name for location in workspace.locations] == ["a", "c"]
    assert [problem.file for problem in workspace.problems] == [str(files[0]), str(files[3]), str(files[2])]
    assert (workspace.root, workspace.whole) == (tmp_path / "b", False)
