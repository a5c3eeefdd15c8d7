"""The end of a backfill, which comes with the end of its last partition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from atoll_host.runs.storage.tables import backfill_partitions, backfills

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from atoll_host.runs.storage.automation_records import BackfillStatus


def settle_backfill(connection: Connection, backfill: str, now: float) -> None:
    """End a backfill when none of its partitions waits or runs."""
    query = select(backfills.c.number, backfills.c.status).where(backfills.c.id == backfill).with_for_update()
    row = connection.execute(query).first()
    if row is None or row.status not in {"running", "canceling"}:
        return
    counted = (
        select(backfill_partitions.c.status, func.count())
        .where(backfill_partitions.c.backfill == row.number)
        .group_by(backfill_partitions.c.status)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
    if counts.get("waiting") or counts.get("running"):
        return
    status: BackfillStatus = "succeeded"
    if row.status == "canceling" or counts.get("canceled"):
        status = "canceled"
    elif counts.get("failed"):
        status = "failed"
    connection.execute(update(backfills).where(backfills.c.number == row.number).values(status=status, ended=now))
