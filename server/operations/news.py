"""Tells pages of what happens to runs, while somebody listens: nothing is asked of the database otherwise."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.operations.operations import Operations

_LOOK = 1.0
"""Seconds between two looks at whether there is a database by now."""
_SLICE = 0.25
"""Seconds that news are waited for before it is looked whether anybody wants them."""
_REST = 0.25
"""Seconds at least between two events."""
_LINGER = 10.0
"""Seconds for which it goes on when nobody listens any more: people go from one page to the next."""
_MOST = 100
"""Runs that go on which are looked at one by one."""


class RunNews:
    """Watches the storage in a thread of its own while anybody listens.

    Args:
        operations: gives the storage.
        tell: called with the ids of runs that something happened to; with none, when it may be any.
    """

    def __init__(self, operations: Operations, tell: Callable[[list[str]], object]) -> None:
        self._operations = operations
        self._tell = tell
        self._lock = threading.Lock()
        self._listeners = 0
        self._left = 0.0
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._change = 0
        self._known: dict[str, tuple[object, ...]] = {}

    def join(self) -> None:
        """Begin to watch, as somebody listens."""
        with self._lock:
            self._listeners += 1
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name="atoll-run-news", daemon=True)
                self._thread.start()

    def leave(self) -> None:
        """Somebody listens no more."""
        with self._lock:
            self._listeners -= 1
            self._left = time.monotonic()

    def close(self) -> None:
        """Watch no more."""
        self._closed.set()
        thread = self._thread
        if thread is not None:
            thread.join(2 * _LOOK)

    @property
    def is_watching(self) -> bool:
        """Whether its thread is there."""
        return self._thread is not None

    def _work(self) -> None:
        while not self._is_done():
            # Where it was removed, damaged, or its server is away, the pages say so, and it may come back.
            with contextlib.suppress(Exception):
                storage = self._operations.read()
                if storage is not None:
                    self._watch(storage)
            self._closed.wait(_LOOK)

    def _is_done(self) -> bool:
        with self._lock:
            if self._is_wanted():
                return False
            self._thread = None
            return True

    def _is_wanted(self) -> bool:
        is_heard = self._listeners > 0 or time.monotonic() - self._left < _LINGER
        return is_heard and not self._closed.is_set()

    def _watch(self, storage: Storage) -> None:
        with storage.watch() as watch:
            self._change = storage.runs.last_change()
            self._known = _look_at_active(storage)
            # What was written before is on the pages, or not: they were rendered before this began.
            self._tell([])
            while self._is_wanted() and self._operations.read() is storage:
                if watch.wait(_SLICE):
                    changed = self._find_changed(storage)
                    if changed:
                        self._tell(changed)
                    self._closed.wait(_REST)

    def _find_changed(self, storage: Storage) -> list[str]:
        changes = storage.runs.changes(self._change)
        if changes:
            self._change = changes[-1].number
        changed = {change.run: None for change in changes}
        active = _look_at_active(storage)
        changed.update({run: None for run, facts in active.items() if self._known.get(run) != facts})
        self._known = active
        return list(changed)


def _look_at_active(storage: Storage) -> dict[str, tuple[object, ...]]:
    """Give what grows of each run that goes on or waits: events and output."""
    from atoll_host.runs.storage.records import ACTIVE, RunFilter  # noqa: PLC0415 — the database's own

    found: dict[str, tuple[object, ...]] = {}
    for run in storage.runs.list(RunFilter(statuses=("queued", *sorted(ACTIVE))), limit=_MOST).runs:
        if run.status == "queued":
            found[run.id] = run.status, run.reason
            continue
        # One that was pruned meanwhile is no news.
        with contextlib.suppress(AtollError):
            size = sum(stream.size for stream in storage.logs.streams(run.id))
            found[run.id] = run.status, storage.events.last(run.id), size
    return found
