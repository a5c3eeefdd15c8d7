"""What sensors of assets and of runs are told: events after the one that they know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.records import RunFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.runs.automation.entries import Entry
    from atoll_host.runs.storage.asset_records import AssetEvent
    from atoll_host.runs.storage.records import Run, RunChange, RunStatus
    from atoll_host.runs.storage.store import Storage

_PAGE = 500
_STATUSES = {"started": "running"}
"""What the SDK calls otherwise."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a sensor of events is.

    Attributes:
        after: number of the last event that it was told of; None before the first evaluation.
        cursor: what its function remembers.
    """

    after: int | None = None
    cursor: str | None = None

    @classmethod
    def read(cls, text: str | None) -> Position:
        """Read what is remembered as the sensor's cursor: what anybody else wrote there is its function's."""
        try:
            data = json.loads(text or "")
            after = data["after"]
        except (ValueError, TypeError, KeyError):
            return cls(None, text)
        return cls(after, data.get("cursor")) if isinstance(after, int) else cls(None, text)

    def write(self) -> str:
        """Give what is remembered."""
        return json.dumps({"after": self.after, "cursor": self.cursor})


@dataclass(frozen=True, slots=True)
class News:
    """An event that a sensor is told of: its number, and the parameters of the evaluation."""

    number: int
    parameters: Mapping[str, Any]


def takes_events(definition: Mapping[str, Any]) -> bool:
    """Tell whether a sensor is evaluated for events only."""
    return definition.get("type") in ("asset_sensor", "run_status_sensor")


def read_last_number(storage: Storage, definition: Mapping[str, Any]) -> int:
    """Give the number of the last event of the kind that a sensor takes."""
    if definition.get("type") == "asset_sensor":
        return storage.assets.last_number()
    return storage.runs.last_change()


def read_news(storage: Storage, entry: Entry, after: int, limit: int) -> list[News]:
    """Give the events for a sensor that come after one, in order.

    Args:
        storage: where they are.
        entry: the sensor.
        after: number of the last one that it knows.
        limit: how many at most.
    """
    if entry.definition.get("type") == "asset_sensor":
        key = str(entry.definition.get("asset"))
        found = storage.assets.since(after, keys=[key], limit=limit)
        return [News(event.number, {"event": describe_event(event), "run": None}) for event in found]
    news: list[News] = []
    while len(news) < limit:
        changes = storage.runs.changes(after, _PAGE)
        for change in changes:
            after = change.number
            run = _match(storage, entry, change)
            if run is not None:
                news.append(News(change.number, {"event": None, "run": describe_run(run, change)}))
                if len(news) == limit:
                    break
        if len(changes) < _PAGE:
            break
    return news


def describe_event(event: AssetEvent) -> dict[str, Any]:
    """Say what an asset sensor's function is told of a materialisation."""
    return {
        "asset": event.asset,
        "partition": event.partition,
        "metadata": dict(event.metadata),
        "tags": dict(event.tags),
        "run_id": event.run,
        "timestamp": event.time,
        "number": event.number,
        "location": event.location,
    }


def describe_run(run: Run, change: RunChange | None = None) -> dict[str, Any]:
    """Say what a run-status sensor's function is told of a run."""
    return {
        "id": run.id,
        "number": run.number,
        "kind": run.kind,
        "job": run.job,
        "location": run.location,
        "selection": run.selection,
        "partition": run.partition,
        "status": run.status if change is None else change.status,
        "reason": run.reason,
        "problem": None if run.problem is None else dict(run.problem),
        "tags": dict(run.tags),
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "timestamp": run.created if change is None else change.time,
    }


def find_last_run(storage: Storage, entry: Entry) -> Run | None:
    """Give the newest run that a run-status sensor would be told of."""
    wanted = str(entry.definition.get("run_status"))
    statuses: dict[str, tuple[RunStatus, ...]] = {
        "started": ("running", "succeeded", "failed", "canceled"),
        "succeeded": ("succeeded",),
        "failed": ("failed",),
        "canceled": ("canceled",),
    }
    for run in storage.runs.iterate(RunFilter(statuses=statuses.get(wanted, ()))):
        if run.origin != entry.origin and is_monitored(run, entry.definition, entry.origin.location):
            return run
    return None


def _match(storage: Storage, entry: Entry, change: RunChange) -> Run | None:
    """Give the run of a change that a run-status sensor watches; None for all others."""
    definition = entry.definition
    wanted = str(definition.get("run_status"))
    if change.status != _STATUSES.get(wanted, wanted):
        return None
    try:
        run = storage.runs.get(change.run)
    except NoRunError:
        return None
    # What a sensor asked for itself would make it go round for ever.
    if run.origin == entry.origin or not is_monitored(run, definition, entry.origin.location):
        return None
    return run


def is_monitored(run: Run, definition: Mapping[str, Any], location: str) -> bool:
    """Tell whether a run-status sensor watches a run: by its job, or by the locations that take part."""
    jobs = definition.get("monitored_jobs")
    if not definition.get("monitor_all_locations") and location not in list_locations(run):
        return False
    return jobs is None or run.job in jobs


def list_locations(run: Run) -> set[str]:
    """Name the locations that take part in a run, as far as that is known."""
    if run.location is not None:
        return {run.location}
    plan = run.options.get("plan") or {}
    found = {str(stage.get("location")) for stage in plan.get("stages") or ()}
    request = run.options.get("request") or {}
    return found or ({str(request["location"])} if request.get("location") else set())
