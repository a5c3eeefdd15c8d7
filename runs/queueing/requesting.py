"""Runs that wait in the queue: what is remembered of one, so that it can be planned and launched later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from atoll_host.runs.storage.records import NewRun, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.storage.records import Run

OPTION_REQUEST = "request"
"""Option of a run that is planned and launched from the queue: what it was asked for with."""


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """What a queued run is planned with.

    Attributes:
        location: of the job; for assets, the location that is meant where several make one of the same key.
        job: name of the job; None for assets.
        assets: keys of assets, such as `raw/orders`; None for all of the job or selection.
        selection: of assets over the whole workspace, as it was written.
        checks: names of the checks to execute, such as `raw/orders:positive`; None for those that go with the assets.
        partition: key of one partition.
        partition_range: first and last key.
        config: as it was given.
        jobs: how many workers execute at once; None for what the instance says.
        timeout: seconds that a stage may take.
        scheduled: the moment that a schedule's tick was for.
    """

    location: str | None = None
    job: str | None = None
    assets: tuple[str, ...] | None = None
    selection: str | None = None
    checks: tuple[Any, ...] | None = None
    partition: str | None = None
    partition_range: tuple[str, str] | None = None
    config: Mapping[str, Any] | None = None
    jobs: int | None = None
    timeout: float | None = None
    scheduled: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give what is there, under its own name."""
        found: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            # The configuration is remembered with the run itself, once.
            if value is not None and name != "config":
                found[name] = list(value) if isinstance(value, tuple) else value
        return found

    @classmethod
    def of(cls, run: Run) -> Self | None:
        """Give what a run was asked for with; None for one that does not come from the queue."""
        data = run.options.get(OPTION_REQUEST)
        if not isinstance(data, dict):
            return None
        names = ("assets", "checks", "partition_range")
        tuples = {name: None if data.get(name) is None else tuple(data[name]) for name in names}
        known = {name: value for name, value in data.items() if name in cls.__slots__}
        return cls(**{**known, **tuples, "config": run.config})


def make_queued_run(
    *,
    location: str | None = None,
    job: str | None = None,
    assets: Sequence[str] | None = None,
    selection: str | None = None,
    checks: Sequence[Any] | None = None,
    partition: str | None = None,
    partition_range: tuple[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    targets: Sequence[str] = (),
    jobs: int | None = None,
    timeout: float | None = None,
    scheduled: float | None = None,
    **facts: Any,
) -> NewRun:
    """Make a run that waits in the queue, until a `Dispatcher` plans and launches it.

    Args:
        location: of the job; for assets, the one that is meant where several make one of the same key.
        job: name of the job.
        assets: keys of the assets to make.
        selection: of assets over the whole workspace; instead of keys.
        checks: names of checks to execute.
        partition: key of one partition.
        partition_range: first and last key.
        config: as it was given: a secret is the name of its variable here, never its value.
        tags: for filters and for people.
        targets: keys of the assets that it will make, as far as that is known now; `assets` by default.
        jobs: how many workers execute at once.
        timeout: seconds that a stage may take.
        scheduled: the moment that a schedule's tick was for.
        facts: other attributes of `NewRun`: `id`, `parent`, `backfill`, `origin`, `run_key`.
    """
    request = QueuedRequest(
        location=location,
        job=job,
        assets=None if assets is None else tuple(assets),
        selection=selection,
        checks=None if checks is None else tuple(checks),
        partition=partition,
        partition_range=partition_range,
        jobs=jobs,
        timeout=timeout,
        scheduled=scheduled,
    )
    shown = selection if selection is not None or job is not None or assets is None else _select(assets)
    return NewRun(
        kind="assets" if job is None else "job",
        job=job,
        location=None if job is None else location,
        selection=shown,
        partition=partition,
        partition_range=partition_range,
        tags=tags or {},
        config=config or None,
        options={OPTION_REQUEST: request.to_json()},
        targets=[Target(key, partition) for key in targets or assets or ()],
        **facts,
    )


def _select(assets: Sequence[str]) -> str:
    """Write the selection that chooses assets by their keys."""
    return " or ".join(f'key:"{key}"' for key in assets)
