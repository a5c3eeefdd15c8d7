"""Bring a database's tables to what this version wants, by one process at a time."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from atoll_host.runs.storage.errors import StorageBusyError, StorageError, StorageTooNewError
from atoll_host.runs.storage.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database

NEWEST = "0002"
"""The last step below `migrations/versions`."""
STEPS = Path(__file__).with_name("migrations")
_VERSION_TABLE = "atoll_version"
_LOCK = 0x61746F6C6D
"""PostgreSQL: who holds it changes tables."""
_PATIENCE = 60.0
_KEPT_BACKUPS = 3


def migrate(database: Database, *, newest: str = NEWEST, steps: Path = STEPS) -> None:
    """Make the tables, or change those that an earlier version made.

    A file of SQLite is copied beside itself before it is changed. Nothing is locked where nothing is to be done.

    Args:
        database: is there as a server; a file need not be.
        newest: the step that is wanted.
        steps: folder with `versions` in it.

    Raises:
        StorageTooNewError: a newer version of this tool made the tables.
        StorageError: they can't be read or changed.
    """
    file = database.file
    if file is not None and not _is_filled(file):
        _prepare_folder(file)
    elif _read_version(database, newest) == newest:
        return
    if file is None:
        database.write(
            lambda connection: _upgrade_alone(connection, database, newest, steps), quiet=True, repeatable=True
        )
        return
    with _hold(file):
        if not _is_filled(file):
            _forget_remains(file)
        version = _read_version(database, newest)
        if version == newest:
            return
        if version is not None:
            _back_up(file, version)
        database.write(lambda connection: _upgrade(connection, newest, steps), quiet=True, repeatable=True)


def _is_filled(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def _prepare_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{file.parent} can't be made: {error.strerror}", hint="look at its permissions") from None


def _forget_remains(file: Path) -> None:
    """Remove what a database that was removed left behind: SQLite would take it for a part of the new one."""
    for suffix in ("-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _read_version(database: Database, newest: str) -> str | None:
    return _check_version(database, database.read(_select_version), newest)


def _check_version(database: Database, version: str | None, newest: str) -> str | None:
    if version is None or version <= newest:
        return version
    where = database.describe()
    if not re.fullmatch(r"[0-9]{4}", version):
        raise StorageError(f"{where} has the tables of something else", hint="name another database")
    raise StorageTooNewError(
        f"{where} was written by a newer version of atoll (its tables are at {version}, this one knows {newest})",
        hint="install that version, or name another database",
    )


def _select_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar_one_or_none()  # noqa: S608 — a constant


@contextlib.contextmanager
def _hold(file: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 — only to change tables

    lock = FileLock(file.with_name(f"{file.name}.lock"), is_singleton=False)
    try:
        with lock.acquire(timeout=_PATIENCE):
            yield
    except Timeout:
        message = f"another process has been changing the tables of {file} for {_PATIENCE:.0f} seconds"
        raise StorageBusyError(message, hint="look for a command that hangs, end it, and try again") from None
    except OSError as error:
        raise StorageError(
            f"{file} can't be changed: {error.strerror}", hint="look at the permissions of its folder"
        ) from None


def _back_up(file: Path, version: str) -> None:
    """Copy a database as it is, including what only its log has, and forget copies of long ago."""
    copy = file.with_name(f"{file.name}.before-{version}")
    partial = copy.with_name(f"{copy.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with (
            contextlib.closing(sqlite3.connect(file)) as source,
            contextlib.closing(sqlite3.connect(partial)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"{file} can't be copied before its tables are changed: {error}", hint="make room") from None
    os.replace(partial, copy)  # noqa: PTH105 — the atomic one, by its name
    copies = sorted(file.parent.glob(f"{file.name}.before-[0-9][0-9][0-9][0-9]"))
    for old in copies[:-_KEPT_BACKUPS]:
        old.unlink(missing_ok=True)


def _upgrade_alone(connection: Connection, database: Database, newest: str, steps: Path) -> None:
    """Take the steps that are missing in PostgreSQL, when nobody else does; the lock goes with the transaction."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE:.0f}s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
    if _check_version(database, _select_version(connection), newest) != newest:
        _upgrade(connection, newest, steps)


def _upgrade(connection: Connection, newest: str, steps: Path) -> None:
    """Take the steps that are missing, within the transaction that is open."""
    if newest == NEWEST and _select_version(connection) is None:
        # The same tables as by all the steps, without the half second that it takes to import alembic.
        METADATA.create_all(connection)
        connection.execute(
            text(
                f"CREATE TABLE {_VERSION_TABLE} (version_num VARCHAR(32) NOT NULL"
                f", CONSTRAINT {_VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
            )
        )
        connection.execute(text(f"INSERT INTO {_VERSION_TABLE} VALUES (:newest)"), {"newest": newest})  # noqa: S608 — a constant
        return
    run_steps(connection, newest, steps)


def run_steps(connection: Connection, newest: str, steps: Path = STEPS) -> None:
    """Take the steps up to one, with alembic."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 — half a second, for once in a version
    from alembic.operations import Operations  # noqa: PLC0415 — as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 — as above

    scripts = ScriptDirectory(str(steps))

    def choose(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs(newest, revision)  # noqa: SLF001 — what alembic's own `upgrade` calls

    context = MigrationContext.configure(
        connection, opts={"fn": choose, "version_table": _VERSION_TABLE, "transactional_ddl": False}
    )
    with Operations.context(context):
        context.run_migrations()
