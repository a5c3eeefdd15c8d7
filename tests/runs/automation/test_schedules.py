"""Schedules: each moment once, in time, and what becomes of those that were missed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from fake_locations import BadEvaluationError, Clock, ask, define, schedule, settle

from atoll_host.runs.automation.times import Timetable
from atoll_host.runs.storage.records import Origin
from atoll_host.runs.storage.store import Storage

DAY = datetime(2024, 5, 1, tzinfo=UTC).timestamp()
HOUR = 3600.0
HOURLY = Origin("schedule", "sales", "hourly")


def moments(storage, origin=HOURLY, *outcomes):
    """The moments that ticks were for, in order."""
    found = storage.ticks.list(origin, outcomes=outcomes, limit=10_000)
    return sorted(tick.scheduled for tick in found if tick.scheduled is not None)


def queued(storage):
    return sorted(run.options["request"]["scheduled"] for run in storage.runs.list_queued(10_000))


def pass_time(clock, until, *engines, step=240.0):
    settle(*engines)
    while clock.now < until:
        clock.now = min(clock.now + step, until)
        settle(*engines)


def test_a_schedule_queues_a_run_at_each_moment_and_not_at_the_one_of_its_first_look(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    world.on("sales", "hourly", lambda _: ask({"tags": {"a": "b"}, "config": {"ops": {}}, "partition": "p"}))
    clock = Clock(DAY)
    engine = start(clock)
    settle(engine)
    assert world.calls == []
    pass_time(clock, DAY + 3 * HOUR + 60, engine)
    expected = [DAY + HOUR, DAY + 2 * HOUR, DAY + 3 * HOUR]
    assert moments(storage, HOURLY, "requested") == queued(storage) == expected
    run = storage.runs.list_queued()[0]
    assert (run.job, run.location, run.origin, run.partition) == ("nightly", "sales", HOURLY, "p")
    assert (run.tags, run.config, run.kind) == ({"a": "b"}, {"ops": {}}, "job")
    (_, _, parameters), *_ = world.calls
    assert parameters["scheduled"] == DAY + HOUR
    assert parameters["timezone"] == "UTC"
    (tick, *_) = storage.ticks.list(HOURLY)
    assert tick.cpu == 0.001
    assert tick.duration >= 0


def test_what_is_off_is_not_evaluated_and_a_switch_says_more_than_the_declaration(world, storage, start):
    off = schedule("off", "* * * * *", on=False)
    world.put("sales", define(schedules=[off, schedule("stopped", "* * * * *")]))
    storage.schedules.switch("sales", "stopped", False)
    clock = Clock(DAY)
    engine = start(clock)
    pass_time(clock, DAY + HOUR, engine)
    assert world.calls == world.loads == []
    assert engine.status() == {}


def test_a_reason_is_remembered_where_nothing_is_asked_for(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    world.on("sales", "hourly", lambda _: ask(reason="a holiday"))
    clock = Clock(DAY)
    engine = start(clock)
    pass_time(clock, DAY + HOUR, engine)
    (tick,) = storage.ticks.list(HOURLY)
    assert (tick.outcome, tick.reason, tick.scheduled) == ("skipped", "a holiday", DAY + HOUR)


def test_a_function_that_fails_is_a_failed_tick_and_the_next_moment_comes(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))

    def fail(_):
        raise BadEvaluationError("KeyError: 'x'")

    world.on("sales", "hourly", fail)
    clock = Clock(DAY)
    engine = start(clock)
    pass_time(clock, DAY + 2 * HOUR, engine)
    assert moments(storage, HOURLY, "failed") == [DAY + HOUR, DAY + 2 * HOUR]
    (tick, _) = storage.ticks.list(HOURLY)
    assert (tick.reason, tick.problem["kind"]) == ("KeyError: 'x'", "exception")
    assert len(world.calls) == 2
    assert queued(storage) == []


@pytest.mark.parametrize(
    ("partitions", "made_up"),
    [
        pytest.param(None, [10], id="the latest"),
        pytest.param({"type": "time_window"}, [3, 4, 5, 6, 7, 8, 9, 10], id="all of partitions"),
    ],
)
def test_what_was_missed_while_nothing_went_on_is_made_up(world, storage, start, partitions, made_up):
    job = {"name": "parted", "partitions": partitions, "assets": []}
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *", job="parted")], jobs=[job]))
    clock = Clock(DAY)
    first = start(clock)
    pass_time(clock, DAY + 2 * HOUR, first)
    first.stop(60)
    clock.now = DAY + 10.5 * HOUR
    second = start(clock)
    settle(second)
    assert queued(storage) == [DAY + hours * HOUR for hours in [1, 2, *made_up]]
    pass_time(clock, DAY + 12 * HOUR, second)
    assert queued(storage)[-2:] == [DAY + 11 * HOUR, DAY + 12 * HOUR]


def test_a_machine_that_slept_is_a_pause_too(world, storage, start):
    world.put("sales", define(schedules=[schedule("minutely", "* * * * *")]))
    clock = Clock(DAY)
    engine = start(clock)
    pass_time(clock, DAY + 120, engine, step=60)
    clock.now += 9 * HOUR
    settle(engine)
    origin = Origin("schedule", "sales", "minutely")
    assert moments(storage, origin) == [DAY + 60, DAY + 120, DAY + 120 + 9 * HOUR]


def test_moments_that_came_while_others_were_evaluated_are_all_done(world, storage, start):
    world.put("sales", define(schedules=[schedule("minutely", "* * * * *")]))
    clock = Clock(DAY)
    engine = start(clock)
    settle(engine)
    clock.now += 200
    settle(engine)
    assert moments(storage, Origin("schedule", "sales", "minutely")) == [DAY + 60, DAY + 120, DAY + 180]


def test_a_tick_whose_process_died_is_evaluated_anew_and_only_then_has_an_effect(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    storage.schedules.begin_from("sales", "hourly", DAY, "0 * * * * UTC")
    ghost = storage.ticks.begin(HOURLY, holder=f"{'elsewhere'}|1|1.0|1", lease=-1, scheduled=DAY + HOUR)
    clock = Clock(DAY + HOUR + 60)
    settle(start(clock))
    (tick,) = storage.ticks.list(HOURLY)
    assert (tick.number, tick.outcome, len(tick.runs)) == (ghost.number, "requested", 1)
    assert len(queued(storage)) == 1


def test_a_tick_of_a_dead_process_that_a_later_moment_stands_for_is_skipped(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    storage.schedules.begin_from("sales", "hourly", DAY, "0 * * * * UTC")
    storage.ticks.begin(HOURLY, holder="elsewhere|1|1.0|1", lease=-1, scheduled=DAY + HOUR)
    settle(start(Clock(DAY + 5 * HOUR)))
    assert moments(storage, HOURLY, "skipped") == [DAY + HOUR]
    assert queued(storage) == moments(storage, HOURLY, "requested") == [DAY + 5 * HOUR]


def test_a_moment_that_another_engine_is_about_is_waited_for(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    clock = Clock(DAY)
    engine = start(clock)
    settle(engine)
    other = storage.ticks.begin(HOURLY, holder="another", lease=100, scheduled=DAY + HOUR)
    pass_time(clock, DAY + HOUR + 60, engine)
    assert world.calls == []
    storage.ticks.finish(other, "skipped", holder="another")
    pass_time(clock, DAY + HOUR + 120, engine)
    assert world.calls == []
    assert engine.status()["schedule", "sales", "hourly"].next == DAY + 2 * HOUR


def test_an_edited_schedule_does_not_make_up_what_its_new_times_would_have_been(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 0 * * *")]))
    clock = Clock(DAY + 12 * HOUR)
    engine = start(clock)
    settle(engine)
    world.put("sales", define(schedules=[schedule("hourly", "0 6 * * *")]), generation=2)
    settle(engine)
    assert engine.status()["schedule", "sales", "hourly"].next == DAY + 30 * HOUR
    engine.stop(0)
    world.put("sales", define(schedules=[schedule("hourly", "0 3 * * *")]), generation=3)
    settle(start(clock))
    assert world.calls == []


def test_a_broken_location_waits_once_with_its_reason_and_goes_on_after_a_reload(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    world.put("fine", define(schedules=[schedule("hourly", "0 * * * *")]))
    clock = Clock(DAY)
    engine = start(clock)
    settle(engine)
    world.put("sales", broken="No module named 'pandas'")
    pass_time(clock, DAY + 5 * HOUR, engine)
    (waiting,) = storage.ticks.list(HOURLY)
    assert (waiting.outcome, waiting.reason, waiting.count) == ("waiting", "No module named 'pandas'", 1)
    assert engine.status()["schedule", "sales", "hourly"].waiting == "No module named 'pandas'"
    assert len(moments(storage, Origin("schedule", "fine", "hourly"), "requested")) == 5
    world.put("sales", generation=2)
    engine.note_reload("sales")
    pass_time(clock, DAY + 6 * HOUR, engine)
    assert moments(storage, HOURLY, "requested") == [DAY + 5 * HOUR, DAY + 6 * HOUR]
    assert engine.status()["schedule", "sales", "hourly"].waiting is None


def test_a_location_whose_worker_can_not_load_waits_and_is_tried_again(world, storage, start):
    world.put("sales", define(schedules=[schedule("hourly", "0 * * * *")]))
    world.broken_loads["sales"] = "its environment is gone"
    clock = Clock(DAY)
    engine = start(clock)
    pass_time(clock, DAY + HOUR + 1200, engine)
    (waiting,) = storage.ticks.list(HOURLY)
    assert (waiting.outcome, waiting.count) == ("waiting", 1)
    assert "its environment is gone" in waiting.reason
    assert 2 <= len(world.loads) <= 8
    del world.broken_loads["sales"]
    pass_time(clock, DAY + HOUR + 1800, engine)
    assert moments(storage, HOURLY, "requested") == [DAY + HOUR]


ZONES = [
    pytest.param("sqlite", "Europe/Berlin", "2024-03-30", id="berlin-spring"),
    pytest.param("sqlite", "Europe/Berlin", "2024-10-26", id="berlin-autumn"),
    pytest.param("postgresql", "Europe/Berlin", "2024-10-26", id="berlin-autumn-postgresql"),
    pytest.param("sqlite", "America/New_York", "2024-03-09", id="new-york-spring"),
    pytest.param("sqlite", "America/New_York", "2024-11-02", id="new-york-autumn"),
    pytest.param("sqlite", "Australia/Lord_Howe", "2024-10-05", id="lord-howe-spring"),
    pytest.param("sqlite", "Australia/Lord_Howe", "2024-04-06", id="lord-howe-autumn"),
]
CRONS = {"night": "15 2 * * *", "late": "45 1 * * *", "hourly": "0 * * * *", "often": "*/15 1-3 * * *"}


@pytest.mark.parametrize(("url", "zone", "day"), ZONES, indirect=["url"])
def test_two_engines_do_each_moment_once_through_a_change_of_the_clock_with_restarts(
    world, storage, url, start, zone, day
):
    world.put("sales", define(schedules=[schedule(name, cron, zone=zone) for name, cron in CRONS.items()]))
    begin = datetime.fromisoformat(f"{day}T20:00").replace(tzinfo=ZoneInfo(zone)).timestamp()
    end = begin + 14 * HOUR
    clock = Clock(begin)
    with Storage.open(url) as other:
        engines = [start(clock), start(clock, at=other)]
        settle(*engines)
        step = 0
        while clock.now < end:
            clock.now += 290
            step += 1
            settle(*engines)
            if step % 20 == 0:
                # One at a time, so that there is no pause.
                which = (step // 20) % 2
                engines[which].stop(60)
                engines[which] = start(clock, at=other if which else storage)
        for engine in engines:
            engine.stop(60)
    for name, cron in CRONS.items():
        timetable = Timetable.of({"cron": [cron], "timezone": zone})
        expected = timetable.list_latest(clock.now, since=begin, limit=1000)
        assert moments(storage, Origin("schedule", "sales", name), "requested") == expected, name
        evaluated = [parameters["scheduled"] for _, called, parameters in world.calls if called == name]
        assert sorted(evaluated) == expected, name
    assert len(queued(storage)) == len(world.calls)
