"""What a run came to, in a line or two, and as a sheet."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.runs.describing import name_partition, name_starter, name_target
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import age, duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

COLOURS = {"succeeded": "green", "failed": "red", "canceled": "yellow"}
_WORTH = 1.0
"""Seconds of waiting that are told."""


def draw_summary(console: Console, data: Mapping[str, Any], *, detached: bool = False) -> None:
    """Draw what a run came to.

    Args:
        console: where it is drawn.
        data: as `describe_whole_run` gives it.
        detached: whether it goes on without us.
    """
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    number, status = data["number"], data["status"]
    if detached:
        is_waiting = status == "queued" and data["reason"]
        what = one_line(data["reason"]).partition(":")[0] if is_waiting else "has begun"
        console.print(Text(f"Run {number} {what}: `atoll runs show {number}` tells how it goes"), soft_wrap=True)
        return
    counts = Counter(step["status"] for step in data["steps"])
    parts = [f"{counts[name]} {name}" for name in ("succeeded", "failed", "skipped", "canceled") if counts[name]]
    line = Text.assemble(f"Run {number} ", (status, COLOURS.get(status, "")))
    if data["ended"] is not None:
        line.append(f" in {_took(data)}")
    if parts:
        line.append(f": {', '.join(parts)} of {count(len(data['steps']), 'step')}")
    console.print(line, soft_wrap=True)
    if status == "failed":
        hint = f"  hint: `atoll runs logs {number}` shows what it printed, `atoll runs retry {number}` goes on"
        console.print(Text(hint, style="dim"), soft_wrap=True)


def draw_run(console: Console, data: Mapping[str, Any]) -> None:
    """Draw a run with its steps."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    rows = [
        ("Run", f"{data['number']}  {data['id']}"),
        ("Status", data["status"] + (f": {one_line(data['reason'])}" if data["reason"] else "")),
        ("What", name_target(data)),
        ("Started by", name_starter(data)),
        ("Tags", ", ".join(f"{name}={value}" for name, value in data["tags"].items())),
        ("Created", write_time(data["created"])),
        ("Waited", _waited(data)),
        ("Took", _took(data)),
        ("Tries again", data["parent"] or ""),
    ]
    for name, value in rows:
        if value:
            console.print(Text.assemble((f"{name:<12}", "dim"), one_line(str(value))), soft_wrap=True)
    if data["steps"]:
        console.print()
        columns = (Column("Step"), Column("Location", least=8), Column("Status"), Column("Took", right=True))
        reason = Column("Reason", rank=5, least=12)
        draw_table(console, (*columns, reason), [_step_cells(step) for step in data["steps"]])


def draw_list(console: Console, data: Sequence[Mapping[str, Any]]) -> None:
    """Draw a table of runs."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if not data:
        console.print("No runs yet: `atoll materialize SELECTION` starts one", markup=False)
        return
    columns = (Column("Run"), Column("Status"), Column("What", least=16), Column("Partition", rank=3))
    more = (Column("Created", rank=2), Column("Took", right=True, rank=1), Column("Reason", rank=5, least=12))
    now = datetime.now(UTC).timestamp()
    rows = [
        (
            str(run["number"]),
            Text(run["status"], style=COLOURS.get(run["status"], "")),
            one_line(name_target(run, partition=False)),
            name_partition(run),
            age(now - run["created"]),
            _took(run),
            one_line(run["reason"] or ""),
        )
        for run in data
    ]
    draw_table(console, (*columns, *more), rows)


def _took(run: Mapping[str, Any]) -> str:
    """Say how long it went on, without what it waited in the queue."""
    return "" if run["ended"] is None else duration(run["ended"] - (run["started"] or run["created"]))


def _waited(run: Mapping[str, Any]) -> str:
    """Say how long it waited in the queue, where that was worth a word."""
    seconds = (run["started"] or run["created"]) - run["created"]
    return duration(seconds) if seconds > _WORTH else ""


def write_time(seconds: float) -> str:
    """Write a moment in the time of this machine."""
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def _step_cells(step: Mapping[str, Any]) -> tuple[Any, ...]:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    took = "" if step["ended"] is None or step["started"] is None else duration(step["ended"] - step["started"])
    status = Text(step["status"], style=COLOURS.get(step["status"], ""))
    return one_line(step["key"]), one_line(step["location"]), status, took, one_line(step["reason"] or "")
