"""Runs and what they report, as plain data. Every time is in seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RunStatus = Literal["queued", "starting", "running", "canceling", "canceled", "succeeded", "failed"]
StepStatus = Literal["waiting", "started", "retrying", "succeeded", "failed", "skipped", "canceled"]
AutomationKind = Literal["schedule", "sensor"]

FINAL: frozenset[RunStatus] = frozenset({"canceled", "succeeded", "failed"})
"""What a run never leaves."""
ACTIVE: frozenset[RunStatus] = frozenset({"starting", "running", "canceling"})
"""Those in which a host process looks after the run."""
TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    "queued": frozenset({"starting", "canceled", "failed"}),
    "starting": frozenset({"running", "canceling", "canceled", "failed"}),
    "running": frozenset({"canceling", "canceled", "succeeded", "failed"}),
    "canceling": frozenset({"canceled", "succeeded", "failed"}),
    "canceled": frozenset(),
    "succeeded": frozenset(),
    "failed": frozenset(),
}
"""Where each status leads. Nothing leads back."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a run is to make: an asset, or one partition of it."""

    asset: str
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The schedule or sensor that asked for a run."""

    kind: AutomationKind
    location: str
    name: str


@dataclass(frozen=True, slots=True)
class Host:
    """The process that looks after a run.

    Attributes:
        machine: identifies the machine, and its boot.
        pid: of the process there.
        started: when the process began, as the machine counts it: another process can have the same pid later.
    """

    machine: str
    pid: int
    started: float | None = None


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to be remembered.

    Attributes:
        kind: `assets`, `job`, or what else the caller distinguishes.
        id: from `make_id`; made when it is left out.
        job: name of the job.
        location: of the job; None for a run that spans locations.
        selection: of assets, as it was written.
        partition: key of one partition.
        partition_range: first and last key.
        tags: for filters and for people.
        config: as it was given: a secret is the name of its variable here, never its value.
        options: what whoever starts the run wants to be told.
        targets: what it is to make.
        parent: id of the run that this one tries again.
        backfill: id of the backfill that it belongs to.
        origin: the schedule or sensor that asked for it.
        run_key: what makes the request of a schedule or sensor happen once.
    """

    kind: str = "assets"
    id: str | None = None
    job: str | None = None
    location: str | None = None
    selection: str | None = None
    partition: str | None = None
    partition_range: tuple[str, str] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    targets: Sequence[Target] = ()
    parent: str | None = None
    backfill: str | None = None
    origin: Origin | None = None
    run_key: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is remembered: what `NewRun` says of it, and what became of it.

    Attributes:
        number: counts the runs of the database, in the order in which they were remembered.
        root: id of the first run of a chain of retries; its own where there is none before it.
        created: when it was remembered.
        started: when a process took it.
        ended: when it came to an end; never before `started`, whatever the clock did.
        reason: why it is in its status, one sentence.
        problem: the problem that made it fail, as `Problem.to_json` gives it.
        host: the process that looks after it.
        lease_expires: until when that process said it would be there; by the clock of the database.
        beats: how often it said so.
    """

    number: int
    id: str
    kind: str
    status: RunStatus
    created: float
    root: str
    job: str | None = None
    location: str | None = None
    selection: str | None = None
    partition: str | None = None
    partition_range: tuple[str, str] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    backfill: str | None = None
    origin: Origin | None = None
    run_key: str | None = None
    started: float | None = None
    ended: float | None = None
    reason: str | None = None
    problem: Mapping[str, Any] | None = None
    host: Host | None = None
    lease_expires: float | None = None
    beats: int = 0

    @property
    def is_final(self) -> bool:
        """Whether it has come to an end."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted; what is left out doesn't matter.

    Attributes:
        statuses: any of them.
        kind: `assets` or `job`.
        job: name of the job.
        location: of the job.
        involving: location in which its steps are, or whose job it is.
        asset: key of an asset that it was to make.
        partition: key of a partition that it was for, alone or within `asset`.
        tags: all of them, with these values; a value of None stands for any.
        root: id of the first run of a chain of retries.
        backfill: id of a backfill.
        origin: the schedule or sensor that asked for it.
        created_from: remembered at this time or later.
        created_before: remembered before this time.
    """

    statuses: Sequence[RunStatus] = ()
    kind: str | None = None
    job: str | None = None
    location: str | None = None
    involving: str | None = None
    asset: str | None = None
    partition: str | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    root: str | None = None
    backfill: str | None = None
    origin: Origin | None = None
    created_from: float | None = None
    created_before: float | None = None


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs, and what to give to `list` for those that follow; None where none do."""

    runs: tuple[Run, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class RunChange:
    """A status that a run took. `number` grows, so that what is new since the last look can be asked for."""

    number: int
    run: str
    status: RunStatus
    time: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a run.

    Attributes:
        sequence: from 1, given by the process that looks after the run; the same number is remembered once.
        time: when it happened, by the clock of the process where it did.
        kind: `step_started`, `log`, `materialization` and so on, as the SDK calls them.
        step: key of the step.
        location: where it happened.
        payload: everything else, JSON.
    """

    sequence: int
    time: float
    kind: str
    step: str | None = None
    location: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a step.

    Attributes:
        key: name of the step, unique within run and location.
        location: where it runs; empty when nobody said.
        status: what its events say.
        attempt: counts from 1; 0 before it began.
        started: when the first attempt began.
        ended: when it came to an end.
        reason: why it was skipped, or ended without an event of its own.
        problem: what made it fail.
    """

    key: str
    location: str
    status: StepStatus
    attempt: int = 0
    started: float | None = None
    ended: float | None = None
    reason: str | None = None
    problem: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LogChunk:
    """A piece of captured output.

    Attributes:
        start: position of its first byte in the whole stream.
        data: bytes, as they were written.
        time: when the piece was taken.
    """

    start: int
    data: bytes
    time: float


@dataclass(frozen=True, slots=True)
class LogStream:
    """One stream of captured output; an empty step stands for what the whole worker wrote."""

    location: str
    step: str
    stream: str
    size: int
