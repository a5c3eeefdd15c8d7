"""Old runs, and what goes with them, are forgotten piece by piece."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, text

from atoll_host.runs.storage.records import FINAL
from atoll_host.runs.storage.tables import (
    asset_events,
    check_results,
    events,
    latest,
    logs,
    run_changes,
    run_tags,
    runs,
    steps,
    targets,
    ticks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Delete, Select

    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import RunStatus

_BATCH = 200
"""Runs of one transaction: others wait no longer than that takes."""
_LARGE = 1000
"""Events of a run that is forgotten piece by piece."""
_ROWS = 20_000
"""Rows that one statement removes, likewise."""
_PATIENCE = 5.0
_OF_RUN = (events, logs, run_tags, targets, run_changes, steps)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was forgotten. Sizes are those of SQLite's file in bytes; 0 for PostgreSQL."""

    runs: int
    ticks: int
    asset_events: int
    check_results: int
    size_before: int
    size_after: int


def prune(
    database: Database,
    *,
    runs_before: float | None = None,
    keep_last: int = 0,
    statuses: Sequence[RunStatus] = (),
    ticks_before: float | None = None,
    history_before: float | None = None,
    vacuum: bool = True,
    on_progress: Callable[[int], None] | None = None,
) -> Pruned:
    """Forget runs that have ended, with their events and output, ticks, and what was made long ago.

    What an asset's partition was last, and each check's last result, stay whatever their age. So do run keys: what was
    asked for once is not done again.

    Args:
        database: where.
        runs_before: forgets runs that ended before this time; None for no run.
        keep_last: how many of the newest runs stay, whatever their age.
        statuses: only runs in one of these; all that have ended by default.
        ticks_before: forgets ticks that began before this time; None for none.
        history_before: forgets materialisations, observations and check results before this time, but for the last of
            each; None for none.
        vacuum: whether SQLite's file becomes smaller by what is free in it, where that is a quarter or more.
        on_progress: told how many runs are forgotten so far.
    """
    before = _measure(database)
    count = 0
    if runs_before is not None:
        chosen = [status for status in (statuses or sorted(FINAL)) if status in FINAL]
        floor = _find_floor(database, keep_last)
        while True:
            forgotten = _prune_runs(database, runs_before, chosen, floor)
            if not forgotten:
                break
            count += forgotten
            if on_progress is not None:
                on_progress(count)
    tick_count = 0 if ticks_before is None else _prune_ticks(database, ticks_before)
    made, checked = (0, 0) if history_before is None else _prune_history(database, history_before)
    if vacuum:
        _vacuum(database)
    return Pruned(count, tick_count, made, checked, before, _measure(database))


def count_old(
    database: Database,
    *,
    runs_before: float | None = None,
    keep_last: int = 0,
    ticks_before: float | None = None,
    history_before: float | None = None,
) -> Pruned:
    """Count what `prune` would forget with the same arguments. The sizes are both as they are now."""
    size = _measure(database)
    floor = _find_floor(database, keep_last)

    def work(connection: Connection) -> tuple[int, int, int, int]:
        def count_rows(query: Any) -> int:
            return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()

        old_runs, old_ticks, made, checked = 0, 0, 0, 0
        if runs_before is not None:
            old_runs = count_rows(_select_runs(runs_before, sorted(FINAL), floor))
        if ticks_before is not None:
            old_ticks = count_rows(_select_ticks(ticks_before))
        if history_before is not None:
            made = count_rows(_select_asset_events(history_before))
            checked = count_rows(_select_check_results(history_before))
        return old_runs, old_ticks, made, checked

    return Pruned(*database.read(work), size, size)


def _select_runs(before: float, statuses: Sequence[str], floor: int | None) -> Select[Any]:
    query = select(runs.c.number).where(runs.c.status.in_(statuses), runs.c.ended < before)
    return query if floor is None else query.where(runs.c.number < floor)


def _select_ticks(before: float) -> Select[Any]:
    return select(ticks.c.number).where(ticks.c.started < before, ticks.c.outcome != "started")


def _select_asset_events(before: float) -> Select[Any]:
    old = select(asset_events.c.number).where(asset_events.c.time < before)
    return old.where(asset_events.c.number.not_in(select(latest.c.event)))


def _select_check_results(before: float) -> Select[Any]:
    later = check_results.alias("later")
    newer = select(later.c.number).where(
        later.c.asset == check_results.c.asset,
        later.c.name == check_results.c.name,
        later.c.partition == check_results.c.partition,
        later.c.number > check_results.c.number,
    )
    return select(check_results.c.number).where(check_results.c.time < before, newer.exists())


def _find_floor(database: Database, keep_last: int) -> int | None:
    """Give the number from which on runs stay."""
    if keep_last <= 0:
        return None
    query = select(runs.c.number).order_by(runs.c.number.desc()).offset(keep_last - 1).limit(1)
    return database.read(lambda connection: connection.execute(query).scalar()) or 0


def _prune_runs(database: Database, before: float, statuses: Sequence[str], floor: int | None) -> int:
    query = _select_runs(before, statuses, floor).order_by(runs.c.number).limit(_BATCH)
    numbers = list(database.read(lambda connection: connection.execute(query).scalars().all()))
    for number in _list_large(database, numbers):
        _prune_events(database, number)

    def work(connection: Connection) -> None:
        for table in _OF_RUN:
            connection.execute(delete(table).where(table.c.run.in_(numbers)))
        connection.execute(delete(runs).where(runs.c.number.in_(numbers)))

    if numbers:
        database.write(work, repeatable=True)
    return len(numbers)


def _list_large(database: Database, numbers: list[int]) -> list[int]:
    """Tell which runs have more events than one statement should remove."""
    last = func.max(events.c.sequence)
    query = select(events.c.run).where(events.c.run.in_(numbers)).group_by(events.c.run).having(last > _LARGE)
    return list(database.read(lambda connection: connection.execute(query).scalars().all()))


def _prune_events(database: Database, run: int) -> None:
    """Remove a run's events, of which there may be millions, some at a time, and its output."""
    query = select(func.min(events.c.sequence), func.max(events.c.sequence)).where(events.c.run == run)
    first, last = database.read(lambda connection: connection.execute(query).one())
    for start in range(first or 0, (last or 0) + 1, _ROWS):
        piece = delete(events).where(events.c.run == run, events.c.sequence.between(start, start + _ROWS - 1))
        _remove(database, piece)
    _remove(database, delete(logs).where(logs.c.run == run))


def _remove(database: Database, query: Delete) -> None:
    database.write(lambda connection: connection.execute(query).close(), repeatable=True, quiet=True)


def _prune_ticks(database: Database, before: float) -> int:
    query = _select_ticks(before).limit(_ROWS)
    return _repeat(database, lambda c: c.execute(delete(ticks).where(ticks.c.number.in_(query))).rowcount)


def _prune_history(database: Database, before: float) -> tuple[int, int]:
    old = _select_asset_events(before).limit(_ROWS)
    made = _repeat(database, lambda c: c.execute(delete(asset_events).where(asset_events.c.number.in_(old))).rowcount)
    past = _select_check_results(before).limit(_ROWS)
    found = _repeat(
        database, lambda c: c.execute(delete(check_results).where(check_results.c.number.in_(past))).rowcount
    )
    return made, found


def _repeat(database: Database, work: Callable[[Connection], int]) -> int:
    total = 0
    while True:
        count = database.write(work, repeatable=True, quiet=True)
        total += count
        if count < _ROWS:
            return total


def _measure(database: Database) -> int:
    if database.file is None:
        return 0

    def work(connection: Connection) -> int:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one()) * int(
            connection.execute(text("PRAGMA page_size")).scalar_one()
        )

    return database.read(work)


def _vacuum(database: Database) -> None:
    if database.file is None:
        return  # PostgreSQL does it by itself
    with contextlib.closing(sqlite3.connect(database.file, timeout=_PATIENCE, isolation_level=None)) as connection:
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        # Where others are at work, the room is used again later.
        with contextlib.suppress(sqlite3.OperationalError):
            if free * 4 >= pages and free > 0:
                connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
