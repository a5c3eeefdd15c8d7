"""Schedules and sensors: switched on or off, and where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from atoll_host.runs.storage.automation_records import Automation
from atoll_host.runs.storage.creating import number_automation
from atoll_host.runs.storage.records import Origin
from atoll_host.runs.storage.tables import automations, locations, ticks
from atoll_host.runs.storage.texts import clean, clean_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import AutomationKind

AUTOMATION = select(automations, locations.c.name.label("location_name")).join(
    locations, locations.c.number == automations.c.location
)


KEEP: Any = object()
"""Leaves a cursor as it is, or out of consideration."""


class Automations:
    """The states of all schedules, or of all sensors.

    Attributes:
        kind: which of the two.
    """

    def __init__(self, database: Database, kind: AutomationKind) -> None:
        self._database = database
        self.kind: AutomationKind = kind

    def get(self, location: str, name: str) -> Automation:
        """Give the state of one; nothing need be remembered of it."""
        query = AUTOMATION.where(automations.c.kind == self.kind, automations.c.name == clean_text(name))
        query = query.where(locations.c.name == clean_text(location))

        def work(connection: Connection) -> Automation:
            row = connection.execute(query).first()
            return Automation(self.kind, location, name) if row is None else read_automation(row)

        return self._database.read(work)

    def list(self, location: str | None = None) -> tuple[Automation, ...]:
        """List those of which something is remembered, by location and name."""
        query = AUTOMATION.where(automations.c.kind == self.kind)
        if location is not None:
            query = query.where(locations.c.name == clean_text(location))
        query = query.order_by(locations.c.name, automations.c.name)
        return self._database.read(lambda connection: tuple(map(read_automation, connection.execute(query))))

    def switch(self, location: str, name: str, on: bool | None) -> Automation:
        """Switch one on or off; None leaves it to its declaration.

        A schedule that is switched on begins with what comes from now on: what it missed is not made up.
        """

        def work(connection: Connection) -> Automation:
            number, before = self._find(connection, location, name)
            values: dict[str, Any] = {"is_on": on}
            is_new = before.is_on is not True if on else before.is_on is False and on is None
            if is_new and self.kind == "schedule":
                now = values["last_scheduled"] = self._database.now(connection)
                _drop_unfinished(connection, number, now)
            return self._update(connection, number, values)

        return self._database.write(work, repeatable=True)

    def begin_from(self, location: str, name: str, moment: float, cursor: str) -> Automation:
        """Let a schedule begin at a moment, unless it has begun with the same times before.

        Args:
            location: whose it is.
            name: of the schedule.
            moment: what was due until then is not made up.
            cursor: says what its times are; another one than before lets it begin anew.
        """

        def work(connection: Connection) -> Automation:
            number, before = self._find(connection, location, name)
            values: dict[str, Any] = {}
            if before.cursor != cursor:
                values["cursor"] = clean(cursor)
            if before.last_scheduled is None or before.cursor not in (None, cursor):
                values["last_scheduled"] = moment
            return self._update(connection, number, values) if values else before

        return self._database.write(work, repeatable=True)

    def set_cursor(self, location: str, name: str, cursor: str | None, *, expected: str | None = KEEP) -> Automation:
        """Let one go on from elsewhere. While it is evaluated, its tick says the last word.

        Args:
            location: whose it is.
            name: of the schedule or sensor.
            cursor: where to go on from.
            expected: where it must be now, for anything to happen; anywhere by default.
        """

        def work(connection: Connection) -> Automation:
            number, before = self._find(connection, location, name)
            if expected is not KEEP and before.cursor != expected:
                return before
            return self._update(connection, number, {"cursor": clean(cursor)})

        return self._database.write(work, repeatable=True)

    def _find(self, connection: Connection, location: str, name: str) -> tuple[int, Automation]:
        number = number_automation(connection, Origin(self.kind, location, name))
        query = AUTOMATION.where(automations.c.number == number).with_for_update(of=automations)
        return number, read_automation(connection.execute(query).one())

    def _update(self, connection: Connection, number: int, values: dict[str, Any]) -> Automation:
        connection.execute(update(automations).where(automations.c.number == number).values(**values))
        return read_automation(connection.execute(AUTOMATION.where(automations.c.number == number)).one())


def _drop_unfinished(connection: Connection, automation: int, now: float) -> None:
    """End the ticks for moments that nobody is about: they are not made up any more."""
    is_left = or_(ticks.c.outcome == "waiting", and_(ticks.c.outcome == "started", ticks.c.lease_expires < now))
    change = update(ticks).where(ticks.c.automation == automation, ticks.c.scheduled.is_not(None), is_left)
    connection.execute(change.values(outcome="skipped", reason="it was switched off", ended=now))


def read_automation(row: Any) -> Automation:
    """Read a row of `AUTOMATION`."""
    return Automation(
        kind=row.kind,
        location=row.location_name,
        name=row.name,
        is_on=row.is_on,
        cursor=row.cursor,
        last_run_key=row.last_run_key,
        last_tick=row.last_tick,
        last_scheduled=row.last_scheduled,
    )
