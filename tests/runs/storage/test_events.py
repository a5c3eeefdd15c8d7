"""Events: each remembered once, in order, with what they say of steps."""

from __future__ import annotations

import threading
import time

import pytest

from atoll_host.runs.storage.errors import NoRunError, RunEndedError
from atoll_host.runs.storage.records import Event, Host, Step


def logs(*numbers, **facts):
    return [Event(number, float(number), "log", payload={"message": f"line {number}", **facts}) for number in numbers]


def test_what_is_sent_again_is_remembered_once(storage, start):
    run = start()
    assert storage.events.append(run, logs(1, 2, 3)) == 3
    assert storage.events.append(run, logs(1, 2, 3)) == 0
    assert storage.events.append(run, logs(2, 3, 4, 4)) == 1
    assert storage.events.append(run, []) == 0
    assert [event.sequence for event in storage.events.read(run)] == [1, 2, 3, 4]
    assert storage.events.last(run) == 4


def test_an_event_comes_back_as_it_was(storage, start):
    run = start()
    given = Event(
        1, 1234.5678, "log", "step", "here", {"message": "a\0b\ud800ü", "level": "error", "deep": [{"a": None}]}
    )
    storage.events.append(run, [given])
    assert storage.events.read(run) == (given,)


def test_events_are_those_of_their_run(storage, start):
    one, other = start(), start()
    storage.events.append(one, logs(1, 2))
    storage.events.append(other, logs(1))
    assert len(storage.events.read(one)) == 2
    assert len(storage.events.read(other)) == 1
    assert storage.events.last(start()) == 0


def test_events_of_no_run_are_refused(storage):
    for call in (
        lambda: storage.events.append("nothing", logs(1)),
        lambda: storage.events.read("nothing"),
        lambda: storage.events.last("nothing"),
    ):
        with pytest.raises(NoRunError):
            call()


def test_a_run_that_has_ended_takes_nothing_new(storage, start):
    run = start()
    storage.events.append(run, logs(1))
    storage.runs.settle(storage.runs.get(run), "its process was killed")
    assert storage.events.append(run, logs(1)) == 0
    with pytest.raises(RunEndedError, match="its process was killed"):
        storage.events.append(run, logs(1, 2, 3))
    assert storage.events.last(run) == 2


def test_reading_can_be_narrowed(storage, start):
    run = start()
    storage.events.append(run, [
        Event(1, 1.0, "step_started", "a", "here"),
        Event(2, 2.0, "log", "a", "here", {"message": "Größe 100%", "level": "info"}),
        Event(3, 3.0, "log", "b", "there", {"message": "broken_pipe", "level": "error"}),
        Event(4, 4.0, "step_failed", "b", "there"),
    ])  # fmt: skip

    def read(**wanted):
        return [event.sequence for event in storage.events.read(run, **wanted)]

    assert read(kinds=["log"]) == [2, 3]
    assert read(step="a") == [1, 2]
    assert read(location="there") == [3, 4]
    assert read(levels=["warning", "error"]) == [3]
    assert read(search="GRÖSSE") == []
    assert read(search="größe") == [2]
    assert read(search="BROKEN_") == [3]
    assert read(search="0%") == [2]
    assert read(search="n%p") == []
    assert read(after=2, limit=1) == [3]
    assert read(newest_first=True, limit=2) == [4, 3]
    assert read(newest_first=True, after=3) == [2, 1]


def test_steps_are_what_their_events_say(storage, start):
    run = start()
    problem = {"kind": "exception", "message": "no"}
    storage.events.append(run, [
        Event(1, 1.0, "steps_planned", payload={"steps": [{"key": key, "location": "here"} for key in ("a", "b", "c", "d")]}),
        Event(2, 2.0, "step_started", "a", "here", {"attempt": 1}),
        Event(3, 3.0, "step_retry", "a", "here", {"problem": problem}),
        Event(4, 4.0, "step_started", "a", "here", {"attempt": 2}),
        Event(5, 5.0, "step_started", "b", "here", {"attempt": 1}),
    ])  # fmt: skip
    storage.events.append(run, [
        Event(6, 6.0, "step_succeeded", "a", "here"),
        Event(7, 7.0, "step_failed", "b", "here", {"problem": problem}),
        Event(8, 8.0, "step_skipped", "c", "here", {"reason": "b failed"}),
        Event(9, 9.0, "step_started", "a", "there"),
    ])  # fmt: skip
    assert storage.steps.list(run) == (
        Step("a", "here", "succeeded", 2, 2.0, 6.0),
        Step("b", "here", "failed", 1, 5.0, 7.0, problem=problem),
        Step("a", "there", "started", 1, 9.0),
        Step("c", "here", "skipped", 0, None, 8.0, "b failed"),
        Step("d", "here", "waiting"),
    )
    assert storage.steps.count(run) == {"succeeded": 1, "failed": 1, "started": 1, "skipped": 1, "waiting": 1}


def test_a_thousand_steps_in_one_batch(storage, start):
    run = start()
    keys = [f"step_{number}" for number in range(1000)]
    plan = Event(1, 1.0, "steps_planned", payload={"steps": [{"key": key, "location": "here"} for key in keys]})
    pairs = [
        Event(2 + 2 * n + m, 2.0 + n, kind, key, "here")
        for n, key in enumerate(keys)
        for m, kind in enumerate(["step_started", "step_succeeded"])
    ]
    storage.events.append(run, [plan, *pairs])
    assert storage.steps.count(run) == {"succeeded": 1000}


def test_what_comes_is_followed_until_the_run_ends(url, storage, start, team):
    run = start()
    storage.events.append(run, logs(1))
    (worker,) = team.start("append", [(url, run, "other", 60, 5)])
    seen = []
    for event in storage.events.tail(run, timeout=30):
        seen.append(event.sequence)
        if event.sequence == 60:
            assert worker.result() == 60
            storage.runs.update_status(run, "succeeded", events=logs(61))
    assert seen == list(range(1, 62))


def test_following_wakes_up_soon_after_an_event(storage, start):
    run = start()
    arrived = threading.Event()
    late = []

    def follow():
        for event in storage.events.tail(run, timeout=30):
            late.append(time.time() - event.time)
            arrived.set()

    thread = threading.Thread(target=follow)
    thread.start()
    for number in range(1, 6):
        arrived.clear()
        storage.events.append(run, [Event(number, time.time(), "log")])
        assert arrived.wait(20)
    storage.runs.update_status(run, "succeeded")
    thread.join(20)
    assert not thread.is_alive()
    assert min(late) < 1.0


def test_nothing_new_is_said_after_the_timeout(storage):
    with storage.watch() as watch:
        watch.wait(0)
        assert not watch.wait(0.1)
        storage.sensors.switch("here", "files", on=True)
        assert watch.wait(10)


def test_renewing_a_lease_wakes_nobody_in_postgresql(storage, start, url):
    if not url.startswith("postgresql"):
        pytest.skip("SQLite tells of every transaction")
    run = start()
    with storage.watch() as watch:
        storage.runs.renew(run, Host("machine", 1), lease=60)
        assert not watch.wait(0.2)


def test_output_is_remembered_in_pieces_and_read_from_anywhere(storage, start):
    run = start()
    data = bytes(range(256)) * 3000
    for at in range(0, len(data), 100_000):
        storage.logs.append(run, data[at : at + 100_000], start=at, location="here", step="a")
    storage.logs.append(run, data[:100_000], start=0, location="here", step="a")
    storage.logs.append(run, b"other", start=0, location="here")
    storage.logs.append(run, b"", start=5, location="here")
    assert [(one.step, one.size) for one in storage.logs.streams(run)] == [("", 5), ("a", len(data))]
    for at in (0, 1, 99_999, 100_000, len(data) - 1, len(data)):
        pieces = storage.logs.read(run, location="here", step="a", start=at, limit=100)
        assert b"".join(piece.data for piece in pieces) == data[at:]
        assert all(piece.start == at for piece in pieces[:1])
    big = start()
    storage.logs.append(big, data * 2, start=0)
    assert b"".join(piece.data for piece in storage.logs.read(big, start=700_000)) == (data * 2)[700_000:]
    assert storage.logs.read(big, location="nowhere") == ()
