"""How each kind of definition looks with everything that is known about it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.problems import short_path
from atoll_host.cli.views.showing import fields
from atoll_host.cli.views.showing.sheet import Sheet
from atoll_host.cli.views.tables import Column
from atoll_host.workspace.describing import wording
from atoll_host.workspace.describing.configuration import plain
from atoll_host.workspace.describing.text import listed, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    Data = Mapping[str, Any]

_TYPE_WORDS = {"materializable": "", "external": "external", "unknown": "no location declares it"}
_MANY = 40
"""How many names are shown of what a job makes or a selection chooses; `--json` has them all."""


def draw(console: Console, data: Data) -> None:
    """Draw what `describe` gives for a definition."""
    sheet = Sheet(console)
    sheet.title(data["kind"], data["name"], data["location"], stale=data["stale"])
    _SHEETS[data["kind"]](sheet, data["definition"], data["related"])


def _asset(sheet: Sheet, asset: Data, related: Data) -> None:
    computation = related["computation"] or {}
    sheet.prose(asset.get("description"))
    sheet.fields(
        {
            "made by": _made_by(asset, computation),
            "source": fields.place(asset.get("source")),
            "group": asset.get("group"),
            "kinds": ", ".join(asset.get("kinds") or ()),
            "owners": ", ".join(asset.get("owners") or ()),
            "tags": fields.tags(asset.get("tags")),
            "partitions": wording.partitions(asset.get("partitions")),
            "code version": asset.get("code_version"),
            "io manager": asset.get("io_manager"),
            "retry": wording.retry(computation.get("retry_policy")),
            "skippable": "yes" if asset.get("skippable") else None,
            "declared in": ", ".join(related["declared_in"]),
        }
    )
    arguments = {item["key"]: item.get("argument") or "" for item in asset.get("dependencies") or ()}
    _ends(sheet, "Upstream", related["upstream"], arguments)
    _ends(sheet, "Downstream", related["downstream"], {})
    sheet.names("Checks", related["checks"])
    sheet.names("Jobs", related["jobs"])
    sheet.names("Started by", [*related["schedules"], *related["sensors"]])
    _needs(sheet, computation, related)
    sheet.table("Metadata", fields.METADATA_COLUMNS, fields.metadata_rows(asset.get("metadata")))


def _check(sheet: Sheet, check: Data, related: Data) -> None:
    computation = related["computation"] or {}
    sheet.prose(check.get("description"))
    sheet.fields(
        {
            "checks": check["asset"],
            "blocking": "yes" if check.get("blocking") else "no",
            "made by": _signature(computation),
            "source": fields.place(check.get("source")),
            "retry": wording.retry(computation.get("retry_policy")),
        }
    )
    sheet.names("Depends on", [item["key"] for item in check.get("dependencies") or ()])
    sheet.names("Jobs", related["jobs"])
    _needs(sheet, computation, related)
    sheet.table("Metadata", fields.METADATA_COLUMNS, fields.metadata_rows(check.get("metadata")))


def _job(sheet: Sheet, job: Data, related: Data) -> None:
    sheet.prose(job.get("description"))
    sheet.fields(
        {
            "source": fields.place(job.get("source")),
            "selection": job.get("selection"),
            "partitions": wording.partitions(job.get("partitions")),
            "tags": fields.tags(job.get("tags")),
            "run tags": fields.tags(job.get("run_tags")),
            "retry": wording.retry(job.get("retry_policy")),
            "executor": (job.get("executor") or {}).get("name"),
            "config": plain(job["config"]) if job.get("config") else None,
            "started by": listed([*related["schedules"], *related["sensors"]]),
        }
    )
    _many(sheet, "Assets", job.get("assets") or ())
    _many(sheet, "Checks", [f"{check['asset']}:{check['name']}" for check in job.get("checks") or ()])
    columns = (Column("Op"), Column("Computation", rank=1, least=12), Column("After", least=12))
    nodes = [
        (one_line(node["name"]), one_line(str(node.get("computation") or "")), _inputs(node))
        for node in job.get("nodes") or ()
    ]
    sheet.table("Ops", columns, nodes)
    _needs(sheet, {}, related)
    sheet.table("Metadata", fields.METADATA_COLUMNS, fields.metadata_rows(job.get("metadata")))


def _schedule(sheet: Sheet, schedule: Data, related: Data) -> None:
    ticks = [wording.moment(_in_zone(tick, schedule)) for tick in related["next_ticks"]]
    sheet.prose(schedule.get("description"))
    sheet.fields(
        {
            "cron": ", ".join(schedule.get("cron") or ()),
            "time zone": schedule.get("timezone") or "UTC",
            "starts": _target(schedule.get("target")),
            "default": str(schedule.get("default_status") or "").lower(),
            "source": fields.place(schedule.get("source")),
            "decided by": ((schedule.get("should_execute") or {}).get("name")),
            "tags": fields.tags(schedule.get("tags")),
            "config": plain(schedule["config"]) if schedule.get("config") else None,
        }
    )
    sheet.table("Next", (Column(""),), [(tick,) for tick in ticks])
    _targets(sheet, [schedule.get("target") or {}])
    _needs(sheet, {}, related)
    sheet.table("Metadata", fields.METADATA_COLUMNS, fields.metadata_rows(schedule.get("metadata")))


def _sensor(sheet: Sheet, sensor: Data, related: Data) -> None:
    every = sensor.get("minimum_interval_seconds")
    targets = sensor.get("targets") or []
    sheet.prose(sensor.get("description"))
    sheet.fields(
        {
            "type": str(sensor.get("type") or "").replace("_", " "),
            "watches": sensor.get("asset") or wording.watched_runs(sensor),
            "starts": ", ".join(_target(target) or "" for target in targets),
            "may start": _target(sensor.get("asset_selection")),
            "asked": None if every is None else f"at most every {wording.interval(every)}",
            "default": str(sensor.get("default_status") or "").lower(),
            "source": fields.place(sensor.get("source")),
            "tags": fields.tags(sensor.get("tags")),
        }
    )
    _targets(sheet, [*targets, sensor.get("asset_selection") or {}])
    _needs(sheet, {}, related)
    sheet.table("Metadata", fields.METADATA_COLUMNS, fields.metadata_rows(sensor.get("metadata")))


def _resource(sheet: Sheet, resource: Data, related: Data) -> None:
    sheet.prose(resource.get("description"))
    sheet.fields({"type": resource.get("type"), "source": fields.place(resource.get("source"))})
    rows = fields.config_rows(resource.get("config_schema"), resource.get("config"))
    sheet.table("Configuration", fields.CONFIG_COLUMNS, rows)
    sheet.names("Environment variables", resource.get("environment_variables") or ())
    sheet.names("Used by", resource.get("used_by") or ())
    _many(sheet, "Assets", related["assets"])
    _many(sheet, "Checks", related["checks"])


def _location(sheet: Sheet, location: Data, related: Data) -> None:
    environment = related["environment"]
    target = location["target"]
    phases = {name: seconds for name, seconds in related["phases"].items() if name != "total"}
    sheet.fields(
        {
            "status": related["status"],
            "definitions": _module(target),
            "folder": short_path(location["root"]) or ".",
            "declared": fields.place(location["source"]),
            "environment": ", ".join(
                [related["kind"], *([] if environment is None else [short_path(environment["executable"])])]
            ),
            "python": related["python"],
            "because": None if environment is None else environment["reason"],
            "packages": None if related["packages"] is None else str(related["packages"]),
            "sdk": str(((related["worker"] or {}).get("sdk") or {}).get("version") or ""),
            "load": wording.duration(related["seconds"]),
            "of that": ", ".join(f"{name} {wording.duration(seconds)}" for name, seconds in phases.items()),
            "tags": ", ".join(location["tags"]),
            "env files": ", ".join(short_path(file) for file in location["env_files"]),
        }
    )
    for kind, names in related["definitions"].items():
        _many(sheet, kind.capitalize(), names)
    sheet.names("Environment variables", [variable["name"] for variable in related["environment_variables"]])


_SHEETS: dict[str, Callable[[Sheet, Data, Data], None]] = {
    "asset": _asset,
    "check": _check,
    "job": _job,
    "schedule": _schedule,
    "sensor": _sensor,
    "resource": _resource,
    "location": _location,
}


def _made_by(asset: Data, computation: Data) -> str:
    if asset.get("type") == "external":
        return "nobody here: it is external"
    others = [key for key in computation.get("keys") or () if key != asset["key"]]
    return _signature(computation) + (f", which also makes {listed(others, 3)}" if others else "")


def _signature(computation: Data) -> str:
    if not computation:
        return ""
    function = (computation.get("source") or {}).get("function") or computation["name"]
    return f"{function}{computation.get('signature') or '()'}"


def _ends(sheet: Sheet, heading: str, ends: Sequence[Data], arguments: Mapping[str, str]) -> None:
    columns = (Column(""), Column("", rank=1), Column("", rank=2), Column("", rank=3))
    rows = [
        (
            one_line(end["key"]),
            f"{'▶ ' if end['crosses'] else ''}{one_line(end['location'] or '')}",
            "several locations make it" if end["ambiguous"] else _TYPE_WORDS[end["type"]],
            _argument(end["key"], arguments),
        )
        for end in ends
    ]
    sheet.table(heading, columns, rows)


def _argument(key: str, arguments: Mapping[str, str]) -> str:
    """Say as which parameter an upstream asset arrives, where its name does not say it."""
    argument = arguments.get(key) or key
    return "" if argument in (key, key.rpartition("/")[2]) else f"as {one_line(argument)}"


def _needs(sheet: Sheet, computation: Data, related: Data) -> None:
    sheet.table("Config", fields.CONFIG_COLUMNS, fields.config_rows(computation.get("config_schema")))
    columns = (Column(""), Column("", rank=1, least=12))
    rows = [(one_line(resource["name"]), one_line(str(resource["type"] or ""))) for resource in related["resources"]]
    sheet.table("Resources", columns, rows)
    sheet.names("Environment variables", related["environment_variables"])


def _many(sheet: Sheet, heading: str, names: Sequence[str]) -> None:
    shown = list(names[:_MANY])
    if len(names) > _MANY:
        shown.append(f"… {len(names) - _MANY} more: --json has them all")
    sheet.names(heading, shown)


def _target(target: Data | None) -> str | None:
    if not target:
        return None
    return f"job {target['job']}" if target.get("job") else target.get("selection")


def _targets(sheet: Sheet, targets: Sequence[Data]) -> None:
    _many(sheet, "Assets", list(dict.fromkeys(key for target in targets for key in target.get("assets") or ())))


def _inputs(node: Data) -> str:
    names = [
        str(source["node"])
        for dependency in node.get("dependencies") or ()
        for source in dependency.get("from") or ()
        if source.get("node")
    ]
    return one_line(", ".join(dict.fromkeys(names)))


def _in_zone(tick: str, schedule: Data) -> datetime:
    from atoll_host.workspace.checks.moments import find_zone  # noqa: PLC0415 — only for schedules

    return datetime.fromisoformat(tick).astimezone(find_zone(schedule.get("timezone") or "UTC"))


def _module(target: Data) -> str:
    where = short_path(target["file"]) if target["file"] else target["module"]
    return f"{where}, {target['attribute']}" if target["attribute"] else str(where)
