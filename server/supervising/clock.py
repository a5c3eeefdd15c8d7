"""Call functions later, all of them in one thread, which sleeps while nothing is due."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Calls functions when their time has come. Safe to use from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._due: list[tuple[float, int]] = []
        self._calls: dict[int, Callable[[], None]] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def now(self) -> float:
        """Give the seconds of a clock that nobody sets."""
        return time.monotonic()

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Have a function called in a while; it has to be quick and must not raise.

        Returns:
            What takes that back.
        """
        with self._changed:
            number = next(self._order)
            if self._closed:
                return lambda: None
            self._calls[number] = call
            heapq.heappush(self._due, (self.now() + seconds, number))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="atoll-clock", daemon=True)
                self._thread.start()
            elif self._due[0][1] == number:
                self._changed.notify()

        def take_back() -> None:
            with self._changed:
                self._calls.pop(number, None)

        return take_back

    def close(self) -> None:
        """Call nothing any more."""
        with self._changed:
            self._closed = True
            self._calls.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(1)

    def _run(self) -> None:
        while True:
            with self._changed:
                # What was taken back is not waited for.
                while self._due and self._due[0][1] not in self._calls:
                    heapq.heappop(self._due)
                if self._closed:
                    return
                seconds = self._due[0][0] - self.now() if self._due else None
                if seconds is None or seconds > 0:
                    self._changed.wait(seconds)
                    continue
                call = self._calls.pop(heapq.heappop(self._due)[1])
            call()
