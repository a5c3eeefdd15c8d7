"""Events of runs: appended once each, read in order, waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from atoll_host.runs.storage.database import split
from atoll_host.runs.storage.errors import RunEndedError
from atoll_host.runs.storage.names import number_locations
from atoll_host.runs.storage.projecting import ASSET_KINDS, project
from atoll_host.runs.storage.reading import require, require_number
from atoll_host.runs.storage.records import Event
from atoll_host.runs.storage.tables import events, locations
from atoll_host.runs.storage.texts import clean, clean_text, read_json, write_json
from atoll_host.runs.storage.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import Run

_PAGE = 1000
LATE_KINDS = frozenset({"alert_sent", "alert_failed"})
"""What can happen in a run that has ended: somebody is told of it."""


class Events:
    """The events of all runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, run: str, new: Sequence[Event]) -> int:
        """Remember events, and what they say of steps, assets and checks, all in one transaction.

        Once this returns, a killed process or a killed database loses none of them. Events whose sequence is there
        already are left out: whoever doesn't know whether a batch arrived sends it again.

        Args:
            run: its id.
            new: in the order of their sequence.

        Returns:
            How many were new.

        Raises:
            NoRunError: there is no such run.
            RunEndedError: it has ended, as when somebody settled it, and some of the events are new.
        """
        if not new:
            return 0
        ordered = any(event.kind in ASSET_KINDS for event in new)

        def work(connection: Connection) -> int:
            return append_events(connection, require(connection, run, lock=True), new)

        return self._database.write(work, ordered=ordered, repeatable=True)

    def read(
        self,
        run: str,
        *,
        after: int = 0,
        limit: int = _PAGE,
        kinds: Sequence[str] = (),
        step: str | None = None,
        location: str | None = None,
        levels: Sequence[str] = (),
        search: str | None = None,
        newest_first: bool = False,
    ) -> tuple[Event, ...]:
        """Give events of a run in the order of their sequence.

        Args:
            run: its id.
            after: sequence of the last one that is known; with `newest_first`, 0 for none.
            limit: how many at most.
            kinds: any of them.
            step: key of the step.
            location: where they happened.
            levels: of log messages, any of them; other events have none.
            search: text that is to be in the payload, in any case.
            newest_first: whether to go backwards, from `after` on.

        Raises:
            NoRunError: there is no such run.
        """
        query = select(events, locations.c.name.label("location_name"))
        query = query.outerjoin(locations, locations.c.number == events.c.location)
        if newest_first:
            query = query.where(events.c.sequence < after) if after else query
            query = query.order_by(events.c.sequence.desc())
        else:
            query = query.where(events.c.sequence > after).order_by(events.c.sequence)
        if kinds:
            query = query.where(events.c.kind.in_(kinds))
        if step is not None:
            query = query.where(events.c.step == clean(step))
        if location is not None:
            query = query.where(locations.c.name == clean(location))
        if levels:
            query = query.where(events.c.level.in_(levels))
        if search:
            written = write_json(search)[1:-1]
            query = query.where(func.lower(events.c.payload).contains(written.lower(), autoescape=True))

        def work(connection: Connection) -> tuple[Event, ...]:
            number = require_number(connection, run)
            rows = connection.execute(query.where(events.c.run == number).limit(limit))
            return tuple(
                Event(row.sequence, row.time, row.kind, row.step, row.location_name, read_json(row.payload))
                for row in rows
            )

        return self._database.read(work)

    def last(self, run: str) -> int:
        """Give the sequence of the last event of a run, 0 before the first.

        Raises:
            NoRunError: there is no such run.
        """

        def work(connection: Connection) -> int:
            number = require_number(connection, run)
            return connection.execute(select(func.max(events.c.sequence)).where(events.c.run == number)).scalar() or 0

        return self._database.read(work)

    def tail(self, run: str, *, after: int = 0, timeout: float | None = None) -> Iterator[Event]:
        """Give a run's events, those that are there and those that come, until the run has ended.

        Args:
            run: its id.
            after: sequence of the last one that is known.
            timeout: seconds without an event after which to stop waiting.

        Raises:
            NoRunError: there is no such run.
        """
        with Watch(self._database) as watch:
            while True:
                final = self._database.read(lambda connection: require(connection, run)).is_final
                while True:
                    page = self.read(run, after=after)
                    yield from page
                    if not page:
                        break
                    after = page[-1].sequence
                if final:
                    return
                if not watch.wait(timeout) and timeout is not None:
                    return


def append_events(connection: Connection, run: Run, new: Sequence[Event]) -> int:
    """Remember those events that are new. The run is locked.

    Raises:
        RunEndedError: there are some, and the run has ended.
    """
    if not new:
        return 0
    first, last = min(event.sequence for event in new), max(event.sequence for event in new)
    query = select(events.c.sequence).where(events.c.run == run.number, events.c.sequence.between(first, last))
    known = set(connection.execute(query).scalars())
    fresh = list({event.sequence: event for event in new if event.sequence not in known}.values())
    if not fresh:
        return 0
    if run.is_final and any(event.kind not in LATE_KINDS for event in fresh):
        reason = f": {run.reason}" if run.reason else ""
        raise RunEndedError(f"The run {run.id} has {run.status}{reason}", hint="it takes no more events")
    numbers = number_locations(connection, {event.location for event in fresh if event.location is not None})
    rows = [_write(run.number, event, numbers) for event in fresh]
    for part in split(rows, 2000):
        connection.execute(events.insert(), part)
    project(connection, run, fresh, numbers)
    return len(fresh)


def _write(run: int, event: Event, numbers: dict[str, int]) -> dict[str, Any]:
    level = event.payload.get("level")
    return {
        "run": run,
        "sequence": event.sequence,
        "time": event.time,
        "kind": clean_text(event.kind),
        "step": clean(event.step),
        "location": None if event.location is None else numbers[event.location],
        "level": level[:20] if isinstance(level, str) else None,
        "payload": write_json(event.payload),
    }
