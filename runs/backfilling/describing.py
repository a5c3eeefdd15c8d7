"""Backfills as JSON: what `--json` prints and what a page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.runs.backfilling.asking import divide
from atoll_host.runs.storage.records import RunFilter

if TYPE_CHECKING:
    from atoll_host.runs.storage.automation_records import (
        Backfill,
        BackfillPartition,
        BackfillPartitionStatus,
        NewBackfill,
    )
    from atoll_host.runs.storage.store import Storage

STATUSES: tuple[BackfillPartitionStatus, ...] = ("waiting", "running", "succeeded", "failed", "canceled")
"""Those of partitions, in the order in which they are shown."""
_PAGE = 5000


def describe_backfill(backfill: Backfill) -> dict[str, Any]:
    """Give a backfill without its partitions."""
    counts = {status: backfill.counts.get(status, 0) for status in STATUSES}
    return {
        "id": backfill.id,
        "number": backfill.number,
        "status": backfill.status,
        "job": backfill.job,
        "location": backfill.location,
        "selection": backfill.selection,
        "tags": dict(backfill.tags),
        "batch": backfill.options.get("batch") or 1,
        "max_runs": backfill.options.get("max_runs") or 1,
        "created": backfill.created,
        "ended": backfill.ended,
        "reason": backfill.reason,
        "total": sum(counts.values()),
        "counts": counts,
    }


def describe_whole_backfill(storage: Storage, backfill: str) -> dict[str, Any]:
    """Give a backfill with its partitions, and the run of each.

    Raises:
        NoRunError: there is no such backfill.
    """
    # In this order: of one that has ended no partition is under way, and of each run the number is known.
    data = describe_backfill(storage.backfills.get(backfill))
    found: list[BackfillPartition] = []
    while True:
        page = storage.backfills.partitions(backfill, after=len(found), limit=_PAGE)
        found += page
        if len(page) < _PAGE:
            break
    numbers = {run.id: run.number for run in storage.runs.iterate(RunFilter(backfill=backfill))}
    data["counts"] = {status: sum(one.status == status for one in found) for status in STATUSES}
    data["partitions"] = [
        {
            "partition": one.partition,
            "status": one.status,
            "run": one.run,
            "run_number": None if one.run is None else numbers.get(one.run),
        }
        for one in found
    ]
    return data


def describe_plan(new: NewBackfill, *, dry_run: bool) -> dict[str, Any]:
    """Give the runs of a backfill that was not begun.

    Args:
        new: what would be made.
        dry_run: whether nobody wanted it to begin; otherwise there is nothing to make.
    """
    parts = list(divide(list(enumerate(new.partitions)), new.options))
    return {
        "dry_run": dry_run,
        "job": new.job,
        "location": new.location,
        "selection": new.selection,
        "total": len(new.partitions),
        "max_runs": new.options["max_runs"],
        "runs": [{"first": part[0], "last": part[-1], "partitions": len(part)} for part in parts],
    }


def name_backfill(data: dict[str, Any]) -> str:
    """Say what a backfill makes."""
    return f"job {data['job']}" if data["job"] is not None else str(data["selection"] or "")
