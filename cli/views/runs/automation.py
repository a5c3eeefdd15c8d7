"""Schedules and sensors: what was switched, a table of ticks, and what a preview came to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from atoll_host.cli.views.runs.summary import write_time
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.workspace.describing.text import count, listed, one_line
from atoll_host.workspace.describing.wording import age, duration, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_COLOURS = {"requested": "green", "failed": "red", "waiting": "yellow"}


def draw_switched(console: Console, data: Sequence[Mapping[str, Any]]) -> None:
    """Draw a line for each schedule or sensor that was switched."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    for one in data:
        line = f"{one['kind']} {one['location']}:{one['name']} is {_say_state(one)}"
        if one["next"] is not None:
            line += f"; next at {write_time(one['next'])}"
        console.print(Text(one_line(line)), soft_wrap=True)
    if any(one["on"] for one in data):
        console.print(Text("`atoll dev` and `atoll daemon` evaluate what is on", style="dim"), soft_wrap=True)


def draw_ticks(console: Console, data: Mapping[str, Any], *, said: bool = False) -> None:
    """Draw the state of a schedule or sensor, and a table of its ticks.

    Args:
        console: where.
        data: as `describe_ticks` gives it.
        said: whether what each logged and printed is shown below it.
    """
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    kind, name = data["kind"], f"{data['location']}:{data['name']}"
    head = f"{kind} {name} is {_say_state(data)}"
    if data["next"] is not None:
        head += f"; next at {write_time(data['next'])}"
    if data["cursor"] is not None:
        head += f"; cursor {data['cursor']}"
    console.print(Text(one_line(head)), soft_wrap=True)
    if not data["ticks"]:
        hint = (
            "`atoll dev` or `atoll daemon` evaluates it" if data["on"] else f"`atoll {kind} on {name}` switches it on"
        )
        console.print(Text(f"No ticks yet: {hint}", style="dim"), soft_wrap=True)
        return
    console.print()
    columns = (
        Column("Tick"),
        Column("Outcome"),
        Column("For" if kind == "schedule" else "Began", rank=1),
        Column("Took", right=True, rank=2),
        Column("CPU", right=True, rank=4),
        Column("Runs", right=True),
        Column("Reason", rank=3, least=16),
    )
    draw_table(console, columns, [_tick_cells(tick) for tick in data["ticks"]])
    spoken = [tick for tick in data["ticks"] if tick["logs"] or tick["output"]]
    if said:
        for tick in spoken:
            console.print(Text.assemble("\n", ("Tick ", "bold"), (str(tick["number"]), "bold")))
            _draw_said(console, tick)
    elif spoken:
        console.print(Text("\n--logs shows what they logged and printed", style="dim"), soft_wrap=True)


def draw_preview(console: Console, data: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    """Draw what an evaluation would ask for."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    head = f"{data['kind']} {data['location']}:{data['name']}"
    if data["scheduled"] is not None:
        zone = ZoneInfo(str(definition.get("timezone") or "UTC"))
        head += f" at {moment(datetime.fromtimestamp(data['scheduled'], zone))}"
    requests = data["requests"]
    what = f"would ask for {count(len(requests), 'run')}" if requests else "would ask for nothing"
    reason = f": {data['skip_reason']}" if data["skip_reason"] else ""
    console.print(Text(one_line(f"{head} {what}{reason}")), soft_wrap=True)
    for request in requests:
        _draw_inner(console, _name_request(request))
    for change in data["dynamic"]:
        for word, keys in (("add", change.get("add")), ("delete", change.get("delete"))):
            if keys:
                _draw_inner(console, f"would {word} {listed(list(keys))} of the partitions {change['name']}")
    if data["cursor"] is not None:
        _draw_inner(console, f"cursor then: {data['cursor']}")
    _draw_said(console, data)
    console.print(Text("Nothing was started or remembered", style="dim"), soft_wrap=True)


def _draw_said(console: Console, data: Mapping[str, Any]) -> None:
    for record in data["logs"]:
        level = record.get("level")
        _draw_inner(console, f"{level}: {record.get('message', '')}" if level else str(record.get("message", "")))
    for line in data["output"].splitlines():
        _draw_inner(console, f"| {line}", "dim")


def _draw_inner(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    console.print(Text(f"  {one_line(text)}", style=style), soft_wrap=True)


def _say_state(one: Mapping[str, Any]) -> str:
    word = "on" if one["on"] else "off"
    return word if one["switched"] else f"{word}, as it is declared"


def _name_request(request: Mapping[str, Any]) -> str:
    what = f"job {request['job']}" if request.get("job") else listed(list(request.get("assets") or ()))
    parts = [what or "its target"]
    if request.get("partition") is not None:
        parts.append(f"partition {request['partition']}")
    if request.get("run_key") is not None:
        parts.append(f"run key {request['run_key']}")
    parts += [f"{name}={value}" for name, value in (request.get("tags") or {}).items()]
    return ", ".join(parts)


def _tick_cells(tick: Mapping[str, Any]) -> tuple[Any, ...]:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    now = datetime.now(UTC).timestamp()
    problem = tick["problem"] or {}
    reason = tick["reason"] or problem.get("message") or ""
    if tick["count"] > 1:
        reason = f"{reason} ({tick['count']} times)"
    if tick["skipped_keys"]:
        reason = f"{reason} run keys used before: {listed(list(tick['skipped_keys']))}".strip()
    return (
        str(tick["number"]),
        Text(tick["outcome"], style=_COLOURS.get(tick["outcome"], "")),
        age(now - tick["started"]) if tick["scheduled"] is None else write_time(tick["scheduled"]),
        "" if tick["duration"] is None else duration(tick["duration"]),
        "" if tick["cpu"] is None else duration(tick["cpu"]),
        str(len(tick["runs"])) if tick["runs"] else "",
        one_line(reason),
    )
