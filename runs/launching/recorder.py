"""Writes what happens in a run to the storage, in batches, by a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError, ToolFailedError
from atoll_host.runs.storage.records import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.runs.storage.store import Storage

_MOST_WAITING = 20_000
"""Events that wait to be written; whoever has more waits too."""
_BATCH = 2000
_PAUSE = 0.02
"""Seconds that a batch is gathered: a transaction costs as much for one event as for many."""
_MOST_OUTPUT = 1024 * 1024
"""Bytes of output that are gathered before they are written."""
_TRUNCATED = 64 * 1024 * 1024
"""Bytes of output that are kept of one location's step."""


class Recorder:
    """Takes events and output from any thread; each event gets its number in the order in which it came.

    Args:
        run: id of the run.
        on_failure: called once, in another thread, when nothing can be written any more.
        on_written: called in another thread with events that are remembered.
    """

    def __init__(
        self,
        run: str,
        on_failure: Callable[[AtollError], None],
        on_written: Callable[[Sequence[Event]], None] | None = None,
    ) -> None:
        self._run = run
        self._on_failure = on_failure
        self._on_written = on_written or (lambda _: None)
        self._queue: queue.Queue[Event | None] = queue.Queue(_MOST_WAITING)
        self._order = threading.Lock()
        self._lock = threading.Lock()
        self._sequence = 0
        self._output: dict[tuple[str, str], bytearray] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._thread: threading.Thread | None = None
        self.error: AtollError | None = None

    def begin(self, storage: Storage) -> None:
        """Begin to write; what was added before waits until then."""
        self._thread = threading.Thread(target=self._write, args=(storage,), name="recorder", daemon=True)
        self._thread.start()

    def add(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        moment: float | None = None,
        step: str | None = None,
        location: str | None = None,
    ) -> None:
        """Add an event.

        Args:
            kind: what happened.
            payload: everything that is to be known of it, JSON.
            moment: when it happened, in seconds since 1970; now by default.
            step: key of the step.
            location: where it happened.
        """
        with self._order:
            if self.error is None:
                self._queue.put(self._make(kind, payload, moment, step, location))

    def make_last(self, kind: str, payload: Mapping[str, Any]) -> Event:
        """Make the last event, without writing it: that goes with the run's end."""
        return self._make(kind, payload, None, None, None)

    def _make(
        self, kind: str, payload: Mapping[str, Any], moment: float | None, step: str | None, location: str | None
    ) -> Event:
        self._sequence += 1
        return Event(self._sequence, time.time() if moment is None else moment, kind, step, location, payload)

    def add_output(self, location: str, step: str, data: bytes) -> None:
        """Add what a worker printed."""
        place = location, step
        with self._lock:
            size = self._sizes.get(place, 0) + len(self._output.get(place, b""))
            data = data[: max(_TRUNCATED - size, 0)]
            if data:
                self._output.setdefault(place, bytearray()).extend(data)

    def finish(self) -> None:
        """Write everything, and wait until it is written."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _write(self, storage: Storage) -> None:
        ended = False
        while not ended:
            batch, ended = self._gather()
            try:
                if batch:
                    storage.events.append(self._run, batch)
                    self._on_written(batch)
                self._write_output(storage)
            except Exception as error:  # noqa: BLE001 — nobody may wait for a thread that has ended
                failure = error if isinstance(error, AtollError) else ToolFailedError(f"Nothing is recorded: {error!r}")
                self.error = failure
                self._on_failure(failure)
                self._drain(ended=ended)
                return

    def _gather(self) -> tuple[list[Event], bool]:
        batch: list[Event] = []
        try:
            item = self._queue.get(timeout=0.25)
        except queue.Empty:
            return batch, False
        deadline = time.monotonic() + _PAUSE
        while item is not None:
            batch.append(item)
            left = deadline - time.monotonic()
            if len(batch) >= _BATCH:
                return batch, False
            try:
                item = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _write_output(self, storage: Storage) -> None:
        with self._lock:
            taken, self._output = self._output, {}
        for (location, step), data in taken.items():
            start = self._sizes.get((location, step), 0)
            storage.logs.append(self._run, bytes(data), start=start, location=location, step=step)
            self._sizes[location, step] = start + len(data)

    def _drain(self, *, ended: bool) -> None:
        """Let nobody wait for a place in the queue, until the end."""
        while not ended:
            ended = self._queue.get() is None
