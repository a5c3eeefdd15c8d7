"""Let as much work run at once as there are cores, the urgent first; what is slow lets others begin."""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.server.supervising.clock import Clock


class Slots:
    """Runs pieces of work, each in a thread of its own that ends with it. Safe to use from several threads.

    Attributes:
        count: how many run at once.
    """

    def __init__(self, count: int, clock: Clock) -> None:
        self.count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._free = count
        self._order = itertools.count()
        self._waiting: list[tuple[bool, int, float, Callable[[], None]]] = []
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def ask(self, work: Callable[[], None], *, patience: float, urgent: bool = False) -> None:
        """Have work done as soon as a slot is free.

        Args:
            work: what is called; it must not raise.
            patience: seconds after which it gives up its slot while it goes on, so that what hangs does not queue.
            urgent: whether it goes before what is not.
        """
        with self._lock:
            if not self._closed:
                heapq.heappush(self._waiting, (not urgent, next(self._order), patience, work))
                self._begin()

    def close(self, timeout: float) -> None:
        """Begin nothing more, and wait at most `timeout` seconds for what runs."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            threads = list(self._threads)
        deadline = self._clock.now() + timeout
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - self._clock.now()))

    def _begin(self) -> None:
        while self._free and self._waiting:
            _, _, patience, work = heapq.heappop(self._waiting)
            self._free -= 1
            thread = threading.Thread(target=self._run, args=(work, patience), name="atoll-load", daemon=True)
            self._threads.add(thread)
            thread.start()

    def _run(self, work: Callable[[], None], patience: float) -> None:
        once = threading.Lock()

        def release() -> None:
            if once.acquire(blocking=False):
                with self._lock:
                    self._free += 1
                    if not self._closed:
                        self._begin()

        stop = self._clock.after(patience, release)
        try:
            work()
        finally:
            stop()
            with self._lock:
                self._threads.discard(threading.current_thread())
            release()
