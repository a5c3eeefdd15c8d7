"""An engine sees backfills through that nobody else does."""

from __future__ import annotations

import time

from atoll_host.runs.storage.automation_records import NewBackfill
from atoll_host.runs.storage.records import RunFilter
from tests_support import until


def test_an_engine_asks_for_the_runs_of_backfills(start, storage):
    options = {"batch": 1, "max_runs": 2, "assets": ["orders"]}
    backfill = storage.backfills.create(NewBackfill(["a", "b", "c"], selection="orders", options=options))
    engine = start(time.time)
    engine.start()
    # Nothing makes such an asset here, so that each fails, and makes room for the next.
    assert until(lambda: storage.backfills.get(backfill.id).status == "failed")
    assert storage.runs.count(RunFilter(backfill=backfill.id))["failed"] == 3
    assert engine.trouble is None
