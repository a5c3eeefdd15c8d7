"""What events say of steps, assets and checks, kept where it can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from atoll_host.runs.storage.database import add, insert, split
from atoll_host.runs.storage.names import number_assets, number_locations, to_column
from atoll_host.runs.storage.tables import NO_PARTITION, asset_events, check_results, latest, steps
from atoll_host.runs.storage.texts import clean, clean_text, write_json, write_optional_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from atoll_host.runs.storage.records import Event, Run

_MADE = frozenset({"materialization", "observation"})
ASSET_KINDS = _MADE | {"check_result"}
"""Events that are read with a cursor across runs."""
_STEP_STATUSES = {
    "step_started": "started",
    "step_retry": "retrying",
    "step_succeeded": "succeeded",
    "step_failed": "failed",
    "step_skipped": "skipped",
    "step_canceled": "canceled",
}
_PLANNED = "steps_planned"
"""Its payload lists what is to come: `{"steps": [{"key": …, "location": …}, …]}`."""
_ENDED = frozenset({"succeeded", "failed", "skipped", "canceled"})


def project(connection: Connection, run: Run, new: Sequence[Event], numbers: dict[str, int]) -> None:
    """Keep what new events of a run say. The run is locked.

    Args:
        connection: in a transaction.
        run: whose events they are.
        new: in their order.
        numbers: of the locations that they name.
    """
    of_steps = [event for event in new if event.kind in _STEP_STATUSES or event.kind == _PLANNED]
    if of_steps:
        _project_steps(connection, run, of_steps, numbers)
    made = [event for event in new if event.kind in _MADE and event.payload.get("asset")]
    checked = [event for event in new if event.kind == "check_result" and event.payload.get("asset")]
    if made or checked:
        assets = number_assets(connection, {str(event.payload["asset"]) for event in (*made, *checked)})
        rows = [_describe_made(event, run, assets, numbers) for event in made]
        _write_made(connection, run, rows)
        found = [row for event in checked for row in _describe_check(event, run, assets, numbers)]
        for part in split(found, 2000):
            connection.execute(check_results.insert(), part)


def write_asset_event(connection: Connection, row: dict[str, Any]) -> int:
    """Write a materialisation or an observation, and that it is the last of its partition now. Gives its number."""
    number = add(connection, asset_events, row)
    if row["kind"] == "materialization":
        _write_latest(connection, [{"asset": row["asset"], "partition": row["partition"], "event": number}])
    return number


def _write_made(connection: Connection, run: Run, rows: list[dict[str, Any]]) -> None:
    """Do the same with many of one run."""
    for part in split(rows):
        connection.execute(asset_events.insert(), part)
        query = select(asset_events.c.sequence, asset_events.c.number).where(asset_events.c.run == run.number)
        query = query.where(asset_events.c.sequence.in_([row["sequence"] for row in part]))
        numbers = {row.sequence: row.number for row in connection.execute(query)}
        newest = {
            (row["asset"], row["partition"]): {
                "asset": row["asset"],
                "partition": row["partition"],
                "event": numbers[row["sequence"]],
            }
            for row in part
            if row["kind"] == "materialization"
        }
        if newest:
            _write_latest(connection, list(newest.values()))


def _write_latest(connection: Connection, rows: list[dict[str, Any]]) -> None:
    write = insert(connection, latest)
    change = {"event": write.excluded.event}
    connection.execute(write.on_conflict_do_update(index_elements=["asset", "partition"], set_=change), rows)


def _describe_made(event: Event, run: Run, assets: dict[str, int], numbers: dict[str, int]) -> dict[str, Any]:
    facts = event.payload
    return {
        "kind": event.kind,
        "asset": assets[str(facts["asset"])],
        "partition": to_column(facts.get("partition")),
        "time": event.time,
        "run": run.number,
        "run_id": run.id,
        "sequence": event.sequence,
        "location": numbers.get(event.location or ""),
        "step": clean(event.step),
        "metadata": write_json(facts.get("metadata") or {}),
        "tags": write_json(facts.get("tags") or {}),
        "code_version": clean(facts.get("code_version")),
        "data_version": clean(facts.get("data_version")),
    }


def _describe_check(
    event: Event, run: Run, assets: dict[str, int], numbers: dict[str, int]
) -> Iterable[dict[str, Any]]:
    facts = event.payload
    partitions = facts.get("partitions") or [facts.get("partition")]
    for partition in dict.fromkeys(map(to_column, partitions)):
        yield {
            "asset": assets[str(facts["asset"])],
            "name": clean_text(str(facts.get("check", ""))),
            "partition": partition or NO_PARTITION,
            "passed": bool(facts.get("passed")),
            "severity": str(facts.get("severity") or "ERROR").upper()[:20],
            "blocking": bool(facts.get("blocking")),
            "time": event.time,
            "run": run.number,
            "run_id": run.id,
            "sequence": event.sequence,
            "location": numbers.get(event.location or ""),
            "step": clean(event.step),
            "description": clean(facts.get("description")),
            "metadata": write_json(facts.get("metadata") or {}),
        }


def _project_steps(connection: Connection, run: Run, new: Sequence[Event], numbers: dict[str, int]) -> None:
    moves = [(location, key, event) for event in new for location, key in _list_steps(event)]
    numbers = {**numbers, **number_locations(connection, {location for location, _, _ in moves} - numbers.keys())}
    found = _read_steps(connection, run, {clean_text(key) for _, key, _ in moves})
    changed: dict[tuple[int, str], dict[str, Any]] = {}
    for location, key, event in moves:
        place = numbers[location], clean_text(key)
        row = changed.setdefault(place, found.get(place) or _make_step(run.number, *place))
        _move(row, event)
    rows = list(changed.values())
    for part in split(rows, 2000):
        write = insert(connection, steps)
        names = ("status", "attempt", "started", "ended", "reason", "problem")
        connection.execute(
            write.on_conflict_do_update(
                index_elements=["run", "location", "key"], set_={name: write.excluded[name] for name in names}
            ),
            part,
        )


def _list_steps(event: Event) -> Iterable[tuple[str, str]]:
    """Name the steps that an event is about, each by location and key."""
    if event.kind != _PLANNED:
        return [] if event.step is None else [(event.location or "", event.step)]
    planned = event.payload.get("steps") or []
    return [(str(step.get("location") or event.location or ""), str(step["key"])) for step in planned]


def _read_steps(connection: Connection, run: Run, keys: set[str]) -> dict[tuple[int, str], dict[str, Any]]:
    found = {}
    for part in split(sorted(keys)):
        query = select(steps).where(steps.c.run == run.number, steps.c.key.in_(part))
        for row in connection.execute(query).mappings():
            found[row["location"], row["key"]] = dict(row)
    return found


def _make_step(run: int, location: int, key: str) -> dict[str, Any]:
    row: dict[str, Any] = {"run": run, "location": location, "key": key, "status": "waiting", "attempt": 0}
    return row | dict.fromkeys(("started", "ended", "reason", "problem"))


def _move(row: dict[str, Any], event: Event) -> None:
    """Bring a step to what an event says."""
    if event.kind == _PLANNED:
        return
    row["status"] = status = _STEP_STATUSES[event.kind]
    facts = event.payload
    if status == "started":
        row["attempt"] = int(facts.get("attempt") or row["attempt"] + 1)
        row["started"] = row["started"] or event.time
        row["ended"] = None
    if status in _ENDED:
        row["ended"] = max(event.time, row["started"] or event.time)
        row["reason"] = clean(facts.get("reason"))
    if status in {"failed", "retrying"}:
        row["problem"] = write_optional_json(facts.get("problem"))
    elif status == "succeeded":
        row["problem"] = None
