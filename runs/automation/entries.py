"""What the engine keeps of each schedule and sensor that is on: when it is due, and what stands in its way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.runs.automation.times import Timetable, choose_policy, list_missed
from atoll_host.runs.storage.records import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.runs.automation.times import CatchUp
    from atoll_host.runs.queueing.sources import Subject
    from atoll_host.runs.storage.automation_records import Automation

DEFAULT_INTERVAL = 30.0
"""Seconds between two evaluations of a sensor that doesn't say."""
_LONGEST_BACKOFF = 300.0
"""Seconds that a sensor which fails again and again is left alone, unless its own interval is longer."""


@dataclass(slots=True)
class Entry:
    """A schedule or sensor that is on. The engine's lock guards it.

    Attributes:
        origin: which one.
        definition: as the SDK describes it.
        subject: its location.
        timetable: of a schedule.
        policy: what of a schedule is made up after a pause.
        position: up to which moments have been collected.
        next_moment: the first one after that; infinite where there is none, None where it was not looked for.
        is_resumed: whether there was a pause before now: nobody looked, or the location was broken.
        pending: moments that are due and not done.
        superseded: moments that were begun before a pause, and that a later one stands for.
        next_at: when a sensor is due at the earliest.
        last_tick: when the tick of a sensor began that was known when it was found to be due.
        seen: number of the last event that is known to be nothing for it.
        failures: how often in a row a sensor has failed.
        retry_at: when what could not be begun is tried again.
        has_more: whether more events are there than one tick takes.
        blocked: why its location is broken, where that stands in the way.
        waiting: why a worker could not load the location.
        is_busy: whether it is evaluated now, or will be next.
    """

    origin: Origin
    definition: Mapping[str, Any]
    subject: Subject
    timetable: Timetable | None = None
    policy: CatchUp = "latest"
    position: float = 0.0
    next_moment: float | None = None
    is_resumed: bool = True
    pending: list[float] = field(default_factory=list)
    superseded: list[float] = field(default_factory=list)
    next_at: float = 0.0
    last_tick: float | None = None
    seen: int = 0
    failures: int = 0
    retry_at: float = 0.0
    has_more: bool = False
    blocked: str | None = None
    waiting: str | None = None
    is_busy: bool = False

    @property
    def is_schedule(self) -> bool:
        """Whether it is a schedule, and not a sensor."""
        return self.origin.kind == "schedule"

    @property
    def interval(self) -> float:
        """Seconds between two evaluations of a sensor."""
        return float(self.definition.get("minimum_interval_seconds") or DEFAULT_INTERVAL)

    @property
    def times(self) -> str:
        """What a schedule goes by, in words that change when it does."""
        return f"{' | '.join(map(str, self.definition.get('cron') or ()))} {self.definition.get('timezone') or 'UTC'}"

    def describe_again(self, definition: Mapping[str, Any], subject: Subject) -> None:
        """Take over what a reload has brought."""
        self.definition, self.subject = definition, subject
        if self.is_schedule:
            self.timetable = Timetable.of(definition)
            self.policy = choose_policy(definition, subject.definitions)
            self.next_moment = None

    def collect(self, now: float) -> None:
        """Collect the moments of a schedule that are due."""
        if self.timetable is None or (self.next_moment is not None and now < self.next_moment):
            self.is_resumed = False
            return
        policy = self.policy if self.is_resumed else "all"
        found = list_missed(self.timetable, self.position, now, policy)
        if found and self.is_resumed and self.policy == "latest":
            self.superseded += [moment for moment in self.pending if moment < found[-1]]
            self.pending = [moment for moment in self.pending if moment >= found[-1]]
        self.pending = sorted({*self.pending, *found})
        self.position = max(self.position, now)
        self.next_moment = self._find_next(self.timetable)
        self.is_resumed = False

    def is_missing_something(self, now: float) -> bool:
        """Tell whether a schedule would be due, if it could be evaluated."""
        if self.timetable is None:
            return False
        if self.next_moment is None:
            self.next_moment = self._find_next(self.timetable)
        return bool(self.pending) or now >= self.next_moment

    def _find_next(self, timetable: Timetable) -> float:
        found = timetable.find_next(self.position)
        return math.inf if found is None else found

    def find_due(self, now: float) -> float | None:
        """Give when it is due next, as far as that is known; None for never."""
        if self.is_schedule:
            found = max(self.retry_at, now) if self.pending or self.superseded else self.next_moment
            return None if found == math.inf else found
        return max(self.next_at, now)

    def back_off(self, now: float) -> None:
        """Leave a sensor that failed alone for longer each time."""
        self.failures += 1
        longest = max(self.interval, _LONGEST_BACKOFF)
        self.next_at = now + min(self.interval * 2 ** min(self.failures, 10), longest)


def list_definitions(subject: Subject) -> Iterator[tuple[Origin, Mapping[str, Any]]]:
    """Give the schedules and sensors of a location."""
    for definition in subject.definitions.get("schedules") or ():
        yield Origin("schedule", subject.name, str(definition["name"])), definition
    for definition in subject.definitions.get("sensors") or ():
        yield Origin("sensor", subject.name, str(definition["name"])), definition


def is_on(definition: Mapping[str, Any], state: Automation | None) -> bool:
    """Tell whether a schedule or sensor is evaluated: as it was switched, else as its declaration says."""
    if state is not None and state.is_on is not None:
        return state.is_on
    return definition.get("default_status") == "RUNNING"
