"""The stages of a run: what a worker is told of one, and what is known of all of them together."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.planning.plan import RunPlan, Stage, Unit


def make_worker_plan(request: RunRequest, stage: Stage, units: Sequence[Unit] | None = None) -> dict[str, Any]:
    """Give the plan that a worker is told.

    Args:
        request: the run.
        stage: what of it.
        units: assets that can still be made; all by default.
    """
    plan: dict[str, Any] = {
        "run_id": request.id,
        "job": stage.job,
        "steps": None if stage.steps is None else list(stage.steps),
        "tags": dict(request.tags),
        "config": stage.config,
        "directory": request.directory,
        "external_assets": dict(stage.external),
        "values_from": dict(stage.values_from),
    }
    if stage.job is None:
        plan["assets"] = [key for unit in (stage.units if units is None else units) for key in unit.assets]
    if stage.is_partitioned and request.plan.partition is not None:
        plan["partition_keys"] = [request.plan.partition]
    elif stage.is_partitioned and request.plan.partition_range is not None:
        plan["partition_range"] = list(request.plan.partition_range)
    if request.dynamic_partitions:
        plan["dynamic_partitions"] = {name: list(keys) for name, keys in request.dynamic_partitions.items()}
    return plan


class Progress:
    """What is known of a run's stages together.

    Attributes:
        lost: why assets were not made in this run, by key.
        failed: names of steps that failed.
        problems: what made the run fail, as JSON.
        killed: process ids of workers that did not end by themselves.
        is_canceled: whether a stage was ended early.
    """

    def __init__(self, plan: RunPlan) -> None:
        self._plan = plan
        self._steps: dict[int, list[dict[str, Any]]] = {}
        self._executors: dict[int, Mapping[str, Any]] = {}
        self._left = {stage.number for stage in plan.stages}
        self.lock = threading.Lock()
        self.lost: dict[str, str] = {}
        self.failed: list[str] = []
        self.problems: list[Mapping[str, Any]] = []
        self.killed: set[int] = set()
        self.is_canceled = False

    @property
    def has_left(self) -> bool:
        """Whether stages have not been executed."""
        return bool(self._left)

    def note_plan(self, stage: Stage, planned: Mapping[str, Any]) -> None:
        """Keep what a worker planned: its steps, and how they are to be executed."""
        with self.lock:
            self._steps[stage.number] = list(planned["steps"])
            self._executors[stage.number] = planned.get("executor") or {}

    def list_steps(self) -> list[dict[str, Any]]:
        """List all that is to come, each step with its location, assets and stage."""
        return [
            {
                "key": step["name"],
                "location": stage.location,
                "stage": stage.number,
                "assets": step.get("assets", []),
                "after": step.get("after", []),
            }
            for stage in self._plan.stages
            for step in self._steps.get(stage.number, ())
        ]

    def steps_of(self, stage: Stage) -> list[dict[str, Any]]:
        """List the steps of a stage, as its worker planned them."""
        return self._steps.get(stage.number, [])

    def find_concurrency(self, stage: Stage) -> int | None:
        """Give how many of a stage's steps may be executed at once, in workers of their own; None for one worker."""
        executor = self._executors.get(stage.number, {})
        if executor.get("name") != "multiprocess":
            return None
        return int((executor.get("config") or {}).get("max_concurrent") or os.cpu_count() or 1)

    def leave(self, stage: Stage) -> None:
        """Note that a stage has ended."""
        with self.lock:
            self._left.discard(stage.number)
