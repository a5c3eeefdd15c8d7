"""`atoll create workspace`."""

from __future__ import annotations

import json
import sys

import jsonschema
import pytest
import yaml

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: paths are written with slashes")

OWN = [".gitignore", ".workspace.schema.json", "README.md", "workspace.yaml"]


def listing(path):
    return sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())


def test_a_new_workspace_says_what_was_written_and_what_to_type_next(folder):
    told = folder.run("create", "workspace", "demo").ended(0)
    assert told.err == ""
    assert told.out.splitlines() == [
        "Created the workspace demo",
        *(f"  + demo/{name}" for name in OWN),
        "",
        "Next:",
        "  cd demo",
        "  atoll create location NAME   add a code location",
        "  atoll dev                    see it all on a page, live while you edit",
    ]
    assert listing(folder.path / "demo") == OWN
    assert (folder.path / "demo" / "locations").is_dir()


def test_the_json_has_the_same(folder):
    data = folder.run("create", "workspace", "demo", "--json").ended(0).json()["data"]
    root = folder.path / "demo"
    assert data == {
        "workspace": str(root),
        "notes": [],
        "written": [str(root / name) for name in OWN],
        "changed": [],
        "next": ["cd demo", "atoll create location NAME", "atoll dev"],
    }


def test_a_workflow_is_written_only_for_who_asks_for_it(folder):
    folder.run("create", "workspace", "with-it", "--ci", "github").ended(0)
    folder.run("create", "workspace", "without", "--ci", "none").ended(0)
    assert listing(folder.path / "with-it") == [".github/workflows/validate.yml", *OWN]
    assert listing(folder.path / "without") == OWN


def test_a_new_workspace_is_valid_by_the_schema_that_its_first_line_names(folder):
    folder.run("create", "workspace", "demo").ended(0)
    folder.run("create", "location", "sales", "--no-sync", inside="demo").ended(0)
    root = folder.path / "demo"
    text = (root / "workspace.yaml").read_text()
    pointer = text.splitlines()[0].rpartition("$schema=")[2]
    schema = json.loads((root / pointer).read_text())
    jsonschema.validate(yaml.safe_load(text), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"load_from": [{"projekt": "x"}]}, schema)


def test_what_is_there_is_never_written_over(folder):
    folder.write({"demo/mine": "x"})
    (folder.path / "empty").mkdir()
    (folder.path / "link").symlink_to("nowhere")
    for name in ("demo", "empty", "link"):
        told = folder.run("create", "workspace", name, "--json").ended(2)
        assert [problem["kind"] for problem in told.problems] == ["exists"]
    assert listing(folder.path) == ["demo/mine"]


def test_the_same_command_again_finds_everything_done_and_changes_nothing(folder):
    folder.run("create", "workspace", "demo", "--example", "islands", "--no-sync").ended(0)
    before = listing(folder.path)
    told = folder.run("create", "workspace", "demo", "--example", "islands", "--no-sync", "--json").ended(0)
    assert told.json()["data"]["written"] == []
    assert listing(folder.path) == before
    folder.write({"demo/workspace.yaml": "load_from: []\n"})
    folder.run("create", "workspace", "demo", "--example", "islands", "--no-sync").ended(2)
    assert (folder.path / "demo/workspace.yaml").read_text() == "load_from: []\n"


def test_an_example_that_there_is_not_is_said_with_those_that_there_are(folder):
    told = folder.run("create", "workspace", "demo", "--example", "atlantis").ended(2)
    assert "There is no example 'atlantis'" in told.err
    assert "islands" in told.err
    assert listing(folder.path) == []


def test_an_example_is_written_without_being_built_for_who_says_so(folder):
    told = folder.run("create", "workspace", "demo", "--example", "islands", "--no-sync", "--json").ended(0).json()
    assert told["data"]["next"][:2] == ["cd demo", "atoll sync"]
    assert not (folder.path / "demo" / ".atoll").exists()
    assert (folder.path / "demo" / "workspace.yaml").read_text().startswith("# yaml-language-server: $schema=")
    assert set(OWN) <= set(listing(folder.path / "demo"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("../x", "has a / in it; try x", id="a-parent"),
        pytest.param("class", "is a word of Python's; try class-data", id="a-keyword"),
        pytest.param("a b", "has a space in it; try a-b", id="a-space"),
        pytest.param("naïve", "has the letter ï in it; try naive", id="a-letter"),
        pytest.param("🏝", "has the character 🏝 in it; try workspace", id="an-emoji"),
        pytest.param("", "is empty; try workspace", id="nothing"),
        pytest.param(".hidden", "starts with a dot; try hidden", id="a-dot"),
    ],
)
def test_a_bad_name_gets_a_sentence_and_a_suggestion(folder, name, said):
    [problem] = folder.run("create", "workspace", "--json", "--", name).ended(2).problems
    why, _, suggestion = said.partition("; ")
    assert problem["kind"] == "invalid_name"
    assert problem["message"] == f"{name!r} can't be the name of a workspace: it {why}"
    assert problem["hint"].endswith(suggestion)
    assert listing(folder.path) == []
