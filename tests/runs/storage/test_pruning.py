"""What is old is forgotten, and what is still wanted stays."""

from __future__ import annotations

import time

from atoll_host.runs.storage.records import Event, Host, NewRun, Origin, Target

PAST, FUTURE = 0.0, 4e9
HOST = Host("machine", 1)


def finish(storage, status="succeeded", events=(), **facts):
    run = storage.runs.create(NewRun(tags={"a": "b"}, targets=[Target("x")], **facts)).id
    storage.runs.take(run, HOST, lease=60)
    storage.runs.update_status(run, "running")
    storage.events.append(run, events)
    storage.logs.append(run, b"text", start=0)
    storage.runs.update_status(run, status)
    return run


def test_runs_that_have_ended_go_with_all_that_is_theirs(storage, start):
    made = Event(1, 1.0, "materialization", "s", "l", {"asset": "x"})
    for _ in range(3):
        finish(storage, events=[Event(0, 0.5, "step_started", "s", "l"), made])
    active, queued = start(), storage.runs.create(NewRun()).id
    assert storage.prune(runs_before=PAST).runs == 0
    seen = []
    pruned = storage.prune(runs_before=FUTURE, on_progress=seen.append)
    assert (pruned.runs, seen) == (3, [3])
    assert [run.id for run in storage.runs.iterate()] == [queued, active]
    assert len(storage.assets.history("x")) == 3
    assert {change.run for change in storage.runs.changes()} == {active, queued}
    with storage._database.engine.connect() as connection:
        for table in ("events", "logs", "steps", "run_tags", "targets"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0, table


def test_the_newest_runs_and_other_statuses_stay(storage):
    runs = [finish(storage, status) for status in ("failed", "succeeded", "failed", "succeeded", "failed")]
    assert storage.prune(runs_before=FUTURE, keep_last=2, statuses=["failed"]).runs == 2
    assert [run.id for run in storage.runs.iterate()] == [runs[4], runs[3], runs[1]]
    assert storage.prune(runs_before=FUTURE, statuses=["running", "queued"]).runs == 0
    assert storage.prune(runs_before=FUTURE, keep_last=10).runs == 0


def test_a_run_of_many_events_goes_piece_by_piece(storage, monkeypatch):
    monkeypatch.setattr("atoll_host.runs.storage.pruning._ROWS", 100)
    monkeypatch.setattr("atoll_host.runs.storage.pruning._LARGE", 1000)
    finish(storage, events=[Event(number, 1.0, "log") for number in range(1, 1050)])
    assert storage.prune(runs_before=FUTURE).runs == 1
    with storage._database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 0


def test_what_was_made_last_stays_whatever_its_age(storage, start):
    run = start()
    facts = {"asset": "x", "check": "c", "passed": True}
    storage.events.append(
        run,
        [Event(n, float(n), "materialization", payload={"asset": "x", "partition": str(n % 2)}) for n in range(1, 7)],
    )
    storage.events.append(run, [Event(n, float(n), "check_result", payload=facts) for n in range(7, 10)])
    pruned = storage.prune(history_before=FUTURE)
    assert (pruned.asset_events, pruned.check_results) == (4, 2)
    assert [event.sequence for event in storage.assets.history("x")] == [6, 5]
    assert [result.sequence for result in storage.checks.history("x", "c")] == [9]
    assert storage.prune(history_before=FUTURE).asset_events == 0


def test_old_ticks_go_and_one_that_is_under_way_stays(storage):
    origin = Origin("sensor", "here", "files")
    for _ in range(3):
        tick = storage.ticks.begin(origin, holder="me", lease=60)
        storage.ticks.finish(tick, "skipped", holder="me", cursor="17")
    storage.ticks.begin(origin, holder="me", lease=60)
    assert storage.prune(ticks_before=time.time() + 60).ticks == 3
    assert [tick.outcome for tick in storage.ticks.list(origin)] == ["started"]
    assert storage.sensors.get("here", "files").cursor == "17"


def test_a_file_of_sqlite_becomes_smaller(tmp_path):
    from atoll_host.runs.storage.store import Storage

    with Storage.open(f"sqlite:///{tmp_path / 'runs.db'}") as storage:
        finish(storage, events=[Event(number, 1.0, "log", payload={"message": "x" * 500}) for number in range(1, 4000)])
        pruned = storage.prune(runs_before=FUTURE)
    assert pruned.size_after < pruned.size_before / 3
