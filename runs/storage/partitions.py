"""What is known of the partitions of an asset, from what was made and from runs that were to make it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from atoll_host.runs.storage.asset_records import PartitionState
from atoll_host.runs.storage.names import from_column
from atoll_host.runs.storage.records import ACTIVE
from atoll_host.runs.storage.tables import asset_events, latest, runs, targets

if TYPE_CHECKING:
    from sqlalchemy import Connection

_UNDER_WAY = ("queued", *sorted(ACTIVE))
_ENDED_BADLY = ("canceled", "failed")


def read_states(connection: Connection, asset: int) -> tuple[PartitionState, ...]:
    """Give the state of each partition that a run was for, or that was made, in the order of their keys."""
    columns = (latest.c.partition, asset_events.c.number, asset_events.c.time, asset_events.c.run)
    query = select(*columns, asset_events.c.run_id).join(asset_events, asset_events.c.number == latest.c.event)
    made = {row.partition: row for row in connection.execute(query.where(latest.c.asset == asset))}
    states = {
        partition: PartitionState(from_column(partition), "materialized", row.number, row.time, row.run_id)
        for partition, row in made.items()
    }
    for row in _list_newest(connection, asset, _ENDED_BADLY):
        last = made.get(row.partition)
        if last is None or _is_later(row, last):
            states[row.partition] = _replace(row, last, "failed")
    for row in _list_newest(connection, asset, _UNDER_WAY):
        last = made.get(row.partition)
        if last is None or last.run != row.run:  # a run that has made it goes on with others
            states[row.partition] = _replace(row, last, "in_progress")
    return tuple(states[partition] for partition in sorted(states))


def _list_newest(connection: Connection, asset: int, statuses: tuple[str, ...]) -> list[Any]:
    """Give the newest run in one of these statuses for each partition."""
    newest = (
        select(targets.c.partition, func.max(targets.c.run).label("run"))
        .join(runs, runs.c.number == targets.c.run)
        .where(targets.c.asset == asset, runs.c.status.in_(statuses))
        .group_by(targets.c.partition)
        .subquery()
    )
    query = select(newest.c.partition, newest.c.run, runs.c.id, runs.c.ended, runs.c.status)
    return list(connection.execute(query.join(runs, runs.c.number == newest.c.run)))


def _is_later(failed: Any, made: Any) -> bool:
    """Tell whether a failed run is newer than what was made; one that made it and failed afterwards is not."""
    if made.run is None:
        return bool((failed.ended or 0.0) > made.time)
    return bool(failed.run > made.run)


def _replace(row: Any, last: Any | None, status: Any) -> PartitionState:
    number, time = (None, None) if last is None else (last.number, last.time)
    return PartitionState(from_column(row.partition), status, number, time, row.id)
