"""What locations define, as rows of data: what `atoll list … --json` prints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.workspace.loading import LoadReport

    Row = dict[str, Any]
    MakeRow = Callable[["_Location", Mapping[str, Any]], Row]


def rows(kind: str, reports: Sequence[LoadReport]) -> list[Row]:
    """Give a row for each definition of a kind: by location in the workspace's order, then by group and name.

    Args:
        kind: such as `assets`.
        reports: what was loaded.
    """
    make = _ROWS[kind]
    return [row for report in reports for row in _rows(make, kind, _Location(report))]


@dataclass(frozen=True)
class _Location:
    """A location, with what the rows of all its definitions look up."""

    report: LoadReport

    def every(self, kind: str) -> Sequence[Mapping[str, Any]]:
        return self.report.definitions.get(kind) or ()

    @cached_property
    def checks(self) -> dict[str, list[str]]:
        """Names of the checks of each asset."""
        found: dict[str, list[str]] = {}
        for check in self.every("checks"):
            found.setdefault(check["asset"], []).append(check["name"])
        return found


def _rows(make: MakeRow, kind: str, location: _Location) -> list[Row]:
    return sorted((make(location, item) for item in location.every(kind)), key=_place)


def _place(row: Row) -> tuple[str, ...]:
    return (row.get("group") or "", row["name"], row.get("asset") or "")


def _common(location: _Location, definition: Mapping[str, Any], name: str) -> Row:
    return {
        "name": definition[name],
        "location": location.report.location.name,
        "stale": location.report.stale,
        "description": definition.get("description"),
        "source": definition.get("source"),
    }


def _asset(location: _Location, asset: Mapping[str, Any]) -> Row:
    key = asset["key"]
    return {
        **_common(location, asset, "key"),
        "type": asset.get("type"),
        "group": asset.get("group"),
        "kinds": asset.get("kinds") or [],
        "owners": asset.get("owners") or [],
        "tags": asset.get("tags") or {},
        "code_version": asset.get("code_version"),
        "partitions": asset.get("partitions"),
        "upstream": [dependency["key"] for dependency in asset.get("dependencies") or ()],
        "checks": location.checks.get(key, []),
    }


def _check(location: _Location, check: Mapping[str, Any]) -> Row:
    return {**_common(location, check, "name"), "asset": check["asset"], "blocking": bool(check.get("blocking"))}


def _job(location: _Location, job: Mapping[str, Any]) -> Row:
    name = job["name"]
    return {
        **_common(location, job, "name"),
        "type": job.get("type"),
        "selection": job.get("selection"),
        "assets": job.get("assets") or [],
        "checks": [{"asset": check["asset"], "name": check["name"]} for check in job.get("checks") or ()],
        "nodes": [node["name"] for node in job.get("nodes") or ()],
        "partitions": job.get("partitions"),
        "schedules": [
            item["name"] for item in location.every("schedules") if (item.get("target") or {}).get("job") == name
        ],
        "sensors": [
            item["name"]
            for item in location.every("sensors")
            if any(target.get("job") == name for target in item.get("targets") or ())
        ],
    }


def _schedule(location: _Location, schedule: Mapping[str, Any]) -> Row:
    from atoll_host.workspace.checks.schedules import next_ticks  # noqa: PLC0415 — only where there are schedules

    upcoming = next_ticks(schedule, 1)
    return {
        **_common(location, schedule, "name"),
        "cron": schedule.get("cron") or [],
        "timezone": schedule.get("timezone"),
        "target": schedule.get("target"),
        "default_status": schedule.get("default_status"),
        "next_tick": upcoming[0].isoformat() if upcoming else None,
    }


def _sensor(location: _Location, sensor: Mapping[str, Any]) -> Row:
    return {
        **_common(location, sensor, "name"),
        "type": sensor.get("type"),
        "targets": sensor.get("targets") or [],
        "asset": sensor.get("asset"),
        "run_status": sensor.get("run_status"),
        "monitored_jobs": sensor.get("monitored_jobs"),
        "monitor_all_locations": bool(sensor.get("monitor_all_locations")),
        "minimum_interval_seconds": sensor.get("minimum_interval_seconds"),
        "default_status": sensor.get("default_status"),
    }


def _resource(location: _Location, resource: Mapping[str, Any]) -> Row:
    return {
        **_common(location, resource, "name"),
        "type": resource.get("type"),
        "environment_variables": resource.get("environment_variables") or [],
        "used_by": resource.get("used_by") or [],
    }


_ROWS: dict[str, MakeRow] = {
    "assets": _asset,
    "checks": _check,
    "jobs": _job,
    "schedules": _schedule,
    "sensors": _sensor,
    "resources": _resource,
}
