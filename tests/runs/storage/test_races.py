"""Many processes at once: nothing is lost, doubled, or done by two."""

from __future__ import annotations

from atoll_host.runs.storage.automation_records import NewBackfill
from atoll_host.runs.storage.records import NewRun, Origin
from atoll_host.runs.storage.store import Storage


def test_eight_writers_lose_and_double_no_event(url, storage, start, team):
    runs = [start() for _ in range(8)]
    assert team.run("append", [(url, run, number, 200, 10) for number, run in enumerate(runs)]) == [200] * 8
    for number, run in enumerate(runs):
        found = storage.events.read(run)
        assert [event.sequence for event in found] == list(range(1, 201))
        assert {event.payload["by"] for event in found} == {number}


def test_writers_of_one_run_who_send_the_same_events_have_each_remembered_once(url, storage, start, team):
    run = start()
    assert team.run("append", [(url, run, name, 100, 7) for name in "abcd"]) == [100] * 4
    assert [event.sequence for event in storage.events.read(run)] == list(range(1, 101))


def test_of_several_who_change_a_status_one_does(url, storage, start, team):
    for _ in range(5):
        run = start()
        outcomes = ["succeeded", "failed", "canceling", "succeeded", "failed"]
        won = team.run("change", [(url, run, status) for status in outcomes])
        finals = [status for status, did in zip(outcomes, won, strict=True) if did and status != "canceling"]
        assert len(finals) == 1
        assert storage.runs.get(run).status == finals[0]
        assert [change.status for change in storage.runs.changes() if change.run == run][-1] == finals[0]


def test_a_queued_run_gets_one_host(url, storage, team):
    run = storage.runs.create(NewRun()).id
    won = team.run("take", [(url, run, pid) for pid in range(1, 7)])
    assert won.count(True) == 1
    assert storage.runs.get(run).host.pid == won.index(True) + 1


def test_a_run_key_makes_a_request_happen_once(url, storage, team):
    given = team.run("request", [(url, 20) for _ in range(5)])
    assert all(one == given[0] for one in given)
    assert storage.runs.count()["queued"] == 20


def test_the_moment_of_a_schedule_is_evaluated_once(url, storage, team):
    for moment in ("1000.0", "2000.0", "3000.0"):
        given = team.run("tick", [(url, f"holder-{number}", moment) for number in range(5)])
        assert [len(runs) for runs in given if runs is not None] == [1]
    assert storage.runs.count()["queued"] == 3
    assert len(storage.ticks.list(Origin("schedule", "here", "nightly"))) == 3


def test_a_pool_has_as_many_slots_as_it_says(url, storage, team):
    given = team.run("acquire", [(url, f"holder-{number}", 3) for number in range(8)])
    assert given.count(True) == 3
    assert len(storage.slots.list("pool")) == 3


def test_a_partition_of_a_backfill_is_launched_once(url, storage, team):
    backfill = storage.backfills.create(NewBackfill(("a", "b", "c")))
    given = team.run(
        "launch", [(url, backfill.id, "a", "b"), (url, backfill.id, "b", "c"), (url, backfill.id, "a", "b", "c")]
    )
    won = [run for run in given if run is not None]
    assert len(won) == 1
    assert storage.runs.count()["queued"] == 1
    taken = storage.backfills.partitions(backfill.id, statuses=["running"])
    assert {one.run for one in taken} == set(won)


def test_processes_that_open_a_new_database_at_once_all_can(tmp_path, team):
    for number in range(3):
        url = f"sqlite:///{tmp_path / str(number) / 'runs.db'}"
        assert team.run("open", [(url,) for _ in range(4)]) == [0] * 4


def test_processes_that_open_a_new_database_of_postgresql_at_once_all_can(postgresql, team):
    with postgresql.database() as url:
        assert team.run("open", [(url,) for _ in range(4)]) == [0] * 4


def test_who_reads_with_a_cursor_while_others_write_misses_nothing(url, storage, team):
    workers = team.start("observe", [(url, f"asset-{number}", 40) for number in range(4)])
    seen, cursor = [], 0
    with storage.watch() as watch:
        while len(seen) < 160:
            page = storage.assets.since(cursor, limit=3)
            if not page and not watch.wait(30):
                break
            seen += [event.number for event in page]
            cursor = seen[-1] if seen else 0
    made = sorted(number for worker in workers for number in worker.result())
    assert seen == made


def test_threads_share_one_storage(url):
    import concurrent.futures

    with Storage.open(url) as storage, concurrent.futures.ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: storage.runs.create(NewRun()).id, range(40)))
        assert len({storage.runs.get(run).number for run in runs}) == 40
