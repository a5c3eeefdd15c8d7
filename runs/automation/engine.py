"""The engine of automation: evaluates the schedules and sensors that are on, and has the runs launched.

Any number of engines may work on one storage, such as a page's and a daemon's: each moment of a schedule happens once,
and no sensor is evaluated twice at a time.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError
from atoll_host.runs.automation.deciding import Book
from atoll_host.runs.automation.lanes import Lane
from atoll_host.runs.automation.performing import TIMEOUT, Performed, Performer
from atoll_host.runs.backfilling.driving import Backfiller
from atoll_host.runs.queueing.dispatching import Dispatcher
from atoll_host.runs.queueing.holders import make_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes import Runner
    from atoll_host.runs.automation.entries import Entry
    from atoll_host.runs.automation.lanes import Worker
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.launcher import Launched, Launcher
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.queueing.sources import Source
    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.runs.storage.store import Storage

_KEEP = 60.0
"""Seconds without anything due for which a worker is kept."""
_PAUSE = 1.0
"""Seconds between two looks at the latest."""
_SHORTEST = 0.1
"""Seconds between two looks at the earliest: others write all the time."""
_SLICE = 0.25
"""Seconds that news are waited for before it is looked whether it is to end."""
_AGAIN = 1.0
"""Seconds until what somebody else is about is looked at again."""
_RETRY = 10.0
"""Seconds until what could not be loaded is tried again."""


@dataclass(frozen=True, slots=True)
class Status:
    """What an engine knows of a schedule or sensor that is on.

    Attributes:
        next: when it is due, as far as that is known.
        in_flight: whether it is evaluated now, or waits for its turn.
        waiting: why it can't be evaluated.
        failures: how often in a row a sensor has failed.
    """

    next: float | None
    in_flight: bool
    waiting: str | None
    failures: int = 0


class Automation:
    """Evaluates schedules and sensors, and launches runs, in threads of its own.

    Args:
        storage: where everything is remembered.
        source: knows the locations.
        launch: starts a run: a `Launcher`, or its method.
        instance: says how many runs go on at once.
        runner: starts the workers that evaluate.
        clock: gives the time by which things are due.
        on_change: called after a tick, and after a run was launched.
        make_worker: makes a worker; of the runner by default.
        timeout: seconds that one evaluation may take.
        pause: seconds between two looks at the latest.
    """

    def __init__(
        self,
        storage: Storage,
        source: Source,
        launch: Callable[[RunRequest], Launched] | Launcher,
        instance: Instance,
        runner: Runner | None,
        *,
        clock: Callable[[], float] = time.time,
        on_change: Callable[[], None] | None = None,
        make_worker: Callable[[LoadRequest], Worker] | None = None,
        timeout: float = TIMEOUT,
        pause: float = _PAUSE,
    ) -> None:
        self._storage = storage
        self._source = source
        self._clock = clock
        self._pause = pause
        self._on_change = on_change or (lambda: None)
        self._make_worker = make_worker or make_factory(runner)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.RLock()
        self._slots = threading.Semaphore(max(os.cpu_count() or 1, 1))
        self._book = Book(storage)
        self._lanes: dict[str, Lane] = {}
        self._ending: list[Lane] = []
        self._threads: list[threading.Thread] = []
        self._change = -1
        self._reloaded: deque[str] = deque()
        self._statuses: dict[tuple[AutomationKind, str, str], Status] = {}
        self._troubles: list[str | None] = [None, None, None]
        self._performer = Performer(
            storage, instance, make_holder(), timeout=timeout, is_stopping=self._stopping.is_set
        )
        self.dispatcher = Dispatcher(storage, source, launch, instance, on_change=self._on_change)
        self.backfiller = Backfiller(storage, on_queued=self.dispatcher.poke)

    @property
    def trouble(self) -> str | None:
        """What kept the engine from its work the last time that it tried; None where nothing did."""
        return (
            next((trouble for trouble in self._troubles if trouble), None)
            or self.dispatcher.trouble
            or self.backfiller.trouble
        )

    def start(self) -> None:
        """Begin, in threads of its own."""
        for work, name in ((self._work, "automation"), (self._watch, "automation watch")):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self.dispatcher.start()
        self.backfiller.start()

    def stop(self, grace: float = 10.0) -> None:
        """End: nothing more is begun, what is in flight may end.

        Args:
            grace: seconds that evaluations have; what is left is ended then, and happens when an engine starts anew.
        """
        self._stopping.set()
        self._wake.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self.backfiller.stop()
        self.dispatcher.stop()
        with self._lock:
            lanes = [*self._lanes.values(), *self._ending]
            self._lanes.clear()
        for lane in lanes:
            lane.end()
        deadline = time.monotonic() + grace
        for lane in lanes:
            if not lane.join(max(0.0, deadline - time.monotonic())):
                lane.cancel()
        for lane in lanes:
            lane.join()

    def poke(self) -> None:
        """Say that something may be due, such as after a switch."""
        self._book.is_outdated = True
        self._wake.set()

    def note_reload(self, location: str) -> None:
        """Say that a location was loaded anew: what is in flight ends as it is, what comes uses another worker."""
        # Without the lock: whoever reloads does not wait for the storage.
        lane = self._lanes.get(location)
        if lane is not None:
            lane.renew()
        self._reloaded.append(location)
        self.dispatcher.poke()
        self.poke()

    def status(self) -> Mapping[tuple[AutomationKind, str, str], Status]:
        """Tell of each schedule and sensor that is on when it is due, by kind, location and name. It never waits."""
        return self._statuses

    def list_workers(self) -> list[str]:
        """Name the locations that have a kept worker."""
        return [name for name, lane in list(self._lanes.items()) if lane.has_worker]

    def look(self) -> float:
        """Have everything evaluated that is due, and give how many seconds from now something else may be.

        Raises:
            StorageError: the storage does not answer.
        """
        with self._lock:
            now = self._clock()
            subjects = self._source.locations()
            while self._reloaded:
                self._book.forgive(self._reloaded.popleft(), now)
            for entry in self._book.update(subjects, now):
                self._submit(entry)
            due: dict[str, float] = {}
            for entry in self._book.entries.values():
                moment = now if entry.is_busy else entry.find_due(now)
                if moment is not None:
                    location = entry.origin.location
                    due[location] = min(moment, due.get(location, moment))
            self._retire(due, now)
            self._tell(now)
        soonest = min(due.values(), default=now + self._pause)
        return min(max(soonest - now, 0.0), self._pause)

    def _tell(self, now: float) -> None:
        """Keep what others are told."""
        self._statuses = {
            (entry.origin.kind, entry.origin.location, entry.origin.name): Status(
                entry.find_due(now), entry.is_busy, entry.blocked or entry.waiting, entry.failures
            )
            for entry in self._book.entries.values()
        }

    def _submit(self, entry: Entry) -> None:
        name = entry.origin.location
        lane = self._lanes.get(name)
        if lane is None:
            lane = Lane(name, self._source.make_load_request, self._make_worker, self._slots)
            self._lanes[name] = lane
        entry.is_busy = True
        lane.submit(lambda lane: self._perform(entry, lane))

    def _perform(self, entry: Entry, lane: Lane) -> None:
        """Carry out what is due, in the thread of a lane."""
        if self._stopping.is_set():
            return
        with self._lock:
            moments, superseded = list(entry.pending), list(entry.superseded)
            now_entry = replace(entry)
        performed = None
        trouble = None
        try:
            performed = self._performer.perform(now_entry, moments, superseded, lane)
        except AtollError as error:
            trouble = error.problems[0].message
        except Exception as error:  # noqa: BLE001 — the other schedules and sensors go on
            trouble = f"{type(error).__name__}: {error}"
        with self._lock:
            self._troubles[0] = trouble
            self._settle(entry, performed, superseded)
            self._tell(self._clock())
        self._book.is_outdated = True
        self._wake.set()
        with contextlib.suppress(Exception):
            self._on_change()
        self.dispatcher.poke()

    def _settle(self, entry: Entry, performed: Performed | None, superseded: list[float]) -> None:
        """Note what became of it."""
        now = self._clock()
        entry.is_busy = False
        if performed is None:
            entry.retry_at = now + _RETRY
            entry.next_at = now + max(_RETRY, entry.interval)
            return
        entry.waiting = performed.waiting
        entry.superseded = [moment for moment in entry.superseded if moment not in superseded]
        entry.pending = [moment for moment in entry.pending if moment not in performed.done]
        if performed.waiting is not None:
            entry.back_off(now)
            entry.retry_at = entry.next_at
            return
        entry.retry_at = now + _AGAIN if performed.is_held else 0.0
        entry.has_more = performed.has_more
        if performed.is_held:
            entry.next_at = now + _AGAIN
        elif performed.is_failed:
            entry.back_off(now)
        else:
            entry.failures = 0
            entry.next_at = now if performed.has_more else now + entry.interval

    def _retire(self, due: Mapping[str, float], now: float) -> None:
        """End the workers of locations where nothing is due soon."""
        self._ending = [lane for lane in self._ending if not lane.join(0)]
        for name in list(self._lanes):
            if due.get(name, now + 2 * _KEEP) > now + _KEEP:
                lane = self._lanes.pop(name)
                lane.end()
                self._ending.append(lane)

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = self._pause
            try:
                pause = self.look()
                self._troubles[1] = None
            except AtollError as error:
                self._troubles[1] = error.problems[0].message
            except Exception as error:  # noqa: BLE001 — an engine that ends for one fault does nothing at all
                self._troubles[1] = f"{type(error).__name__}: {error}"
            self._wake.wait(max(pause, 0.0))
            self._wake.clear()
            self._stopping.wait(min(_SHORTEST, self._pause))

    def _watch(self) -> None:
        """Look anew when somebody has written something."""
        while not self._stopping.is_set():
            try:
                with self._storage.watch() as watch:
                    self._troubles[2] = None
                    while not self._stopping.is_set():
                        if watch.wait(_SLICE):
                            self._note_news()
            except AtollError as error:
                self._troubles[2] = error.problems[0].message
                self._stopping.wait(_RETRY)

    def _note_news(self) -> None:
        change = self._storage.runs.last_change()
        if change != self._change:
            self._change = change
            self.dispatcher.poke()
        self.poke()
        self._stopping.wait(min(_SHORTEST, self._pause))


def make_factory(runner: Runner | None) -> Callable[[LoadRequest], Worker]:
    """Give what makes workers that evaluate."""

    def make(request: LoadRequest) -> Worker:
        from atoll_host.envs.evaluating.worker import EvaluationWorker  # noqa: PLC0415 — only for who evaluates

        assert runner is not None  # noqa: S101 — given, unless workers are made otherwise
        return EvaluationWorker(runner, request)

    return make
