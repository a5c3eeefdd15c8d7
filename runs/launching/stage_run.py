"""One stage of a run: what of it can still be made, what its workers report, and what that means for later stages."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.runs.launching.limits import StepLimits
from atoll_host.runs.launching.stages import make_worker_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.envs.errors import Problem
    from atoll_host.envs.running.worker import Ending, RunWorker
    from atoll_host.runs.launching.pooling import Pools
    from atoll_host.runs.launching.recorder import Recorder
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.launching.stages import Progress
    from atoll_host.runs.planning.plan import Stage, Unit

Executed = Literal["done", "again", "lost"]
"""What an execution came to: the worker can be told more; another one is to go on; or the worker is gone."""
_HEAD = ("type", "run", "number", "time", "step")
"""What an event says of itself beside its payload."""
_ENDS = {"step_succeeded": "succeeded", "step_failed": "failed", "step_skipped": "skipped", "step_canceled": "canceled"}
_LEAVES = frozenset({"step_succeeded", "step_failed", "step_canceled", "step_retry"})
"""After these a step holds no place in its pool."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one worker executes at once.

    Attributes:
        worker: the one.
        pid: its process id.
        limits: of its steps.
        is_whole: whether it is all that is left of the stage.
    """

    worker: RunWorker
    pid: int | None
    limits: StepLimits
    is_whole: bool


class StageRun:
    """Executes a stage once, in one worker or in several at the same time.

    Args:
        request: the run.
        stage: what of it.
        progress: what is known of the others.
        recorder: takes what happens.
        pools: where steps wait for a place.
    """

    def __init__(self, request: RunRequest, stage: Stage, progress: Progress, recorder: Recorder, pools: Pools) -> None:
        self._request = request
        self._stage = stage
        self._progress = progress
        self._recorder = recorder
        self._pools = pools
        self._lock = threading.RLock()
        self._started = time.monotonic()
        self._has_begun = False
        self._units: list[Unit] = list(stage.units)
        self._made: set[str] = set()
        self._states: dict[str, str] = {}
        self._outputs: dict[str, list[str]] = {}
        self._attempts: dict[str, int] = {}
        self._again: set[str] = set()
        self._found: list[Mapping[str, Any]] = []

    def choose(self) -> bool:
        """Leave out what lacks something from before; tell whether anything is left."""
        reasons: dict[str, str] = {}
        with self._progress.lock:
            lost = dict(self._progress.lost)
        again = True
        while again:
            again = False
            for unit in list(self._units):
                lack = next((key for key in unit.upstream if key in lost), None)
                if lack is not None:
                    self._units.remove(unit)
                    reasons[unit.computation] = lost[lack]
                    lost.update(dict.fromkeys(unit.assets, f"asset '{unit.assets[0]}' was skipped"))
                    again = True
        self._skip(reasons)
        return bool(self._units) or self._stage.job is not None

    def _skip(self, reasons: Mapping[str, str]) -> None:
        gone = {key for unit in self._stage.units if unit.computation in reasons for key in unit.assets}
        for step in self._progress.steps_of(self._stage):
            name = step["name"]
            reason = reasons.get(name) or reasons.get(name.partition(".")[0])
            checked = {check["asset"] for check in step.get("checks", ())}
            if reason is None and checked and checked <= gone:
                reason = f"asset '{min(checked)}' was skipped"
            if reason is not None:
                self._states[name] = "skipped"
                self._add("step_skipped", {"reason": reason}, step=name)

    def list_left(self) -> list[dict[str, Any]]:
        """List the steps that have not ended, as the worker planned them."""
        return [step for step in self._progress.steps_of(self._stage) if step["name"] not in self._states]

    def has_ended(self, step: str) -> bool:
        """Tell whether a step has ended, in whichever way."""
        return step in self._states

    def execute(self, worker: RunWorker, pid: int | None, steps: Sequence[str] | None = None) -> Executed:
        """Have a worker execute what is left of the stage, or some steps of it while other workers execute others."""
        limited = self._progress.steps_of(self._stage) if self._request.debug is None else ()
        part = _Part(worker, pid, StepLimits(limited), steps is None)
        plan = self._make_plan(steps)
        timeout = self._request.timeout
        left = None if timeout is None else self._started + timeout - time.monotonic()
        try:
            ending = worker.execute(plan, lambda event: self._take(part, event), timeout=timeout, left=left)
        finally:
            part.limits.end()
        if part.limits.has_expired and ending.problem is not None and ending.open_steps:
            return self._go_on(part, ending.problem, ending.open_steps[0])
        self._note_ending(ending, part)
        return "lost" if ending.problem is not None or ending.status == "canceled" else "done"

    def _make_plan(self, steps: Sequence[str] | None) -> dict[str, Any]:
        plan = make_worker_plan(self._request, self._stage, self._units)
        with self._lock:
            if steps is None and self._has_begun:
                steps = [step["name"] for step in self.list_left()]
            self._has_begun = True
            if steps is not None:
                plan["steps"] = list(steps)
                plan["attempts"] = {name: self._attempts.get(name, 1) for name in self._again.intersection(steps)}
                plan["earlier"] = {
                    name: {"state": state, "outputs": list(self._outputs.get(name, ()))}
                    for name, state in self._states.items()
                    if state != "canceled"
                }
        return plan

    def _go_on(self, part: _Part, problem: Problem, step: str) -> Executed:
        """End the attempt that took too long; tell whether another worker is to go on."""
        if part.pid is not None:
            self._progress.killed.add(part.pid)
        self._pools.leave(self._stage.number, step)
        steps = self._progress.steps_of(self._stage)
        retries = next((one.get("max_retries", 0) for one in steps if one["name"] == step), 0)
        with self._lock:
            attempt = self._attempts.get(step, 1)
            self._outputs.pop(step, None)
            facts = {"problem": problem.to_json(), "attempt": attempt, "seconds": None}
            if attempt <= retries:
                self._again.add(step)
                self._add("step_retry", {**facts, "delay": None}, step=step)
                return "again"
            self._states[step] = "failed"
            self._again.discard(step)
        self._note_failed(step)
        self._add("step_failed", facts, step=step)
        with self._progress.lock:
            self._progress.problems.append(problem.to_json())
        if part.is_whole and not self.list_left():
            self._add("stage_failed", {"stage": self._stage.number, "problems": [problem.to_json()]})
        return "again" if part.is_whole and self.list_left() else "lost"

    def _note_ending(self, ending: Ending, part: _Part) -> None:
        if ending.status == "canceled":
            self._progress.is_canceled = True
        if ending.problem is None and ending.status != "canceled":
            return
        if part.pid is not None and (ending.problem is not None or ending.open_steps):
            self._progress.killed.add(part.pid)
        if ending.problem is None:
            for step in ending.open_steps:
                self._states[step] = "canceled"
                self._add("step_canceled", {"reason": "it did not end in time and was killed"}, step=step)
            return
        problem = ending.problem.to_json()
        for step in ending.open_steps:
            self._states[step] = "failed"
            self._pools.leave(self._stage.number, step)
            self._note_failed(step)
            self._add("step_failed", {"problem": problem, "attempt": None, "seconds": None}, step=step)
        if part.is_whole:
            self.fail((ending.problem,))
        else:
            self._keep((problem,))

    def fail(self, problems: Sequence[Problem]) -> None:
        """Note that the stage could not be executed, or not to its end."""
        found = [problem.to_json() for problem in problems]
        self._keep(found)
        self._add("stage_failed", {"stage": self._stage.number, "problems": found})

    def _keep(self, problems: Sequence[Mapping[str, Any]]) -> None:
        with self._progress.lock:
            self._progress.problems += problems
            self._found += problems

    def begin_parts(self, pid: int | None) -> None:
        """Note that the stage begins, when several workers are to execute it."""
        names = [step["name"] for step in self.list_left()]
        self._add("stage_started", {"stage": self._stage.number, "pid": pid, "steps": names})

    def note_worker(self, pid: int | None) -> None:
        """Note that a further worker executes steps."""
        self._add("worker_started", {"stage": self._stage.number, "pid": pid})

    def end_parts(self) -> None:
        """Note how the stage has ended, when several workers have executed it."""
        failed = [name for name, state in self._states.items() if state == "failed"]
        facts: dict[str, Any] = {"stage": self._stage.number, "seconds": time.monotonic() - self._started}
        if self._progress.is_canceled:
            self._add("stage_canceled", {**facts, "steps": [step["name"] for step in self.list_left()]})
        elif failed or self._found:
            self._add("stage_failed", {**facts, "steps": failed, "problems": list(self._found)})
        else:
            self._add("stage_succeeded", facts)

    def finish(self) -> None:
        """Note what later stages lack."""
        self._pools.leave(self._stage.number)
        with self._progress.lock:
            for key in self._stage.assets:
                if key not in self._made:
                    self._progress.lost.setdefault(key, f"asset '{key}' was not made")
        self._progress.leave(self._stage)

    def _take(self, part: _Part, event: dict[str, Any]) -> None:
        kind, step = event["type"], event.get("step")
        payload = {name: value for name, value in event.items() if name not in _HEAD}
        with self._lock:
            self._note(kind, event)
        if kind in _LEAVES:
            part.limits.end()
            self._pools.leave(self._stage.number, str(step))
        elif kind == "step_started":
            part.limits.begin(str(step), part.worker.expire)
        if kind.startswith("run_"):
            if kind == "run_failed":
                self._note_end(payload, part)
            if not part.is_whole:
                return
            kind = f"stage_{kind[4:]}"
            payload = {"stage": self._stage.number, "pid": part.pid, **payload}
        moment = event.get("time")
        self._add(kind, payload, step=step, moment=moment if isinstance(moment, float) else None)
        if kind == "step_queued":
            number, location = self._stage.number, self._stage.location
            self._pools.ask(number, location, str(step), str(event.get("pool")), part.worker.begin)

    def _note(self, kind: str, event: Mapping[str, Any]) -> None:
        """Keep what later stages, and other workers of this one, need to know."""
        step = str(event.get("step"))
        if kind == "materialization":
            self._made.add(str(event.get("asset")))
        elif kind == "output":
            self._outputs.setdefault(step, []).append(str(event.get("output")))
        elif kind == "step_started":
            self._attempts[step] = int(event.get("attempt") or 1)
            self._again.discard(step)
        elif kind == "step_retry":
            self._outputs.pop(step, None)
        elif kind == "check_result":
            self._note_check(event)
        elif kind in _ENDS:
            self._states[step] = _ENDS[kind]
        if kind == "step_failed":
            self._note_failed(step)
            problem = event.get("problem")
            if isinstance(problem, dict):
                with self._progress.lock:
                    self._progress.problems.append(problem)

    def _note_check(self, event: Mapping[str, Any]) -> None:
        is_bad = event.get("blocking") and not event.get("passed")
        if is_bad and str(event.get("severity", "ERROR")).upper() == "ERROR":
            with self._progress.lock:
                key = str(event.get("asset"))
                self._progress.lost[key] = f"check '{event.get('check')}' of asset '{key}' failed"

    def _note_end(self, payload: Mapping[str, Any], part: _Part) -> None:
        """Keep what else went wrong, beside the steps that failed."""
        found = payload.get("problems", ())
        others = [problem for problem in found if problem.get("kind") != "step_failed"]
        with self._progress.lock:
            self._progress.problems += others
            if not self._progress.problems:
                self._progress.problems += found
            if not part.is_whole:
                self._found += others

    def _note_failed(self, step: str) -> None:
        with self._progress.lock:
            self._progress.failed.append(step)

    def _add(
        self, kind: str, payload: Mapping[str, Any], *, step: str | None = None, moment: float | None = None
    ) -> None:
        self._recorder.add(kind, payload, step=step, moment=moment, location=self._stage.location)
