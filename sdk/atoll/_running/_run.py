"""A run: steps in order, with resources around them, everything reported as events."""

from __future__ import annotations

import time

from .._contexts import RunInfo
from .._failures import Failure, RetryRequested
from .._metadata import describe_metadata
from ._attempt import Attempt
from ._events import Recorder, SinkFailed, StepLog
from ._exchange import Exchange
from ._hooks import call_hooks
from ._problems import describe_exception, make_problem
from ._retrying import find_delay
from ._scope import ResourceError, ResourceScope
from ._steps import FromSeveral, FromStep, iterate_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .._computations import Computation
    from ._events import Sink
    from ._preparing import Prepared
    from ._steps import Step

SUCCEEDED, FAILED, SKIPPED, CANCELED = "succeeded", "failed", "skipped", "canceled"


class Run:
    """Carries out what was prepared, once.

    Args:
        prepared: the steps, resources and settings.
        sink: called with each event; what it raises ends the run.
        capture: keep the values of outputs, for a result in this process.
        stop_at_failure: skip what is left once a step has failed, and not only what is downstream of it.
        hold: a context manager inside which no interrupt is delivered, around each call of the sink.
        gate: called before each attempt at a step of a pool, after the event that asks; returns when it may begin.
        echo: let what is logged reach the handlers of the logger `atoll` too.
    """

    def __init__(
        self,
        prepared: Prepared,
        sink: Sink,
        *,
        capture: bool = False,
        stop_at_failure: bool = False,
        hold: Any = None,
        gate: Callable[[], None] | None = None,
        echo: bool = True,
    ) -> None:
        plan = prepared.plan
        self._prepared = prepared
        self._stop_at_failure = stop_at_failure
        self._gate = gate
        self._echo = echo
        self.info = RunInfo(plan.run_id, prepared.tags, plan.job)
        self.recorder = Recorder(plan.run_id, sink, hold)
        self.recorder.hide(prepared.secrets)
        self.scope = ResourceScope(prepared.resources, self.recorder, self.info, lambda: self.make_log(None))
        self.exchange = Exchange(plan, prepared.catalog, self.info, self.scope.objects, self.make_log)
        self.exchange.expect(prepared.steps, plan.earlier)
        self.values: dict[Any, Any] | None = {} if capture else None
        self.states: dict[str, str] = {name: what["state"] for name, what in plan.earlier.items()}
        self.error: BaseException | None = None
        self._executed = {step.name for step in prepared.steps}.union(plan.earlier)
        self._loggers: list[Any] | None = None

    # --- what attempts ask for ---

    def make_log(self, step: str | None) -> Any:
        if self._loggers is None:
            self._loggers = self._prepared.make_loggers(self.info)
        return StepLog(self.recorder, step, self._loggers, propagate=self._echo).make()

    def get_roles(self, computation: Computation) -> Any:
        return self._prepared.get_roles(computation)

    def find_partitions(self, step: Step) -> Any:
        """The partitions of what the step makes or checks; else those of the run."""
        for output in step.outputs.values():
            if output.spec is not None and output.spec.partitions_def is not None:
                return output.spec.partitions_def
        for key, _ in step.checks:
            found = self.exchange.get_partitions(key)
            if found is not None:
                return found
        return self._prepared.partitions

    def list_partition_keys(self, partitions: Any) -> list[str]:
        keys = self._prepared.plan.partition_keys
        return list(keys) if partitions is None else self.exchange.list_keys(partitions)

    # --- the run ---

    def carry_out(self) -> bool:
        """Carry the run out; whether it succeeded. `error` is what made it fail, where an exception did.

        Raises:
            KeyboardInterrupt: it was interrupted; everything is torn down, and the events say so.
            Exception: what the sink raised; everything is torn down.
        """
        interrupt: BaseException | None = None
        problems: list[dict[str, Any]] = []
        started = time.perf_counter()
        try:
            self._report_start()
            self.scope.set_up(self._prepared.resource_names)
            for step in self._prepared.steps:
                self._execute(step)
        except (KeyboardInterrupt, SinkFailed) as error:
            interrupt = error
        except ResourceError as error:
            self.error = error.__cause__ or error
            problem = describe_exception(self.error, str(error))
            self.recorder.emit("resource_failed", None, resource=error.name, phase=error.phase, problem=problem)
            problems.append(problem)
        except BaseException:
            self.scope.tear_down()  # an error of our own must not leave anything open
            raise
        errors = self._tear_down()
        if interrupt is None:
            interrupt = next((e for e in errors if isinstance(e, (KeyboardInterrupt, SinkFailed))), None)
        if isinstance(interrupt, SinkFailed):
            raise interrupt.__cause__ or interrupt
        if interrupt is not None:
            self.recorder.emit("run_canceled", seconds=time.perf_counter() - started, steps=self._list_left())
            raise interrupt
        return self._report_end(problems, errors, time.perf_counter() - started)

    def _report_start(self) -> None:
        plan = self._prepared.plan
        self.recorder.emit(
            "run_started",
            job=plan.job,
            steps=[step.describe() for step in self._prepared.steps],
            partitions=[str(key) for key in plan.partition_keys],
            tags=dict(self._prepared.tags),
        )

    def _tear_down(self) -> list[BaseException]:
        errors = self.scope.tear_down()
        if errors and self.error is None:
            self.error = errors[0].__cause__ or errors[0]
        return errors

    def _report_end(self, problems: list[dict[str, Any]], errors: list[BaseException], seconds: float) -> bool:
        failed = [step.name for step in self._prepared.steps if self.states.get(step.name) == FAILED]
        problems += [describe_exception(error.__cause__ or error, str(error)) for error in errors]
        if not failed and not problems:
            self.recorder.emit("run_succeeded", seconds=seconds)
            return True
        if failed:
            names = ", ".join(f"'{name}'" for name in failed)
            noun = "step" if len(failed) == 1 else "steps"
            problems.insert(0, make_problem("step_failed", f"{noun} {names} failed"))
        self.recorder.emit("run_failed", seconds=seconds, steps=failed, problems=problems)
        return False

    def _list_left(self) -> list[str]:
        return [step.name for step in self._prepared.steps if step.name not in self.states]

    # --- a step ---

    def _execute(self, step: Step) -> None:
        reason = self._find_skip(step)
        if reason is not None:
            self.states[step.name] = SKIPPED
            self.recorder.emit("step_skipped", step.name, reason=reason)
            return
        number = self._prepared.plan.attempts.get(step.name, 0)
        if number:
            self._wait(step, find_delay(step.retry_policy, TimeoutError(), number - 1) or 0.0)
        while not self._try(step, number):
            number += 1

    def _find_skip(self, step: Step) -> str | None:
        """Why a step is not executed; None where it is."""
        if self._stop_at_failure and self.error is not None:
            return "the run stops at its first failure"
        for above, output in step.needs:
            reason = self._find_lack(above, output)
            if reason is not None:
                return reason
        for gather in [given.source for given in step.inputs.values()] + step.gathers:
            if isinstance(gather, FromSeveral):
                reason = self._find_gap(gather)
                if reason is not None:
                    return reason
        return None

    def _find_lack(self, above: Step, output: str | None) -> str | None:
        if above.name not in self._executed:
            return None
        state = self.states[above.name]
        if state == FAILED:
            return f"step '{above.name}' failed"
        if state == SKIPPED:
            return f"step '{above.name}' was skipped"
        if output is not None and (above.name, output) not in self.exchange.produced:
            return f"step '{above.name}' did not make '{output}'"
        return None

    def _find_gap(self, gather: FromSeveral) -> str | None:
        reasons = []
        for source in iterate_sources(gather):
            step: Step | None = getattr(source, "step", None)
            reason = None if step is None else self._find_lack(step, source.output)
            if (
                step is not None
                and reason is not None
                and (self.states[step.name] == FAILED or not isinstance(source, FromStep))
            ):
                return reason
            reasons.append(reason)
        return reasons[0] if reasons and all(reasons) else None

    def _try(self, step: Step, number: int) -> bool:
        """One attempt; False where another is to follow."""
        pool = step.computation.pool
        if pool is not None and self._gate is not None:
            self.recorder.emit("step_queued", step.name, pool=pool)
            self._gate()
        self.recorder.emit("step_started", step.name, attempt=number + 1)
        started = time.perf_counter()
        attempt = Attempt(self, step, number)
        try:
            attempt.make()
        except SinkFailed:
            raise
        except KeyboardInterrupt:
            self.states[step.name] = CANCELED
            self.recorder.emit("step_canceled", step.name, seconds=time.perf_counter() - started)
            raise
        except BaseException as error:  # noqa: BLE001 -- whatever user code raises is the step's failure
            return self._fail(step, number, attempt, error, time.perf_counter() - started)
        self.states[step.name] = SUCCEEDED
        self.recorder.emit("step_succeeded", step.name, seconds=time.perf_counter() - started)
        call_hooks(self, step, attempt.context, None)
        return True

    def _fail(self, step: Step, number: int, attempt: Attempt, error: BaseException, seconds: float) -> bool:
        problem = describe_exception(error, attempt.doing)
        if isinstance(error, Failure) and error.metadata:
            problem["metadata"] = describe_metadata(error.metadata)
        delay = find_delay(step.retry_policy, error, number)
        if delay is not None:
            cause = error.__cause__ if isinstance(error, RetryRequested) and error.__cause__ is not None else None
            shown = problem if cause is None else describe_exception(cause)
            facts = {"attempt": number + 1, "delay": delay, "seconds": seconds}
            self.recorder.emit("step_retry", step.name, problem=shown, **facts)
            self.exchange.produced.difference_update((step.name, output) for output in step.outputs)
            self._wait(step, delay)
            return False
        self.states[step.name] = FAILED
        self.error = self.error if self.error is not None else error
        self.recorder.emit("step_failed", step.name, attempt=number + 1, seconds=seconds, problem=problem)
        call_hooks(self, step, attempt.context, error)
        return True

    def _wait(self, step: Step, seconds: float) -> None:
        started = time.perf_counter()
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            self.states[step.name] = CANCELED
            self.recorder.emit("step_canceled", step.name, seconds=time.perf_counter() - started)
            raise
