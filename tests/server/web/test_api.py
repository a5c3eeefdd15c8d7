"""The API: every answer is as the served description says, and the same as `--json` gives."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.records import Event, Host, NewRun
from command_line import Folder

KINDS = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
MOVING = {"loaded_at", "seconds", "next_tick", "next_ticks", "phases", "pid"}
"""What differs from one load, or one moment, to another."""


def differences(one, other, path="$"):
    """Give what differs between two values, with where, but for what moves."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in dict.fromkeys([*one, *other]) if key not in MOVING]
        return [found for key in keys for found in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for number, pair in pairs for found in differences(*pair, f"{path}[{number}]")]
    return [] if one == other else [f"{path}: {str(one)[:300]} is not {str(other)[:300]}"]


def printed(served, *words, status=1):
    """Give what a command prints under `data`."""
    return Folder(served.folder).run(*words, "--json").ended(status).json()["data"]


def test_the_workspace_says_how_each_location_is(check, served):
    data = check("GET", "/api/workspace")["data"]
    assert data["root"] == str(served.folder)
    words = {location["name"]: location["word"] for location in data["locations"]}
    assert words == {"sales": "loaded", "stock": "stale", "sample": "loaded", "reports": "failed"}
    counts = {location["name"]: location["counts"] for location in data["locations"]}
    assert counts["stock"]["assets"] == 4
    assert counts["reports"] is None
    assert all(location["history"][-1]["trigger"] == "start" for location in data["locations"])


def test_locations_are_as_the_command_prints_them(check, served):
    rows = check("GET", "/api/locations")["data"]
    assert [(row.pop("word"), row.pop("activity")) for row in rows] == [
        ("loaded", "idle"),
        ("stale", "idle"),
        ("loaded", "idle"),
        ("failed", "idle"),
    ]
    assert differences(rows, printed(served, "list")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_are_as_the_command_prints_them(check, served, kind):
    every = check("GET", f"/api/{kind}")["data"]
    assert differences(every, printed(served, "list", kind)) == []
    assert {row["location"] for row in every} >= {"sales", "sample"}
    some = check("GET", f"/api/{kind}?location=sales&location=reports")["data"]
    assert some == [row for row in every if row["location"] == "sales"]


def test_every_definition_can_be_shown(check):
    shown = 0
    for kind in KINDS:
        for row in check("GET", f"/api/{kind}")["data"]:
            name = (
                f"{row['location']}:{row['asset']}:{row['name']}"
                if kind == "checks"
                else f"{row['location']}:{row['name']}"
            )
            data = check("GET", f"/api/show?kind={kind[:-1]}&name={quote(name, safe='')}")["data"]
            assert data["location"] == row["location"]
            shown += 1
    assert shown > 30


@pytest.mark.parametrize("name", ["sales", "stock", "reports", "sample"])
def test_every_location_can_be_shown(check, served, name):
    data = check("GET", f"/api/locations/{name}", template="/api/locations/{name}")["data"]
    assert check("GET", f"/api/show?kind=location&name={name}")["data"] == data
    expected = printed(served, "show", "location", name, status=1 if name in {"stock", "reports"} else 0)
    assert differences(data, expected) == []


def test_a_definition_is_as_the_command_prints_it(check, served):
    data = check("GET", "/api/show?kind=asset&name=sales/orders")["data"]
    assert data == printed(served, "show", "asset", "sales/orders")
    assert check("GET", "/api/show?kind=asset&name=stock/levels&location=stock")["data"]["stale"] is True


def test_the_graph_is_as_the_command_prints_it(check, served):
    assert check("GET", "/api/graph")["data"] == printed(served, "graph")
    selection = "+key:stock/forecast"
    some = check("GET", f"/api/graph?select={quote(selection)}")["data"]
    assert some == printed(served, "graph", "--select", selection)
    assert check("GET", "/api/graph?location=stock")["data"] == printed(served, "graph", "--location", "stock")
    rows = check("GET", "/api/assets?select=kind:csv")["data"]
    assert [row["name"] for row in rows if row["location"] == "sales"] == ["raw_orders"]


def test_findings_can_be_narrowed(check):
    every = check("GET", "/api/findings")["data"]
    assert {finding["location"] for finding in every} >= {"reports", "stock"}
    errors = check("GET", "/api/findings?severity=error")["data"]
    assert errors == [finding for finding in every if finding["severity"] == "error"]
    some = check("GET", "/api/findings?code=ATL30&location=reports")["data"]
    assert [(finding["code"], finding["location"]) for finding in some] == [("ATL301", "reports")]


def test_what_letters_find_is_as_described(check):
    found = check("GET", "/api/search?q=orders")["data"]
    assert {"asset"} <= {item["kind"] for item in found}


def test_health_says_which_server_answers(check, served):
    data = check("GET", "/api/health")["data"]
    assert (data["pid"], data["root"]) == (served.process.pid, str(served.folder))


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/locations/nowhere", 404, "There is no location 'nowhere'"),
        ("/api/assets?location=nowhere", 404, "There is no location 'nowhere'"),
        ("/api/graph?location=nowhere", 404, "There is no location 'nowhere'"),
        ("/api/show?kind=asset&name=nothing", 404, "There is no asset named 'nothing'"),
        ("/api/show?kind=check&name=no_duplicates", 404, "There are 2 checks named"),
        ("/api/show?kind=thing&name=x", 400, "There is no kind 'thing'"),
        ("/api/show?kind=asset", 400, "The parameter 'name' is missing"),
        ("/api/graph?select=(((", 400, "can't be read"),
        ("/api/assets?select=%22", 400, "a quote without an end"),
    ],
)
def test_what_makes_no_sense_is_told_as_described(check, path, status, words):
    template = "/api/locations/{name}" if path.startswith("/api/locations/") else None
    said = check("GET", path, template=template, status=status)
    assert words in said["problems"][0]["message"]
    assert said["data"] is None


def test_a_reload_is_answered_at_once_or_when_it_has_ended(check, served):
    said = check("POST", "/api/reload", status=202, json={"locations": ["sales"]})
    assert said["data"] == [{"name": "sales", "status": None, "load": None, "problems": []}]
    said = check("POST", "/api/reload", json={"locations": ["reports", "sales"], "wait": True})
    outcomes = {item["name"]: item for item in said["data"]}
    assert {name: item["status"] for name, item in outcomes.items()} == {"reports": "failed", "sales": "loaded"}
    assert outcomes["reports"]["load"]["trigger"] == "asked for"
    assert outcomes["reports"]["problems"][0]["code"] == "ATL301"
    assert check("GET", "/api/workspace")["revision"] >= said["revision"]


def test_runs_are_as_the_commands_print_them(check, served):
    folder = Folder(served.folder)
    with Instance(StateFolder(served.folder / ".atoll")).open_storage() as storage:
        run = storage.runs.create(NewRun(selection="orders", tags={"team": "sales"}, partition="a"))
        other = storage.runs.create(NewRun(kind="job", job="tidy", location="sales", parent=run.id))
        storage.runs.take(run.id, Host("elsewhere", 1), lease=3600)
        problem = {"kind": "exception", "message": "ValueError: no", "frames": []}
        events = [
            Event(1, 1.0, "step_started", "orders", "sales", {"attempt": 1}),
            Event(2, 2.0, "log", "orders", "sales", {"level": "warning", "message": "Beware"}),
            Event(3, 3.0, "step_failed", "orders", "sales", {"problem": problem}),
        ]
        storage.events.append(run.id, events)
        storage.logs.append(run.id, b"printed", start=0, location="sales", step="orders")
        listed = check("GET", "/api/runs")["data"]
        assert listed == folder.run("runs", "list", "--json").ended(0).json()["data"]
        assert [one["number"] for one in check("GET", "/api/runs?tag=team=sales&status=starting")["data"]] == [
            run.number
        ]
        before = check("GET", f"/api/runs?before={other.number}&limit=1")["data"]
        assert [one["number"] for one in before] == [run.number]
        shown = check("GET", f"/api/runs/{run.number}", template="/api/runs/{run}")["data"]
        problems = shown.pop("problems")
        printed = folder.run("runs", "show", run.id, "--json").json()
        assert shown == printed["data"]
        assert [problem["message"] for problem in problems] == ["ValueError: no"]
        said = folder.run("runs", "logs", run.id, "--events", "--json").ended(0).json()["data"]
        template = "/api/runs/{run}/events"
        assert check("GET", f"/api/runs/{run.id}/events", template=template)["data"] == said["events"]
        warned = check("GET", f"/api/runs/{run.number}/events?level=warning&q=beware", template=template)["data"]
        assert [event["number"] for event in warned] == [2]
        output = check("GET", f"/api/runs/{run.number}/logs", template="/api/runs/{run}/logs")["data"]
        assert [(one["step"], one["text"], one["size"]) for one in output] == [("orders", "printed", 7)]
        canceled = check(
            "POST", f"/api/runs/{other.number}/cancel", template="/api/runs/{run}/cancel", status=202, json={}
        )["data"]
        assert canceled["status"] == "canceled"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/api/runs/987654", 404, "There is no run 987654"),
        ("POST", "/api/runs/987654/cancel", 404, "There is no run 987654"),
        ("POST", "/api/runs/987654/retry", 404, "There is no run 987654"),
        ("GET", "/api/runs?status=lost", 400, "There is no status 'lost'"),
        ("GET", "/api/runs?limit=many", 400, "limit is no number"),
    ],
)
def test_runs_that_are_not_there_are_told(check, method, path, status, words):
    template = path.partition("?")[0].replace("987654", "{run}")
    more = {"json": {}} if method == "POST" else {}
    said = check(method, path, template=template, status=status, **more)
    assert words in said["problems"][0]["message"]


def test_the_description_is_whole(described):
    assert described["openapi"].startswith("3.1")
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(described)
    references = {part.partition(chr(34))[0] for part in text.split('"$ref": "')[1:]}
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references <= known
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
    for path, operations in described["paths"].items():
        assert all(f"`{method.upper()} {path}`" in page for method in operations)


def test_every_route_of_the_api_is_described(described):
    from atoll_host.server.live.hub import Hub
    from atoll_host.server.web.application import make_application
    from atoll_host.server.web.settings import Settings

    app = make_application(Hub(), None, Settings())
    paths = {route.path.replace(":path", "") for route in app.routes if route.path.startswith("/api/")}
    assert paths == set(described["paths"])
