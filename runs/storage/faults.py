"""Errors of the databases, in one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError

from atoll_host.runs.storage.errors import StorageBusyError, StorageError

if TYPE_CHECKING:
    from sqlalchemy.exc import SQLAlchemyError

_DEADLOCKS = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL: two transactions were in each other's way, and one had to give up."""
_STARTING = frozenset({"57P03", "57P01", "57P02", "53300"})
"""PostgreSQL: it starts, ends, or has no connection left."""
_SQLITE = (
    ("is not a database", "{where} is not a database of SQLite, or it is damaged", "move it away: a new one is made"),
    ("malformed", "{where} is damaged", "move it away, and put a backup in its place or let a new one be made"),
    ("disk is full", "there is no room left on the disk of {where}", "make room, or prune old runs"),
    ("readonly", "{where} can't be written", "look at the permissions of the file and its folder"),
    ("unable to open", "{where} can't be opened", "look at the permissions of the file and its folder"),
    ("disk I/O error", "{where} could not be read or written", "look at the disk: is it full or limited?"),
    ("no such table", "{where} lacks a table", "move it away: a new one is made"),
)
_POSTGRESQL = (
    ("28", "authentication failed", "the database refuses who asks", "look at user and password"),
    ("28", "no password supplied", "the database wants a password", "write it into the URL, or into ~/.pgpass"),
    ("28", 'role "', "the database does not know the user", "look at the user's name"),
    ("3D", 'database "', "there is no such database", "create it"),
    ("42501", "permission denied", "the database's user may not do this", "grant it"),
    ("53100", "No space left", "the database's disk is full", "make room, or prune old runs"),
    ("42P01", "relation ", "the database lacks a table", "give the storage a database or schema of its own"),
)


def is_passing(error: DBAPIError) -> bool:
    """Tell whether the transaction was rolled back for a reason that passes by itself."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _DEADLOCKS
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def is_lost(error: DBAPIError) -> bool:
    """Tell whether the server of the database was not there."""
    if _is_sqlite(error):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state in _STARTING:
        return True
    return error.connection_invalidated or (state is None and isinstance(error, OperationalError))


def _is_sqlite(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("sqlite3")


def explain(error: SQLAlchemyError, where: str, patience: float) -> StorageError:
    """Say what an error of the database means.

    Args:
        error: of SQLAlchemy.
        where: what people call the database.
        patience: seconds that a lock was waited for.
    """
    if isinstance(error, NoSuchModuleError) or not isinstance(error, DBAPIError):
        return StorageError(f"{where}: {_first_line(error)}")
    original = str(error.orig)
    if _is_sqlite(error):
        if "locked" in original:
            message = f"another process has been writing to {where} for {patience:.0f} seconds"
            return StorageBusyError(message, hint="look for a command that hangs, end it, and try again")
        for sign, message, hint in _SQLITE:
            if sign in original:
                return StorageError(message.format(where=where), hint=hint, detail=original)
        return StorageError(f"{where}: {original}")
    state = getattr(error.orig, "sqlstate", None) or ""
    for sign, words, message, hint in _POSTGRESQL:
        if state.startswith(sign) or (not state and words in original):
            return StorageError(f"{where}: {message}", hint=hint, detail=original)
    if is_lost(error):
        return StorageError(f"{where} can't be reached", hint="is the server running?", detail=original)
    return StorageError(f"{where}: {_first_line(original)}", detail=original)


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]
