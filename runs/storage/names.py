"""Locations and assets by number: their names stand in one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from atoll_host.runs.storage.database import insert, split
from atoll_host.runs.storage.tables import NO_PARTITION, assets, locations
from atoll_host.runs.storage.texts import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, Connection, Table


def number_locations(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Give the numbers of locations; one that was never named gets its own."""
    return _number(connection, locations, locations.c.name, names)


def number_location(connection: Connection, name: str) -> int:
    """Give the number of one location."""
    return number_locations(connection, [name])[name]


def number_assets(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Give the numbers of assets; one that was never named gets its own."""
    return _number(connection, assets, assets.c.key, keys)


def find_location(connection: Connection, name: str) -> int | None:
    """Give the number of a location that was named before."""
    return connection.execute(select(locations.c.number).where(locations.c.name == clean_text(name))).scalar()


def find_asset(connection: Connection, key: str) -> int | None:
    """Give the number of an asset that was named before."""
    return connection.execute(select(assets.c.number).where(assets.c.key == clean_text(key))).scalar()


def _number(connection: Connection, table: Table, column: Column[str], names: Iterable[str]) -> dict[str, int]:
    stored = {name: clean_text(name) for name in names}
    wanted = sorted(set(stored.values()))
    found: dict[str, int] = {}
    for part in split(wanted):
        found.update(_select(connection, table, column, part))
    missing = [name for name in wanted if name not in found]
    for part in split(missing):
        # In order, so that two transactions never wait for each other.
        connection.execute(insert(connection, table).on_conflict_do_nothing(), [{column.name: name} for name in part])
        found.update(_select(connection, table, column, part))
    return {name: found[text] for name, text in stored.items()}


def _select(connection: Connection, table: Table, column: Column[str], names: list[str]) -> dict[str, int]:
    rows = connection.execute(select(column, table.c.number).where(column.in_(names)))
    return {str(name): int(number) for name, number in rows}


def to_column(partition: str | None) -> str:
    """Give what stands for a partition in a key."""
    return NO_PARTITION if partition is None else clean_text(partition)


def from_column(partition: str) -> str | None:
    """Give the partition that a key stands for."""
    return partition or None
