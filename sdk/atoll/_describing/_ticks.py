"""Schedules and sensors in the snapshot."""

from __future__ import annotations

from .._metadata import describe_metadata
from .._plain import name_object, to_plain
from .._sources import find_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._catalog import Catalog
    from .._jobs import Target
    from .._selection import AssetSelection
    from .._sources import Source

_LINES_SEARCHED = 60


def describe_schedules(catalog: Catalog) -> list[dict[str, Any]]:
    files: dict[str, list[str]] = {}
    schedules = []
    for schedule in catalog.schedules:
        computation = schedule.computation
        line = _find_line(schedule.cron_source, schedule.cron[0], files)
        schedules.append(
            {
                "name": schedule.name,
                "cron": schedule.cron,
                "timezone": schedule.timezone,
                "target": _describe_target(catalog, schedule.targets[0]),
                "default_status": schedule.default_status.name,
                "description": schedule.description,
                "tags": schedule.tags,
                "metadata": describe_metadata(schedule.metadata),
                "config": to_plain(schedule.run_config, redact=True),
                "should_execute": _describe_function(schedule.should_execute),
                "function": None if computation is None else computation.source.describe(),
                "required_resource_keys": [] if computation is None else computation.required_resource_keys,
                "resources": [] if computation is None else catalog.get_resource_names(computation),
                "source": schedule.source.describe(),
                "cron_source": {"file": schedule.cron_source.file, "line": line},
            }
        )
    return schedules


def describe_sensors(catalog: Catalog) -> list[dict[str, Any]]:
    return [
        {
            "name": sensor.name,
            "type": sensor.type,
            "targets": [_describe_target(catalog, target) for target in sensor.targets],
            "asset": None if sensor.asset_key is None else str(sensor.asset_key),
            "asset_selection": (
                None if sensor.asset_selection is None else _describe_selection(catalog, sensor.asset_selection)
            ),
            "run_status": None if sensor.run_status is None else sensor.run_status.name.lower(),
            "monitored_jobs": sensor.monitored_jobs,
            "monitor_all_locations": sensor.monitor_all_locations,
            "minimum_interval_seconds": sensor.minimum_interval_seconds,
            "default_status": sensor.default_status.name,
            "description": sensor.description,
            "tags": sensor.tags,
            "metadata": describe_metadata(sensor.metadata),
            "required_resource_keys": sensor.computation.required_resource_keys,
            "resources": catalog.get_resource_names(sensor.computation),
            "source": sensor.source.describe(),
        }
        for sensor in catalog.sensors
    ]


def _describe_target(catalog: Catalog, target: Target) -> dict[str, Any]:
    if target.selection is None:
        return {"job": target.job_name}
    return _describe_selection(catalog, target.selection)


def _describe_selection(catalog: Catalog, selection: AssetSelection) -> dict[str, Any]:
    return {"selection": selection.write(), "assets": [str(key) for key in catalog.resolve_selection(selection)]}


def _describe_function(function: Any) -> dict[str, Any] | None:
    return None if function is None else {"name": name_object(function), "source": find_function(function).describe()}


def _find_line(source: Source, text: str, files: dict[str, list[str]]) -> int:
    """The line that the cron expression stands in, looked for from where the schedule is declared; else that line."""
    if source.file not in files:
        try:
            with open(source.file, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 -- pathlib costs more to import
                files[source.file] = file.read().split("\n")
        except OSError:
            files[source.file] = []
    lines = files[source.file][source.line - 1 : source.line - 1 + _LINES_SEARCHED]
    for offset, line in enumerate(lines):
        if f'"{text}"' in line or f"'{text}'" in line:
            return source.line + offset
    return source.line
