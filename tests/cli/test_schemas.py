"""The JSON of every command is as its published schema says, down to the last key."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from reports import drawn, report
from rich.cells import cell_len
from schemas import CLI, WORKSPACE, complaints, schema_files, schema_of

from atoll_host.cli.views.graphs.tree import draw_tree
from atoll_host.cli.views.listings import draw_listing
from atoll_host.cli.views.showing.sheets import draw
from atoll_host.workspace.describing.details import describe
from atoll_host.workspace.describing.finding import find
from atoll_host.workspace.describing.rows import rows
from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.graph.part import choose_part
from command_line import Folder

SAMPLE = Path(__file__).parent.parent / "sdk" / "samples" / "everything.py"

ENVELOPE = ["format", "command", "exit_status", "problems", "data"]
PROBLEM = [
    "code",
    "location",
    "kind",
    "message",
    "hint",
    "file",
    "line",
    "column",
    "frames",
    "detail",
    "severity",
]
COMMANDS = [
    ("list",),
    *((("list", kind)) for kind in ("assets", "checks", "jobs", "schedules", "sensors", "resources", "pythons")),
    ("graph",),
    ("show", "asset", "sales/orders"),
    ("show", "asset", "raw_orders"),
    ("show", "asset", "stock:feed"),
    ("show", "check", "sales:no_duplicates"),
    ("show", "job", "refresh"),
    ("show", "job", "tidy"),
    ("show", "schedule", "nightly"),
    ("show", "schedule", "hourly"),
    ("show", "sensor", "files_arrived"),
    ("show", "sensor", "levels_changed"),
    ("show", "resource", "warehouse"),
    ("show", "location", "sales"),
    ("show", "asset", "not/there"),
    ("validate",),
    ("doctor",),
    ("env", "sales", "--show", "PATH"),
    ("explain",),
    ("explain", "ATL301"),
    ("sync",),
    ("lock",),
    ("clean",),
]


def command_of(words):
    return " ".join(words[:2]) if words[0] == "list" else words[0]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_output_of_a_command_is_as_its_schema_says(healthy, words):
    outcome = healthy.run(*words, "--json")
    # Two of its definitions are such that validate has something to say.
    assert outcome.status in ((1,) if words == ("validate",) else (0, 2)), outcome
    assert complaints(schema_of(command_of(words)), outcome.json()) == []


@pytest.mark.parametrize(
    "words", [("list",), ("list", "assets"), ("show", "asset", "stock/levels"), ("graph",), ("validate",)], ids=" ".join
)
def test_beside_a_broken_location_the_output_is_as_its_schema_says(broken, words):
    outcome = broken.run(*words, "--json").ended(1)
    assert complaints(schema_of(command_of(words)), outcome.json()) == []


def test_an_output_without_data_has_the_envelope_too(folder):
    outcome = folder.write({"workspace.yaml": "load_form: []\n"}).run("list", "--json").ended(1)
    assert outcome.json()["data"] is None
    assert complaints(schema_of("list"), outcome.json()) == []


def test_the_outputs_of_commands_that_write_are_as_their_schemas_say(tmp_path, python):
    folder = Folder(tmp_path)
    assert (
        complaints(schema_of("create workspace"), folder.run("create", "workspace", "demo", "--json").ended(0).json())
        == []
    )
    folder.write({"demo/reports.py": "import atoll\n\n\ndefs = atoll.Definitions()\n"})
    steps = [
        ("add", "reports.py"),
        ("create", "asset", "orders", "--location", "reports"),
        ("create", "check", "not_empty", "--location", "reports", "--asset", "orders"),
        ("create", "job", "refresh", "--location", "reports", "--select", "*"),
        ("create", "schedule", "nightly", "--location", "reports", "--job", "refresh", "--cron", "0 6 * * *"),
        ("create", "sensor", "files", "--location", "reports", "--job", "refresh"),
        ("create", "resource", "warehouse", "--location", "reports"),
        ("rename", "reports", "monthly"),
        ("remove", "monthly"),
    ]
    for step in steps:
        outcome = folder.run(*step, "--json", inside="demo").ended(0)
        name = " ".join(step[:2]) if step[0] == "create" else step[0]
        assert complaints(schema_of(name), outcome.json()) == [], step


def test_every_command_with_json_has_a_schema_and_a_place_in_the_docs():
    from typer.main import get_command

    from atoll_host.cli.app import app

    def commands(command, path=()):
        if any("--json" in parameter.opts for parameter in command.params):
            yield " ".join(path)
        for name, child in getattr(command, "commands", {}).items():
            yield from commands(child, (*path, name))

    found = {f"{name.replace(' ', '-')}.schema.json" for name in commands(get_command(app))}
    assert found | {"common.schema.json"} == {file.name for file in CLI.glob("*.json")}
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
    assert [name for name in found if f"cli/schemas/{name}" not in page] == []


def test_the_keys_of_the_envelope_and_of_a_problem_are_pinned(broken):
    data = broken.run("list", "--json").ended(1).json()
    assert list(data) == ENVELOPE
    assert data["format"] == 1
    assert list(data["problems"][0]) == PROBLEM
    assert list(data["problems"][0]["frames"][0]) == ["file", "line", "function", "source"]
    envelope = json.loads((CLI / "common.schema.json").read_text("utf-8"))["$defs"]["envelope"]
    assert list(envelope["properties"]) == envelope["required"] == ENVELOPE
    problem = json.loads((WORKSPACE / "described.schema.json").read_text("utf-8"))["$defs"]["problem"]
    assert list(problem["properties"]) == problem["required"] == PROBLEM


@pytest.mark.parametrize("file", schema_files().values(), ids=lambda file: file.name)
def test_every_published_schema_is_one_and_says_of_which_draft(file):
    schema = json.loads(file.read_text("utf-8"))
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere():
    defined = {address: json.loads(file.read_text("utf-8")) for address, file in schema_files().items()}

    def references(schema):
        if isinstance(schema, dict):
            yield from ([schema["$ref"]] if isinstance(schema.get("$ref"), str) else [])
            yield from (found for value in schema.values() for found in references(value))
        elif isinstance(schema, list):
            yield from (found for value in schema for found in references(value))

    from urllib.parse import urljoin

    for address, schema in defined.items():
        for reference in references(schema):
            target, _, pointer = urljoin(address, reference).partition("#")
            found = defined[target or address]
            for part in pointer.strip("/").split("/") if pointer else ():
                found = found[part]


def test_a_stored_snapshot_is_as_its_schema_says(healthy):
    healthy.run("list").ended(0)
    files = sorted((healthy.path / ".atoll" / "snapshots").glob("*.json"))
    assert [file.stem for file in files] == ["sales", "stock"]
    address = next(address for address in schema_files() if address.endswith("/snapshot.schema.json"))
    for file in files:
        assert complaints(address, json.loads(file.read_text("utf-8"))) == []


def test_what_is_not_told_is_found_by_these_tests():
    wrong = {"format": 1, "command": "list", "exit_status": 0, "problems": [], "data": [{"name": "x"}], "more": 1}
    assert any("more" in complaint for complaint in complaints(schema_of("list"), wrong))
    assert any("'status' is a required" in complaint for complaint in complaints(schema_of("list"), wrong))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Give the report of the SDK's sample, which uses every argument of every constructor."""
    folder = Folder(tmp_path_factory.mktemp("sample"))
    entry = {"relative_path": str(SAMPLE), "location_name": "sample", "executable_path": sys.executable}
    folder.write({"workspace.yaml": json.dumps({"load_from": [{"python_file": entry}]})})
    outcome = folder.run("list", "--json")
    assert outcome.json()["data"][0]["status"] == "loaded", outcome.problems
    stored = json.loads((folder.path / ".atoll" / "snapshots" / "sample.json").read_text("utf-8"))
    return report("sample", stored["definitions"])


def test_the_sample_of_everything_is_as_the_schema_of_snapshots_says(sample):
    address = next(address for address in schema_files() if address.endswith("/snapshot.schema.json"))
    assert complaints(address, sample.definitions, "/$defs/definitions") == []


@pytest.mark.parametrize("kind", ["asset", "check", "job", "schedule", "sensor", "resource"])
def test_every_definition_of_the_sample_can_be_listed_and_shown(sample, kind):
    graph = merge_reports([sample])
    envelope = {"format": 1, "exit_status": 0, "problems": []}
    found = [find(kind, f"sample:{name}", [sample]) for name in full_names(sample, kind)]
    assert found
    described = [{**envelope, "command": "show", "data": describe(item, graph)} for item in found]
    assert {complaint for output in described for complaint in complaints(schema_of("show"), output)} == set()
    listed = {**envelope, "command": f"list {kind}s", "data": rows(f"{kind}s", [sample])}
    assert complaints(schema_of(f"list {kind}s"), listed) == []
    for output in described:
        text = drawn(lambda out, data=output["data"]: draw(out, data))
        assert not set(text) & {"\x1b", "\r", "\x07"}
        # Words that are longer than a line stay whole, and only they may go over the edge.
        assert [line for line in text.splitlines() if cell_len(line) > 80 and len(line.split()) > 2] == []
    assert drawn(lambda out: draw_listing(out, f"{kind}s", listed["data"])).count("\n") == len(found) + 1


def full_names(sample, kind):
    for item in sample.definitions[f"{kind}s"]:
        name = item["key" if kind == "asset" else "name"]
        yield f"{item['asset']}:{name}" if kind == "check" else name


def test_the_graph_of_the_sample_is_as_its_schema_says(sample):
    part = choose_part(merge_reports([sample]), None, None)
    output = {"format": 1, "command": "graph", "exit_status": 0, "problems": [], "data": part.to_json()}
    assert complaints(schema_of("graph"), output) == []
    assert len(drawn(lambda out: draw_tree(out, part)).splitlines()) >= len(part.graph.nodes)
