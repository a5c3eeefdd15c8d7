"""What locations define, as rows of data: what `atoll list … --json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.workspace.loading import LoadReport

    Row = dict[str, Any]
    MakeRow = Callable[[LoadReport, Mapping[str, Any]], Row]


def rows(kind: str, reports: Sequence[LoadReport]) -> list[Row]:
    """Give a row for each definition of a kind: by location in the workspace's order, then by group and name.

    Args:
        kind: such as `assets`.
        reports: what was loaded.
    """
    make = _ROWS[kind]
    return [
        row
        for report in reports
        for row in sorted((make(report, item) for item in report.definitions.get(kind) or ()), key=_place)
    ]


def _place(row: Row) -> tuple[str, ...]:
    return (row.get("group") or "", row["name"], row.get("asset") or "")


def _common(report: LoadReport, definition: Mapping[str, Any], name: str) -> Row:
    return {
        "name": definition[name],
        "location": report.location.name,
        "stale": report.stale,
        "description": definition.get("description"),
        "source": definition.get("source"),
    }


def _asset(report: LoadReport, asset: Mapping[str, Any]) -> Row:
    key = asset["key"]
    return {
        **_common(report, asset, "key"),
        "type": asset.get("type"),
        "group": asset.get("group"),
        "kinds": asset.get("kinds") or [],
        "owners": asset.get("owners") or [],
        "tags": asset.get("tags") or {},
        "code_version": asset.get("code_version"),
        "partitions": asset.get("partitions"),
        "upstream": [dependency["key"] for dependency in asset.get("dependencies") or ()],
        "checks": [check["name"] for check in report.definitions.get("checks") or () if check["asset"] == key],
    }


def _check(report: LoadReport, check: Mapping[str, Any]) -> Row:
    return {**_common(report, check, "name"), "asset": check["asset"], "blocking": bool(check.get("blocking"))}


def _job(report: LoadReport, job: Mapping[str, Any]) -> Row:
    name = job["name"]
    return {
        **_common(report, job, "name"),
        "type": job.get("type"),
        "selection": job.get("selection"),
        "assets": job.get("assets") or [],
        "nodes": [node["name"] for node in job.get("nodes") or ()],
        "partitions": job.get("partitions"),
        "schedules": [
            item["name"]
            for item in report.definitions.get("schedules") or ()
            if (item.get("target") or {}).get("job") == name
        ],
        "sensors": [
            item["name"]
            for item in report.definitions.get("sensors") or ()
            if any(target.get("job") == name for target in item.get("targets") or ())
        ],
    }


def _schedule(report: LoadReport, schedule: Mapping[str, Any]) -> Row:
    from atoll_host.workspace.checks.schedules import next_ticks  # noqa: PLC0415 — only where there are schedules

    upcoming = next_ticks(schedule, 1)
    return {
        **_common(report, schedule, "name"),
        "cron": schedule.get("cron") or [],
        "timezone": schedule.get("timezone"),
        "target": schedule.get("target"),
        "default_status": schedule.get("default_status"),
        "next_tick": upcoming[0].isoformat() if upcoming else None,
    }


def _sensor(report: LoadReport, sensor: Mapping[str, Any]) -> Row:
    return {
        **_common(report, sensor, "name"),
        "type": sensor.get("type"),
        "targets": sensor.get("targets") or [],
        "asset": sensor.get("asset"),
        "minimum_interval_seconds": sensor.get("minimum_interval_seconds"),
        "default_status": sensor.get("default_status"),
    }


def _resource(report: LoadReport, resource: Mapping[str, Any]) -> Row:
    return {
        **_common(report, resource, "name"),
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
