"""One attempt at a step: inputs loaded, the function called, outputs taken."""

from __future__ import annotations

from .._computations import CONFIG, CONTEXT, RESOURCE
from .._contexts import AssetCheckExecutionContext, AssetExecutionContext, OpExecutionContext
from .._metadata import describe_metadata
from ._current import CURRENT
from ._outputs import Collector
from ._steps import FromAsset, FromStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._contexts import ExecutionContext
    from ._run import Run
    from ._steps import Step

_CONTEXTS: dict[str, Any] = {
    "asset": AssetExecutionContext,
    "op": OpExecutionContext,
    "check": AssetCheckExecutionContext,
}


class Attempt:
    """One attempt. `doing` says what was under way, for when it fails; None while the user's function was."""

    def __init__(self, run: Run, step: Step, number: int) -> None:
        self._run = run
        self._step = step
        self.context = self._make_context(number)
        self._collector = Collector(step, self.context, run.exchange, run.recorder, run.values)
        self.context._emit = self._collector.take_event  # noqa: SLF001 -- ours
        self._doing: str | None = None

    @property
    def doing(self) -> str | None:
        return self._doing or self._collector.doing

    def _make_context(self, number: int) -> ExecutionContext:
        run, step = self._run, self._step
        context: ExecutionContext = _CONTEXTS[step.kind](op_config=step.config)
        context.resources._replace(run.scope.objects)
        context.run = run.info
        context.step = step.name
        context.retry_number = number
        context._asset_keys = step.asset_keys or list(dict.fromkeys(key for key, _ in step.checks))  # noqa: SLF001 -- as above
        context._output_keys = {n: o.key for n, o in step.outputs.items() if o.key is not None}  # noqa: SLF001 -- as above
        context._output_names = list(step.outputs)  # noqa: SLF001 -- as above
        context._check_keys = list(step.checks)  # noqa: SLF001 -- as above
        context._partitions_def = run.find_partitions(step)  # noqa: SLF001 -- as above
        context._partition_keys = run.list_partition_keys(context._partitions_def)  # noqa: SLF001 -- as above
        context._computation = step.computation  # noqa: SLF001 -- as above
        context._make_log = lambda: run.make_log(step.name)  # noqa: SLF001 -- as above
        return context

    def make(self) -> None:
        """Load, call, store. What goes wrong is raised."""
        arguments = self._load_inputs()
        computation = self._step.computation
        positional = []
        for parameter, role in self._run.get_roles(computation):
            name = parameter.name
            if role == CONTEXT:
                positional.append(self.context)
            elif role == CONFIG:
                if self._step.config is not None or not parameter.has_default:
                    arguments[name] = self._step.config
            elif role == RESOURCE and name in self._run.scope.objects:
                arguments[name] = self._run.scope.objects[name]
        token = CURRENT.set(self.context)
        try:
            self._collector.take(computation.function(*positional, **arguments))
        finally:
            CURRENT.reset(token)

    def _load_inputs(self) -> dict[str, Any]:
        values = {}
        keys_by_input = {}
        for name, given in self._step.inputs.items():
            self._doing = f"input '{name}' could not be loaded"
            value, keys = self._run.exchange.load(self._step, name, given)
            keys_by_input[name] = keys
            values[name] = value
            source = given.source
            if isinstance(source, (FromAsset, FromStep)):
                above = source.step
                self._run.recorder.emit(
                    "input",
                    self._step.name,
                    input=name,
                    asset=str(source.key) if isinstance(source, FromAsset) and source.key else None,
                    partitions=[str(key) for key in keys],
                    source=None if above is None else {"step": above.name, "output": source.output},
                    metadata=describe_metadata({}),
                )
        self._doing = None
        self.context._upstream_keys = keys_by_input  # noqa: SLF001 -- ours
        return values
