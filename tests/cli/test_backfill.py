"""`atoll backfill`: many partitions by several runs, each made once, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter

import pytest
from run_workspaces import LEDGER, ledger, read, runs, start, stored, write_locations
from schemas import complaints, schema_of

from tests_support import until

DAYS = (
    LEDGER
    + """
from atoll import *
import pathlib
HERE = pathlib.Path(__file__).parent
days = DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-05")
colours = StaticPartitionsDefinition(["red", "green"])

class OrdersConfig(Config):
    word: str = "none"

@asset(partitions_def=days)
def orders(context, config: OrdersConfig):
    keys = list(context.partition_keys)
    for key in keys:
        note(key)
    if (HERE / "wait").exists():
        while not (HERE / "go").exists():
            time.sleep(0.02)
    if (HERE / "bad").exists() and "2024-01-03" in keys:
        raise RuntimeError("a bad day")
    word = config.word
    return {key: word for key in keys} if len(keys) > 1 else word

@asset
def plain() -> int:
    return 1

@asset(partitions_def=MultiPartitionsDefinition({"day": days, "colour": colours}))
def grid(context) -> str:
    return str(context.partition_key)

@asset(partitions_def=DynamicPartitionsDefinition(name="customers"))
def customer(context) -> str:
    return context.partition_key

@op
def say(context):
    note(context.partition_key)

@job(partitions_def=colours)
def paint():
    say()

defs = Definitions(assets=[orders, plain, grid, customer], jobs=[paint, define_asset_job("nightly", ["orders"])])
"""
)
EVERY = [f"2024-01-0{day}" for day in range(1, 5)]


@pytest.fixture
def days(tmp_path):
    return write_locations(tmp_path, {"days.py": DAYS}, {"days.py": sys.executable})


def statuses(folder, number="1"):
    data = folder.run("backfill", "show", number, "--json").ended(0).json()["data"]
    return data["status"], {one["partition"]: one["status"] for one in data["partitions"]}


def test_all_partitions_are_made_each_once(days):
    words = [
        "orders",
        "--all",
        "--max-runs",
        "3",
        "--tag",
        "team=a",
        "--config",
        '{"ops": {"orders": {"config": {"word": "x"}}}}',
    ]
    outcome = days.run("backfill", *words, "--json").ended(0)
    assert complaints(schema_of("backfill start"), outcome.json()) == []
    data = outcome.json()["data"]
    assert (data["status"], data["counts"]["succeeded"], data["total"]) == ("succeeded", 4, 4)
    assert sorted(ledger(days)) == EVERY
    assert stored(days) == {f"orders/partition={day}.json": "x" for day in EVERY}
    made = runs(days)
    assert sorted(run["partition"] for run in made) == EVERY
    assert {run["tags"]["team"] for run in made} == {"a"}
    listed = days.run("backfill", "list", "--json").ended(0)
    assert complaints(schema_of("backfill list"), listed.json()) == []
    assert [one["number"] for one in listed.json()["data"]] == [1]
    assert "4 succeeded of 4" in days.run("backfill", "list").ended(0).out


def test_a_range_is_made_so_many_in_each_run_and_what_is_missing_later(days):
    days.run("backfill", "orders", "--partition-range", "2024-01-02...2024-01-03", "--batch", "2").ended(0)
    made = {tuple(run["partition_range"] or [run["partition"]]) for run in runs(days)}
    assert made == {("2024-01-02", "2024-01-03")}
    plan = days.run("backfill", "orders", "--missing", "--batch", "5", "--dry-run", "--json").ended(0)
    assert complaints(schema_of("backfill start"), plan.json()) == []
    assert plan.json()["data"]["runs"] == [
        {"first": "2024-01-01", "last": "2024-01-01", "partitions": 1},
        {"first": "2024-01-04", "last": "2024-01-04", "partitions": 1},
    ]
    assert len(runs(days)) == 1
    days.run("backfill", "start", "orders", "--missing", "--batch", "5").ended(0)
    assert sorted(ledger(days)) == EVERY
    assert sorted(stored(days)) == [f"orders/partition={day}.json" for day in EVERY]
    assert "Nothing is missing" in days.run("backfill", "orders", "--missing").ended(0).out


def test_what_failed_is_made_again_and_nothing_else(days):
    days.write({"bad": ""})
    outcome = days.run("backfill", "orders", "--all")
    outcome.ended(1)
    assert "2024-01-03 failed in run" in outcome.err
    assert "atoll backfill retry 1" in outcome.out
    assert statuses(days) == ("failed", {day: "failed" if day == "2024-01-03" else "succeeded" for day in EVERY})
    (days.path / "bad").unlink()
    again = days.run("backfill", "retry", "1", "--json").ended(0)
    assert complaints(schema_of("backfill retry"), again.json()) == []
    assert Counter(ledger(days)) == Counter([*EVERY, "2024-01-03"])
    assert (
        "Nothing of backfill 1 failed" in days.run("backfill", "retry", "1", "--json").ended(2).problems[0]["message"]
    )


def test_jobs_grids_and_dynamic_partitions_have_partitions_too(days):
    days.run("backfill", "--job", "paint", "--all").ended(0)
    assert sorted(ledger(days)) == ["green", "red"]
    days.run("backfill", "grid", "--partitions", "red|2024-01-02,green|2024-01-01").ended(0)
    days.run("backfill", "customer", "--partitions", "a,b").ended(0)
    days.run("backfill", "--job", "nightly", "--partitions", "2024-01-01", "--missing").ended(0)
    assert [name for name in sorted(stored(days)) if not name.startswith("run=")] == [
        "customer/partition=a.json",
        "customer/partition=b.json",
        "grid/partition=green%7C2024-01-01.json",
        "grid/partition=red%7C2024-01-02.json",
        "orders/partition=2024-01-01.json",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["orders"], "not said which partitions"),
        (["orders", "--partitions", ","], "names none"),
        (["nothing", "--all"], "chooses nothing"),
        (["show", "7"], "no backfill 7"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_begun(days, words, message):
    (problem,) = days.run("backfill", *words, "--json").ended(1 if "7" in words else 2).problems
    assert message in problem["message"]
    assert read(days, "SELECT count(*) FROM backfills") in ([], [(0,)])


def begun(folder):
    return len(set(ledger(folder)))


def test_ctrl_c_cancels_what_waits_and_what_goes_on(days):
    days.write({"wait": ""})
    command = start(days, "backfill", "orders", "--all", "--max-runs", "2", "--json")
    assert until(lambda: begun(days) == 2)
    os.kill(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=90)
    assert command.returncode == 130, err
    data = json.loads(out)["data"]
    assert (data["status"], data["counts"]["canceled"]) == ("canceled", 4)
    assert begun(days) == 2
    days.write({"go": ""})
    days.run("backfill", "retry", "1").ended(0)
    assert statuses(days) == ("succeeded", dict.fromkeys(EVERY, "succeeded"))


def test_a_backfill_whose_command_is_killed_is_seen_through_by_others(days):
    days.write({"wait": ""})
    command = start(days, "backfill", "orders", "--all", "--max-runs", "2")
    assert until(lambda: begun(days) == 2)
    command.kill()
    command.communicate(timeout=30)
    assert statuses(days)[0] == "running"
    days.write({"go": ""})
    # Two at once share the work.
    commands = [start(days, "backfill", "resume", "1", "--json") for _ in range(2)]
    ends = [command.communicate(timeout=120) for command in commands]
    assert {command.returncode for command in commands} <= {0, 2}, ends
    assert statuses(days) == ("succeeded", dict.fromkeys(EVERY, "succeeded"))
    assert Counter(ledger(days)) == Counter(EVERY)
    assert len(runs(days)) == 4


def test_a_backfill_goes_on_by_itself_and_is_canceled_from_elsewhere(days):
    days.write({"wait": ""})
    told = days.run("backfill", "orders", "--all", "--max-runs", "1", "--detach").ended(0)
    assert "`atoll backfill show 1` tells how it goes" in told.out
    assert until(lambda: begun(days) == 1)
    outcome = days.run("backfill", "cancel", "1", "--json").ended(0)
    assert complaints(schema_of("backfill cancel"), outcome.json()) == []
    assert outcome.json()["data"]["counts"]["canceled"] == 4
    assert begun(days) == 1
    days.write({"go": ""})
    days.run("backfill", "retry", "1", "--detach").ended(0)
    assert until(lambda: statuses(days)[0] == "succeeded")
    assert "has succeeded already" in days.run("backfill", "cancel", "1", "--json").ended(2).problems[0]["message"]
