"""The newest run of each of many assets, in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from atoll_host.runs.storage.asset_records import LastRun
from atoll_host.runs.storage.database import split
from atoll_host.runs.storage.tables import assets, runs, targets
from atoll_host.runs.storage.texts import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def read_last_runs(connection: Connection, keys: Sequence[str]) -> dict[str, LastRun]:
    """Give the newest run that was to make each of these assets; those that none was for are left out."""
    found = {}
    for part in split([clean_text(key) for key in keys]):
        chosen = select(assets.c.number).where(assets.c.key.in_(part))
        newest = select(targets.c.asset, func.max(targets.c.run).label("run")).where(targets.c.asset.in_(chosen))
        last = newest.group_by(targets.c.asset).subquery()
        columns = (assets.c.key, runs.c.id, runs.c.number, runs.c.status, runs.c.created, runs.c.ended)
        query = select(*columns).join(last, last.c.asset == assets.c.number).join(runs, runs.c.number == last.c.run)
        for row in connection.execute(query):
            found[row.key] = LastRun(row.key, row.id, row.number, row.status, row.created, row.ended)
    return found
