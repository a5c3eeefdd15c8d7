"""`atoll schedule` and `atoll sensor`: switched on and off, looked at, and tried without effect."""

from __future__ import annotations

import pytest
from file_workspaces import write_workspace
from schemas import complaints, schema_of

from atoll_host.runs.storage.records import Origin
from atoll_host.runs.storage.store import Storage

TICKING = """
import atoll

@atoll.asset
def numbers():
    return [1]

@atoll.sensor(target=[numbers])
def counting(context):
    print("printed")
    context.log.warning("counted")
    position = int(context.cursor or 0)
    context.update_cursor(str(position + 1))
    return atoll.RunRequest(run_key=str(position))

@atoll.sensor(target=[numbers])
def failing(context):
    raise RuntimeError("not today")

@atoll.schedule("30 2 * * *", target=[numbers], execution_timezone="Europe/Berlin")
def nightly(context):
    return atoll.RunRequest(tags={"at": context.scheduled_execution_time.isoformat()})

defs = atoll.Definitions(assets=[numbers], sensors=[counting, failing], schedules=[nightly])
"""


@pytest.fixture
def ticking(tmp_path):
    return write_workspace(tmp_path, ticking=TICKING)


@pytest.mark.parametrize(("kind", "name"), [("schedule", "nightly"), ("sensor", "counting")])
def test_one_is_on_until_it_is_switched_off_and_then_as_it_is_declared(ticking, kind, name):
    states = []
    for words in (("on", name), ("off", f"ticking:{name}"), ("off", name, "--declared")):
        answer = ticking.run(kind, *words, "--json").ended(0).json()
        assert complaints(schema_of(f"{kind} {words[0]}"), answer) == []
        states += [(one["on"], one["switched"], one["next"] is not None) for one in answer["data"]]
    assert states == [(True, True, kind == "schedule"), (False, True, False), (False, False, False)]


def test_all_are_switched_at_once(ticking):
    answer = ticking.run("sensor", "on", "--all", "--json").ended(0).json()
    assert [one["name"] for one in answer["data"]] == ["counting", "failing"]


def test_where_one_name_is_wrong_none_is_switched_and_the_right_one_is_suggested(ticking):
    outcome = ticking.run("sensor", "on", "counting", "faling").ended(2)
    assert "There is no sensor named 'faling'" in outcome.err
    assert "did you mean failing?" in outcome.err
    assert ticking.run("sensor", "ticks", "counting", "--json").ended(0).json()["data"]["on"] is False


def test_somebody_has_to_say_which(ticking):
    assert "Which schedules?" in ticking.run("schedule", "on").ended(2).err
    assert "exclude each other" in ticking.run("schedule", "on", "nightly", "--all").ended(2).err


def test_where_there_are_no_ticks_it_says_what_brings_them(ticking):
    assert "`atoll schedule on ticking:nightly` switches it on" in ticking.run("schedule", "ticks", "nightly").out
    assert not (ticking.path / ".atoll/runs.db").exists()


def test_what_ticks_logged_and_printed_is_shown_where_asked_for(ticking):
    ticking.run("sensor", "on", "counting").ended(0)
    with Storage.open(f"sqlite:///{ticking.path / '.atoll/runs.db'}") as storage:
        begun = storage.ticks.begin(Origin("sensor", "ticking", "counting"), holder="test", lease=60)
        logs = [{"time": 1.0, "level": "warning", "message": "counted\x1b[2J"}]
        said = {"logs": logs, "output": "printed\n"}
        storage.ticks.finish(begun, "skipped", holder="test", reason="nothing", said=said)
    answer = ticking.run("sensor", "ticks", "counting", "--json").ended(0).json()
    assert complaints(schema_of("sensor ticks"), answer) == []
    assert (answer["data"]["ticks"][0]["logs"], answer["data"]["ticks"][0]["output"]) == (logs, "printed\n")
    plain = ticking.run("sensor", "ticks", "counting").ended(0).out
    assert "--logs shows what they logged and printed" in plain
    assert "counted" not in plain
    shown = ticking.run("sensor", "ticks", "counting", "--logs").ended(0).out
    assert "warning: counted" in shown
    assert "| printed" in shown
    assert "\x1b" not in shown


def test_a_preview_of_a_sensor_says_what_it_would_ask_for_and_changes_nothing(ticking):
    answer = ticking.run("sensor", "preview", "counting", "--cursor", "41", "--json").ended(0).json()
    assert complaints(schema_of("sensor preview"), answer) == []
    data = answer["data"]
    assert [request["run_key"] for request in data["requests"]] == ["41"]
    assert (data["cursor"], data["output"].strip()) == ("42", "printed")
    assert [record["message"] for record in data["logs"]] == ["counted"]
    assert not (ticking.path / ".atoll/runs.db").exists()
    shown = ticking.run("sensor", "preview", "counting").ended(0).out
    assert "would ask for 1 run" in shown
    assert "  cursor then: 1" in shown


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-03-28T02:30", "2026-03-28T02:30:00+01:00"),
        ("2026-07-01T00:30+00:00", "2026-07-01T02:30:00+02:00"),
    ],
)
def test_a_preview_of_a_schedule_takes_a_moment_in_its_time_zone(ticking, at, told):
    answer = ticking.run("schedule", "preview", "nightly", "--at", at, "--json").ended(0).json()
    assert complaints(schema_of("schedule preview"), answer) == []
    assert [request["tags"]["at"] for request in answer["data"]["requests"]] == [told]


def test_a_moment_that_is_none_is_refused_with_one_that_is(ticking):
    outcome = ticking.run("schedule", "preview", "nightly", "--at", "tomorrow").ended(2)
    assert "--at 'tomorrow' is no time" in outcome.err
    assert "write it as 20" in outcome.err


def test_a_function_that_fails_in_a_preview_is_shown_with_its_line(ticking):
    outcome = ticking.run("sensor", "preview", "failing").ended(1)
    assert "not today" in outcome.err
    assert "ticking.py:" in outcome.err
