"""Backfills: their progress while they go on, a table of them, and one as a sheet."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.runs.summary import COLOURS, write_time
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.runs.backfilling.describing import STATUSES, name_backfill
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import age, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import Console

    from atoll_host.cli.rendering import Renderer
    from atoll_host.runs.storage.automation_records import Backfill, BackfillPartitionStatus
    from atoll_host.runs.storage.store import Storage

_FEW = 20
"""Partitions that are listed; JSON has them all."""
_ENDED: tuple[BackfillPartitionStatus, ...] = ("succeeded", "failed", "canceled")


@contextlib.contextmanager
def draw_progress(renderer: Renderer) -> Iterator[Callable[[Storage, Backfill, Mapping[str, str]], None]]:
    """Give what is called with a backfill as it is now, and with why runs wait: it shows what is new."""
    told: set[str] = set()
    done = 0
    with contextlib.ExitStack() as stack:
        advance: Callable[[], None] | None = None

        def show(storage: Storage, backfill: Backfill, waiting: Mapping[str, str]) -> None:
            nonlocal advance, done
            if renderer.as_json:
                return
            if advance is None:
                total = sum(backfill.counts.values())
                advance = stack.enter_context(renderer.progress(f"Backfill {backfill.number}", total))
            ended = sum(backfill.counts.get(status, 0) for status in _ENDED)
            for _ in range(ended - done):
                advance()
            done = max(done, ended)
            if backfill.counts.get("failed", 0):
                for one in storage.backfills.partitions(backfill.id, statuses=("failed",)):
                    if one.run is not None and one.run not in told:
                        told.add(one.run)
                        run = storage.runs.get(one.run)
                        renderer.note(one_line(f"{one.partition} failed in run {run.number}: {run.reason or ''}"))
            for reason in set(waiting.values()) - told:
                told.add(reason)
                renderer.note(one_line(f"Waiting: {reason}"))

        yield show


def draw_backfill(console: Console, data: Mapping[str, Any], *, detached: bool = False) -> None:
    """Draw a backfill: what it is, how far it is, and which partitions need a look."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    number = data["number"]
    if detached:
        text = f"Backfill {number} of {count(data['total'], 'partition')} has begun: `atoll backfill show {number}`"
        console.print(Text(f"{text} tells how it goes"), soft_wrap=True)
        return
    took = "" if data["ended"] is None else duration(data["ended"] - data["created"])
    rows = [
        ("Backfill", f"{number}  {data['id']}"),
        ("Status", data["status"] + (f": {one_line(data['reason'])}" if data["reason"] else "")),
        ("What", name_backfill(dict(data))),
        ("Partitions", _name_counts(data)),
        ("Created", write_time(data["created"])),
        ("Took", took),
    ]
    for name, value in rows:
        if value:
            style = COLOURS.get(data["status"], "") if name == "Status" else ""
            console.print(Text.assemble((f"{name:<12}", "dim"), (one_line(str(value)), style)), soft_wrap=True)
    special = [one for one in data["partitions"] if one["status"] in {"failed", "running", "canceled"}]
    if special:
        console.print()
        columns = (Column("Partition"), Column("Status"), Column("Run", right=True))
        draw_table(console, columns, [_partition_cells(one) for one in special[:_FEW]])
        if len(special) > _FEW:
            console.print(f"… and {len(special) - _FEW} more: --json has them all", markup=False)
    if data["status"] in {"failed", "canceled"}:
        console.print(Text(f"  hint: `atoll backfill retry {number}` makes what is left", style="dim"), soft_wrap=True)


def draw_backfills(console: Console, data: Sequence[Mapping[str, Any]]) -> None:
    """Draw a table of backfills."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if not data:
        console.print("No backfills yet: `atoll backfill SELECTION --all` starts one", markup=False)
        return
    columns = (Column("Backfill"), Column("Status"), Column("What", least=16), Column("Partitions", least=12))
    now = datetime.now(UTC).timestamp()
    rows = [
        (
            str(one["number"]),
            Text(one["status"], style=COLOURS.get(one["status"], "")),
            one_line(name_backfill(dict(one))),
            _name_counts(one),
            age(now - one["created"]),
        )
        for one in data
    ]
    draw_table(console, (*columns, Column("Created", rank=2)), rows)


def draw_plan(console: Console, data: Mapping[str, Any]) -> None:
    """Draw what a backfill would do."""
    if not data["total"]:
        console.print("Nothing is missing", markup=False)
        return
    what, runs = count(data["total"], "partition"), count(len(data["runs"]), "run")
    console.print(f"{what} in {runs}, at most {data['max_runs']} at once", markup=False)
    for run in data["runs"][:_FEW]:
        one = run["first"] if run["partitions"] == 1 else f"{run['first']}...{run['last']}  ({run['partitions']})"
        console.print(f"  {one_line(one)}", markup=False, soft_wrap=True)
    if len(data["runs"]) > _FEW:
        console.print(f"  … and {len(data['runs']) - _FEW} more", markup=False)


def _name_counts(data: Mapping[str, Any]) -> str:
    parts = [f"{data['counts'][status]} {status}" for status in STATUSES if data["counts"][status]]
    return f"{', '.join(parts)} of {data['total']}"


def _partition_cells(one: Mapping[str, Any]) -> tuple[Any, ...]:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    number = "" if one["run_number"] is None else str(one["run_number"])
    return one_line(one["partition"]), Text(one["status"], style=COLOURS.get(one["status"], "")), number
