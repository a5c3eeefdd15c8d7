"""One database: connections, transactions, and what is done when one fails."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from atoll_host.runs.storage.faults import explain, is_lost, is_passing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table

_ORDER_LOCK = 0x61746F6C6C
"""PostgreSQL: who holds it gives the numbers to what is read with a cursor, so that they become visible in order."""
CHANNEL = "atoll"
"""PostgreSQL: where every transaction that wrote something says so."""
_PAUSE = 0.05
_LONGEST_PAUSE = 1.0

T = TypeVar("T")


class Database:
    """A database and how to work with it, from any number of threads.

    Attributes:
        engine: SQLAlchemy's.
        file: of SQLite; None for PostgreSQL.
        patience: seconds that a failure which passes by itself is waited for: a lock, a restart of the server.
    """

    def __init__(self, engine: Engine, file: Path | None, patience: float) -> None:
        self.engine = engine
        self.file = file
        self.patience = patience

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.file is not None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do something that only reads, in one transaction.

        Raises:
            StorageError: it can't be done, and why.
        """

        def attempt() -> T:
            with self.engine.connect() as connection, connection.begin():
                return work(connection)

        return self._persist(attempt, repeatable=True)

    def write(
        self,
        work: Callable[[Connection], T],
        *,
        ordered: bool = False,
        repeatable: bool = False,
        quiet: bool = False,
    ) -> T:
        """Do something in one transaction, which is there as a whole afterwards or not at all.

        Args:
            work: may be called again when an attempt failed.
            ordered: whether it adds to what is read with a cursor.
            repeatable: whether doing it twice is as good as once. Where the connection breaks while the end of the
                transaction is on its way, nobody knows whether it was done.
            quiet: whether nobody who waits for news is woken.

        Raises:
            StorageError: it can't be done, and why.
        """
        ended = False

        def attempt() -> T:
            nonlocal ended
            ended = False
            with self.engine.connect().execution_options(atoll_write=True) as connection:
                with connection.begin() as transaction:
                    if ordered and not self.is_sqlite:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ORDER_LOCK})
                    result = work(connection)
                    if not quiet and not self.is_sqlite:
                        connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
                    ended = True
                    transaction.commit()
                return result

        return self._persist(attempt, repeatable=lambda: repeatable or not ended)

    def _persist(self, attempt: Callable[[], T], repeatable: Callable[[], bool] | bool) -> T:
        deadline = time.monotonic() + self.patience
        pause = _PAUSE
        while True:
            try:
                return attempt()
            except SQLAlchemyError as error:
                again = isinstance(error, DBAPIError) and (
                    is_passing(error)
                    or (is_lost(error) and (repeatable if isinstance(repeatable, bool) else repeatable()))
                )
                if not again or time.monotonic() + pause > deadline:
                    raise explain(error, self.describe(), self.patience) from error
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 — apart from others who wait too
            pause = min(pause * 2, _LONGEST_PAUSE)

    def now(self, connection: Connection) -> float:
        """Give the time by the clock that all who share the database go by."""
        if self.is_sqlite:
            return time.time()
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    def describe(self) -> str:
        """Say where it is, without a password."""
        return str(self.file) if self.file else self.engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Close what is open."""
        self.engine.dispose()


def insert(connection: Connection, table: Table) -> Any:
    """Begin an INSERT that can say what is done about a row that is there already."""
    # Each costs time to import, PostgreSQL's most, and only one of them is used.
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 — only with PostgreSQL

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 — only with SQLite

    return sqlite.insert(table)


def add(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Add a row to a table that counts its rows, and give its number."""
    key = connection.execute(table.insert().values(**row)).inserted_primary_key
    return int(key[0]) if key else 0


def split(items: list[T], size: int = 500) -> Iterator[list[T]]:
    """Cut a list into pieces that fit into one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
