"""Runs in the queue remember what they are planned with."""

from __future__ import annotations

from atoll_host.runs.queueing.requesting import QueuedRequest, make_queued_run
from atoll_host.runs.storage.records import Origin, Target
from atoll_host.runs.storage.store import Storage

ORIGIN = Origin("sensor", "sales", "files")


def remember(tmp_path, new):
    with Storage.open(f"sqlite:///{tmp_path / 'runs.db'}") as storage:
        return storage.runs.create(new)


def test_a_queued_run_says_later_what_it_was_asked_for_with(tmp_path):
    new = make_queued_run(
        location="sales", job="nightly", partition="2024-01-01", config={"ops": {}}, tags={"team": "x"}, scheduled=5.0
    )
    run = remember(tmp_path, new)
    assert (run.status, run.kind, run.job, run.location, run.tags) == (
        "queued",
        "job",
        "nightly",
        "sales",
        {"team": "x"},
    )
    request = QueuedRequest.of(run)
    assert request == QueuedRequest(
        location="sales", job="nightly", partition="2024-01-01", config={"ops": {}}, scheduled=5.0
    )


def test_assets_are_remembered_as_keys_and_shown_as_a_selection(tmp_path):
    new = make_queued_run(location="sales", assets=["raw/orders", "totals"], origin=ORIGIN, run_key="a")
    assert new.targets == [Target("raw/orders"), Target("totals")]
    run = remember(tmp_path, new)
    assert (run.kind, run.location, run.selection) == ("assets", None, 'key:"raw/orders" or key:"totals"')
    assert (run.origin, run.run_key) == (ORIGIN, "a")
    assert QueuedRequest.of(run) == QueuedRequest(location="sales", assets=("raw/orders", "totals"))


def test_a_selection_and_a_range_of_partitions_come_back_as_they_were(tmp_path):
    run = remember(tmp_path, make_queued_run(selection="tag:nightly", partition_range=("a", "c"), jobs=2, timeout=9.5))
    assert (run.selection, run.partition_range) == ("tag:nightly", ("a", "c"))
    wanted = QueuedRequest(selection="tag:nightly", partition_range=("a", "c"), jobs=2, timeout=9.5)
    assert QueuedRequest.of(run) == wanted
