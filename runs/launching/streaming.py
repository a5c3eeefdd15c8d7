"""What the process of a run tells the one who started it, in lines of JSON: that it is remembered, and what happens.

First comes an answer. To one who follows the run, events come next, each once it is remembered, and at last how the run
has ended. A line is a promise of nothing: whoever misses some, because it read too slowly or because the process was
killed, finds everything in the storage.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import threading
from typing import TYPE_CHECKING, Any

from atoll_host.runs.describing import describe_event
from atoll_host.runs.storage.records import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from atoll_host.envs.processes.detached import Detached

_MOST_WAITING = 64
"""Lines that wait for a reader; with more of them it is left to the storage."""
_MOST_UNREAD = 256
"""Lines that wait to be shown; a terminal that stands still is no reason to hold all that a run says."""
_PARTING = 5.0
"""Seconds that the last lines may take to be read."""
_IDLE = 0.1
"""Seconds without a line after which it is looked whether anything else is to be done."""


class Sender:
    """The end of the process that looks after a run. Nothing here waits for whoever reads, but `close`.

    Args:
        descriptor: of a pipe; it is closed at the end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._is_open = True
        # Where a reader stands still it must not keep the process from ending.
        self._thread = threading.Thread(target=self._write, name="sender", daemon=True)
        self._thread.start()

    def answer(self, answer: Mapping[str, Any]) -> None:
        """Say that the run is remembered, or why it can't be."""
        self._put(answer)

    def tell(self, events: Sequence[Event]) -> None:
        """Tell of events that are remembered."""
        if self._is_open and events:
            self._put({"events": [describe_event(event) for event in events]})

    def end(self, ended: Mapping[str, Any]) -> None:
        """Say how the run has ended."""
        self._put({"ended": ended})

    def close(self) -> None:
        """Tell nothing more, once what was told has been read."""
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(queue.Full):
                self._lines.put(None, timeout=_PARTING)
        self._thread.join(_PARTING)

    def _put(self, message: Mapping[str, Any]) -> None:
        if not self._is_open:
            return
        try:
            self._lines.put_nowait(json.dumps(message).encode() + b"\n")
        except queue.Full:
            self._is_open = False

    def _write(self) -> None:
        """Write what there is, until the end, or until there was too much of it."""
        try:
            while (line := self._lines.get()) is not None:
                data = memoryview(line)
                while data:
                    data = data[os.write(self._descriptor, data) :]
                if not self._is_open and self._lines.empty():
                    return
        except OSError:
            self._is_open = False  # whoever read has gone
        finally:
            os.close(self._descriptor)


class Receiver:
    """The end of whoever started a run and follows it.

    Args:
        process: that looks after the run.

    Attributes:
        last: sequence of the last event that came.
        ended: what the process said at the end; None where it said nothing, and the storage has to be asked.
    """

    def __init__(self, process: Detached) -> None:
        self._process = process
        self._lines: queue.Queue[bytes] = queue.Queue(_MOST_UNREAD)
        self.last = 0
        self.ended: dict[str, Any] | None = None
        threading.Thread(target=self._read, name="receiver", daemon=True).start()

    def follow(self, on_idle: Callable[[], None]) -> Iterator[Event]:
        """Give the run's events until the process has no more to tell.

        Args:
            on_idle: called some times a second.
        """
        while self.ended is None:
            try:
                line = self._lines.get(timeout=_IDLE)
            except queue.Empty:
                on_idle()
                continue
            if not line.endswith(b"\n"):
                return
            message = json.loads(line)
            self.ended = message.get("ended")
            for event in map(_read_event, message.get("events", ())):
                self.last = event.sequence
                yield event
            on_idle()

    def _read(self) -> None:
        while (line := self._process.read_line()).endswith(b"\n"):
            self._lines.put(line)
        self._lines.put(line)
        self._process.let_go()


def _read_event(data: Mapping[str, Any]) -> Event:
    return Event(data["number"], data["time"], data["type"], data["step"], data["location"], data["data"])
