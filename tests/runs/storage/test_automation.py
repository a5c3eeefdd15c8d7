"""Schedules, sensors, their ticks, backfills and slots."""

from __future__ import annotations

import time

import pytest

from atoll_host.runs.storage.automation_records import Automation, NewBackfill
from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.records import Host, NewRun, Origin, RunFilter

SENSOR = Origin("sensor", "sales", "files")
SCHEDULE = Origin("schedule", "sales", "nightly")


def begin(storage, origin=SENSOR, holder="me", lease=60.0, **facts):
    return storage.ticks.begin(origin, holder=holder, lease=lease, **facts)


def test_nothing_need_be_remembered_of_a_sensor(storage):
    assert storage.sensors.get("sales", "files") == Automation("sensor", "sales", "files")
    assert storage.sensors.list() == ()


def test_a_switch_is_remembered_and_can_be_given_back_to_the_declaration(storage):
    for on in (True, False, None):
        assert storage.schedules.switch("sales", "nightly", on).is_on is on
        assert storage.schedules.get("sales", "nightly").is_on is on
    assert storage.sensors.get("sales", "nightly").is_on is None
    assert [one.name for one in storage.schedules.list("sales")] == ["nightly"]
    assert storage.schedules.list("elsewhere") == ()


def test_a_tick_ends_with_its_cursor_and_its_runs(storage):
    tick = begin(storage)
    assert (tick.outcome, tick.kind, tick.location, tick.name) == ("started", "sensor", "sales", "files")
    wanted = [
        NewRun(run_key="a", job="load"),
        NewRun(run_key="b", job="load"),
        NewRun(run_key="a"),
        NewRun(job="extra"),
    ]
    result = storage.ticks.finish(tick, "requested", holder="me", runs=wanted, cursor="17", cpu=0.25)
    assert [run.run_key for run in result.runs] == ["a", "b", None]
    assert result.skipped_keys == ("a",)
    assert {run.origin for run in result.runs} == {SENSOR}
    (found,) = storage.ticks.list(SENSOR)
    assert found == result.tick
    assert (found.outcome, found.cursor, found.runs, found.skipped_keys, found.cpu) == (
        "requested",
        "17",
        tuple(run.id for run in result.runs),
        ("a",),
        0.25,
    )
    assert found.duration >= 0
    state = storage.sensors.get("sales", "files")
    assert (state.cursor, state.last_run_key) == ("17", "b")
    assert state.last_tick == tick.started
    assert storage.runs.count(RunFilter(origin=SENSOR))["queued"] == 3


def test_a_run_key_is_good_for_one_sensor(storage):
    for origin in (SENSOR, Origin("sensor", "sales", "others"), SCHEDULE):
        result = storage.ticks.finish(begin(storage, origin), "requested", holder="me", runs=[NewRun(run_key="a")])
        assert len(result.runs) == 1


def test_a_run_key_is_used_up_even_when_its_run_is_forgotten(storage):
    (run,) = storage.ticks.finish(begin(storage), "requested", holder="me", runs=[NewRun(run_key="a")]).runs
    storage.runs.cancel(run.id)
    storage.prune(runs_before=time.time() + 60)
    again = storage.ticks.finish(begin(storage), "skipped", holder="me", runs=[NewRun(run_key="a")])
    assert (again.runs, again.skipped_keys) == ((), ("a",))
    with pytest.raises(NoRunError, match="pruned"):
        storage.runs.create(NewRun(origin=SENSOR, run_key="a"))


def test_a_cursor_that_nobody_mentions_stays(storage):
    storage.ticks.finish(begin(storage), "skipped", holder="me", cursor="17", reason="nothing new")
    storage.ticks.finish(begin(storage), "skipped", holder="me")
    assert storage.sensors.get("sales", "files").cursor == "17"
    storage.ticks.finish(begin(storage), "skipped", holder="me", cursor=None)
    assert storage.sensors.get("sales", "files").cursor is None


def test_two_ticks_of_a_sensor_are_never_under_way_at_once(storage):
    first = begin(storage, holder="one")
    assert begin(storage, holder="two") is None
    storage.ticks.finish(first, "skipped", holder="one")
    assert begin(storage, holder="two") is not None


def test_a_tick_whose_holder_is_gone_is_begun_anew_and_the_ghost_has_no_say(storage):
    ghost = begin(storage, holder="one", lease=-1)
    tick = begin(storage, holder="two")
    assert tick.number == ghost.number
    assert storage.ticks.finish(ghost, "requested", holder="one", runs=[NewRun()], cursor="wrong") is None
    assert storage.sensors.get("sales", "files").cursor is None
    assert storage.runs.count()["queued"] == 0
    assert storage.ticks.finish(tick, "skipped", holder="two", cursor="right") is not None
    assert storage.ticks.finish(tick, "skipped", holder="two", cursor="again") is None
    assert storage.sensors.get("sales", "files").cursor == "right"


def test_a_lease_from_before_the_clock_was_set_back_is_over(storage):
    begin(storage, holder="one", lease=7200)
    assert begin(storage, holder="two", lease=7300) is None
    assert begin(storage, holder="two", lease=60) is not None


def test_a_moment_of_a_schedule_happens_once(storage):
    tick = begin(storage, SCHEDULE, scheduled=1000.0)
    storage.ticks.finish(tick, "requested", holder="me", runs=[NewRun()])
    assert begin(storage, SCHEDULE, scheduled=1000.0) is None
    later = begin(storage, SCHEDULE, scheduled=2000.0)
    storage.ticks.finish(later, "skipped", holder="me")
    earlier = begin(storage, SCHEDULE, scheduled=1500.0)
    storage.ticks.finish(earlier, "skipped", holder="me")
    assert storage.schedules.get("sales", "nightly").last_scheduled == 2000.0


def test_a_moment_that_had_to_wait_can_be_begun_again(storage):
    tick = begin(storage, SCHEDULE, scheduled=1000.0)
    storage.ticks.finish(tick, "waiting", holder="me", reason="the location is broken")
    assert storage.schedules.get("sales", "nightly").last_scheduled is None
    again = begin(storage, SCHEDULE, scheduled=1000.0)
    assert (again.number, again.reason) == (tick.number, None)


def test_waiting_for_the_same_reason_is_one_tick_that_counts(storage):
    for _ in range(5):
        storage.ticks.wait(SENSOR, "the location is broken", {"message": "no"})
    storage.ticks.wait(SENSOR, "its environment is being built")
    later, first = storage.ticks.list(SENSOR)
    assert (first.count, first.reason, first.problem) == (5, "the location is broken", {"message": "no"})
    assert (later.count, later.outcome) == (1, "waiting")
    assert begin(storage) is not None


def test_ticks_are_listed_by_outcome_and_page(storage):
    for outcome in ("skipped", "failed", "skipped"):
        storage.ticks.finish(begin(storage), outcome, holder="me", reason="because", problem={"message": "no"})
    found = storage.ticks.list(SENSOR, outcomes=["skipped"])
    assert [tick.outcome for tick in found] == ["skipped", "skipped"]
    assert len(storage.ticks.list(SENSOR, before=found[0].number)) == 2
    assert storage.ticks.latest() == found[:1]
    assert storage.ticks.list(SCHEDULE) == ()


def test_costs_are_told_for_each(storage):
    storage.ticks.finish(begin(storage), "failed", holder="me", cpu=1.5)
    storage.ticks.finish(begin(storage), "skipped", holder="me", cpu=0.5)
    storage.ticks.finish(begin(storage, SCHEDULE, scheduled=1.0), "skipped", holder="me")
    costs = {cost.name: cost for cost in storage.ticks.costs(0.0)}
    assert (costs["files"].ticks, costs["files"].failed, costs["files"].cpu) == (2, 1, 2.0)
    assert costs["nightly"].cpu == 0.0
    assert storage.ticks.costs(time.time() + 3600) == ()


def test_a_location_that_is_renamed_onto_another_keeps_the_older_state(storage):
    storage.ticks.finish(begin(storage), "requested", holder="me", runs=[NewRun(run_key="a")], cursor="old")
    other = Origin("sensor", "shop", "files")
    storage.ticks.finish(
        begin(storage, other), "requested", holder="me", runs=[NewRun(run_key="a"), NewRun(run_key="b")], cursor="new"
    )
    assert storage.rename_location("sales", "shop")
    assert storage.sensors.get("shop", "files").cursor == "old"
    assert len(storage.ticks.list(other)) == 2
    assert storage.runs.count(RunFilter(origin=other))["queued"] == 3
    again = storage.ticks.finish(
        begin(storage, other), "skipped", holder="me", runs=[NewRun(run_key="a"), NewRun(run_key="b")]
    )
    assert again.skipped_keys == ("a", "b")


def test_a_backfill_ends_with_its_last_partition(storage):
    backfill = storage.backfills.create(
        NewBackfill(("c", "a", "b", "a"), selection="x+", tags={"t": "1"}, config={"a": 1})
    )
    assert (backfill.status, backfill.counts, backfill.selection, backfill.config) == (
        "running",
        {"waiting": 3},
        "x+",
        {"a": 1},
    )
    assert [one.partition for one in storage.backfills.partitions(backfill.id)] == ["c", "a", "b"]
    first = storage.backfills.launch(backfill.id, ["c", "a"], NewRun(partition="c"))
    assert first.backfill == backfill.id
    assert storage.backfills.launch(backfill.id, ["a", "b"], NewRun()) is None
    assert storage.backfills.launch(backfill.id, ["unknown"], NewRun()) is None
    second = storage.backfills.launch(backfill.id, ["b"], NewRun())
    for run, status in ((first, "succeeded"), (second, "failed")):
        storage.runs.take(run.id, Host("m", 1), lease=60)
        storage.runs.update_status(run.id, "running")
        assert storage.backfills.get(backfill.id).status == "running"
        storage.runs.update_status(run.id, status)
    found = storage.backfills.get(backfill.id)
    assert (found.status, found.counts) == ("failed", {"succeeded": 2, "failed": 1})
    assert found.ended is not None
    again = storage.backfills.retry(backfill.id)
    assert (again.status, again.counts, again.ended) == ("running", {"succeeded": 2, "waiting": 1}, None)
    assert [run.id for run in storage.runs.iterate(RunFilter(backfill=backfill.id))] == [second.id, first.id]


def test_a_canceled_backfill_starts_nothing_and_ends_with_its_runs(storage):
    backfill = storage.backfills.create(NewBackfill(("a", "b")))
    run = storage.backfills.launch(backfill.id, ["a"], NewRun())
    assert storage.backfills.cancel(backfill.id, "not wanted").status == "canceling"
    assert storage.backfills.launch(backfill.id, ["b"], NewRun()) is None
    storage.runs.cancel(run.id)
    found = storage.backfills.get(backfill.id)
    assert (found.status, found.counts, found.reason) == ("canceled", {"canceled": 2}, "not wanted")
    assert [one.id for one in storage.backfills.list(statuses=["canceled"])] == [backfill.id]
    assert storage.backfills.list(before=backfill.number) == ()
    with pytest.raises(NoRunError):
        storage.backfills.get("nothing")


def test_a_backfill_of_nothing_has_ended(storage):
    assert storage.backfills.create(NewBackfill(())).status == "succeeded"


def test_ten_thousand_partitions(storage):
    keys = [f"key-{number}" for number in range(10_000)]
    backfill = storage.backfills.create(NewBackfill(keys))
    assert storage.backfills.launch(backfill.id, keys[:5000], NewRun()) is not None
    assert storage.backfills.get(backfill.id).counts == {"running": 5000, "waiting": 5000}
    assert [one.partition for one in storage.backfills.partitions(backfill.id, statuses=["waiting"], limit=2)] == keys[
        5000:5002
    ]


def test_slots_are_taken_together_or_not_at_all(storage):
    acquire = storage.slots.acquire
    assert acquire({"warehouse": 2, "api": 1}, "a", lease=60)
    assert not acquire({"warehouse": 2, "api": 1}, "b", lease=60)
    assert [slot.holder for slot in storage.slots.list("warehouse")] == ["a"]
    assert acquire({"warehouse": 2, "api": 1}, "a", lease=60)
    assert acquire({"warehouse": 2}, "b", lease=60)
    assert not acquire({"warehouse": 2}, "c", lease=60)
    storage.slots.release("a")
    assert acquire({"api": 1}, "c", lease=60)
    assert not acquire({"closed": 0}, "c", lease=60)
    assert acquire({}, "d", lease=60)


def test_a_slot_whose_lease_is_over_is_free(storage):
    assert storage.slots.acquire({"api": 1}, "a", lease=-1)
    assert storage.slots.list() == ()
    assert storage.slots.acquire({"api": 1}, "b", lease=60)


def test_the_end_of_a_run_frees_its_slots(storage, start):
    run = start()
    assert storage.slots.acquire({"api": 1}, f"{run} step", lease=60, run=run)
    storage.runs.update_status(run, "succeeded")
    assert storage.slots.acquire({"api": 1}, "other", lease=60)


def test_a_tick_is_not_begun_where_another_one_was_since_the_last_look(storage):
    before = storage.sensors.get("sales", "files").last_tick
    assert before is None
    first = begin(storage, last_tick=before)
    storage.ticks.finish(first, "skipped", holder="me")
    assert begin(storage, holder="two", last_tick=before) is None
    assert begin(storage, holder="two", last_tick=first.started) is not None


def test_a_tick_whose_holder_is_known_to_be_gone_is_begun_anew_before_its_lease_is_over(storage):
    ghost = begin(storage, SCHEDULE, holder="dead", scheduled=1000.0)
    assert begin(storage, SCHEDULE, holder="two", scheduled=1000.0, is_gone=lambda holder: holder != "dead") is None
    again = begin(storage, SCHEDULE, holder="two", scheduled=1000.0, is_gone=lambda holder: holder == "dead")
    assert again.number == ghost.number
    assert storage.ticks.finish(ghost, "requested", holder="dead", runs=[NewRun()]) is None


def test_what_was_begun_for_a_moment_and_came_to_nothing_is_found_again(storage):
    for moment, outcome in ((3000.0, "skipped"), (2000.0, "waiting"), (1000.0, None)):
        tick = begin(storage, SCHEDULE, lease=-1, scheduled=moment)
        if outcome is not None:
            storage.ticks.finish(tick, outcome, holder="me")
    assert [tick.scheduled for tick in storage.ticks.list_unfinished(SCHEDULE)] == [1000.0, 2000.0]
    assert storage.ticks.find(SCHEDULE, 3000.0).outcome == "skipped"
    assert storage.ticks.find(SCHEDULE, 4000.0) is None


def test_a_schedule_that_is_switched_on_makes_nothing_up(storage):
    schedules = storage.schedules
    assert schedules.begin_from("sales", "nightly", 1000.0, "daily").last_scheduled == 1000.0
    assert schedules.begin_from("sales", "nightly", 2000.0, "daily").last_scheduled == 1000.0
    switched = schedules.switch("sales", "nightly", True).last_scheduled
    assert switched > 1e9
    assert schedules.switch("sales", "nightly", True).last_scheduled == switched
    schedules.switch("sales", "nightly", False)
    assert schedules.switch("sales", "nightly", None).last_scheduled > switched


def test_moments_that_nobody_is_about_are_over_when_a_schedule_is_switched_on_again(storage):
    waiting = begin(storage, SCHEDULE, scheduled=1000.0)
    storage.ticks.finish(waiting, "waiting", holder="me")
    begin(storage, SCHEDULE, scheduled=2000.0, lease=-1)
    begin(storage, SCHEDULE, scheduled=3000.0, lease=60)
    storage.schedules.switch("sales", "nightly", True)
    assert [tick.scheduled for tick in storage.ticks.list_unfinished(SCHEDULE)] == [3000.0]
    assert storage.ticks.find(SCHEDULE, 1000.0).reason == "it was switched off"
    assert storage.ticks.find(SCHEDULE, 2000.0).outcome == "skipped"


def test_a_schedule_with_other_times_begins_anew(storage):
    schedules = storage.schedules
    schedules.begin_from("sales", "nightly", 1000.0, "daily")
    changed = schedules.begin_from("sales", "nightly", 2000.0, "hourly")
    assert (changed.last_scheduled, changed.cursor) == (2000.0, "hourly")


def test_keys_of_dynamic_partitions_stay_in_the_order_in_which_they_were_added(storage):
    partitions = storage.partitions
    assert (partitions.list_all(), partitions.list("customers")) == ({}, ())
    partitions.add("customers", ["b", "a", "b"])
    partitions.add("customers", ["a", "c"])
    partitions.add("others", ["x"])
    assert partitions.list("customers") == ("b", "a", "c")
    partitions.delete("customers", ["a", "nobody"])
    partitions.delete("others", ["x"])
    assert (partitions.list_all(), partitions.list("customers")) == ({"customers": ("b", "c")}, ("b", "c"))


def test_partitions_are_changed_with_the_end_of_the_tick_or_not_at_all(storage):
    ghost = begin(storage, holder="one", lease=-1)
    tick = begin(storage, holder="two")
    change = [{"name": "customers", "add": ["a", "b"], "delete": ["a"]}]
    assert (
        storage.ticks.finish(ghost, "skipped", holder="one", dynamic=[{"name": "customers", "add": ["wrong"]}]) is None
    )
    storage.ticks.finish(tick, "skipped", holder="two", dynamic=change)
    assert storage.partitions.list("customers") == ("b",)
