"""Locations and assets that are called something else now, with all that is remembered of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from atoll_host.runs.storage.names import find_asset, find_location
from atoll_host.runs.storage.tables import (
    METADATA,
    asset_events,
    assets,
    automations,
    check_results,
    latest,
    locations,
    run_keys,
    runs,
    steps,
    targets,
    ticks,
)
from atoll_host.runs.storage.texts import clean_text

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection


def rename_asset(connection: Connection, old: str, new: str) -> bool:
    """Let everything that is remembered of one asset be of another; tell whether there was anything.

    Where something is remembered of the new one already, both become one history.
    """
    source = find_asset(connection, old)
    if source is None or clean_text(old) == clean_text(new):
        return False
    target = find_asset(connection, new)
    if target is None:
        connection.execute(update(assets).where(assets.c.number == source).values(key=clean_text(new)))
        return True
    for table in (asset_events, check_results):
        connection.execute(update(table).where(table.c.asset == source).values(asset=target))
    _move(connection, targets.c.asset, source, target, targets.c.run, targets.c.partition)
    connection.execute(delete(latest).where(latest.c.asset.in_((source, target))))
    newest = select(asset_events.c.asset, asset_events.c.partition, func.max(asset_events.c.number))
    newest = newest.where(asset_events.c.asset == target, asset_events.c.kind == "materialization")
    newest = newest.group_by(asset_events.c.asset, asset_events.c.partition)
    connection.execute(latest.insert().from_select(["asset", "partition", "event"], newest))
    connection.execute(delete(assets).where(assets.c.number == source))
    return True


def rename_location(connection: Connection, old: str, new: str) -> bool:
    """Let everything that is remembered of one location be of another; tell whether there was anything.

    Where something is remembered of the new one already, both become one history.
    """
    source = find_location(connection, old)
    if source is None or clean_text(old) == clean_text(new):
        return False
    target = find_location(connection, new)
    if target is None:
        connection.execute(update(locations).where(locations.c.number == source).values(name=clean_text(new)))
        return True
    _merge_automations(connection, source, target)
    for table in METADATA.sorted_tables:
        if table is not automations and "location" in table.c:
            if table is steps:
                _move(connection, steps.c.location, source, target, steps.c.run, steps.c.key)
            else:
                connection.execute(update(table).where(table.c.location == source).values(location=target))
    connection.execute(delete(locations).where(locations.c.number == source))
    return True


def _merge_automations(connection: Connection, source: int, target: int) -> None:
    """Bring schedules and sensors under the new location; the older state counts where there are two."""
    for row in connection.execute(select(automations).where(automations.c.location == source)).all():
        twin = connection.execute(
            select(automations.c.number).where(
                automations.c.location == target, automations.c.kind == row.kind, automations.c.name == row.name
            )
        ).scalar()
        if twin is not None:
            # Of two ticks for one moment the older one stays.
            _move(connection, ticks.c.automation, twin, row.number, ticks.c.scheduled)
            _move(connection, run_keys.c.automation, twin, row.number, run_keys.c.run_key)
            connection.execute(update(runs).where(runs.c.automation == twin).values(automation=row.number))
            connection.execute(delete(automations).where(automations.c.number == twin))
        connection.execute(update(automations).where(automations.c.number == row.number).values(location=target))


def _move(connection: Connection, column: Column[int], source: int, target: int, *rest: Column[Any]) -> None:
    """Give rows of one another's number; one that would be there twice goes."""
    table = column.table
    there = table.alias("there")
    same = [there.c[one.name] == one for one in rest]
    doubled = select(there.c[column.name]).where(there.c[column.name] == target, *same).exists()
    connection.execute(delete(table).where(column == source, doubled))
    connection.execute(update(table).where(column == source).values({column: target}))
