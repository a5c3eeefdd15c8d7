"""What a function returned or yielded: stored, recorded, and held against what it declares to make."""

from __future__ import annotations

from .._arguments import show
from .._failures import ExecutionError
from .._materializations import AssetMaterialization, AssetObservation
from .._metadata import describe_metadata
from .._results import AssetCheckResult, AssetCheckSeverity, MaterializeResult, Output
from .._text import clean_text
from ._exchange import check_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Sequence

    from .._contexts import ExecutionContext
    from .._specs import AssetCheckSpec
    from ._events import Recorder
    from ._exchange import Exchange
    from ._steps import Step, StepOutput

_EVENTS = (Output, MaterializeResult, AssetCheckResult, AssetMaterialization)
_NOTHING = object()


class Collector:
    """Takes what one call of a step's function gives. `doing` says what is under way, for when it fails."""

    def __init__(
        self,
        step: Step,
        context: ExecutionContext,
        exchange: Exchange,
        recorder: Recorder,
        values: dict[Any, Any] | None,
    ) -> None:
        self._step = step
        self._context = context
        self._exchange = exchange
        self._recorder = recorder
        self._values = values
        self._what = step.computation.what
        self._made: set[str] = set()
        self._checked: dict[Any, AssetCheckResult] = {}
        self._has_yielded = False
        self._is_silent = False
        self.doing: str | None = None

    def take(self, returned: Any) -> None:
        """Take what the function returned: a value, an event, several of them, or a generator of events."""
        if self._step.computation.signature.is_coroutine and hasattr(returned, "__await__"):
            import asyncio

            returned = asyncio.run(_wait(returned))
        if hasattr(returned, "__anext__") and hasattr(returned, "asend"):
            self._take_all(_iterate_async(returned))
        elif hasattr(returned, "send") and hasattr(returned, "__next__"):
            self._take_all(returned)
        else:
            self._take_returned(returned)
        self._finish()

    def _take_all(self, generator: Any) -> None:
        self._has_yielded = True
        try:
            for item in generator:
                if not isinstance(item, _EVENTS):
                    hint = "yield Output(value), MaterializeResult(…) or AssetCheckResult(…)"
                    raise ExecutionError(f"{self._what} yielded {show(item)}, which is no event", hint)
                self.take_event(item)
        finally:
            generator.close()

    def _take_returned(self, value: Any) -> None:
        outputs = list(self._step.outputs.values())
        if isinstance(value, _EVENTS):
            self.take_event(value)
        elif isinstance(value, (tuple, list)) and value and all(isinstance(item, _EVENTS) for item in value):
            self._take_tuple(value)
        elif isinstance(value, tuple) and self._step.checks and any(isinstance(v, AssetCheckResult) for v in value):
            for item in value:
                if isinstance(item, AssetCheckResult):
                    self.take_event(item)
            rest = tuple(item for item in value if not isinstance(item, AssetCheckResult))
            self._take_returned(rest[0] if len(rest) == 1 else rest)
        elif self._step.kind == "check":
            message = f"{self._what} must return an AssetCheckResult, not {show(value)}"
            raise ExecutionError(message, "return AssetCheckResult(passed=…)")
        elif self._step.is_value_free or not outputs:
            if value is not None:
                message = f"{self._what} returned {show(value)}, and it makes no values"
                raise ExecutionError(message, "return MaterializeResult(asset_key=…), with value= to store one")
            self._is_silent = True
        elif len(outputs) == 1:
            self._take_value(outputs[0], value, {})
        elif isinstance(value, (tuple, list)) and len(value) == len(outputs):
            self._take_tuple(value)
        elif value is None and not any(output.is_required for output in outputs):
            return
        else:
            names = ", ".join(output.name for output in outputs)
            hint = "where only a part is to be made, yield an Output for each" if self._step.is_subset else None
            message = f"{self._what} must return a tuple of {len(outputs)} values ({names}), not {show(value)}"
            raise ExecutionError(message, hint)

    def _take_tuple(self, items: Sequence[Any]) -> None:
        outputs = list(self._step.outputs.values())
        position = 0
        for item in items:
            if isinstance(item, Output) and len(outputs) > 1 and item.output_name == "result":
                self._take_output(item, outputs[min(position, len(outputs) - 1)])
            elif isinstance(item, _EVENTS):
                self.take_event(item)
            else:
                self._take_value(outputs[position], item, {})
            position += not isinstance(item, (AssetCheckResult, AssetMaterialization))

    def take_event(self, event: Any) -> None:
        """Take an event that was returned, yielded, or given to `context.log_event`."""
        if isinstance(event, Output):
            self._take_output(event, self._find_output(event))
        elif isinstance(event, MaterializeResult):
            self._take_result(event)
        elif isinstance(event, AssetCheckResult):
            self._take_check(event)
        elif isinstance(event, AssetMaterialization):
            kind = "observation" if isinstance(event, AssetObservation) else "materialization"
            self._emit_asset(kind, str(event.asset_key), event.partition, event.metadata, event.tags)
        else:
            raise ExecutionError(f"{show(event)} is no event that a run can record")

    # --- outputs ---

    def _find_output(self, event: Output[Any]) -> StepOutput:
        outputs = self._step.outputs
        if event.output_name in outputs:
            return outputs[event.output_name]
        if len(outputs) == 1 and event.output_name == "result":
            return next(iter(outputs.values()))
        known = ", ".join(outputs) or "none"
        selected = " that is selected" if self._step.is_subset else ""
        raise ExecutionError(f"{self._what} has no output '{event.output_name}'{selected}", f"its outputs: {known}")

    def _take_output(self, event: Output[Any], output: StepOutput) -> None:
        facts = {"data_version": event.data_version, "tags": event.tags}
        self._take_value(output, event.value, event.metadata, is_event=True, **facts)

    def _take_result(self, event: MaterializeResult[Any]) -> None:
        outputs = [output for output in self._step.outputs.values() if output.key is not None]
        if event.asset_key is not None:
            outputs = [output for output in outputs if output.key == event.asset_key]
        if len(outputs) != 1:
            known = ", ".join(str(key) for key in self._step.asset_keys) or "none"
            hint = f"its assets: {known}"
            if event.asset_key is None:
                raise ExecutionError(f"{self._what} made a MaterializeResult without asset_key", hint)
            raise ExecutionError(f"{self._what} does not make asset '{event.asset_key}' here", hint)
        output = outputs[0]
        value = _NOTHING if event.value is None else event.value
        facts = {"data_version": event.data_version, "tags": event.tags}
        self._take_value(output, value, event.metadata, is_event=True, **facts)
        for result in event.check_results:
            self._take_check(result, output.key)

    def _take_value(
        self,
        output: StepOutput,
        value: Any,
        metadata: Mapping[str, Any],
        *,
        is_event: bool = False,
        data_version: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        if output.name in self._made:
            raise ExecutionError(f"{self._what} made the output '{output.name}' twice")
        is_stored = self._check_value(output, value, is_event)
        self._made.add(output.name)
        given = {**metadata, **self._context.output_metadata.get(output.name, {})}
        added: dict[str, Any] = {}
        if is_stored:
            self.doing = f"output '{output.name}' could not be stored by '{output.manager_key}'"
            added = self._exchange.store(self._step, output, value, given)
            self.doing = None
        self._exchange.produced.add((self._step.name, output.name))
        if self._values is not None:
            self._values[self._step.name, output.name] = None if value is _NOTHING else value
        found = {**given, **added}
        self._recorder.emit(
            "output",
            self._step.name,
            output=output.name,
            asset=None if output.key is None else str(output.key),
            io_manager=output.manager_key if is_stored else None,
            metadata=describe_metadata(found),
        )
        if output.key is not None and output.spec is not None:
            partitions: list[Any] = [*self._exchange.list_keys(output.spec.partitions_def)] or [None]
            for partition in partitions:
                self._emit_asset(
                    "materialization",
                    str(output.key),
                    None if partition is None else str(partition),
                    found,
                    tags or {},
                    data_version=data_version,
                    code_version=output.spec.code_version or self._step.computation.code_version,
                )

    def _check_value(self, output: StepOutput, value: Any, is_event: bool) -> bool:
        """Hold a value against its annotation; whether it is to be stored."""
        if value is _NOTHING:
            return False
        annotation = output.annotation
        if self._has_yielded or (isinstance(annotation, type) and issubclass(annotation, _EVENTS)):
            return True
        if annotation is type(None) or (annotation is None and self._is_annotated_none(output)):
            if value is not None:
                raise ExecutionError(f"{self._what} is annotated to return None, and gave {show(value)}")
            return False
        if is_event and _is_generic(annotation):
            return True
        check_type(value, annotation, f"output '{output.name}' of {self._what}", "invalid_output")
        return True

    def _is_annotated_none(self, output: StepOutput) -> bool:
        signature = self._step.computation.signature
        return signature.returns is None and len(self._step.outputs) == 1 and output.annotation is None

    def _emit_asset(
        self,
        kind: str,
        key: str,
        partition: str | None,
        metadata: Mapping[str, Any],
        tags: Mapping[str, str],
        **facts: Any,
    ) -> None:
        self._recorder.emit(
            kind,
            self._step.name,
            asset=key,
            partition=partition,
            metadata=describe_metadata(metadata),
            tags=dict(tags),
            **facts,
        )

    # --- checks ---

    def _take_check(self, result: AssetCheckResult, asset_key: Any = None) -> None:
        spec = self._find_check(result, asset_key)
        if spec is None:
            return
        key = (spec.asset_key, spec.name)
        if key in self._checked:
            raise ExecutionError(f"{self._what} gave check '{spec.name}' of '{spec.asset_key}' twice")
        self._checked[key] = result
        self._recorder.emit(
            "check_result",
            self._step.name,
            asset=str(spec.asset_key),
            check=spec.name,
            passed=result.passed,
            severity=result.severity.name,
            blocking=spec.blocking,
            description=None if result.description is None else clean_text(result.description),
            metadata=describe_metadata(result.metadata),
            partitions=[str(key) for key in self._exchange.list_keys(self._exchange.get_partitions(spec.asset_key))],
        )

    def _find_check(self, result: AssetCheckResult, asset_key: Any) -> AssetCheckSpec | None:
        wanted = result.asset_key or asset_key
        found = [
            spec
            for spec in self._step.checks.values()
            if (result.check_name is None or spec.name == result.check_name)
            and (wanted is None or spec.asset_key == wanted)
        ]
        if len(found) == 1:
            return found[0]
        if not found and self._step.is_subset:
            return None  # of a part that is not selected
        known = ", ".join(f"'{spec.name}' of '{spec.asset_key}'" for spec in self._step.checks.values())
        name = "" if result.check_name is None else f" '{result.check_name}'"
        problem = "is not one of its checks" if not found else "may be several of its checks"
        raise ExecutionError(f"{self._what}: the AssetCheckResult{name} {problem}", f"its checks: {known or 'none'}")

    # --- the end ---

    def _finish(self) -> None:
        if self._is_silent and not self._made:
            for output in self._step.outputs.values():
                self._take_value(output, _NOTHING, {})
        missing = [o.name for o in self._step.outputs.values() if o.is_required and o.name not in self._made]
        if missing:
            names = ", ".join(f"'{name}'" for name in missing)
            verb = "yielded" if self._has_yielded else "returned"
            raise ExecutionError(
                f"{self._what} {verb} nothing for its output {names}", "an output that may be missing is not required"
            )
        unchecked = [spec for key, spec in self._step.checks.items() if key not in self._checked]
        if unchecked:
            names = ", ".join(f"'{spec.name}'" for spec in unchecked)
            raise ExecutionError(f"{self._what} gave no AssetCheckResult for its check {names}")
        self._stop_where_blocked()

    def _stop_where_blocked(self) -> None:
        failed = [
            (spec, self._checked[key])
            for key, spec in self._step.checks.items()
            if spec.blocking and self._is_bad(self._checked[key])
        ]
        if failed:
            texts = [f"'{spec.name}' of '{spec.asset_key}'{_describe(result)}" for spec, result in failed]
            raise ExecutionError(f"blocking check failed: {', '.join(texts)}", None, "check_failed")

    @staticmethod
    def _is_bad(result: AssetCheckResult) -> bool:
        return not result.passed and result.severity is AssetCheckSeverity.ERROR


def _describe(result: AssetCheckResult) -> str:
    return f" ({clean_text(result.description)})" if result.description else ""


def _is_generic(annotation: Any) -> bool:
    """Whether an annotation is of what the function returns as a whole, such as `Tuple[Output, …]`."""
    arguments: Iterable[Any] = getattr(annotation, "__args__", None) or ()
    return any(isinstance(argument, type) and issubclass(argument, _EVENTS) for argument in arguments)


async def _wait(awaitable: Any) -> Any:
    return await awaitable


def _iterate_async(generator: Any) -> Any:
    """What an asynchronous generator yields, one at a time."""
    import asyncio

    loop = asyncio.new_event_loop()
    try:
        while True:
            try:
                item = loop.run_until_complete(generator.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        loop.run_until_complete(generator.aclose())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
