"""Sensors: cursors, run keys, intervals, events of assets and runs, and one worker for all of a location."""

from __future__ import annotations

import json
import threading
import time

import pytest
from fake_locations import BadEvaluationError, Clock, ask, define, schedule, sensor, settle

from atoll_host.runs.automation.preview import preview
from atoll_host.runs.storage.records import Host, NewRun, Origin, RunFilter
from atoll_host.runs.storage.store import Storage

FILES = Origin("sensor", "sales", "files")
NOW = 1_700_000_000.0
"""Before the clock of the storage, which has no say then."""


def ticks(storage, origin=FILES, *outcomes):
    return storage.ticks.list(origin, outcomes=outcomes, limit=1000)


def later(clock, *engines, seconds=31.0):
    clock.now += seconds
    settle(*engines)


def finish(storage, status="succeeded", **facts):
    run = storage.runs.create(NewRun(**facts))
    storage.runs.take(run.id, Host("machine", 1, 1.0), lease=60)
    storage.runs.update_status(run.id, "running")
    storage.runs.update_status(run.id, status)
    return run.id


def wait_for(condition, patience=60):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_sensor_goes_on_from_its_cursor_and_its_run_keys_are_used_once(world, storage, start):
    world.put("sales", define(sensors=[sensor("files")]))

    def look(parameters):
        count = int(parameters["cursor"] or 0) + 1
        return ask({"run_key": f"file-{count // 2}"}, cursor=str(count))

    world.on("sales", "files", look)
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for _ in range(4):
        later(clock, engine)
    assert [parameters["cursor"] for _, _, parameters in world.calls] == [None, "1", "2", "3", "4"]
    assert sorted(run.run_key for run in storage.runs.list_queued()) == ["file-0", "file-1", "file-2"]
    assert [tick.outcome for tick in ticks(storage)] == ["skipped", "requested", "skipped", "requested", "requested"]
    assert ticks(storage)[0].skipped_keys == ("file-2",)
    assert ticks(storage)[0].reason == "what it asks for was asked for before"
    assert world.calls[-1][2]["last_run_key"] == "file-2"
    assert world.calls[-1][2]["last_tick"] is not None


def test_a_sensor_is_left_alone_for_its_interval_and_half_a_minute_by_default(world, start):
    world.put("sales", define(sensors=[sensor("files", interval=None), sensor("slow", interval=3600)]))
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for _ in range(6):
        later(clock, engine, seconds=10)
    assert sorted(world.names()) == ["files", "files", "files", "slow"]


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_two_engines_evaluate_a_sensor_once_in_an_interval(world, url, storage, start):
    world.put("sales", define(sensors=[sensor(f"s{number}") for number in range(5)]))
    with Storage.open(url) as other:
        engines = [start(time.time), start(time.time, at=other)]
        for engine in engines:
            engine.start()
        wait_for(lambda: len(world.calls) >= 5)
        time.sleep(0.5)
        for engine in engines:
            engine.stop(60)
    assert sorted(world.names()) == [f"s{number}" for number in range(5)]


def test_ten_sensors_of_a_location_share_one_worker_and_each_location_has_its_own(world, storage, start):
    names = [f"s{number}" for number in range(10)]
    world.put("sales", define(sensors=[sensor(name) for name in names], schedules=[schedule("often", "* * * * *")]))
    world.put("other", define(sensors=[sensor("lone")]))
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for _ in range(20):
        later(clock, engine)
    assert sorted(world.loads) == ["other", "sales"]
    assert world.names().count("s0") == 21
    assert engine.list_workers() == ["sales", "other"]
    assert len(world.alive) == 2


def test_a_worker_ends_when_nothing_is_due_soon_or_everything_is_off(world, storage, start):
    world.put("sales", define(sensors=[sensor("files", interval=3600)]))
    world.put("other", define(sensors=[sensor("often")]))
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    later(clock, engine, seconds=1)
    wait_for(lambda: [worker.name for worker in world.alive] == ["other"])
    storage.sensors.switch("other", "often", False)
    settle(engine)
    wait_for(lambda: world.alive == [])
    later(clock, engine, seconds=7200)
    assert world.loads.count("sales") == 2


def test_after_a_reload_what_is_in_flight_ends_and_the_next_tick_has_a_new_worker(world, storage, start):
    world.put("sales", define(sensors=[sensor("files")]))
    entered, go_on = threading.Event(), threading.Event()

    def slow(_):
        entered.set()
        assert go_on.wait(60)
        return ask({})

    world.on("sales", "files", slow)
    clock = Clock(NOW)
    engine = start(clock)
    engine.look()
    assert entered.wait(60)
    world.put("sales", generation=2)
    engine.note_reload("sales")
    go_on.set()
    settle(engine)
    assert [tick.outcome for tick in ticks(storage)] == ["requested"]
    assert world.loads == ["sales"]
    later(clock, engine)
    assert world.loads == ["sales", "sales"]
    assert len(world.alive) == 1


def test_a_sensor_that_fails_is_left_alone_for_longer_each_time_until_it_is_reloaded(world, storage, start):
    world.put("sales", define(sensors=[sensor("files"), sensor("fine")]))

    def fail(_):
        raise BadEvaluationError("ValueError: no")

    world.on("sales", "files", fail)
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for _ in range(120):
        later(clock, engine, seconds=10)
    failed = ticks(storage, FILES, "failed")
    # After 0, 60, 180, 420, 720 and 1020 seconds.
    assert len(failed) == 6
    assert failed[0].problem["message"] == "ValueError: no"
    assert len(ticks(storage, Origin("sensor", "sales", "fine"))) == 41
    world.put("sales", generation=2)
    engine.note_reload("sales")
    settle(engine)
    assert len(ticks(storage, FILES, "failed")) == 7


def test_an_asset_sensor_is_told_of_each_new_materialisation_wherever_it_was_made(world, storage, start):
    watching = sensor("watching", kind="asset_sensor", asset="raw/orders")
    world.put("sales", define(sensors=[watching]))
    storage.assets.report("raw/orders", location="old")
    origin = Origin("sensor", "sales", "watching")

    def look(parameters):
        event = parameters["event"]
        count = int(parameters["cursor"] or 0) + 1
        return ask({"run_key": event["partition"], "partition": event["partition"]}, cursor=str(count))

    world.on("sales", "watching", look)
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    later(clock, engine)
    assert world.calls == world.loads == []
    made = {"rows": {"type": "int", "value": 3}}
    storage.assets.report("raw/orders", partition="a", location="elsewhere", metadata=made)
    storage.assets.report("raw/others", partition="x")
    storage.assets.report("raw/orders", partition="b")
    later(clock, engine)
    events = [parameters["event"] for _, _, parameters in world.calls]
    assert [(event["asset"], event["partition"], event["location"]) for event in events] == [
        ("raw/orders", "a", "elsewhere"),
        ("raw/orders", "b", None),
    ]
    assert events[0]["metadata"] == made
    assert [run.partition for run in storage.runs.list_queued()] == ["a", "b"]
    (tick,) = ticks(storage, origin)
    assert len(tick.runs) == 2
    assert json.loads(tick.cursor)["cursor"] == "2"
    engine.stop(60)
    storage.assets.report("raw/orders", partition="c")
    settle(start(clock))
    assert world.calls[-1][2]["event"]["partition"] == "c"
    assert world.calls[-1][2]["cursor"] == "2"


def test_more_events_than_one_tick_takes_follow_at_once(world, storage, start):
    world.put("sales", define(sensors=[sensor("watching", kind="asset_sensor", asset="a")]))
    world.on("sales", "watching", lambda parameters: ask({"partition": parameters["event"]["partition"]}))
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for number in range(120):
        storage.assets.report("a", partition=f"{number:03}")
    later(clock, engine)
    assert [run.partition for run in storage.runs.list_queued(1000)] == [f"{number:03}" for number in range(120)]
    assert len(ticks(storage, Origin("sensor", "sales", "watching"))) == 3


def test_an_event_that_a_sensor_fails_at_is_told_again_and_those_before_it_are_not(world, storage, start):
    world.put("sales", define(sensors=[sensor("watching", kind="asset_sensor", asset="a")]))
    is_broken = True

    def look(parameters):
        if parameters["event"]["partition"] == "b" and is_broken:
            raise BadEvaluationError("no b")
        return ask({"partition": parameters["event"]["partition"]})

    world.on("sales", "watching", look)
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for partition in "abc":
        storage.assets.report("a", partition=partition)
    later(clock, engine)
    assert [run.partition for run in storage.runs.list_queued()] == ["a"]
    is_broken = False
    later(clock, engine, seconds=61)
    assert [run.partition for run in storage.runs.list_queued()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"monitored_jobs": None}, ["own", "other job"]),
        ({"monitored_jobs": ["nightly"]}, ["own"]),
        ({"monitored_jobs": None, "monitor_all_locations": True}, ["own", "other job", "elsewhere", "spanning"]),
    ],
)
def test_a_run_status_sensor_is_told_of_the_runs_that_it_watches(world, storage, start, facts, expected):
    watching = sensor("watching", kind="run_status_sensor", run_status="failed", **facts)
    world.put("sales", define(sensors=[watching]))
    finish(storage, "failed", kind="job", job="nightly", location="sales", tags={"is": "before"})
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    finish(storage, "failed", kind="job", job="nightly", location="sales", tags={"is": "own"})
    finish(storage, "succeeded", kind="job", job="nightly", location="sales", tags={"is": "fine"})
    finish(storage, "failed", kind="job", job="weekly", location="sales", tags={"is": "other job"})
    finish(storage, "failed", kind="job", job="weekly", location="elsewhere", tags={"is": "elsewhere"})
    plan = {"plan": {"stages": [{"location": "elsewhere"}]}}
    finish(storage, "failed", tags={"is": "spanning"}, options=plan)
    own = Origin("sensor", "sales", "watching")
    finish(storage, "failed", kind="job", job="nightly", location="sales", tags={"is": "its own"}, origin=own)
    later(clock, engine)
    told = [parameters["run"] for _, _, parameters in world.calls]
    assert [run["tags"]["is"] for run in told] == expected
    assert {run["status"] for run in told} == {"failed"}
    later(clock, engine)
    assert len(world.calls) == len(expected)


def test_a_broken_location_of_sensors_waits_once_and_goes_on(world, storage, start):
    world.put("sales", define(sensors=[sensor("files")]), broken="SyntaxError")
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    for _ in range(20):
        later(clock, engine)
    (tick,) = ticks(storage)
    assert (tick.outcome, tick.reason, tick.count) == ("waiting", "SyntaxError", 1)
    assert world.loads == []
    world.put("sales", generation=2)
    engine.note_reload("sales")
    settle(engine)
    assert [tick.outcome for tick in ticks(storage)] == ["requested", "waiting"]


def test_what_is_in_flight_when_the_engine_stops_is_given_time_and_then_left_to_the_next(world, storage, start):
    world.put("sales", define(sensors=[sensor("files")], schedules=[schedule("often", "* * * * *")]))
    entered = threading.Event()

    def hang(_):
        entered.set()
        wait_for(lambda: any(worker.canceled.is_set() for worker in world.alive))
        return ask({})

    world.on("sales", "often", hang)
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    clock.now += 61
    engine.look()
    assert entered.wait(60)
    engine.stop(0.2)
    assert world.alive == []
    often = Origin("schedule", "sales", "often")
    (tick,) = ticks(storage, often)
    assert (tick.outcome, tick.runs) == ("waiting", ())
    world.on("sales", "often", lambda _: ask({}))
    settle(start(clock))
    (tick,) = ticks(storage, often)
    assert (tick.outcome, len(tick.runs)) == ("requested", 1)


def test_a_worker_that_died_is_replaced_for_the_next_evaluation(world, storage, start):
    world.put("sales", define(sensors=[sensor("files")]))

    def die(_):
        world.alive[0].is_usable = False
        raise BadEvaluationError("killed by signal 9")

    world.on("sales", "files", die)
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    world.on("sales", "files", lambda _: ask({}))
    later(clock, engine, seconds=61)
    assert world.loads == ["sales", "sales"]
    assert [tick.outcome for tick in ticks(storage)] == ["requested", "failed"]


def test_costs_are_told_of_each(world, storage, start):
    world.put("sales", define(sensors=[sensor("dear"), sensor("cheap")]))
    world.on("sales", "dear", lambda _: ask(cpu=2.5))
    world.on("sales", "cheap", lambda _: ask(cpu=0.25))
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    later(clock, engine)
    costs = {cost.name: (cost.ticks, cost.cpu) for cost in storage.ticks.costs(0)}
    assert costs == {"dear": (2, 5.0), "cheap": (2, 0.5)}


def test_a_preview_has_no_effect(world, storage):
    files = sensor("files", on=False)
    watching = sensor("watching", kind="asset_sensor", asset="a", on=False)
    world.put("sales", define(sensors=[files, watching], schedules=[schedule("nightly", "0 6 * * *", on=False)]))
    world.on("sales", "nightly", lambda _: ask({"run_key": "k"}))
    world.on("sales", "files", lambda parameters: ask(reason="nothing", cursor=f"{parameters['cursor']}+"))
    storage.sensors.set_cursor("sales", "files", "17")
    storage.assets.report("a", partition="p")

    def see(kind, name, **more):
        return preview(
            storage, world, world.instance(), None, kind, "sales", name, make_worker=world.make_worker, **more
        )

    found = see("schedule", "nightly", at=1_700_000_000.0)
    assert (found.requests[0]["run_key"], found.scheduled) == ("k", 1_700_000_000.0)
    assert see("schedule", "nightly").scheduled > time.time()
    assert (see("sensor", "files").cursor, see("sensor", "files", cursor="3").cursor) == ("17+", "3+")
    assert see("sensor", "watching").event["partition"] == "p"
    assert storage.runs.list(RunFilter()).runs == ()
    assert storage.sensors.get("sales", "files").cursor == "17"
    assert ticks(storage) == ()
    assert world.alive == []
    world.on("sales", "files", raise_no)
    with pytest.raises(BadEvaluationError, match="no"):
        see("sensor", "files")


def raise_no(_):
    raise BadEvaluationError("no")


def test_dynamic_partitions_that_a_sensor_adds_are_known_to_the_next_evaluation(world, storage, start):
    parted = {"key": "a", "partitions": {"type": "dynamic", "name": "customers"}}
    world.put("sales", define(sensors=[sensor("files")], assets=[parted]))
    changes = [{"name": "customers", "add": ["x", "y"]}, {"name": "customers", "add": [], "delete": ["x"]}]
    world.on("sales", "files", lambda _: ask(dynamic=[changes[len(world.calls) - 1]]))
    clock = Clock(NOW)
    engine = start(clock)
    settle(engine)
    later(clock, engine)
    assert [parameters["dynamic_partitions"] for _, _, parameters in world.calls] == [
        {"customers": []},
        {"customers": ["x", "y"]},
    ]
    assert storage.partitions.list("customers") == ("y",)
