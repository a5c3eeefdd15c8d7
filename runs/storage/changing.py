"""What goes with a change of a run's status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, func, select, update

from atoll_host.runs.storage.events import append_events
from atoll_host.runs.storage.records import FINAL, Event
from atoll_host.runs.storage.settling import settle_backfill
from atoll_host.runs.storage.tables import backfill_partitions, events, run_changes, runs, slots, steps
from atoll_host.runs.storage.texts import clean, write_optional_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from atoll_host.runs.storage.records import Run, RunStatus


def change_status(
    connection: Connection,
    run: Run,
    status: RunStatus,
    now: float,
    *,
    reason: str | None = None,
    problem: Mapping[str, Any] | None = None,
) -> None:
    """Write a status that a run may take. The run is locked."""
    moment = max(now, run.created, run.started or 0.0)  # the clock may have been set back
    if status == "canceled" and run.status == "canceling":
        reason = reason or run.reason  # why it was asked for
    values: dict[str, Any] = {"status": status, "reason": clean(reason)}
    if status == "starting":
        values["started"] = moment
    if status in FINAL:
        values |= {"ended": moment, "problem": write_optional_json(problem), "lease_expires": None}
    connection.execute(update(runs).where(runs.c.number == run.number).values(**values))
    connection.execute(run_changes.insert().values(run=run.number, status=status, time=moment, reason=values["reason"]))
    if status in FINAL:
        _end_steps(connection, run, status, moment, values["reason"])
        connection.execute(delete(slots).where(slots.c.run_id == run.id))
        if run.backfill is not None:
            connection.execute(
                update(backfill_partitions)
                .where(backfill_partitions.c.run_id == run.id, backfill_partitions.c.status == "running")
                .values(status=status)
            )
            settle_backfill(connection, run.backfill, moment)


def _end_steps(connection: Connection, run: Run, status: RunStatus, moment: float, reason: str | None) -> None:
    """End what the run's events have left open, so that nothing is under way in a run that has ended."""
    ended = "canceled" if status == "canceled" else "failed"
    connection.execute(
        update(steps)
        .where(steps.c.run == run.number, steps.c.status.in_(("started", "retrying", "waiting")))
        .values(
            status=case((steps.c.status == "waiting", "skipped"), else_=ended),
            ended=moment,
            reason=reason or f"the run {status}",
        )
    )


def settle_run(connection: Connection, run: Run, now: float, reason: str, problem: Mapping[str, Any] | None) -> None:
    """End a run whose host is gone, with an event that says so. The run is locked."""
    status: RunStatus = "canceled" if run.status == "canceling" else "failed"
    query = select(func.max(events.c.sequence)).where(events.c.run == run.number)
    sequence = (connection.execute(query).scalar() or 0) + 1
    facts: dict[str, Any] = {"reason": reason, "settled": True}
    if problem is not None:
        facts["problems"] = [dict(problem)]
    append_events(connection, run, [Event(sequence, now, f"run_{status}", payload=facts)])
    change_status(connection, run, status, now, reason=reason, problem=problem)
