"""Captured output of runs, in pieces."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from atoll_host.runs.storage.database import insert
from atoll_host.runs.storage.names import find_location, number_location
from atoll_host.runs.storage.reading import require, require_number
from atoll_host.runs.storage.records import LogChunk, LogStream
from atoll_host.runs.storage.tables import locations, logs
from atoll_host.runs.storage.texts import clean_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database

_PIECE = 256 * 1024
"""Bytes of one row at most."""


class Logs:
    """The captured output of all runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self, run: str, data: bytes, *, start: int, location: str = "", step: str = "", stream: str = "output"
    ) -> None:
        """Remember a piece of output; one that begins where another one does is there already and left out.

        Args:
            run: its id.
            data: the bytes, as they were written.
            start: position of the first of them in the whole stream.
            location: whose worker wrote it.
            step: key of the step that was under way; empty for what no step wrote.
            stream: `output`, or `stdout` and `stderr` where they are told apart.

        Raises:
            NoRunError: there is no such run.
        """

        def work(connection: Connection) -> None:
            place = {
                "run": require(connection, run, lock=True).number,
                "location": number_location(connection, location),
                "step": clean_text(step),
                "stream": stream,
                "time": time.time(),
            }
            rows = []
            for offset in range(0, len(data), _PIECE):
                piece = data[offset : offset + _PIECE]
                rows.append({**place, "start": start + offset, "data": piece, "size": len(piece)})
            if rows:
                connection.execute(insert(connection, logs).on_conflict_do_nothing(), rows)

        self._database.write(work, repeatable=True)

    def streams(self, run: str) -> tuple[LogStream, ...]:
        """List a run's streams of output and their sizes in bytes.

        Raises:
            NoRunError: there is no such run.
        """
        size = func.max(logs.c.start + logs.c.size)
        query = select(locations.c.name, logs.c.step, logs.c.stream, size)
        query = query.join(locations, locations.c.number == logs.c.location)
        query = query.group_by(locations.c.name, logs.c.step, logs.c.stream)
        query = query.order_by(locations.c.name, logs.c.step, logs.c.stream)

        def work(connection: Connection) -> tuple[LogStream, ...]:
            rows = connection.execute(query.where(logs.c.run == require_number(connection, run)))
            return tuple(LogStream(*row) for row in rows)

        return self._database.read(work)

    def read(
        self,
        run: str,
        *,
        location: str = "",
        step: str = "",
        stream: str = "output",
        start: int = 0,
        limit: int = 16,
    ) -> tuple[LogChunk, ...]:
        """Give pieces of a stream, from the one that holds a position on.

        Args:
            run: its id.
            location: whose worker wrote it.
            step: key of the step.
            stream: as it was appended.
            start: position of the first byte that is wanted; bytes before it are cut off.
            limit: how many pieces at most, each up to 256 KiB.

        Raises:
            NoRunError: there is no such run.
        """

        def work(connection: Connection) -> tuple[LogChunk, ...]:
            number = require_number(connection, run)
            query = (
                select(logs.c.start, logs.c.data, logs.c.time)
                .where(logs.c.run == number, logs.c.location == find_location(connection, location))
                .where(logs.c.step == clean_text(step), logs.c.stream == stream)
                .where(logs.c.start > start - _PIECE, logs.c.start + logs.c.size > start)
                .order_by(logs.c.start)
                .limit(limit)
            )
            chunks = []
            for row in connection.execute(query):
                cut = max(0, start - row.start)
                chunks.append(LogChunk(row.start + cut, bytes(row.data)[cut:], row.time))
            return tuple(chunks)

        return self._database.read(work)
