"""Steps of runs, as their events tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from atoll_host.runs.storage.reading import require_number
from atoll_host.runs.storage.records import Step
from atoll_host.runs.storage.tables import locations, steps
from atoll_host.runs.storage.texts import read_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import StepStatus


class Steps:
    """The steps of all runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, run: str) -> tuple[Step, ...]:
        """Give a run's steps in the order in which they began; those that have not, last.

        Raises:
            NoRunError: there is no such run.
        """
        query = select(steps, locations.c.name).join(locations, locations.c.number == steps.c.location)
        query = query.order_by(steps.c.started.is_(None), steps.c.started, locations.c.name, steps.c.key)

        def work(connection: Connection) -> tuple[Step, ...]:
            rows = connection.execute(query.where(steps.c.run == require_number(connection, run)))
            return tuple(
                Step(
                    key=row.key,
                    location=row.name,
                    status=row.status,
                    attempt=row.attempt,
                    started=row.started,
                    ended=row.ended,
                    reason=row.reason,
                    problem=read_json(row.problem),
                )
                for row in rows
            )

        return self._database.read(work)

    def count(self, run: str) -> dict[StepStatus, int]:
        """Count a run's steps by their status; one that no step has is left out.

        Raises:
            NoRunError: there is no such run.
        """
        query = select(steps.c.status, func.count()).group_by(steps.c.status)

        def work(connection: Connection) -> dict[StepStatus, int]:
            rows = connection.execute(query.where(steps.c.run == require_number(connection, run)))
            return {row[0]: row[1] for row in rows}

        return self._database.read(work)
