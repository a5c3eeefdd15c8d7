"""Waiting for news without asking all the time."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Self

from atoll_host.runs.storage.connecting import say_removed
from atoll_host.runs.storage.database import CHANNEL

if TYPE_CHECKING:
    from pathlib import Path

    from atoll_host.runs.storage.database import Database

_INTERVAL = 0.05
"""Seconds between two looks at a number that SQLite changes with every transaction; a look takes microseconds."""
_AGAIN = 1.0
"""Seconds until a connection that broke is tried again."""


class Watch:
    """Tells that something was written since the last time that it was asked. For one thread.

    It holds a connection of its own until it is closed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._version: int | None = None
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until something is written; tell whether it was. There may be nothing new for the one who asks.

        Args:
            timeout: seconds; None to wait for ever.

        Raises:
            StorageError: the file of SQLite is not there any more.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        return self._wait_sqlite(deadline) if self._database.is_sqlite else self._wait_postgresql(deadline)

    def _open(self) -> None:
        file = self._database.file
        if file is not None:
            self._connection = _connect(file)
            self._version = self._read_version()
        else:
            self._connection = self._listen()

    def _read_version(self) -> int | None:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None  # busy: as good as something new

    def _wait_sqlite(self, deadline: float | None) -> bool:
        file = self._database.file
        while True:
            version = self._read_version()
            if version != self._version:
                self._version = version
                return True
            remaining = _INTERVAL if deadline is None else min(_INTERVAL, deadline - time.monotonic())
            if remaining <= 0:
                return False
            if file is not None and not file.exists():
                raise say_removed(file)
            time.sleep(remaining)

    def _listen(self) -> Any:
        import psycopg  # noqa: PLC0415 — only with PostgreSQL

        url = self._database.engine.url.set(drivername="postgresql")
        connection = None
        try:
            connection = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=10)
            connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error:
            if connection is not None:
                connection.close()
            return None
        return connection

    def _wait_postgresql(self, deadline: float | None) -> bool:
        import psycopg  # noqa: PLC0415 — only with PostgreSQL

        if self._connection is None:
            remaining = _AGAIN if deadline is None else min(_AGAIN, deadline - time.monotonic())
            time.sleep(max(0.0, remaining))
            self._connection = self._listen()
            return self._connection is not None  # what was said in the meantime, nobody heard
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            for _ in self._connection.notifies(timeout=left, stop_after=1):
                return True
        except psycopg.Error:
            self.close()
            return True
        return False


def _connect(file: Path) -> sqlite3.Connection:
    try:
        # `rw` makes no new file in the place of one that was removed.
        return sqlite3.connect(
            f"{file.as_uri()}?mode=rw", uri=True, timeout=_AGAIN, isolation_level=None, check_same_thread=False
        )
    except sqlite3.OperationalError:
        raise say_removed(file) from None
