"""Runs as JSON: what `--json` prints and what a page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.workspace.describing.text import one_line
from atoll_host.workspace.describing.wording import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.storage.records import Event, Run, Step


def describe_run(run: Run) -> dict[str, Any]:
    """Give a run without its steps."""
    chosen, origin = run.partition_range, run.origin
    return {
        "id": run.id,
        "number": run.number,
        "kind": run.kind,
        "status": run.status,
        "job": run.job,
        "location": run.location,
        "selection": run.selection,
        "partition": run.partition,
        "partition_range": None if chosen is None else list(chosen),
        "tags": dict(run.tags),
        "parent": run.parent,
        "root": run.root,
        "backfill": run.backfill,
        "origin": origin and {"kind": origin.kind, "location": origin.location, "name": origin.name},
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "reason": run.reason,
    }


def describe_step(step: Step) -> dict[str, Any]:
    """Give what became of a step."""
    return {
        "key": step.key,
        "location": step.location,
        "status": step.status,
        "attempt": step.attempt,
        "started": step.started,
        "ended": step.ended,
        "reason": step.reason,
    }


def describe_whole_run(run: Run, steps: Sequence[Step]) -> dict[str, Any]:
    """Give a run with its steps."""
    return {**describe_run(run), "steps": [describe_step(step) for step in steps]}


def describe_event(event: Event) -> dict[str, Any]:
    """Give one thing that happened in a run."""
    return {
        "number": event.sequence,
        "time": event.time,
        "type": event.kind,
        "step": event.step,
        "location": event.location,
        "data": dict(event.payload),
    }


def name_target(run: Mapping[str, Any], *, partition: bool = True) -> str:
    """Say what a run, as `describe_run` gives it, makes."""
    what = f"job {run['job']}" if run["job"] is not None else str(run["selection"] or run["kind"])
    part = name_partition(run) if partition else ""
    return f"{what} ({part})" if part else what


def name_partition(run: Mapping[str, Any]) -> str:
    """Say of which partitions a run, as `describe_run` gives it, is."""
    if run["partition_range"] is not None:
        return "...".join(run["partition_range"])
    return one_line(run["partition"] or "")


def name_starter(run: Mapping[str, Any]) -> str:
    """Say who started a run, as `describe_run` gives it: by hand, a schedule, a sensor, a backfill, a retry."""
    if run["origin"] is not None:
        return f"{run['origin']['kind']} {run['origin']['name']}"
    if run["backfill"] is not None:
        return "backfill"
    return "by hand" if run["parent"] is None else "retry"


def summarise_event(event: Event) -> str:
    """Say in a line what happened, beside its kind and its step."""
    payload = event.payload
    problem, seconds = payload.get("problem"), payload.get("seconds")
    if event.kind == "check_result":
        outcome = "passed" if payload.get("passed") else "did not pass"
        about = f": {payload['description']}" if payload.get("description") else ""
        return f"check {payload.get('check')} of {payload.get('asset')} {outcome}{about}"
    if payload.get("message"):
        return str(payload["message"])
    if isinstance(problem, dict) and problem.get("message"):
        return str(problem["message"])
    if payload.get("asset"):
        part = payload.get("partition")
        return f"{payload['asset']} ({part})" if part else str(payload["asset"])
    if payload.get("reason"):
        return str(payload["reason"])
    if event.kind == "step_started" and int(payload.get("attempt") or 1) > 1:
        return f"attempt {payload['attempt']}"
    return f"in {duration(seconds)}" if isinstance(seconds, int | float) else ""
