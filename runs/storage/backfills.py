"""Backfills: partitions that are made by several runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from atoll_host.runs.storage.automation_records import Backfill, BackfillPartition
from atoll_host.runs.storage.creating import create_run
from atoll_host.runs.storage.database import add, split
from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.identifiers import make_id
from atoll_host.runs.storage.names import number_location
from atoll_host.runs.storage.reading import find_row
from atoll_host.runs.storage.settling import settle_backfill
from atoll_host.runs.storage.tables import backfill_partitions, backfills, locations
from atoll_host.runs.storage.texts import clean, clean_text, read_json, write_json, write_optional_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from atoll_host.runs.storage.automation_records import BackfillPartitionStatus, BackfillStatus, NewBackfill
    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import NewRun, Run

_BACKFILL = select(backfills, locations.c.name.label("location_name")).outerjoin(
    locations, locations.c.number == backfills.c.location
)


class Backfills:
    """The backfills of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, new: NewBackfill) -> Backfill:
        """Remember a backfill, all of whose partitions wait."""
        backfill = new.id or make_id()

        def work(connection: Connection) -> Backfill:
            now = self._database.now(connection)
            row = {
                "id": backfill,
                "status": "running",
                "job": clean(new.job),
                "location": None if new.location is None else number_location(connection, new.location),
                "selection": clean(new.selection),
                "tags": write_json(dict(new.tags)),
                "config": write_optional_json(new.config),
                "options": write_json(dict(new.options)),
                "created": now,
            }
            if connection.execute(select(backfills.c.number).where(backfills.c.id == backfill)).first() is None:
                number = add(connection, backfills, row)
                keys = list(dict.fromkeys(map(clean_text, new.partitions)))
                rows = [
                    {"backfill": number, "partition": key, "position": position, "status": "waiting"}
                    for position, key in enumerate(keys)
                ]
                for part in split(rows, 5000):
                    connection.execute(backfill_partitions.insert(), part)
                settle_backfill(connection, backfill, now)
            return _require(connection, backfill)

        return self._database.write(work, ordered=True, repeatable=True)

    def get(self, backfill: str) -> Backfill:
        """Give a backfill by its id.

        Raises:
            NoRunError: there is none.
        """
        return self._database.read(lambda connection: _require(connection, backfill))

    def find(self, text: str) -> Backfill:
        """Give the backfill that somebody means by its number or by the beginning or end of its id.

        Raises:
            NoRunError: none is meant, or several may be.
        """
        return self._database.read(lambda connection: _find(connection, text.strip().lower()))

    def list(
        self,
        *,
        statuses: Sequence[BackfillStatus] = (),
        job: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Backfill, ...]:
        """List backfills, the newest first.

        Args:
            statuses: any of them.
            job: name of the job that they are of.
            before: number of the last one of the page before.
            limit: how many at most.
        """
        query = _BACKFILL.order_by(backfills.c.number.desc()).limit(limit)
        if statuses:
            query = query.where(backfills.c.status.in_(statuses))
        if job is not None:
            query = query.where(backfills.c.job == clean_text(job))
        if before is not None:
            query = query.where(backfills.c.number < before)

        def work(connection: Connection) -> tuple[Backfill, ...]:
            rows = connection.execute(query).all()
            return tuple(_read(row, _count(connection, row.number)) for row in rows)

        return self._database.read(work)

    def partitions(
        self,
        backfill: str,
        *,
        statuses: Sequence[BackfillPartitionStatus] = (),
        after: int = 0,
        limit: int = 1000,
    ) -> tuple[BackfillPartition, ...]:
        """List the partitions of a backfill in their order.

        Args:
            backfill: its id.
            statuses: any of them.
            after: how many in front to leave out.
            limit: how many at most.

        Raises:
            NoRunError: there is no such backfill.
        """

        def work(connection: Connection) -> tuple[BackfillPartition, ...]:
            table = backfill_partitions
            query = select(table.c.partition, table.c.status, table.c.run_id, table.c.position)
            query = query.where(table.c.backfill == _require(connection, backfill).number)
            if statuses:
                query = query.where(table.c.status.in_(statuses))
            query = query.order_by(table.c.position).offset(after).limit(limit)
            return tuple(BackfillPartition(*row) for row in connection.execute(query))

        return self._database.read(work)

    def launch(self, backfill: str, partitions: Sequence[str], run: NewRun, *, most: int | None = None) -> Run | None:
        """Queue the run that makes some partitions, if all of them wait and the backfill goes on; None otherwise.

        Args:
            backfill: its id.
            partitions: the keys.
            run: belongs to this backfill, whatever it says itself.
            most: how many of its runs may be queued or go on at once, this one included.

        Raises:
            NoRunError: there is no such backfill.
        """
        new = replace(run, id=run.id or make_id(), backfill=backfill)
        keys = list(dict.fromkeys(map(clean_text, partitions)))

        def work(connection: Connection) -> Run | None:
            found = _require(connection, backfill, lock=True)
            if found.status != "running" or not keys:
                return None
            if most is not None and _count_runs(connection, found.number) >= most:
                return None
            if not _claim(connection, found.number, keys, new.id):
                return None
            return create_run(connection, new, self._database.now(connection))[0]

        return self._database.write(work, ordered=True)

    def cancel(self, backfill: str, reason: str | None = None) -> Backfill:
        """Let no further run of a backfill start: what waits is canceled. Its runs are the caller's to cancel.

        Raises:
            NoRunError: there is no such backfill.
        """

        def work(connection: Connection) -> Backfill:
            found = _require(connection, backfill, lock=True)
            if found.status == "running":
                change = update(backfills).where(backfills.c.number == found.number)
                connection.execute(change.values(status="canceling", reason=clean(reason)))
                waiting = update(backfill_partitions).where(backfill_partitions.c.backfill == found.number)
                connection.execute(waiting.where(backfill_partitions.c.status == "waiting").values(status="canceled"))
                settle_backfill(connection, backfill, self._database.now(connection))
            return _require(connection, backfill)

        return self._database.write(work, ordered=True, repeatable=True)

    def retry(self, backfill: str) -> Backfill:
        """Let the partitions that failed or were canceled wait again.

        Raises:
            NoRunError: there is no such backfill.
        """

        def work(connection: Connection) -> Backfill:
            found = _require(connection, backfill, lock=True)
            table = backfill_partitions
            change = update(table).where(table.c.backfill == found.number, table.c.status.in_(("failed", "canceled")))
            if connection.execute(change.values(status="waiting", run_id=None)).rowcount:
                again = update(backfills).where(backfills.c.number == found.number)
                connection.execute(again.values(status="running", ended=None, reason=None))
            return _require(connection, backfill)

        return self._database.write(work, ordered=True, repeatable=True)


def _claim(connection: Connection, number: int, keys: list[str], run: str | None) -> bool:
    """Take partitions that wait; tell whether all of them did."""
    table = backfill_partitions
    waiting = 0
    for part in split(keys):
        query = select(func.count()).select_from(table).where(table.c.backfill == number, table.c.partition.in_(part))
        waiting += connection.execute(query.where(table.c.status == "waiting")).scalar_one()
    if waiting != len(keys):
        return False
    for part in split(keys):
        change = update(table).where(table.c.backfill == number, table.c.partition.in_(part))
        connection.execute(change.values(status="running", run_id=run))
    return True


def _count_runs(connection: Connection, number: int) -> int:
    """Count the runs that make partitions now, or are to."""
    table = backfill_partitions
    query = select(func.count(table.c.run_id.distinct()))
    return connection.execute(query.where(table.c.backfill == number, table.c.status == "running")).scalar_one()


def _find(connection: Connection, text: str) -> Backfill:
    row = find_row(connection, _BACKFILL, backfills, text)
    return _require(connection, text) if row is None else _read(row, _count(connection, row.number))


def _require(connection: Connection, backfill: str, *, lock: bool = False) -> Backfill:
    query = _BACKFILL.where(backfills.c.id == clean_text(backfill))
    row = connection.execute(query.with_for_update(of=backfills) if lock else query).first()
    if row is None:
        raise NoRunError(f"There is no backfill {backfill}", hint="`atoll backfill list` lists those that there are")
    return _read(row, _count(connection, row.number))


def _count(connection: Connection, number: int) -> dict[BackfillPartitionStatus, int]:
    table = backfill_partitions
    query = select(table.c.status, func.count()).where(table.c.backfill == number).group_by(table.c.status)
    return {row[0]: row[1] for row in connection.execute(query)}


def _read(row: Any, counts: dict[BackfillPartitionStatus, int]) -> Backfill:
    return Backfill(
        number=row.number,
        id=row.id,
        status=row.status,
        created=row.created,
        counts=counts,
        job=row.job,
        location=row.location_name,
        selection=row.selection,
        tags=read_json(row.tags),
        config=read_json(row.config),
        options=read_json(row.options),
        ended=row.ended,
        reason=row.reason,
    )
