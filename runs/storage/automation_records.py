"""What is remembered of schedules, sensors, their ticks, and backfills. Every time is in seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.storage.records import AutomationKind, Run

TickOutcome = Literal["started", "requested", "skipped", "failed", "waiting"]
BackfillStatus = Literal["running", "canceling", "canceled", "succeeded", "failed"]
BackfillPartitionStatus = Literal["waiting", "running", "succeeded", "failed", "canceled"]

OUTCOMES: tuple[TickOutcome, ...] = ("started", "requested", "skipped", "failed", "waiting")
BACKFILL_STATUSES: tuple[BackfillStatus, ...] = ("running", "canceling", "canceled", "succeeded", "failed")
OPEN: frozenset[BackfillStatus] = frozenset({"running", "canceling"})
"""Those of a backfill that goes on."""


@dataclass(frozen=True, slots=True)
class Automation:
    """The state of a schedule or sensor.

    Attributes:
        kind: which of the two.
        location: whose it is.
        name: unique within the location.
        is_on: whether somebody switched it on or off; None where its declaration says.
        cursor: what its function remembered; of a schedule, the times that it goes by.
        last_run_key: of the last run that it asked for.
        last_tick: when its last tick began.
        last_scheduled: the last moment that a tick was for; at first, when it was switched on.
    """

    kind: AutomationKind
    location: str
    name: str
    is_on: bool | None = None
    cursor: str | None = None
    last_run_key: str | None = None
    last_tick: float | None = None
    last_scheduled: float | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One evaluation of a schedule or sensor.

    Attributes:
        number: grows with every tick.
        kind: of what was evaluated.
        location: whose it is.
        name: of what was evaluated.
        started: when it began.
        outcome: `started` while it is under way; `waiting` when it could not be evaluated, as with a broken location.
        scheduled: the moment that it was for; None for a sensor.
        ended: when it came to an end.
        duration: seconds that it took.
        cpu: seconds of processor time that it took.
        reason: why it is what it is.
        problem: what made it fail.
        cursor: after it.
        runs: ids of the runs that it asked for.
        skipped_keys: run keys that had been asked for before.
        logs: what was logged, each with `time`, `level` and `message`.
        output: what was printed.
        count: how many evaluations in a row had to wait for the same reason; 1 otherwise.
    """

    number: int
    kind: AutomationKind
    location: str
    name: str
    started: float
    outcome: TickOutcome
    scheduled: float | None = None
    ended: float | None = None
    duration: float | None = None
    cpu: float | None = None
    reason: str | None = None
    problem: Mapping[str, Any] | None = None
    cursor: str | None = None
    runs: Sequence[str] = ()
    skipped_keys: Sequence[str] = ()
    count: int = 1
    logs: Sequence[Mapping[str, Any]] = ()
    output: str = ""


@dataclass(frozen=True, slots=True)
class TickResult:
    """What became of a tick.

    Attributes:
        tick: as it is remembered now.
        runs: those that it asked for and that are queued now.
        skipped_keys: run keys that had been asked for before.
    """

    tick: Tick
    runs: tuple[Run, ...]
    skipped_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TickCost:
    """What a schedule or sensor took over a stretch of time; durations in seconds."""

    kind: AutomationKind
    location: str
    name: str
    ticks: int
    failed: int
    duration: float
    longest: float
    cpu: float


@dataclass(frozen=True, slots=True)
class NewBackfill:
    """Partitions to be made by several runs.

    Attributes:
        partitions: the keys, in the order in which they are to be made.
        id: from `make_id`; made when it is left out.
        job: name of the job.
        location: of the job.
        selection: of assets, as it was written.
        tags: for every run.
        config: for every run.
        options: what whoever starts the runs wants to be told.
    """

    partitions: Sequence[str]
    id: str | None = None
    job: str | None = None
    location: str | None = None
    selection: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backfill:
    """A backfill as it is remembered. `counts` says how many partitions are in each status."""

    number: int
    id: str
    status: BackfillStatus
    created: float
    counts: Mapping[BackfillPartitionStatus, int]
    job: str | None = None
    location: str | None = None
    selection: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    ended: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BackfillPartition:
    """One partition of a backfill, the id of the run that makes it, and its place in the backfill's order, from 0."""

    partition: str
    status: BackfillPartitionStatus
    run: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a pool that somebody holds until it expires."""

    pool: str
    holder: str
    acquired: float
    expires: float
    run: str | None = None
