"""Materialisations and observations of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from atoll_host.runs.storage.asset_records import AssetEvent, AssetSummary
from atoll_host.runs.storage.database import split
from atoll_host.runs.storage.last_runs import read_last_runs
from atoll_host.runs.storage.names import find_asset, from_column, number_assets, number_location, to_column
from atoll_host.runs.storage.partitions import read_states
from atoll_host.runs.storage.projecting import write_asset_event
from atoll_host.runs.storage.tables import asset_events, assets, check_results, latest, locations
from atoll_host.runs.storage.texts import clean, clean_text, read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from atoll_host.runs.storage.asset_records import AssetEventKind, LastRun, PartitionState
    from atoll_host.runs.storage.database import Database

_EVENT = (
    select(asset_events, assets.c.key.label("asset_key"), locations.c.name.label("location_name"))
    .join(assets, assets.c.number == asset_events.c.asset)
    .outerjoin(locations, locations.c.number == asset_events.c.location)
)


class Assets:
    """What is remembered of assets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, asset: str, partition: str | None = None) -> AssetEvent | None:
        """Give the last materialisation of an asset, or of one of its partitions; None where there is none."""
        query = _EVENT.join(latest, latest.c.event == asset_events.c.number).where(assets.c.key == clean_text(asset))
        if partition is not None:
            query = query.where(latest.c.partition == to_column(partition))
        return self._first(query.order_by(asset_events.c.number.desc()).limit(1))

    def latest_of(self, keys: Sequence[str] | None = None) -> dict[str, AssetSummary]:
        """Give the last materialisation of each of several assets, or of all that have one."""

        def work(connection: Connection) -> dict[str, AssetSummary]:
            newest = select(
                latest.c.asset, func.max(latest.c.event).label("event"), func.count().label("partitions")
            ).group_by(latest.c.asset)
            parts: list[list[str]] | list[None] = [None]
            if keys is not None:
                parts = list(split([clean_text(key) for key in keys]))
            found = {}
            for part in parts:
                chosen = newest
                if part is not None:
                    chosen = newest.where(latest.c.asset.in_(select(assets.c.number).where(assets.c.key.in_(part))))
                last = chosen.subquery()
                query = _EVENT.add_columns(last.c.partitions).join(last, last.c.event == asset_events.c.number)
                for row in connection.execute(query):
                    found[row.asset_key] = AssetSummary(row.asset_key, _read(row), row.partitions)
            return found

        return self._database.read(work)

    def last_runs(self, keys: Sequence[str]) -> dict[str, LastRun]:
        """Give the newest run that was to make each of these assets; those that none was for are left out."""
        return self._database.read(lambda connection: read_last_runs(connection, keys))

    def latest_partitions(self, asset: str, partitions: Sequence[str] | None = None) -> dict[str | None, AssetEvent]:
        """Give the last materialisation of each partition of an asset, or of those named."""

        def work(connection: Connection) -> dict[str | None, AssetEvent]:
            query = _EVENT.join(latest, latest.c.event == asset_events.c.number)
            query = query.where(assets.c.key == clean_text(asset))
            parts: list[list[str]] | list[None] = [None]
            if partitions is not None:
                parts = list(split([to_column(key) for key in partitions]))
            found: dict[str | None, AssetEvent] = {}
            for part in parts:
                chosen = query if part is None else query.where(latest.c.partition.in_(part))
                for row in connection.execute(chosen):
                    event = _read(row)
                    found[event.partition] = event
            return found

        return self._database.read(work)

    def latest_observation(self, asset: str, partition: str | None = None) -> AssetEvent | None:
        """Give the last observation of an asset, or of one of its partitions; None where there is none."""
        query = _EVENT.where(assets.c.key == clean_text(asset), asset_events.c.kind == "observation")
        if partition is not None:
            query = query.where(asset_events.c.partition == to_column(partition))
        return self._first(query.order_by(asset_events.c.number.desc()).limit(1))

    def history(
        self,
        asset: str,
        *,
        partition: str | None = None,
        kind: AssetEventKind = "materialization",
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[AssetEvent, ...]:
        """Give an asset's materialisations or observations, the newest first.

        Args:
            asset: the key.
            partition: only those of this one.
            kind: which of the two.
            before: number of the last one of the page before.
            limit: how many at most.
        """
        query = _EVENT.where(assets.c.key == clean_text(asset), asset_events.c.kind == kind)
        if partition is not None:
            query = query.where(asset_events.c.partition == to_column(partition))
        if before is not None:
            query = query.where(asset_events.c.number < before)
        return self._all(query.order_by(asset_events.c.number.desc()).limit(limit))

    def since(
        self, after: int, *, keys: Sequence[str] = (), kind: AssetEventKind = "materialization", limit: int = 500
    ) -> tuple[AssetEvent, ...]:
        """Give what was made of any asset, in the order in which it became visible. For sensors that watch assets.

        Args:
            after: number of the last one that is known.
            keys: of the assets; all by default, no more than some hundreds.
            kind: materialisations or observations.
            limit: how many at most.
        """
        query = _EVENT.where(asset_events.c.number > after, asset_events.c.kind == kind)
        if keys:
            query = query.where(assets.c.key.in_([clean_text(key) for key in keys]))
        return self._all(query.order_by(asset_events.c.number).limit(limit))

    def last_number(self) -> int:
        """Give the number of the last materialisation or observation of any asset, 0 before the first."""
        query = select(func.max(asset_events.c.number))
        return self._database.read(lambda connection: connection.execute(query).scalar() or 0)

    def partitions_status(self, asset: str) -> tuple[PartitionState, ...]:
        """Give what is known of each partition of an asset: those that no run was for are left out."""

        def work(connection: Connection) -> tuple[PartitionState, ...]:
            number = find_asset(connection, asset)
            return () if number is None else read_states(connection, number)

        return self._database.read(work)

    def report(
        self,
        asset: str,
        *,
        partition: str | None = None,
        kind: AssetEventKind = "materialization",
        time: float | None = None,
        location: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        code_version: str | None = None,
        data_version: str | None = None,
    ) -> AssetEvent:
        """Remember that an asset was made or looked at elsewhere, without a run.

        Args:
            asset: the key.
            partition: key of the partition.
            kind: materialisation or observation.
            time: when; now by default.
            location: whose it is.
            metadata: by name, each `{"type": …, "value": …}`.
            tags: of this event.
            code_version: of the code that made it.
            data_version: of the value.
        """

        def work(connection: Connection) -> AssetEvent:
            row: dict[str, Any] = {
                "kind": kind,
                "asset": number_assets(connection, [asset])[asset],
                "partition": to_column(partition),
                "time": self._database.now(connection) if time is None else time,
                "location": None if location is None else number_location(connection, location),
                "metadata": write_json(dict(metadata or {})),
                "tags": write_json(dict(tags or {})),
                "code_version": clean(code_version),
                "data_version": clean(data_version),
            }
            number = write_asset_event(connection, row)
            return _read(connection.execute(_EVENT.where(asset_events.c.number == number)).one())

        return self._database.write(work, ordered=True)

    def wipe(self, asset: str, partitions: Sequence[str] | None = None) -> int:
        """Forget what was made of an asset, of some partitions or altogether, and what its checks found.

        The runs and their events stay.

        Returns:
            How many materialisations and observations are forgotten.
        """

        def work(connection: Connection) -> int:
            number = find_asset(connection, asset)
            if number is None:
                return 0
            parts: list[list[str]] | list[None] = [None]
            if partitions is not None:
                parts = list(split([to_column(key) for key in partitions]))
            count = 0
            for part in parts:
                for table in (latest, check_results, asset_events):
                    query = delete(table).where(table.c.asset == number)
                    if part is not None:
                        query = query.where(table.c.partition.in_(part))
                    removed = connection.execute(query).rowcount
                    count += removed if table is asset_events else 0
            return count

        return self._database.write(work, ordered=True)

    def _all(self, query: Any) -> tuple[AssetEvent, ...]:
        return self._database.read(lambda connection: tuple(_read(row) for row in connection.execute(query)))

    def _first(self, query: Any) -> AssetEvent | None:
        return next(iter(self._all(query)), None)


def _read(row: Any) -> AssetEvent:
    return AssetEvent(
        number=row.number,
        kind=row.kind,
        asset=row.asset_key,
        partition=from_column(row.partition),
        time=row.time,
        run=row.run_id,
        sequence=row.sequence,
        location=row.location_name,
        step=row.step,
        metadata=read_json(row.metadata),
        tags=read_json(row.tags),
        code_version=row.code_version,
        data_version=row.data_version,
    )
