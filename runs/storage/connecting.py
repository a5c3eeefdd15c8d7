"""Engines: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from atoll_host.runs.storage.database import Database
from atoll_host.runs.storage.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

_BUSY = 5.0
"""Seconds that SQLite itself waits for a lock. What lasts longer is tried again from the beginning."""
_WAL_LIMIT = 64 * 1024 * 1024
"""Bytes that SQLite's log keeps on the disk once it has been larger."""
_PRAGMAS = (
    # WAL comes first: it lets readers and the writer alone with each other.
    "PRAGMA journal_mode = wal",
    # A power failure can take the last transactions, a killed process none, and either leaves the file whole.
    "PRAGMA synchronous = normal",
    "PRAGMA foreign_keys = on",
    f"PRAGMA journal_size_limit = {_WAL_LIMIT}",
    "PRAGMA cache_size = -16384",
)


def connect(url: str, *, patience: float) -> Database:
    """Make what connects to a database, without connecting yet.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://user@machine/name`.
        patience: seconds that a failure which passes by itself is waited for.

    Raises:
        StorageError: the URL means nothing, or what it needs is not installed.
    """
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(parsed.database or "").absolute()
        return Database(_connect_sqlite(parsed.set(database=str(file)), file, patience), file, patience)
    return Database(_connect_postgresql(parsed), None, patience)


def parse(url: str) -> URL:
    """Read a URL.

    Raises:
        StorageError: it is none, or names a database that is not supported.
    """
    hint = "write sqlite:///PATH or postgresql://USER@MACHINE/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError("the storage's URL can't be understood", hint=hint) from None
    name = parsed.get_backend_name()
    if name == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise StorageError("the storage's URL names no file: several processes share it", hint=hint)
        return parsed.set(drivername="sqlite+pysqlite")
    if name in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise StorageError(f"runs can't be remembered in {name}", hint=hint)


def _connect_sqlite(url: URL, file: Path, patience: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": min(_BUSY, patience)}, pool_size=8, max_overflow=24)

    known: list[tuple[int, int] | None] = []

    def is_another() -> bool:
        return bool(known) and known[0] != _identify(file)

    # Without these, everything would go on in a file that nobody can open any more, or in a new one that is empty.
    @event.listens_for(engine, "do_connect")
    def check_before(*_: Any) -> None:
        if is_another():
            raise say_removed(file)

    @event.listens_for(engine, "checkout")
    def check(*_: Any) -> None:
        if is_another():
            raise say_removed(file)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        try:
            cursor = connection.cursor()
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            cursor.close()
        except BaseException:
            # SQLAlchemy forgets a connection that could not be prepared.
            connection.close()
            raise
        if not known:
            known.append(_identify(file))

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that reads first and writes later can be refused in the middle; one that says so waits.
        writes = connection.get_execution_options().get("atoll_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    _guard_forks(engine)
    return engine


def _guard_forks(engine: Engine) -> None:
    """Let a process that was forked open connections of its own: two can't use one."""

    @event.listens_for(engine, "connect")
    def note(_connection: Any, record: Any) -> None:
        record.info["process"] = os.getpid()

    @event.listens_for(engine, "checkout")
    def check(_connection: Any, record: Any, proxy: Any) -> None:
        if record.info["process"] != os.getpid():
            record.dbapi_connection = proxy.dbapi_connection = None
            raise DisconnectionError("this process was forked from the one that opened the connection")


def say_removed(file: Path) -> StorageError:
    """Say that a file is not the one that was opened."""
    return StorageError(f"{file} was removed or replaced while it was in use", hint="run the command again")


def _identify(file: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(file)  # noqa: PTH116 — half the cost, for every transaction
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _connect_postgresql(url: URL) -> Engine:
    try:
        import psycopg  # noqa: F401, PLC0415 — an extra, and only with PostgreSQL
    except ImportError as error:
        raise StorageError(
            "PostgreSQL needs psycopg, which is not installed",
            hint="install atoll[postgresql]",
            detail=str(error),
        ) from None
    settings = {"connect_timeout": 10, "application_name": "atoll"}
    engine = create_engine(url, connect_args=settings, pool_size=8, max_overflow=24, pool_recycle=1800)
    _guard_forks(engine)
    return engine
