"""Places: so many runs go on at once, and those whose process waits for one get it in the order of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from atoll_host.runs.storage.records import ACTIVE
from atoll_host.runs.storage.tables import runs
from atoll_host.runs.storage.texts import clean

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from atoll_host.runs.storage.records import Host, Run


def find_wait(connection: Connection, run: Run, limit: int) -> str | None:
    """Say why there is no place for a queued run now; None where there is one.

    Args:
        connection: in a transaction.
        run: the run.
        limit: how many runs may go on.
    """
    counted = select(func.count()).select_from(runs)
    active = connection.execute(counted.where(runs.c.status.in_(ACTIVE))).scalar_one()
    if active >= limit:
        return f"waits for a free place: {active} run{' goes' if active == 1 else 's go'} on"
    ahead = counted.where(runs.c.status == "queued", runs.c.pid.is_not(None), runs.c.number < run.number)
    before = connection.execute(ahead).scalar_one()
    if active + before >= limit:
        return f"waits for a free place: {before} run{' waits' if before == 1 else 's wait'} before it"
    return None


def wait_in_queue(connection: Connection, run: Run, host: Host, expires: float, reason: str) -> None:
    """Note which process waits with a queued run, and for what. One that another process waits with stays as it is."""
    if run.host not in (None, host):
        return
    values = {
        "machine": clean(host.machine),
        "pid": host.pid,
        "process_started": host.started,
        "lease_expires": expires,
        "reason": clean(reason),
    }
    if run.host is None:
        values["beats"] = 1
    connection.execute(update(runs).where(runs.c.number == run.number).values(**values))
