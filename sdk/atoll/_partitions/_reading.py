"""Partitions from their description: those of an asset in another location."""

from __future__ import annotations

from ._definitions import DynamicPartitionsDefinition, MultiPartitionsDefinition, StaticPartitionsDefinition
from ._windows import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    ScheduleType,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

    from ._base import PartitionsDefinition

_CLASSES = (
    HourlyPartitionsDefinition,
    DailyPartitionsDefinition,
    WeeklyPartitionsDefinition,
    MonthlyPartitionsDefinition,
)


def read_partitions(description: Mapping[str, Any] | None) -> PartitionsDefinition | None:
    """What `describe()` of a partitions definition wrote, as a definition again."""
    if description is None:
        return None
    kind = description["type"]
    if kind == "static":
        return StaticPartitionsDefinition(description["keys"])
    if kind == "dynamic":
        return DynamicPartitionsDefinition(name=description["name"])
    if kind == "multi":
        read = {name: read_partitions(inner) for name, inner in description["dimensions"].items()}
        return MultiPartitionsDefinition({name: inner for name, inner in read.items() if inner is not None})
    schedule = description["schedule_type"]
    made = {each.kind: each for each in _CLASSES}.get(kind, TimeWindowPartitionsDefinition)
    windows = made.__new__(made)
    TimeWindowPartitionsDefinition.__init__(
        windows,
        start=description["start"],
        fmt=description["format"],
        end=description["end"],
        timezone=description["timezone"],
        end_offset=description["end_offset"],
        schedule_type=None if schedule is None else getattr(ScheduleType, schedule),
        cron_schedule=description["cron"] if schedule is None else None,
        exclusions=description["exclusions"],
        **({} if schedule is None else _read_offsets(description, schedule)),
    )
    return windows


def _read_offsets(description: Mapping[str, Any], schedule: str) -> dict[str, Any]:
    offsets = {"minute_offset": description["minute_offset"], "hour_offset": description["hour_offset"]}
    return {**offsets, "day_offset": description["day_offset"]} if schedule in ("WEEKLY", "MONTHLY") else offsets
