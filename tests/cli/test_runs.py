"""`atoll runs`: what became of runs, what they printed, and what is done with them."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys

import pytest
from rich.console import Console
from run_workspaces import parts, read, start, stored, write_locations
from schemas import complaints, schema_of

from atoll_host.cli.views.runs.summary import draw_run
from tests_support import until

HEAD = "from atoll import *\nimport os, sys, time, pathlib\nHERE = pathlib.Path(__file__).parent\n"
FLAKY = """
def note(name):
    with open(HERE / "ran.txt", "a") as file:
        file.write(name + " ")
@asset
def first() -> int:
    note("first")
    return 1
@asset
def second(first: int) -> int:
    note("second")
    if not (HERE / "mended").exists():
        raise RuntimeError("not yet")
    return first + 1
@asset
def third(second: int) -> int:
    note("third")
    return second + 1
@op
def one():
    note("one")
    return {"value": 1}
@op
def two(x):
    note("two")
    if not (HERE / "mended").exists():
        raise RuntimeError("not yet")
    return {"value": x["value"] + 1}
@op
def three(x):
    note("three")
    (HERE / "result").write_text(str(x["value"]))
@job
def counting():
    three(two(one()))
defs = Definitions(assets=[first, second, third], jobs=[counting])
"""


@pytest.fixture
def write(tmp_path):
    def write(text, **others):
        files = {"main.py": HEAD + text, **{f"{name}.py": HEAD + other for name, other in others.items()}}
        return write_locations(tmp_path, files, dict.fromkeys(files, sys.executable))

    return write


@pytest.fixture
def flaky(write):
    return write(FLAKY)


def ran(folder):
    names = (folder.path / "ran.txt").read_text().split()
    (folder.path / "ran.txt").unlink()
    return names


def test_before_the_first_run_there_are_none_and_nothing_is_made(flaky):
    assert flaky.run("runs", "list", "--json").ended(0).json()["data"] == []
    assert "No runs yet" in flaky.run("runs", "list").ended(0).out
    assert not (flaky.path / ".atoll" / "runs.db").exists()


def test_runs_are_listed_the_newest_first_and_filtered(flaky):
    flaky.run("materialize", "first", "--tag", "team=sales").ended(0)
    flaky.run("run", "counting").ended(1)
    outcome = flaky.run("runs", "list", "--json").ended(0)
    assert complaints(schema_of("runs list"), outcome.json()) == []
    assert [(run["number"], run["status"], run["job"]) for run in outcome.json()["data"]] == [
        (2, "failed", "counting"),
        (1, "succeeded", None),
    ]
    for words, numbers in (
        (["--status", "failed"], [2]),
        (["--job", "counting"], [2]),
        (["--asset", "first"], [1]),
        (["--tag", "team=sales"], [1]),
        (["--tag", "team"], [1]),
        (["--limit", "1"], [2]),
    ):
        listed = flaky.run("runs", "list", *words, "--json").ended(0).json()["data"]
        assert [run["number"] for run in listed] == numbers, words
    assert "step 'two' failed" in flaky.run("runs", "list").ended(0).out


def test_a_run_is_shown_with_its_steps_and_what_went_wrong(flaky):
    flaky.run("materialize", "*").ended(1)
    outcome = flaky.run("runs", "show", "1", "--json").ended(0)
    assert complaints(schema_of("runs show"), outcome.json()) == []
    data = outcome.json()["data"]
    assert {step["key"]: step["status"] for step in data["steps"]} == {
        "first": "succeeded",
        "second": "failed",
        "third": "skipped",
    }
    assert flaky.run("runs", "show", data["id"][:13]).ended(0).err.count("RuntimeError: not yet") == 1
    assert "third" in flaky.run("runs", "show", "1").ended(0).out


def test_a_retry_makes_what_was_not_made_and_reads_the_rest(flaky):
    flaky.run("materialize", "*").ended(1)
    assert ran(flaky) == ["first", "second"]
    plan = flaky.run("runs", "retry", "1", "--dry-run", "--json").ended(0)
    assert complaints(schema_of("runs retry"), plan.json()) == []
    assert plan.json()["data"]["stages"][0]["assets"] == ["second", "third"]
    flaky.write({"mended": ""})
    outcome = flaky.run("runs", "retry", "1", "--json").ended(0)
    assert complaints(schema_of("runs retry"), outcome.json()) == []
    assert ran(flaky) == ["second", "third"]
    first = flaky.run("runs", "show", "1", "--json").ended(0).json()["data"]
    assert (outcome.json()["data"]["parent"], outcome.json()["data"]["root"]) == (first["id"], first["id"])
    assert stored(flaky) == {"first.json": 1, "second.json": 2, "third.json": 3}
    assert (
        "succeeded: nothing of it is left" in flaky.run("runs", "retry", "2", "--json").ended(2).problems[0]["message"]
    )


def test_a_retry_of_a_job_executes_the_steps_that_are_left_with_the_values_of_runs_before(flaky):
    flaky.run("run", "counting").ended(1)
    assert ran(flaky) == ["one", "two"]
    flaky.run("runs", "retry", "1").ended(1)
    assert ran(flaky) == ["two"]
    flaky.write({"mended": ""})
    flaky.run("runs", "retry", "2").ended(0)
    assert ran(flaky) == ["two", "three"]
    assert (flaky.path / "result").read_text() == "2"


def test_logs_are_shown_by_step(write):
    folder = write(
        """
@asset
def loud(context) -> int:
    print("to stdout")
    context.log.error("something %s", "odd")
    os.system("echo from a child")
    return 1
@asset
def quiet(loud) -> int: return 1
print("at import")
defs = Definitions(assets=[loud, quiet])
"""
    )
    folder.run("materialize", "*").ended(0)
    text = folder.run("runs", "logs", "1").ended(0).out
    assert "error" in text
    assert "something odd" in text
    assert [line for line in text.splitlines() if line.startswith("loud | ")] == [
        "loud | to stdout",
        "loud | from a child",
    ]
    assert "main | at import" in text
    assert "at import" not in folder.run("runs", "logs", "1", "--step", "loud").ended(0).out
    events = folder.run("runs", "logs", "1", "--events", "--json").ended(0)
    assert complaints(schema_of("runs logs"), events.json()) == []
    kinds = [event["type"] for event in events.json()["data"]["events"]]
    assert kinds[:2] == ["run_started", "steps_planned"]
    assert kinds[-1] == "run_succeeded"
    assert [event["number"] for event in events.json()["data"]["events"]] == list(range(1, len(kinds) + 1))


def test_logs_can_be_followed_to_the_end_of_a_run(write):
    folder = write(
        """
@asset
def slow(context) -> int:
    context.log.info("begun")
    while not (HERE / "go").exists():
        time.sleep(0.02)
    context.log.info("done")
    return 1
defs = Definitions(assets=[slow])
"""
    )
    folder.run("materialize", "slow", "--detach").ended(0)
    command = start(folder, "runs", "logs", "1", "--follow")
    assert b"begun" in command.stdout.readline()
    folder.write({"go": ""})
    out, err = command.communicate(timeout=60)
    assert command.returncode == 0, err
    assert b"done" in out


def test_a_run_that_has_ended_can_not_be_canceled(flaky):
    flaky.run("materialize", "first").ended(0)
    (problem,) = flaky.run("runs", "cancel", "1", "--json").ended(2).problems
    assert problem["message"] == "Run 1 has succeeded already"


def test_a_run_is_canceled_during_the_set_up_of_a_resource(write):
    folder = write(
        """
@resource
def first(context):
    yield 1
    (HERE / "first closed").touch()
@resource(required_resource_keys={"first"})
def second(context):
    (HERE / "opening").touch()
    time.sleep(60)
    yield 2
@asset(required_resource_keys={"second"})
def one(context) -> int:
    (HERE / "done").touch()
    return 1
defs = Definitions(assets=[one], resources={"first": first, "second": second})
"""
    )
    command = start(folder, "materialize", "one", "--json")
    assert until((folder.path / "opening").exists)
    os.kill(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130, err
    assert json.loads(out)["data"]["status"] == "canceled"
    assert (folder.path / "first closed").exists()
    assert not (folder.path / "done").exists()


def test_a_run_is_canceled_during_its_tear_down_and_that_goes_on_to_its_end(write):
    folder = write(
        """
@resource
def connection(context):
    yield 1
    (HERE / "closing").touch()
    deadline = time.time() + 1
    while time.time() < deadline:
        time.sleep(0.02)
    (HERE / "closed").touch()
@asset(required_resource_keys={"connection"})
def one(context) -> int: return 1
defs = Definitions(assets=[one], resources={"connection": connection})
"""
    )
    command = start(folder, "materialize", "one", "--json")
    assert until((folder.path / "closing").exists)
    os.kill(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert json.loads(out)["data"]["status"] in ("succeeded", "canceled"), err
    assert read(folder, "SELECT count(*) FROM runs WHERE ended IS NULL") == [(0,)]


def test_a_value_whose_writer_is_killed_leaves_the_old_one_and_no_part(write):
    folder = write(
        """
class Deadly:
    def __reduce__(self):
        os.kill(os.getpid(), 9)
@asset
def value() -> object:
    return [Deadly()] if (HERE / "deadly").exists() else {1, 2, 3}
defs = Definitions(assets=[value])
"""
    )
    folder.run("materialize", "value").ended(0)
    before = (folder.path / ".atoll" / "storage" / "value.pickle").read_bytes()
    folder.write({"deadly": ""})
    outcome = folder.run("materialize", "value", "--json").ended(1)
    assert "SIGKILL" in outcome.problems[0]["message"]
    assert (folder.path / ".atoll" / "storage" / "value.pickle").read_bytes() == before
    assert parts(folder) == []


def test_the_storage_is_where_the_instance_says(flaky, tmp_path):
    flaky.write({"instance.yaml": "storage: sqlite:///elsewhere.db\n"})
    flaky.run("materialize", "first").ended(0)
    assert (tmp_path / "elsewhere.db").exists()
    assert len(flaky.run("runs", "list", "--json").ended(0).json()["data"]) == 1


def test_definitions_that_change_unseen_end_the_run_before_anything_is_done(write):
    folder = write(
        """
import time as clock
names = ["one"] if clock.time() % 2 < -1 else [f"made_{os.getpid()}"]
def make(name):
    @asset(name=name)
    def made() -> int:
        (HERE / "done").touch()
        return 1
    return made
defs = Definitions(assets=[make(name) for name in names])
"""
    )
    folder.run("list").ended(0)
    # A snapshot proves something only when all is older than the load that made it.
    assert until(
        lambda: "own" in json.loads((folder.path / ".atoll/snapshots/main.json").read_text())["trace"]["witness"]
    )
    outcome = folder.run("materialize", "*", "--json").ended(1)
    assert outcome.problems[0]["kind"] in ("outdated_plan", "unknown_target")
    assert not (folder.path / "done").exists()


def test_a_location_that_is_renamed_keeps_what_is_remembered_of_it(tmp_path):
    files = {
        "sales.py": "from atoll import *\n\n\n@asset\ndef orders(): return [1]\n\n\ndefs = Definitions(assets=[orders])\n"
    }
    folder = write_locations(tmp_path, files, {"sales.py": sys.executable})
    folder.run("materialize", "orders").ended(0)
    folder.run("rename", "sales", "shop").ended(0)
    steps = folder.run("runs", "show", "1", "--json").ended(0).json()["data"]["steps"]
    assert [(step["key"], step["location"]) for step in steps] == [("orders", "shop")]
    # What can't be renamed keeps its history too.
    folder.run("rename", "nowhere", "shop").ended(2)
    folder.run("rename", "shop", "not/a name").ended(2)
    steps = folder.run("runs", "show", "1", "--json").ended(0).json()["data"]["steps"]
    assert steps[0]["location"] == "shop"


def test_what_a_run_took_is_told_without_what_it_waited():
    run = {
        "number": 7,
        "id": "x",
        "status": "succeeded",
        "reason": None,
        "kind": "job",
        "job": "nightly",
        "location": "shop",
        "selection": None,
        "partition": None,
        "partition_range": None,
        "tags": {},
        "parent": None,
        "backfill": None,
        "origin": None,
        "created": 1000.0,
        "started": 1050.0,
        "ended": 1052.0,
        "steps": [],
    }
    shown = io.StringIO()
    draw_run(Console(file=shown, width=80), run)
    assert re.search(r"Waited +50(\.0)? s\nTook +2\.0 s\n", shown.getvalue()), shown.getvalue()
