"""Calling of hooks after a step has ended."""

from __future__ import annotations

from .._hooks import HookContext
from ._problems import describe_exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._contexts import ExecutionContext
    from ._run import Run
    from ._steps import Step


def call_hooks(run: Run, step: Step, context: ExecutionContext, error: BaseException | None) -> None:
    """Call the step's hooks for success, or for failure where there is an error. A hook that fails is only reported."""
    on = "success" if error is None else "failure"
    for hook in step.hooks:
        if hook.on != on:
            continue
        given = HookContext(op_config=step.config)
        vars(given).update({name: value for name, value in vars(context).items() if name != "_log"})
        given.hook_name = hook.name
        given.op_exception = error
        given.tags = step.tags
        values = run.values or {}
        given.op_output_values = {name: values[step.name, name] for name in step.outputs if (step.name, name) in values}
        try:
            hook.function(given)
        except Exception as problem:  # noqa: BLE001 -- a hook's failure is not the step's
            shown = describe_exception(problem, f"hook '{hook.name}' failed")
            run.recorder.emit("hook_failed", step.name, hook=hook.name, problem=shown)
        else:
            run.recorder.emit("hook_completed", step.name, hook=hook.name)
