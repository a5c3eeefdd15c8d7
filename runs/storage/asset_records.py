"""What is remembered of assets and their checks. Every time is in seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.runs.storage.records import RunStatus

AssetEventKind = Literal["materialization", "observation"]
PartitionStatus = Literal["materialized", "failed", "in_progress"]


@dataclass(frozen=True, slots=True)
class AssetEvent:
    """A materialisation or an observation of an asset.

    Attributes:
        number: grows in the order in which they become visible, so that it serves as a cursor.
        kind: which of the two.
        asset: the key, such as `sales/orders`.
        partition: key of the partition.
        time: when it happened.
        run: id of the run; None for what was reported from elsewhere.
        sequence: of the run's event.
        location: where it was made.
        step: key of the step.
        metadata: by name, each `{"type": …, "value": …}`.
        tags: of this event.
        code_version: what the code said it was.
        data_version: what the code said the value was.
    """

    number: int
    kind: AssetEventKind
    asset: str
    partition: str | None
    time: float
    run: str | None = None
    sequence: int | None = None
    location: str | None = None
    step: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    code_version: str | None = None
    data_version: str | None = None


@dataclass(frozen=True, slots=True)
class AssetSummary:
    """An asset's last materialisation, and how many partitions have one."""

    asset: str
    latest: AssetEvent
    partitions: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run that was to make an asset.

    Attributes:
        asset: the key.
        run: id of the run.
        number: of the run.
        status: of the run.
        created: when it was remembered.
        ended: when it came to an end.
    """

    asset: str
    run: str
    number: int
    status: RunStatus
    created: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class PartitionState:
    """What is known of one partition of an asset.

    Attributes:
        partition: the key; None for an asset without partitions.
        status: of its newest run that tells.
        latest: number of its last materialisation.
        time: of its last materialisation.
        run: id of the run that the status comes from.
    """

    partition: str | None
    status: PartitionStatus
    latest: int | None = None
    time: float | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Attributes:
        number: grows in the order in which they become visible.
        asset: key of the asset that was checked.
        name: of the check.
        partition: key of the partition that was checked.
        passed: whether it is well.
        severity: `ERROR` or `WARN`.
        blocking: whether a failure stops what is downstream.
        time: when it was found.
        run: id of the run.
        sequence: of the run's event.
        location: where the check ran.
        step: key of the step.
        description: what was found, in words.
        metadata: by name, each `{"type": …, "value": …}`.
    """

    number: int
    asset: str
    name: str
    partition: str | None
    passed: bool
    severity: str
    blocking: bool
    time: float
    run: str | None = None
    sequence: int | None = None
    location: str | None = None
    step: str | None = None
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
