"""The runs of backfills are queued, so many at once. Several processes may do it: each partition is taken once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.runs.backfilling.asking import divide
from atoll_host.runs.queueing.looping import Loop
from atoll_host.runs.queueing.requesting import make_queued_run
from atoll_host.runs.storage.records import ACTIVE, RunFilter, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.runs.storage.automation_records import Backfill
    from atoll_host.runs.storage.records import NewRun, Run
    from atoll_host.runs.storage.store import Storage

_PAUSE = 0.5
"""Seconds between two looks while backfills go on."""
_IDLE = 3.0
"""The same while there are none."""
_MOST = 1000


class Backfiller(Loop):
    """Queues the runs of all backfills that go on. A `Dispatcher` launches them.

    Args:
        storage: where backfills are remembered.
        on_queued: called after runs were queued.
    """

    def __init__(self, storage: Storage, *, on_queued: Callable[[], None] | None = None) -> None:
        super().__init__(self._look, "backfiller", _IDLE)
        self._storage = storage
        self._on_queued = on_queued or (lambda: None)

    def run_once(self) -> int:
        """Queue what may be queued now; give how many backfills go on.

        Raises:
            StorageError: the storage does not answer.
        """
        going = self._storage.backfills.list(statuses=("running",), limit=_MOST)
        # The oldest first.
        queued = sum(self._queue(backfill) for backfill in reversed(going))
        if queued:
            self._on_queued()
        return len(going)

    def _queue(self, backfill: Backfill) -> int:
        batch = int(backfill.options.get("batch") or 1)
        most = int(backfill.options.get("max_runs") or 1)
        count = 0
        while not self.is_stopping:
            waiting = self._storage.backfills.partitions(backfill.id, statuses=("waiting",), limit=batch)
            keys = next(divide([(one.position, one.partition) for one in waiting], backfill.options), None)
            # Without a place, or where another process has taken them, the next look tells more.
            if keys is None:
                break
            if self._storage.backfills.launch(backfill.id, keys, make_run(backfill, keys), most=most) is None:
                break
            count += 1
        return count

    def _look(self) -> float:
        return _PAUSE if self.run_once() else _IDLE


def make_run(backfill: Backfill, keys: Sequence[str]) -> NewRun:
    """Make the run that makes some partitions of a backfill."""
    options = backfill.options
    is_one = len(keys) == 1
    run = make_queued_run(
        location=backfill.location,
        job=backfill.job,
        selection=backfill.selection,
        partition=keys[0] if is_one else None,
        partition_range=None if is_one else (keys[0], keys[-1]),
        config=backfill.config,
        tags=backfill.tags,
        jobs=options.get("jobs"),
        timeout=options.get("timeout"),
    )
    targets = [Target(asset, key) for asset in options.get("assets") or () for key in keys]
    targets += [Target(asset) for asset in options.get("assets_without_partitions") or ()]
    return replace(run, targets=targets)


def list_open_runs(storage: Storage, backfill: str) -> list[Run]:
    """Give the runs of a backfill that have not ended."""
    return list(storage.runs.iterate(RunFilter(statuses=("queued", *sorted(ACTIVE)), backfill=backfill)))


def cancel_backfill(storage: Storage, backfill: str, reason: str) -> Backfill:
    """Cancel what waits of a backfill, and its runs. They need a moment to end.

    Raises:
        NoRunError: there is no such backfill.
    """
    storage.backfills.cancel(backfill, reason)
    for run in list_open_runs(storage, backfill):
        storage.runs.cancel(run.id, reason=reason)
    return storage.backfills.get(backfill)
