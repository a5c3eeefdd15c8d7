"""New runs, each remembered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from atoll_host.runs.storage.database import add, insert, split
from atoll_host.runs.storage.identifiers import make_id
from atoll_host.runs.storage.names import number_assets, number_location, to_column
from atoll_host.runs.storage.reading import RUN, read_run, require
from atoll_host.runs.storage.tables import NO_PARTITION, automations, run_changes, run_keys, run_tags, runs, targets
from atoll_host.runs.storage.texts import clean, clean_text, write_json, write_optional_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from atoll_host.runs.storage.records import NewRun, Origin, Run


def create_run(connection: Connection, new: NewRun, now: float) -> tuple[Run | None, bool]:
    """Remember a run as queued, and tell whether it is new. The transaction is an ordered one.

    A run of this id, or one that was asked for with the same run key, is given as it is; None where the latter has been
    forgotten since.
    """
    run = new.id or make_id()
    automation = None if new.origin is None else number_automation(connection, new.origin)
    if automation is not None and new.run_key is not None:
        key = clean_text(new.run_key)
        use = {"automation": automation, "run_key": key, "run_id": run, "time": now}
        connection.execute(insert(connection, run_keys).on_conflict_do_nothing(), [use])
        query = select(run_keys.c.run_id).where(run_keys.c.automation == automation, run_keys.c.run_key == key)
        owner = connection.execute(query).scalar_one()
        if owner != run:
            row = connection.execute(RUN.where(runs.c.id == owner)).first()
            return None if row is None else read_run(row), False
        connection.execute(automations.update().where(automations.c.number == automation).values(last_run_key=key))
    row = connection.execute(RUN.where(runs.c.id == run)).first()
    if row is not None:
        return read_run(row), False
    number = add(connection, runs, _values(connection, new, run, automation, now))
    _write_details(connection, new, number)
    connection.execute(run_changes.insert().values(run=number, status="queued", time=now))
    return require(connection, run), True


def _values(connection: Connection, new: NewRun, run: str, automation: int | None, now: float) -> dict[str, object]:
    root = run
    if new.parent is not None:
        found = connection.execute(select(runs.c.root).where(runs.c.id == new.parent)).scalar()
        root = found or new.parent
    start, end = new.partition_range or (None, None)
    return {
        "id": run,
        "kind": new.kind,
        "status": "queued",
        "job": clean(new.job),
        "location": None if new.location is None else number_location(connection, new.location),
        "selection": clean(new.selection),
        "partition": clean(new.partition),
        "range_start": clean(start),
        "range_end": clean(end),
        "tags": write_json(dict(new.tags)),
        "config": write_optional_json(new.config),
        "options": write_json(dict(new.options)),
        "parent": new.parent,
        "root": root,
        "backfill": new.backfill,
        "automation": automation,
        "run_key": clean(new.run_key),
        "created": now,
    }


def _write_details(connection: Connection, new: NewRun, number: int) -> None:
    tags = [{"run": number, "name": clean(name), "value": clean(str(value))} for name, value in new.tags.items()]
    if tags:
        connection.execute(run_tags.insert(), tags)
    _write_targets(connection, new, number)


def write_plan(connection: Connection, run: Run, planned: NewRun) -> None:
    """Remember of a queued run what it was planned to be. The run is locked."""
    options = {**run.options, **planned.options}
    if options == dict(run.options):
        return
    connection.execute(update(runs).where(runs.c.number == run.number).values(options=write_json(options)))
    given = select(targets.c.run).where(targets.c.run == run.number, targets.c.partition != NO_PARTITION)
    if planned.partition_range is not None and connection.execute(given.limit(1)).first() is not None:
        return  # who queued it knows the partitions within the range, which the plan does not
    connection.execute(delete(targets).where(targets.c.run == run.number))
    _write_targets(connection, planned, run.number)


def _write_targets(connection: Connection, new: NewRun, number: int) -> None:
    wanted = list(dict.fromkeys(new.targets))
    keys = number_assets(connection, {target.asset for target in wanted})
    rows = [{"run": number, "asset": keys[target.asset], "partition": to_column(target.partition)} for target in wanted]
    for part in split(rows, 5000):
        connection.execute(insert(connection, targets).on_conflict_do_nothing(), part)


def number_automation(connection: Connection, origin: Origin) -> int:
    """Give the number of a schedule or sensor; one that was never named gets its own."""
    location = number_location(connection, origin.location)
    row = {"kind": origin.kind, "location": location, "name": clean_text(origin.name)}
    query = select(automations.c.number).where(*(automations.c[name] == value for name, value in row.items()))
    number = connection.execute(query).scalar()
    if number is None:
        connection.execute(insert(connection, automations).on_conflict_do_nothing(), [row])
        number = connection.execute(query).scalar_one()
    return int(number)
