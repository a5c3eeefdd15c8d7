"""`atoll materialize` and `atoll run`: plans, values across Pythons, and everything that can be wrong."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest
from run_workspaces import ISLANDS, ledger, parts, read, start, stored, write_locations
from schemas import complaints, schema_of

from tests_support import gone, until

HEAD = "from atoll import *\nimport os, sys, time, pathlib\nHERE = pathlib.Path(__file__).parent\n"


@pytest.fixture
def islands(tmp_path, python):
    return write_locations(tmp_path, ISLANDS, {"old.py": python("3.8"), "new.py": python("3.13")})


@pytest.fixture
def write(tmp_path):
    def write(text, **others):
        files = {"main.py": HEAD + text, **{f"{name}.py": HEAD + other for name, other in others.items()}}
        return write_locations(tmp_path, files, dict.fromkeys(files, sys.executable))

    return write


def test_a_graph_that_goes_to_and_fro_between_two_pythons_is_made_in_order(islands):
    outcome = islands.run("materialize", "*", "--json").ended(0)
    orders = list(range(11))
    prices = {"each": 2.5 + len(orders)}
    totals = {str(order): order * prices["each"] for order in orders}
    assert stored(islands) == {
        "orders.json": orders,
        "prices.json": prices,
        "totals.json": totals,
        "report.json": sum(totals.values()),
    }
    assert ledger(islands) == ["orders", "prices", "totals", "report"]
    versions = [json.loads(line)[2] for line in (islands.path / "ledger.jsonl").read_text().splitlines()]
    assert versions == ["3.8", "3.13", "3.8", "3.13"]
    data = outcome.json()["data"]
    assert complaints(schema_of("materialize"), outcome.json()) == []
    assert {step["key"]: step["status"] for step in data["steps"]} == dict.fromkeys(
        ["orders", "prices", "totals", "totals__totals_are_positive", "report"], "succeeded"
    )
    assert parts(islands) == []


def test_a_dry_run_prints_the_plan_and_starts_nothing(islands):
    outcome = islands.run("materialize", "*", "--dry-run", "--json").ended(0)
    assert complaints(schema_of("materialize"), outcome.json()) == []
    stages = [(s["location"], s["after"], s["assets"]) for s in outcome.json()["data"]["stages"]]
    assert stages == [
        ("old", [], ["orders"]),
        ("new", [1], ["prices"]),
        ("old", [1, 2], ["totals"]),
        ("new", [3], ["report"]),
    ]
    assert ledger(islands) == []
    assert not (islands.path / ".atoll" / "runs.db").exists()
    text = islands.run("materialize", "report", "--dry-run").ended(0).out
    assert text.splitlines() == [
        "1. new",
        "   report",
        "Read as stored: totals",
        "1 process in 1 location; nothing was started",
    ]


def test_what_is_upstream_and_not_selected_is_read_as_it_is_stored(islands):
    islands.run("materialize", "orders or prices").ended(0)
    islands.run("materialize", "totals").ended(0)
    assert ledger(islands) == ["orders", "prices", "totals"]
    outcome = islands.run("materialize", "report", "--json").ended(0)
    assert [step["key"] for step in outcome.json()["data"]["steps"]] == ["report"]


def test_a_value_that_is_not_stored_fails_the_step_with_the_fix(islands):
    outcome = islands.run("materialize", "report", "--json").ended(1)
    assert "no value of asset 'totals' is stored" in outcome.problems[0]["message"]
    assert "make it first" in outcome.problems[0]["hint"]


def test_steps_are_shown_one_a_line_and_the_summary_is_data(islands):
    outcome = islands.run("materialize", "orders or prices").ended(0)
    assert [line.split()[:3] for line in outcome.err.splitlines()] == [["✓", "orders", "old"], ["✓", "prices", "new"]]
    assert outcome.out.startswith("Run 1 succeeded in")
    assert "2 succeeded of 2 steps" in outcome.out


def test_a_failure_leaves_out_what_is_downstream_in_every_location_and_nothing_else(write):
    folder = write(
        """
@asset
def good() -> int: return 1
@asset
def bad() -> int: raise ValueError("no rows")
@asset
def after_good(middle: int) -> int: return middle
@asset
def after_bad(spoilt: int) -> int: return spoilt
defs = Definitions(assets=[good, bad, after_good, after_bad])
""",
        other="""
@asset
def middle(good: int) -> int: return good + 1
@asset
def spoilt(bad: int) -> int: return bad
defs = Definitions(assets=[middle, spoilt])
""",
    )
    outcome = folder.run("materialize", "*", "--json").ended(1)
    statuses = {step["key"]: step["status"] for step in outcome.json()["data"]["steps"]}
    assert statuses == {
        "good": "succeeded",
        "bad": "failed",
        "middle": "succeeded",
        "spoilt": "skipped",
        "after_good": "succeeded",
        "after_bad": "skipped",
    }
    (problem,) = outcome.problems
    assert (problem["location"], problem["message"]) == ("main", "ValueError: no rows")
    assert problem["line"] == 8
    shown = folder.run("materialize", "bad").ended(1)
    assert "ValueError: no rows" in shown.err
    assert "main.py:8" in shown.err
    assert "raise ValueError" in shown.err


def test_a_blocking_check_stops_what_is_downstream_in_another_location(write):
    folder = write(
        """
@asset
def source() -> int: return -1
@asset_check(asset=source, blocking=True)
def positive(source): return AssetCheckResult(passed=source > 0)
defs = Definitions(assets=[source], asset_checks=[positive])
""",
        other="""
@asset
def sink(source: int) -> int: return source
defs = Definitions(assets=[sink])
""",
    )
    outcome = folder.run("materialize", "*", "--json")
    steps = {step["key"]: (step["status"], step["reason"]) for step in outcome.json()["data"]["steps"]}
    assert steps["sink"] == ("skipped", "check 'positive' of asset 'source' failed")


def test_a_job_of_ops_is_run_and_its_output_belongs_to_its_steps(write):
    folder = write(
        """
@op
def one():
    print("from one")
    return 1
@op
def two(context, x):
    os.write(2, b"from two\\n")
    context.log.warning("x is %d", x)
    assert context.op_config["fail"] is False
    return x + 1
@job
def counting(): two(one())
defs = Definitions(jobs=[counting])
"""
    )
    config = json.dumps({"ops": {"two": {"config": {"fail": False}}}})
    outcome = folder.run("run", "counting", "--config", config, "--tag", "team=sales", "--json").ended(0)
    assert complaints(schema_of("run"), outcome.json()) == []
    data = outcome.json()["data"]
    assert (data["job"], data["location"], data["tags"]) == ("counting", "main", {"team": "sales"})
    logs = folder.run("runs", "logs", "1", "--json").ended(0).json()["data"]
    assert {(each["step"], each["text"]) for each in logs["output"]} == {("one", "from one\n"), ("two", "from two\n")}
    assert [event["data"]["message"] for event in logs["events"]] == ["x is 1"]


@pytest.mark.parametrize(
    ("words", "status", "message", "hint"),
    [
        pytest.param(
            ["materialize", "ordrs"], 2, "chooses nothing that can be made", "there are: orders", id="nothing"
        ),
        pytest.param(["materialize", "group:("], 2, "can't be read", "such as", id="grammar"),
        pytest.param(["run", "nightli"], 2, "There is no job 'nightli'", "did you mean nightly?", id="job"),
        pytest.param(
            ["run", "nope:nightly"], 2, "There is no job 'nope:nightly'", "did you mean nightly?", id="location"
        ),
        pytest.param(
            ["materialize", "colours"], 2, "no partition is chosen", "--partition red", id="missing-partition"
        ),
        pytest.param(
            ["materialize", "colours", "--partition", "gren"], 2, "no partition 'gren'", "green", id="partition"
        ),
        pytest.param(
            ["materialize", "orders", "--partition", "red"], 2, "nothing that is made has partitions", None, id="none"
        ),
        pytest.param(
            ["materialize", "colours", "--partition-range", "red"], 2, "is not FIRST...LAST", "...", id="range"
        ),
        pytest.param(
            ["materialize", "days", "--partition", "2024-13-01"], 1, "no partition '2024-13-01'", "begin with", id="day"
        ),
        pytest.param(
            ["materialize", "orders", "--config", "no.yaml"], 2, "no.yaml is not there", "JSON", id="no-config"
        ),
        pytest.param(["materialize", "orders", "--config", "{]"], 2, "--config is no JSON", "such as", id="bad-json"),
        pytest.param(
            ["materialize", "orders", "--config", '{"opps": {}}'], 2, "unknown entry 'opps'", "ops?", id="bad-entry"
        ),
        pytest.param(["materialize", "orders", "--tag", "x"], 2, "is not NAME=VALUE", "--tag team=sales", id="tag"),
        pytest.param(["materialize", "orders", "--jobs", "0"], 2, "--jobs 0", "--jobs 1", id="jobs"),
        pytest.param(["runs", "show", "77"], 1, "There is no run 77", "runs list", id="run"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_fix(write, words, status, message, hint):
    folder = write(
        """
@asset
def orders() -> int: return 1
@asset(partitions_def=StaticPartitionsDefinition(["red", "green"]))
def colours() -> int: return 1
@asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
def days() -> int: return 1
defs = Definitions(assets=[orders, colours, days], jobs=[define_asset_job("nightly", selection="orders")])
"""
    )
    outcome = folder.run(*words, "--json").ended(status)
    (problem,) = outcome.problems
    assert message in problem["message"]
    assert hint is None or hint in problem["hint"]


def test_a_mistake_in_a_configuration_file_is_told_with_its_place(write):
    folder = write("@asset\ndef orders() -> int: return 1\ndefs = Definitions(assets=[orders])\n")
    folder.write({"bad.yaml": "ops:\n  orders:\n    config: [1, 2\n"})
    (problem,) = folder.run("materialize", "orders", "--config", "bad.yaml", "--json").ended(2).problems
    assert (problem["file"], problem["line"]) == (str(folder.path / "bad.yaml"), 4)
    assert problem["column"] == 1
    folder.write({"wrong.yaml": "ops:\n  ordrs:\n    config: {x: 1}\n"})
    outcome = folder.run("materialize", "orders", "--config", "wrong.yaml", "--json").ended(1)
    assert "ops.ordrs" in outcome.problems[0]["message"]


def test_configuration_goes_to_the_location_that_knows_it_and_is_checked_before_anything_starts(write):
    text = """
class Settings(Config):
    size: int
@asset
def {0}(config: Settings{1}) -> int:
    (HERE / "{0}.ran").touch()
    return config.size
defs = Definitions(assets=[{0}])
"""
    folder = write(text.format("first", ""), other=text.format("second", ", first: int"))
    good = {"ops": {"first": {"config": {"size": 1}}, "second": {"config": {"size": 2}}}}
    bad = {"ops": {"first": {"config": {"size": 1}}, "second": {"config": {"size": "x"}}}}
    outcome = folder.run("materialize", "*", "--config", json.dumps(bad), "--json").ended(1)
    assert [p["message"].partition(":")[0] for p in outcome.problems] == ["ops.second.config.size"]
    assert not (folder.path / "first.ran").exists()
    folder.run("materialize", "*", "--config", json.dumps(good)).ended(0)
    assert stored(folder) == {"first.json": 1, "second.json": 2}


def test_one_partition_and_a_range_of_them(write):
    folder = write(
        """
days = DailyPartitionsDefinition("2024-01-01", end_date="2024-01-10")
@asset(partitions_def=days)
def days_of(context):
    return {key: int(key[-2:]) for key in context.partition_keys} if len(context.partition_keys) > 1 else int(context.partition_key[-2:])
@asset
def plain() -> int: return 0
defs = Definitions(assets=[days_of, plain])
"""
    )
    folder.run("materialize", "*", "--partition", "2024-01-02").ended(0)
    assert stored(folder) == {"days_of/partition=2024-01-02.json": 2, "plain.json": 0}
    folder.run("materialize", "days_of", "--partition-range", "2024-01-03...2024-01-05").ended(0)
    assert sorted(stored(folder)) == [*(f"days_of/partition=2024-01-0{n}.json" for n in (2, 3, 4, 5)), "plain.json"]


def test_a_value_that_cannot_travel_between_pythons_is_refused_in_the_plan(tmp_path, python):
    files = {
        "old.py": "from atoll import *\nclass Thing: pass\n@asset\ndef thing() -> Thing: return Thing()\ndefs = Definitions(assets=[thing])\n",
        "new.py": "from atoll import *\n@asset\ndef user(thing) -> int: return 1\ndefs = Definitions(assets=[user])\n",
    }
    folder = write_locations(tmp_path, files, {"old.py": python("3.9"), "new.py": python("3.13")})
    (problem,) = folder.run("materialize", "user", "--dry-run", "--json").ended(1).problems
    assert problem["kind"] == "cannot_travel"
    assert "old.Thing" in problem["message"]
    assert "data frame or JSON" in problem["hint"]
    assert problem["file"].endswith("old.py")


def test_a_location_that_does_not_load_stops_only_what_needs_it(write):
    folder = write(
        "@asset\ndef fine() -> int: return 1\ndefs = Definitions(assets=[fine])\n", other="import not_there_at_all\n"
    )
    folder.run("materialize", "fine").ended(0)
    folder.run("materialize", "location:other").ended(1)


def test_a_storage_that_cannot_be_written_is_said_and_nothing_runs(write):
    folder = write(
        "@asset\ndef fine() -> int:\n    (HERE / 'ran').touch()\n    return 1\ndefs = Definitions(assets=[fine])\n"
    )
    (folder.path / ".atoll").mkdir()
    (folder.path / ".atoll" / "runs.db").write_bytes(b"no database at all" * 100)
    (problem,) = folder.run("materialize", "fine", "--json").ended(2).problems
    assert problem["kind"] == "storage"
    assert "not a database" in problem["message"]
    assert not (folder.path / "ran").exists()


SLOW = """
@resource
def connection(context):
    (HERE / "open").touch()
    yield 1
    (HERE / "closed").touch()
@asset(required_resource_keys={{"connection"}})
def slow(context) -> int:
    (HERE / "began").write_text(str(os.getpid()))
    while True:
        {body}
@asset
def after(slow) -> int: return 1
defs = Definitions(assets=[slow, after], resources={{"connection": connection}})
"""


def test_ctrl_c_cancels_the_run_and_tears_down(write):
    folder = write(SLOW.format(body="time.sleep(0.05)"))
    command = start(folder, "materialize", "*", "--json")
    assert until((folder.path / "began").exists)
    os.kill(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130, (out, err)
    data = json.loads(out)["data"]
    assert data["status"] == "canceled"
    assert {step["key"]: step["status"] for step in data["steps"]}["slow"] == "canceled"
    assert (folder.path / "closed").exists()
    assert until(lambda: gone(int((folder.path / "began").read_text())))


def test_a_second_ctrl_c_ends_at_once_what_does_not_listen(write):
    folder = write(SLOW.format(body="try: time.sleep(60)\n        except KeyboardInterrupt: (HERE / 'deaf').touch()"))
    command = start(folder, "materialize", "*", "--json")
    assert until((folder.path / "began").exists)
    os.kill(command.pid, signal.SIGINT)
    assert until((folder.path / "deaf").exists)
    os.kill(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130, (out, err)
    assert json.loads(out)["data"]["status"] == "canceled"
    assert until(lambda: gone(int((folder.path / "began").read_text())))


def test_a_detached_run_goes_on_and_can_be_canceled(write):
    folder = write(SLOW.format(body="time.sleep(0.05)"))
    begun = folder.run("materialize", "slow", "--detach", "--json").ended(0)
    assert begun.json()["data"]["status"] in ("starting", "running")
    assert until((folder.path / "began").exists)
    assert folder.run("runs", "retry", "1", "--json").ended(2).problems[0]["hint"] == "atoll runs cancel 1"
    outcome = folder.run("runs", "cancel", "1", "--json").ended(0)
    assert complaints(schema_of("runs cancel"), outcome.json()) == []
    assert outcome.json()["data"]["status"] == "canceled"
    assert (folder.path / "closed").exists()


def test_a_run_that_is_canceled_while_its_location_loads_does_nothing(write):
    # Quickly for the plan, slowly for the run.
    folder = write(
        """
if (HERE / "planned").exists():
    (HERE / "loading").touch()
    time.sleep(60)
@asset
def one() -> int: return 1
defs = Definitions(assets=[one])
(HERE / "planned").touch()
"""
    )
    command = start(folder, "materialize", "one", "--json")
    assert until((folder.path / "loading").exists)
    os.kill(command.pid, signal.SIGTERM)
    out, err = command.communicate(timeout=60)
    assert json.loads(out)["data"]["status"] == "canceled", (out, err)
    assert stored(folder) == {}


@pytest.mark.parametrize(
    ("body", "message", "frame"),
    [
        pytest.param("os._exit(3)", "ended with status 3", False, id="exit"),
        pytest.param("os._exit(0)", "ended with status 0", False, id="exit-0"),
        pytest.param("os.kill(os.getpid(), 9)", "SIGKILL", False, id="kill"),
        pytest.param("import ctypes; ctypes.string_at(0)", "SIGSEGV", True, id="segfault"),
        pytest.param("os.closerange(3, 1000)", "file descriptors", False, id="channel"),
        pytest.param("time.sleep(600)", "more than 2 s", True, id="hang"),
    ],
)
def test_a_worker_that_ends_without_its_last_event_is_a_failed_run_with_the_reason(write, body, message, frame):
    folder = write(
        f"""
@asset
def before() -> int: return 1
@asset
def broken(before) -> int:
    {body}
    return 1
@asset
def after(broken) -> int: return 1
defs = Definitions(assets=[before, broken, after])
"""
    )
    outcome = folder.run("materialize", "*", "--timeout", "2", "--json").ended(1)
    (problem,) = outcome.problems
    assert message in problem["message"]
    assert "during step 'broken'" in problem["message"]
    assert not frame or (problem["line"] == 9 and "in broken" in problem["message"])
    data = outcome.json()["data"]
    assert {step["key"]: step["status"] for step in data["steps"]} == {
        "before": "succeeded",
        "broken": "failed",
        "after": "skipped",
    }
    assert (data["status"], data["reason"]) == ("failed", "step 'broken' failed")


def test_two_runs_at_once_both_end_well(islands):
    commands = [start(islands, "materialize", "*", "--json") for _ in range(2)]
    outs = [command.communicate(timeout=120) for command in commands]
    assert [command.returncode for command in commands] == [0, 0], outs
    assert sorted(ledger(islands)) == sorted(["orders", "prices", "totals", "report"] * 2)
    assert read(islands, "SELECT status, count(*) FROM runs GROUP BY status") == [("succeeded", 2)]


def test_commands_that_start_no_run_do_not_import_the_database(write):
    folder = write("defs = Definitions()\n")
    for words in (["--help"], ["materialize", "--help"], ["validate"], ["list"]):
        outcome = folder.run(*words, variables={"PYTHONPROFILEIMPORTTIME": "1"}).ended(0)
        assert "sqlalchemy" not in outcome.err, words


def test_help_shows_examples(write):
    folder = write("defs = Definitions()\n")
    for words in (["materialize"], ["run"], ["runs", "list"], ["runs", "retry"]):
        assert "Examples" in folder.run(*words, "--help").ended(0).out
