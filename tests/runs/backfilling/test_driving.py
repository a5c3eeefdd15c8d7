"""Runs of backfills are queued so many at once, by however many."""

from __future__ import annotations

import threading

import pytest

from atoll_host.runs.backfilling.describing import STATUSES, describe_whole_backfill
from atoll_host.runs.backfilling.driving import Backfiller, cancel_backfill, list_open_runs
from atoll_host.runs.queueing.requesting import QueuedRequest
from atoll_host.runs.storage.automation_records import NewBackfill
from atoll_host.runs.storage.records import RunFilter
from atoll_host.runs.storage.store import Storage

KEYS = list("abcdefghij")


@pytest.fixture
def storage(tmp_path):
    with Storage.open(f"sqlite:///{tmp_path}/runs.db") as opened:
        yield opened


def begin(storage, *, batch=1, most=3, **more):
    options = {"batch": batch, "max_runs": most, "assets": ["orders"], "assets_without_partitions": ["plain"]}
    return storage.backfills.create(NewBackfill(KEYS, selection="orders", options=options, tags={"a": "b"}, **more))


def end(storage, run, status="failed"):
    storage.runs.update_status(run.id, status)


def test_no_more_runs_are_queued_than_may_go_on_at_once(storage):
    backfill, told = begin(storage), []
    backfiller = Backfiller(storage, on_queued=lambda: told.append(True))
    assert backfiller.run_once() == 1
    assert [run.partition for run in list_open_runs(storage, backfill.id)] == ["c", "b", "a"]
    backfiller.run_once()
    assert len(list_open_runs(storage, backfill.id)) == 3
    assert len(told) == 1
    end(storage, list_open_runs(storage, backfill.id)[-1])
    backfiller.run_once()
    assert [run.partition for run in list_open_runs(storage, backfill.id)] == ["d", "c", "b"]


def test_a_run_says_what_it_makes(storage):
    backfill = begin(storage, batch=4, most=9, config={"x": 1})
    Backfiller(storage).run_once()
    third, second, first = list_open_runs(storage, backfill.id)
    request = QueuedRequest.of(second)
    assert (request.selection, request.partition_range, request.config) == ("orders", ("e", "h"), {"x": 1})
    assert (third.partition_range, first.tags, first.backfill) == (("i", "j"), {"a": "b"}, backfill.id)
    wanted = RunFilter(asset="orders", partition="f")
    assert [run.id for run in storage.runs.list(wanted).runs] == [second.id]


class Changing:
    """Stands for a storage in which something happens after each read of backfills."""

    def __init__(self, storage, happens):
        self._storage, self._happens = storage, happens

    def __getattr__(self, name):
        return getattr(self._storage, name)

    @property
    def backfills(self):
        return self

    def get(self, backfill):
        found = self._storage.backfills.get(backfill)
        self._happens()
        return found

    def partitions(self, backfill, **options):
        found = self._storage.backfills.partitions(backfill, **options)
        self._happens()
        return found


def test_one_that_ends_while_it_is_described_has_not_ended_with_partitions_under_way(storage):
    backfill = begin(storage, most=len(KEYS))
    Backfiller(storage).run_once()
    *others, last = list_open_runs(storage, backfill.id)
    for run in others:
        end(storage, run)

    def happens():
        if not storage.runs.get(last.id).is_final:
            end(storage, last)

    data = describe_whole_backfill(Changing(storage, happens), backfill.id)
    assert data["counts"] == {**dict.fromkeys(STATUSES, 0), "failed": 10}
    assert {one["status"] for one in data["partitions"]} == {"failed"}
    assert all(one["run_number"] for one in data["partitions"])
    assert describe_whole_backfill(storage, backfill.id)["status"] == "failed"


def test_several_that_do_it_at_once_queue_each_partition_once(storage, tmp_path):
    backfill = begin(storage, most=len(KEYS))
    others = [Storage.open(f"sqlite:///{tmp_path}/runs.db") for _ in range(4)]
    try:
        backfillers = [Backfiller(other) for other in others]
        for backfiller in backfillers:
            backfiller.start()
        done = threading.Event()
        while not done.wait(0.05):
            if not storage.backfills.get(backfill.id).counts.get("waiting"):
                done.set()
        for backfiller in backfillers:
            backfiller.stop()
            assert backfiller.trouble is None
    finally:
        for other in others:
            other.close()
    assert sorted(run.partition for run in list_open_runs(storage, backfill.id)) == KEYS


def test_a_limit_holds_for_all_of_them_together(storage):
    backfill = begin(storage, most=2)
    for _ in range(3):
        Backfiller(storage).run_once()
    assert len(list_open_runs(storage, backfill.id)) == 2


def test_what_is_canceled_starts_nothing_more(storage):
    backfill = begin(storage)
    backfiller = Backfiller(storage)
    backfiller.run_once()
    assert cancel_backfill(storage, backfill.id, "not wanted").status == "canceled"
    assert backfiller.run_once() == 0
    assert storage.backfills.get(backfill.id).counts == {"canceled": len(KEYS)}
    storage.backfills.retry(backfill.id)
    backfiller.run_once()
    assert len(list_open_runs(storage, backfill.id)) == 3


def test_a_backfill_is_found_by_its_number_and_a_part_of_its_id(storage):
    backfill = begin(storage)
    assert [storage.backfills.find(text).id for text in ("1", backfill.id[:8], backfill.id[-6:])] == [backfill.id] * 3
