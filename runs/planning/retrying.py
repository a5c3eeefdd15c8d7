"""What is left of a run that did not succeed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.planner import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.runs.storage.records import Run, Step
    from atoll_host.runs.storage.store import Storage
    from atoll_host.workspace.graph.graph import AssetGraph

_EVERY = 1_000_000
"""Materialisations of one run at most."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A run that did not succeed, and what it did.

    Attributes:
        run: it.
        made: keys of the assets that it made.
        steps: what became of each.
        values_from: the run that made the values of each step which succeeded, in this run or one before it.
    """

    run: Run
    made: frozenset[str]
    steps: tuple[Step, ...]
    values_from: Mapping[str, str]

    @property
    def wanted(self) -> Wanted:
        """How the run was asked for."""
        return Wanted(self.run.partition, self.run.partition_range, self.run.config)

    @property
    def facts(self) -> dict[str, Any]:
        """How the new run is remembered."""
        run = self.run
        return {"kind": run.kind, "tags": dict(run.tags), "config": run.config, "parent": run.id}

    @property
    def job(self) -> str | None:
        """The job as it is looked up; None where the run makes assets."""
        run = self.run
        return f"{run.location}:{run.job}" if run.location and run.job is not None else run.job

    def choose_assets(self, graph: AssetGraph, *, every: bool = False) -> set[str]:
        """Give the ids of the assets that were not made, or one of whose steps failed.

        Args:
            graph: of the whole workspace, as it is now.
            every: whether those that were made are wanted too.

        Raises:
            UsageError: there are none.
        """
        stages = self.run.options.get("plan", {}).get("stages", [])
        unfinished = {(step.location, step.key) for step in self.steps if step.status != "succeeded"}
        left: set[str] = set()
        for stage in stages:
            for unit in stage.get("units", []):
                keys = unit["assets"]
                is_left = any(key not in self.made for key in keys)
                if every or is_left or (stage["location"], unit["computation"]) in unfinished:
                    left.update(f"{stage['location']}:{key}" for key in keys)
        found = {name for name in left if name in graph.nodes}
        if not found:
            raise UsageError(
                f"All assets of run {self.run.number} were made: only checks did not pass, or tear-down failed",
                hint="mend them, and make the assets anew with `atoll materialize`",
            )
        return found

    def list_steps(self) -> tuple[str, ...] | None:
        """Give the steps of a job that have not succeeded; None for all, where none has.

        Raises:
            UsageError: there are none.
        """
        succeeded = {step.key for step in self.steps if step.status == "succeeded"}
        stages = self.run.options.get("plan", {}).get("stages", [])
        planned = [key for stage in stages for key in stage.get("steps") or ()]
        if not succeeded and not planned:
            return None
        left = tuple(key for key in planned or [step.key for step in self.steps] if key not in succeeded)
        if not left:
            raise UsageError(
                f"All steps of run {self.run.number} succeeded: what failed came after them", hint="run the job anew"
            )
        return left


def find_rest(storage: Storage, text: str, *, every: bool = False) -> Rest:
    """Look up what a run that did not succeed has left.

    Args:
        storage: where runs are remembered.
        text: its number, or a part of its id.
        every: whether all of it is wanted again: then it may have succeeded.

    Raises:
        NoRunError: there is none.
        UsageError: nothing is left, or it still goes on.
    """
    run = storage.runs.find(text)
    if not run.is_final:
        raise UsageError(f"Run {run.number} still goes on", hint=f"atoll runs cancel {run.number}")
    if run.status == "succeeded" and not every:
        raise UsageError(f"Run {run.number} succeeded: nothing of it is left")
    steps = storage.steps.list(run.id)
    events = storage.events.read(run.id, kinds=("materialization",), limit=_EVERY)
    made = frozenset(str(event.payload.get("asset")) for event in events)
    return Rest(run, made, steps, _find_values(run, steps))


def _find_values(run: Run, steps: tuple[Step, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for stage in run.options.get("plan", {}).get("stages", []):
        found.update(stage.get("values_from") or {})
    found.update({step.key: run.id for step in steps if step.status == "succeeded"})
    return found
