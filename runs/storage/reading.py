"""Rows of runs, read into records and chosen by filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import exists, or_, select

from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.names import to_column
from atoll_host.runs.storage.records import Host, Origin, Run
from atoll_host.runs.storage.tables import assets, automations, locations, run_tags, runs, steps, targets
from atoll_host.runs.storage.texts import clean_text, read_json

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Table

    from atoll_host.runs.storage.records import RunFilter

_owners = locations.alias("owners")
"""Locations of schedules and sensors."""
RUN = (
    select(
        runs,
        locations.c.name.label("location_name"),
        automations.c.kind.label("origin_kind"),
        automations.c.name.label("origin_name"),
        _owners.c.name.label("origin_location"),
    )
    .outerjoin(locations, locations.c.number == runs.c.location)
    .outerjoin(automations, automations.c.number == runs.c.automation)
    .outerjoin(_owners, _owners.c.number == automations.c.location)
)
"""Selects what `read_run` reads."""
SelectT = TypeVar("SelectT", bound="Select[Any]")


_SHORTEST = 4
"""Letters of an id below which they tell nothing."""
_DIGITS = 9
"""Digits of a number at most: an id has more."""


def find_row(connection: Connection, query: Select[Any], table: Table, text: str) -> Any:
    """Give the row that somebody means by its number, or by the beginning or end of its id; None where that is unclear.

    Args:
        connection: to the database.
        query: gives what is wanted of a row.
        table: with a `number` and an `id`.
        text: what was said.
    """
    if text.isdecimal() and len(text) <= _DIGITS:
        row = connection.execute(query.where(table.c.number == int(text))).first()
        if row is not None:
            return row
    if len(text) >= _SHORTEST and set(text) <= set("0123456789abcdef-"):
        for pattern in (f"{text}%", f"%{text}"):
            rows = connection.execute(query.where(table.c.id.like(pattern)).limit(2)).all()
            if len(rows) == 1:
                return rows[0]
    return None


def read_run(row: Any) -> Run:
    """Read a row of `RUN`."""
    value = row._mapping  # noqa: SLF001 — SQLAlchemy's public way to columns by name
    return Run(
        number=value["number"],
        id=value["id"],
        kind=value["kind"],
        status=value["status"],
        created=value["created"],
        root=value["root"],
        job=value["job"],
        location=value["location_name"],
        selection=value["selection"],
        partition=value["partition"],
        partition_range=None if value["range_start"] is None else (value["range_start"], value["range_end"]),
        tags=read_json(value["tags"]),
        config=read_json(value["config"]),
        options=read_json(value["options"]),
        parent=value["parent"],
        backfill=value["backfill"],
        origin=None
        if value["origin_kind"] is None
        else Origin(value["origin_kind"], value["origin_location"], value["origin_name"]),
        run_key=value["run_key"],
        started=value["started"],
        ended=value["ended"],
        reason=value["reason"],
        problem=read_json(value["problem"]),
        host=None if value["pid"] is None else Host(value["machine"], value["pid"], value["process_started"]),
        lease_expires=value["lease_expires"],
        beats=value["beats"],
    )


def require(connection: Connection, run: str, *, lock: bool = False) -> Run:
    """Give a run by its id.

    Args:
        connection: in a transaction.
        run: its id.
        lock: whether nobody else may change it until the transaction ends.

    Raises:
        NoRunError: there is none.
    """
    query = RUN.where(runs.c.id == clean_text(run))
    if lock:
        query = query.with_for_update(of=runs, key_share=True)
    row = connection.execute(query).first()
    if row is None:
        raise NoRunError(f"There is no run {run}", hint="`atoll runs list` shows those that there are")
    return read_run(row)


def require_number(connection: Connection, run: str) -> int:
    """Give the number of a run by its id.

    Raises:
        NoRunError: there is none.
    """
    number = connection.execute(select(runs.c.number).where(runs.c.id == clean_text(run))).scalar()
    return require(connection, run).number if number is None else number


def narrow(query: SelectT, wanted: RunFilter) -> SelectT:
    """Leave only the runs that a filter wants."""
    plain = {"kind": wanted.kind, "job": wanted.job, "root": wanted.root, "backfill": wanted.backfill}
    for name, value in plain.items():
        if value is not None:
            query = query.where(runs.c[name] == value)
    if wanted.statuses:
        query = query.where(runs.c.status.in_(wanted.statuses))
    if wanted.created_from is not None:
        query = query.where(runs.c.created >= wanted.created_from)
    if wanted.created_before is not None:
        query = query.where(runs.c.created < wanted.created_before)
    if wanted.location is not None:
        query = query.where(runs.c.location == _number_of(wanted.location))
    if wanted.involving is not None:
        place = _number_of(wanted.involving)
        has_steps = exists().where(steps.c.run == runs.c.number, steps.c.location == place)
        query = query.where(or_(runs.c.location == place, has_steps))
    if wanted.origin is not None:
        query = query.where(runs.c.automation == _number_of_origin(wanted.origin))
    query = _narrow_targets(query, wanted)
    for name, value in wanted.tags.items():
        tag = exists().where(run_tags.c.run == runs.c.number, run_tags.c.name == name)
        query = query.where(tag if value is None else tag.where(run_tags.c.value == value))
    return query


def _narrow_targets(query: SelectT, wanted: RunFilter) -> SelectT:
    if wanted.asset is None:
        return query if wanted.partition is None else query.where(runs.c.partition == wanted.partition)
    target = exists().where(targets.c.run == runs.c.number)
    target = target.where(
        targets.c.asset == select(assets.c.number).where(assets.c.key == wanted.asset).scalar_subquery()
    )
    if wanted.partition is not None:
        target = target.where(targets.c.partition == to_column(wanted.partition))
    return query.where(target)


def _number_of(location: str) -> Any:
    return select(locations.c.number).where(locations.c.name == location).scalar_subquery()


def _number_of_origin(origin: Origin) -> Any:
    return (
        select(automations.c.number)
        .where(automations.c.kind == origin.kind, automations.c.name == origin.name)
        .where(automations.c.location == _number_of(origin.location))
        .scalar_subquery()
    )
