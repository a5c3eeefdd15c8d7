"""What checks found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from atoll_host.runs.storage.asset_records import CheckResult
from atoll_host.runs.storage.database import split
from atoll_host.runs.storage.names import from_column, to_column
from atoll_host.runs.storage.tables import assets, check_results, locations
from atoll_host.runs.storage.texts import clean_text, read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database

_RESULT = (
    select(check_results, assets.c.key.label("asset_key"), locations.c.name.label("location_name"))
    .join(assets, assets.c.number == check_results.c.asset)
    .outerjoin(locations, locations.c.number == check_results.c.location)
)


class Checks:
    """The results of all checks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, keys: Sequence[str] | None = None) -> tuple[CheckResult, ...]:
        """Give the last result of each check, whatever the partition.

        Args:
            keys: of the assets; all by default.
        """

        def work(connection: Connection) -> tuple[CheckResult, ...]:
            found: list[CheckResult] = []
            parts: list[list[str]] | list[None] = [None]
            if keys is not None:
                parts = list(split([clean_text(key) for key in keys]))
            for part in parts:
                newest = select(func.max(check_results.c.number).label("number"))
                newest = newest.group_by(check_results.c.asset, check_results.c.name)
                if part is not None:
                    chosen = select(assets.c.number).where(assets.c.key.in_(part))
                    newest = newest.where(check_results.c.asset.in_(chosen))
                last = newest.subquery()
                query = _RESULT.join(last, last.c.number == check_results.c.number)
                found += map(_read, connection.execute(query))
            return tuple(sorted(found, key=lambda one: (one.asset, one.name)))

        return self._database.read(work)

    def history(
        self, asset: str, name: str, *, partition: str | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[CheckResult, ...]:
        """Give the results of one check, the newest first.

        Args:
            asset: key of the asset that it checks.
            name: of the check.
            partition: only those of this one.
            before: number of the last one of the page before.
            limit: how many at most.
        """
        query = _RESULT.where(assets.c.key == clean_text(asset), check_results.c.name == clean_text(name))
        if partition is not None:
            query = query.where(check_results.c.partition == to_column(partition))
        if before is not None:
            query = query.where(check_results.c.number < before)
        query = query.order_by(check_results.c.number.desc()).limit(limit)
        return self._database.read(lambda connection: tuple(map(_read, connection.execute(query))))

    def of_run(self, run: str) -> tuple[CheckResult, ...]:
        """Give what the checks of one run found, in the order in which they did."""
        query = _RESULT.where(check_results.c.run_id == run).order_by(check_results.c.number)
        return self._database.read(lambda connection: tuple(map(_read, connection.execute(query))))


def _read(row: Any) -> CheckResult:
    return CheckResult(
        number=row.number,
        asset=row.asset_key,
        name=row.name,
        partition=from_column(row.partition),
        passed=row.passed,
        severity=row.severity,
        blocking=row.blocking,
        time=row.time,
        run=row.run_id,
        sequence=row.sequence,
        location=row.location_name,
        step=row.step,
        description=row.description,
        metadata=read_json(row.metadata),
    )
