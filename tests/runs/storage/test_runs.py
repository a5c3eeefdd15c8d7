"""Runs: remembered, found, listed, and led forward only."""

from __future__ import annotations

import itertools
import time

import pytest

from atoll_host.runs.storage import identifiers
from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.records import TRANSITIONS, Event, Host, NewRun, Origin, RunFilter, Target

HOST = Host("machine", 1, 1.0)


def test_a_run_is_remembered_as_it_was_given(storage):
    origin = Origin("sensor", "sales", "files")
    given = NewRun(
        kind="job", job="nightly", location="sales", selection="sales/*+", partition="2024-01-01",
        partition_range=("2024-01-01", "2024-01-31"), tags={"team": "a", "é": "ü"}, config={"ops": {"a": [1, None, "ß"]}},
        options={"executor": "in_process"}, targets=[Target("sales/orders", "2024-01-01")], origin=origin, run_key="k",
    )  # fmt: skip
    run = storage.runs.create(given)
    for name in (
        "kind",
        "job",
        "location",
        "selection",
        "partition",
        "partition_range",
        "tags",
        "config",
        "options",
        "origin",
        "run_key",
    ):
        assert getattr(run, name) == getattr(given, name), name
    assert (run.status, run.root, run.parent) == ("queued", run.id, None)
    assert abs(run.created - time.time()) < 60
    assert storage.runs.get(run.id) == run


def test_a_retry_belongs_to_the_first_run_of_its_chain(storage):
    first = storage.runs.create(NewRun())
    second = storage.runs.create(NewRun(parent=first.id))
    third = storage.runs.create(NewRun(parent=second.id))
    assert (second.parent, second.root) == (first.id, first.id)
    assert (third.parent, third.root) == (second.id, first.id)
    assert [run.id for run in storage.runs.iterate(RunFilter(root=first.id))] == [third.id, second.id, first.id]


def test_the_same_id_is_the_same_run(storage):
    run = storage.runs.create(NewRun(id=identifiers.make_id(), tags={"a": "1"}))
    assert storage.runs.create(NewRun(id=run.id, tags={"a": "2"})) == run


def test_a_run_is_found_by_a_part_of_its_id_and_by_its_number(storage):
    run = storage.runs.create(NewRun())
    assert storage.runs.find(run.id) == run
    assert storage.runs.find(run.id[-8:]) == run
    assert storage.runs.find(f" {run.id[:13].upper()} ") == run
    assert storage.runs.find(str(run.number)) == run


@pytest.mark.parametrize("text", ["", "ab", "nothing", "%", "____", "99999", "01a2\0", "'; --"])
def test_what_means_no_run_is_an_error(storage, text):
    storage.runs.create(NewRun())
    with pytest.raises(NoRunError, match="There is no run"):
        storage.runs.find(text)


def test_a_beginning_that_several_runs_share_means_none(storage):
    runs = [storage.runs.create(NewRun()) for _ in range(2)]
    shared = runs[0].id[:6]
    assert runs[1].id.startswith(shared)
    with pytest.raises(NoRunError):
        storage.runs.find(shared)


def test_pages_go_on_where_the_last_one_ended_whatever_comes_in_between(storage):
    made = [storage.runs.create(NewRun()).number for _ in range(7)]
    page = storage.runs.list(limit=3)
    storage.runs.create(NewRun())
    seen = [run.number for run in page.runs]
    while page.cursor is not None:
        page = storage.runs.list(limit=3, cursor=page.cursor)
        seen += [run.number for run in page.runs]
    assert seen == made[::-1]


def test_filters_choose(storage):
    create = storage.runs.create
    sensor = Origin("sensor", "sales", "files")
    runs = {
        "job": create(NewRun(kind="job", job="nightly", location="sales", tags={"a": "1", "b": "2"})),
        "asset": create(NewRun(targets=[Target("x/y", "p1"), Target("x/z")], partition="p1", tags={"a": "2"})),
        "sensed": create(NewRun(origin=sensor, targets=[Target("x/z", "p2")])),
    }
    storage.runs.cancel(runs["job"].id)

    def choose(**wanted):
        found = {run.id for run in storage.runs.list(RunFilter(**wanted)).runs}
        assert sum(storage.runs.count(RunFilter(**wanted)).values()) == len(found)
        return {name for name, run in runs.items() if run.id in found}

    assert choose() == {"job", "asset", "sensed"}
    assert choose(statuses=["canceled", "failed"]) == {"job"}
    assert choose(kind="job") == choose(job="nightly") == choose(location="sales") == {"job"}
    assert choose(location="elsewhere") == set()
    assert choose(asset="x/z") == {"asset", "sensed"}
    assert choose(asset="x/z", partition="p2") == {"sensed"}
    assert choose(partition="p1") == {"asset"}
    assert choose(tags={"a": None}) == {"job", "asset"}
    assert choose(tags={"a": "1", "b": "2"}) == {"job"}
    assert choose(tags={"a": "2", "b": None}) == set()
    assert choose(origin=sensor) == {"sensed"}
    assert choose(origin=Origin("schedule", "sales", "files")) == set()
    assert choose(created_before=time.time() - 3600) == set()
    assert choose(created_from=time.time() - 3600) == {"job", "asset", "sensed"}


@pytest.mark.parametrize(
    "path", [("starting", "running", "succeeded"), ("starting", "canceling", "canceled"), ("failed",)]
)
def test_a_run_goes_its_way_and_every_change_is_listed(storage, path):
    run = storage.runs.create(NewRun()).id
    for status in path:
        assert storage.runs.update_status(run, status)
    assert [change.status for change in storage.runs.changes()] == ["queued", *path]
    assert storage.runs.last_change() == storage.runs.changes()[-1].number
    assert storage.runs.changes(after=storage.runs.last_change()) == ()
    found = storage.runs.get(run)
    assert found.is_final
    assert found.created <= (found.started or found.created) <= found.ended


def test_no_run_ever_goes_back(storage):
    ways = {
        "queued": (), "starting": ("starting",), "running": ("starting", "running"), "canceling": ("starting", "canceling"),
        "canceled": ("canceled",), "succeeded": ("starting", "running", "succeeded"), "failed": ("failed",),
    }  # fmt: skip
    for source, target in itertools.product(TRANSITIONS, TRANSITIONS):
        run = storage.runs.create(NewRun()).id
        assert all(storage.runs.update_status(run, status) for status in ways[source])
        if target == "queued":
            with pytest.raises(ValueError, match="no run goes"):
                storage.runs.update_status(run, target)
            continue
        assert storage.runs.update_status(run, target) is (target in TRANSITIONS[source])
        assert storage.runs.get(run).status == (target if target in TRANSITIONS[source] else source)


def test_a_change_that_expects_another_status_does_nothing(storage):
    run = storage.runs.create(NewRun()).id
    assert not storage.runs.update_status(run, "failed", expected=["starting", "running"])
    assert storage.runs.get(run).status == "queued"
    with pytest.raises(ValueError, match="no run goes from succeeded to failed"):
        storage.runs.update_status(run, "failed", expected=["succeeded"])
    with pytest.raises(NoRunError):
        storage.runs.update_status("nothing", "failed")


def test_the_end_of_a_run_and_its_last_events_are_one(storage, start):
    run = start()
    problem = {"kind": "exception", "message": "no"}
    ended = storage.runs.update_status(
        run, "failed", reason="a step failed", problem=problem, events=[Event(1, 5.0, "run_failed")]
    )
    assert ended
    assert not storage.runs.update_status(run, "succeeded", events=[Event(2, 6.0, "run_succeeded")])
    assert [event.kind for event in storage.events.read(run)] == ["run_failed"]
    found = storage.runs.get(run)
    assert (found.reason, found.problem) == ("a step failed", problem)


def test_cancel_ends_what_is_queued_and_asks_what_runs(storage, start):
    queued, running = storage.runs.create(NewRun()).id, start()
    assert storage.runs.cancel(queued, "not wanted").status == "canceled"
    assert storage.runs.renew(running, HOST, lease=60) == "running"
    assert storage.runs.cancel(running).status == "canceling"
    assert storage.runs.cancel(running).status == "canceling"
    assert storage.runs.renew(running, HOST, lease=60) == "canceling"
    assert storage.runs.update_status(running, "succeeded")
    assert storage.runs.cancel(running).status == "succeeded"


def test_only_one_host_takes_a_run_and_may_ask_twice(storage):
    run = storage.runs.create(NewRun()).id
    assert [one.id for one in storage.runs.list_queued()] == [run]
    assert storage.runs.take(run, HOST, lease=60)
    assert storage.runs.take(run, HOST, lease=60)
    assert not storage.runs.take(run, Host("machine", 2), lease=60)
    assert storage.runs.get(run).host == HOST
    assert storage.runs.list_queued() == ()


def test_a_run_whose_host_is_silent_is_settled_with_its_steps(storage, start):
    run = start()
    storage.events.append(run, [
        Event(1, 1.0, "steps_planned", payload={"steps": [{"key": key, "location": "here"} for key in "abc"]}),
        Event(2, 2.0, "step_started", "a", "here"), Event(3, 3.0, "step_succeeded", "a", "here"), Event(4, 4.0, "step_started", "b", "here"),
    ])  # fmt: skip
    assert storage.runs.list_abandoned() == ()
    storage.runs.renew(run, HOST, lease=-1)
    assert storage.runs.list_abandoned(grace=100) == ()
    (abandoned,) = storage.runs.list_abandoned()
    assert storage.runs.settle(abandoned, "its process was killed", problem={"message": "killed"})
    assert not storage.runs.settle(abandoned, "again")
    found = storage.runs.get(run)
    assert (found.status, found.reason, found.problem) == ("failed", "its process was killed", {"message": "killed"})
    assert {step.key: step.status for step in storage.steps.list(run)} == {
        "a": "succeeded",
        "b": "failed",
        "c": "skipped",
    }
    last = storage.events.read(run)[-1]
    assert (last.sequence, last.kind, last.payload["settled"]) == (5, "run_failed", True)
    assert storage.runs.renew(run, HOST, lease=60) == "failed"


def test_a_host_that_renews_just_in_time_is_not_settled(storage, start):
    run = start()
    seen = storage.runs.get(run)
    storage.runs.renew(run, HOST, lease=60)
    assert not storage.runs.settle(seen, "its process was killed")
    assert storage.runs.get(run).status == "running"


def test_a_run_that_was_being_canceled_is_settled_as_canceled(storage, start):
    run = start()
    storage.runs.cancel(run)
    assert storage.runs.settle(storage.runs.get(run), "its process was killed")
    assert storage.runs.get(run).status == "canceled"


def test_a_clock_that_goes_backwards_turns_nothing_around(storage, monkeypatch):
    moments = iter(range(10_000, 0, -100))
    monkeypatch.setattr("time.time", lambda: float(next(moments)))
    run = storage.runs.create(NewRun()).id
    assert storage.runs.take(run, HOST, lease=60)
    assert storage.runs.update_status(run, "running")
    assert storage.runs.update_status(run, "succeeded")
    later = storage.runs.create(NewRun())
    found = storage.runs.get(run)
    assert found.created <= found.started <= found.ended
    assert [one.id for one in storage.runs.list().runs] == [later.id, run]
    numbers = [change.number for change in storage.runs.changes()]
    assert numbers == sorted(numbers)


def test_identifiers_sort_by_their_making_even_when_the_clock_is_set_back(monkeypatch):
    moments = itertools.cycle([5_000_000_000_000_000_000, 1_000_000_000_000_000_000])
    monkeypatch.setattr(identifiers.time, "time_ns", lambda: next(moments))
    monkeypatch.setattr(identifiers, "_last", 0)
    made = [identifiers.make_id() for _ in range(5000)]
    assert made == sorted(set(made))
    assert {one[14] for one in made} == {"7"}


@pytest.mark.parametrize(
    "text", ["\0", "\ud800", "a" * 100_000, "%_'\"\\"], ids=["nul", "half-character", "long", "signs"]
)
def test_every_text_can_be_remembered(storage, text):
    run = storage.runs.create(
        NewRun(
            job=text,
            location=text,
            selection=text,
            tags={text: text},
            config={text: text},
            targets=[Target(text, text)],
        )
    )
    assert run.config == {text: text}
    assert run.tags == {text: text}
    storage.runs.cancel(run.id, text)
    assert len(storage.runs.get(run.id).reason) == len(text)


def test_a_run_that_was_queued_is_remembered_as_it_is_planned_when_it_is_taken(storage):
    run = storage.runs.create(NewRun(options={"request": {"job": "x"}}, targets=[Target("guess", "p")]))
    planned = NewRun(options={"plan": {"stages": []}}, targets=[Target("a"), Target("b", "p")])
    assert storage.runs.take(run.id, HOST, lease=60, planned=planned)
    found = storage.runs.get(run.id)
    assert found.options == {"request": {"job": "x"}, "plan": {"stages": []}}
    assert [one.id for one in storage.runs.list(RunFilter(asset="b", partition="p")).runs] == [run.id]
    assert storage.runs.list(RunFilter(asset="guess")).runs == ()
    other = NewRun(options={"plan": "another's"})
    assert not storage.runs.take(run.id, Host("machine", 2, 2.0), lease=60, planned=other)
    assert storage.runs.get(run.id).options["plan"] == {"stages": []}
