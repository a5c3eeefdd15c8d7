"""What functions of schedules and sensors are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.runs.planning.partition_keys import list_dynamic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.automation.entries import Entry
    from atoll_host.runs.queueing.sources import Subject
    from atoll_host.runs.storage.automation_records import Automation
    from atoll_host.runs.storage.store import Storage


def read_dynamic(storage: Storage, subject: Subject) -> dict[str, list[str]]:
    """Give the keys of the dynamic partitions that a location uses, by their names."""
    return {name: list(storage.partitions.list(name)) for name in sorted(list_dynamic(subject.definitions))}


def make_schedule_parameters(
    entry: Entry, moment: float, dynamic: Mapping[str, Sequence[str]], directory: str
) -> dict[str, Any]:
    """Say what a schedule's evaluation is told."""
    return {
        "name": entry.origin.name,
        "scheduled": moment,
        "timezone": entry.definition.get("timezone") or "UTC",
        "dynamic_partitions": {name: list(keys) for name, keys in dynamic.items()},
        "directory": directory,
    }


def make_sensor_parameters(
    entry: Entry,
    state: Automation,
    last_tick: float | None,
    dynamic: Mapping[str, Sequence[str]],
    directory: str,
) -> dict[str, Any]:
    """Say what a sensor's evaluation is told, without an event."""
    return {
        "name": entry.origin.name,
        "cursor": state.cursor,
        "last_tick": last_tick,
        "last_run_key": state.last_run_key,
        "dynamic_partitions": {name: list(keys) for name, keys in dynamic.items()},
        "directory": directory,
        "event": None,
        "run": None,
    }
