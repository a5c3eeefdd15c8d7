"""What is due: the schedules and sensors that are on, held against the clock, the storage and their locations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from atoll_host.runs.automation.entries import Entry, is_on, list_definitions
from atoll_host.runs.automation.events import Position, read_last_number, read_news, takes_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.runs.queueing.sources import Subject
    from atoll_host.runs.storage.automation_records import Automation
    from atoll_host.runs.storage.records import Origin
    from atoll_host.runs.storage.store import Storage

_LAPSE = 300.0
"""Seconds without a look that are a pause: the machine slept, or nothing went on."""
_TRUST = 15.0
"""Seconds for which what was read of the storage is good, when nobody says that anything was written."""


class Book:
    """Keeps an entry of each schedule and sensor that is on. The engine's lock guards it.

    Attributes:
        entries: by what they are of.
        is_outdated: whether something may have been written since the last look.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.entries: dict[Origin, Entry] = {}
        self.is_outdated = True
        self._read_at = 0.0
        self._states: dict[tuple[str, str, str], Automation] = {}
        self._numbers: dict[str, int] = {}
        self._last_look: float | None = None

    def update(self, subjects: Mapping[str, Subject], now: float) -> list[Entry]:
        """Look at everything, and give what is due.

        Args:
            subjects: all locations.
            now: the time.

        Raises:
            StorageError: the storage does not answer.
        """
        self._read()
        if self._last_look is not None and now - self._last_look > _LAPSE:
            for entry in self.entries.values():
                entry.is_resumed = True
        self._last_look = now
        found: set[Origin] = set()
        for subject in subjects.values():
            for origin, definition in list_definitions(subject):
                state = self._states.get((origin.kind, origin.location, origin.name))
                if is_on(definition, state):
                    found.add(origin)
                    self._enter(origin, definition, subject, state, now)
        for origin in self.entries.keys() - found:
            del self.entries[origin]
        return [entry for entry in self.entries.values() if not entry.is_busy and self._is_due(entry, now)]

    def forgive(self, location: str, now: float) -> None:
        """Try what failed in a location anew: it was reloaded."""
        for entry in self.entries.values():
            if entry.origin.location == location and (entry.failures or entry.waiting):
                entry.failures, entry.retry_at = 0, 0.0
                entry.next_at = min(entry.next_at, now)

    def _read(self) -> None:
        """Read the states again where they may be others."""
        now = time.monotonic()
        if not self.is_outdated and now - self._read_at < _TRUST:
            return
        self.is_outdated = False
        self._read_at = now
        self._numbers.clear()
        states = (*self._storage.schedules.list(), *self._storage.sensors.list())
        self._states = {(state.kind, state.location, state.name): state for state in states}

    def _enter(
        self, origin: Origin, definition: Mapping[str, Any], subject: Subject, state: Automation | None, now: float
    ) -> None:
        entry = self.entries.get(origin)
        if entry is not None and entry.subject is subject:
            return
        if entry is not None and entry.subject.generation == subject.generation:
            entry.subject = subject
            return
        times = None if entry is None else entry.times
        if entry is None:
            entry = self.entries[origin] = Entry(origin, definition, subject)
        entry.describe_again(definition, subject)
        if entry.is_schedule and entry.times != times:
            self._begin_schedule(entry, state, now, is_changed=times is not None)

    def _begin_schedule(self, entry: Entry, state: Automation | None, now: float, *, is_changed: bool) -> None:
        if state is None or state.last_scheduled is None or state.cursor != entry.times:
            origin = entry.origin
            state = self._storage.schedules.begin_from(origin.location, origin.name, now, entry.times)
        assert state.last_scheduled is not None  # noqa: S101 — it was just given one
        entry.position = max(state.last_scheduled, now) if is_changed else state.last_scheduled
        unfinished = self._storage.ticks.list_unfinished(entry.origin)
        entry.pending = [] if is_changed else [tick.scheduled for tick in unfinished if tick.scheduled is not None]
        entry.superseded = []
        entry.is_resumed = True

    def _is_due(self, entry: Entry, now: float) -> bool:
        if entry.subject.broken is not None:
            self._wait(entry, now)
            return False
        entry.blocked = None
        if entry.is_schedule:
            entry.collect(now)
            return bool(entry.pending or entry.superseded) and now >= entry.retry_at
        state = self._states.get(("sensor", entry.origin.location, entry.origin.name))
        entry.last_tick = None if state is None else state.last_tick
        # A tick of the future is one of before the clock was set back.
        if entry.last_tick is not None and entry.last_tick <= now and not entry.has_more:
            entry.next_at = max(entry.next_at, entry.last_tick + entry.interval)
        if now < entry.next_at:
            return False
        return not takes_events(entry.definition) or self._has_news(entry, state)

    def _wait(self, entry: Entry, now: float) -> None:
        """Note once that a broken location stands in the way of what would be due."""
        entry.is_resumed = True
        reason = str(entry.subject.broken)
        is_due = entry.is_missing_something(now) if entry.is_schedule else now >= entry.next_at
        if is_due and entry.blocked != reason:
            self._storage.ticks.wait(entry.origin, reason)
            entry.blocked = reason

    def _has_news(self, entry: Entry, state: Automation | None) -> bool:
        """Tell whether there is an event that a sensor was not told of."""
        position = Position.read(None if state is None else state.cursor)
        last = self._get_last_number(entry)
        if position.after is None:
            # What was before it was first looked at is nothing for it.
            text, before = Position(last, position.cursor).write(), None if state is None else state.cursor
            origin = entry.origin
            self._storage.sensors.set_cursor(origin.location, origin.name, text, expected=before)
            self.is_outdated = True
            return False
        known = max(entry.seen, position.after)
        if last <= known:
            return False
        if read_news(self._storage, entry, known, 1):
            return True
        entry.seen = last
        return False

    def _get_last_number(self, entry: Entry) -> int:
        kind = str(entry.definition.get("type"))
        if kind not in self._numbers:
            self._numbers[kind] = read_last_number(self._storage, entry.definition)
        return self._numbers[kind]
