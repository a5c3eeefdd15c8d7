"""Slots: so many may do something at once, wherever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from atoll_host.runs.storage.automation_records import Slot
from atoll_host.runs.storage.database import insert
from atoll_host.runs.storage.tables import slots
from atoll_host.runs.storage.texts import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database


class Slots:
    """The slots of all pools."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, pools: Mapping[str, int], holder: str, *, lease: float, run: str | None = None) -> bool:
        """Take a place in each of several pools, or in none; tell whether it was done.

        Whoever holds them already keeps them, for another lease.

        Args:
            pools: by name, how many may be in each.
            holder: who, such as run and step.
            lease: seconds after which they are free again, unless they are acquired anew.
            run: id of the run with whose end they are free.
        """
        names = sorted(pools)

        def work(connection: Connection) -> bool:
            now = self._database.now(connection)
            connection.execute(delete(slots).where(slots.c.expires <= now))
            for name in names:
                others = select(func.count()).select_from(slots)
                others = others.where(slots.c.pool == clean_text(name), slots.c.holder != clean_text(holder))
                if connection.execute(others).scalar_one() >= pools[name]:
                    return False
            rows = [
                {
                    "pool": clean_text(name),
                    "holder": clean_text(holder),
                    "run_id": run,
                    "acquired": now,
                    "expires": now + lease,
                }
                for name in names
            ]
            if rows:
                write = insert(connection, slots)
                change = {"expires": write.excluded.expires}
                connection.execute(write.on_conflict_do_update(index_elements=["pool", "holder"], set_=change), rows)
            return True

        return self._database.write(work, ordered=True, repeatable=True)

    def release(self, holder: str) -> None:
        """Give all places of a holder back."""
        query = delete(slots).where(slots.c.holder == clean_text(holder))
        self._database.write(lambda connection: connection.execute(query).close(), repeatable=True)

    def list(self, pool: str | None = None) -> tuple[Slot, ...]:
        """List the places that are taken, those that were taken first in front."""
        query = select(slots.c.pool, slots.c.holder, slots.c.acquired, slots.c.expires, slots.c.run_id)
        if pool is not None:
            query = query.where(slots.c.pool == clean_text(pool))

        def work(connection: Connection) -> tuple[Slot, ...]:
            now = self._database.now(connection)
            rows = connection.execute(query.where(slots.c.expires > now).order_by(slots.c.acquired, slots.c.pool))
            return tuple(Slot(*row) for row in rows)

        return self._database.read(work)
