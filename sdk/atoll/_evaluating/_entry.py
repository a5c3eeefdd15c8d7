"""What a worker calls to evaluate a schedule or a sensor."""

from __future__ import annotations

from datetime import datetime, timezone

from .._contexts import RunInfo
from .._errors import DefinitionError
from .._partitions._times import find_zone
from .._running._events import Recorder, StepLog
from .._ticks import (
    AssetEvent,
    RunRequest,
    RunStatusSensorContext,
    ScheduleEvaluationContext,
    SensorEvaluationContext,
    SkipReason,
)
from ._dynamic import apply_changes
from ._failing import EvaluationError, fail, of_definition, suggest_one
from ._partitions import request_partitions
from ._requests import RequestReader
from ._resources import EvaluationResources
from ._results import ResultReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Sequence

    from .._catalog import Catalog
    from .._contexts import ExecutionContext
    from .._running._events import Sink
    from ._results import Found


def evaluate(catalog: Catalog, kind: str, parameters: Mapping[str, Any], sink: Sink) -> dict[str, Any]:
    """Evaluate a schedule (`kind` is "schedule") or a sensor ("sensor").

    The parameters are those of `envs/protocol.md`. `sink` is called with events: what is logged, and what resources do.

    Returns:
        `{"requests", "skip_reason", "cursor", "dynamic"}`, as the protocol describes them.

    Raises:
        EvaluationError: it came to nothing; all the reasons.
    """
    known = catalog.schedules if kind == "schedule" else catalog.sensors
    found = next((item for item in known if item.name == parameters["name"]), None)
    if found is None:
        name = str(parameters["name"])
        raise fail(
            f"there is no {kind} '{name}'", suggest_one(name, [item.name for item in known]), kind="unknown_target"
        )
    evaluation = _ScheduleEvaluation if kind == "schedule" else _SensorEvaluation
    return evaluation(catalog, found, parameters, sink).evaluate()


class _Evaluation:
    def __init__(self, catalog: Catalog, definition: Any, parameters: Mapping[str, Any], sink: Sink) -> None:
        self._catalog = catalog
        self._definition = definition
        self._parameters = parameters
        self._recorder = Recorder("evaluation", sink)
        self._info = RunInfo("evaluation", {})
        self._dynamic = {name: list(keys) for name, keys in (parameters.get("dynamic_partitions") or {}).items()}
        self._now = datetime.now(timezone.utc)

    def evaluate(self) -> dict[str, Any]:
        try:
            found = self._find()
        except EvaluationError:
            raise
        except BaseException as error:  # noqa: BLE001 -- whatever user code raises
            raise EvaluationError.of(error) from None
        changes = apply_changes(self._catalog, self._definition, found.dynamic, self._dynamic)
        try:
            reader = RequestReader(self._catalog, self._definition, self._dynamic, self._now)
            requests = reader.read_all(found.requests)
        except DefinitionError as error:
            raise of_definition(error, self._definition.source) from None
        return {
            "requests": requests,
            "skip_reason": None if requests else found.skip_reason,
            "cursor": found.cursor,
            "dynamic": changes,
        }

    def _find(self) -> Found:
        raise NotImplementedError

    def _make_log(self) -> Any:
        return StepLog(self._recorder, None, propagate=False).make()

    def _call(
        self, context: ExecutionContext, events: Sequence[Any], check: Callable[[Any], Any] | None = None
    ) -> Found:
        """Call the function, with its resources around it; what it yields is read while they are there."""
        computation = self._definition.computation
        context._make_log = self._make_log  # noqa: SLF001 -- ours
        with EvaluationResources(self._catalog, computation, self._recorder, self._info, self._make_log) as resources:
            context.resources._replace(resources)
            value = None if check is None else check(context)
            if value is None:
                value = computation.call([context, *events], {})
            return ResultReader(self._definition).read(value)


class _ScheduleEvaluation(_Evaluation):
    def _find(self) -> Found:
        definition = self._definition
        moment = datetime.fromtimestamp(self._parameters["scheduled"], timezone.utc)
        # A moment of the future is looked at as if it were now.
        self._now = max(self._now, moment)
        if definition.computation is None and definition.should_execute is None:
            return ResultReader(definition).read(self._make_requests(moment))
        zone = self._parameters.get("timezone")
        try:
            scheduled: Any = moment.astimezone(find_zone(zone))
        except DefinitionError as error:
            raise of_definition(error, definition.source) from None
        context = ScheduleEvaluationContext(
            scheduled_execution_time=scheduled, resources=None, dynamic_partitions=self._dynamic
        )
        if definition.computation is None:
            context._make_log = self._make_log  # noqa: SLF001 -- ours
            value = self._ask(context)
            return ResultReader(definition).read(self._make_requests(moment) if value is None else value)
        return self._call(context, [], None if definition.should_execute is None else self._ask)

    def _ask(self, context: Any) -> Any:
        """A reason to skip where `should_execute` says so, None where the schedule is to go on."""
        function = self._definition.should_execute
        code = getattr(function, "__code__", None)
        takes_context = code is None or code.co_argcount > 0 or code.co_flags & 0x04
        answer = function(context) if takes_context else function()
        if answer is not True and answer is not False:
            from .._arguments import show

            message = f"should_execute of schedule '{self._definition.name}' gave {show(answer)}"
            raise fail(message, "return True or False", source=self._definition.source)
        return None if answer else SkipReason("should_execute gave False")

    def _make_requests(self, moment: datetime) -> Any:
        definition = self._definition
        if definition.partitions_def is not None:
            return request_partitions(definition, moment, self._dynamic)
        return RunRequest(run_config=definition.run_config)


class _SensorEvaluation(_Evaluation):
    def _find(self) -> Found:
        parameters, definition = self._parameters, self._definition
        options: dict[str, Any] = {
            "cursor": parameters.get("cursor"),
            "last_run_key": parameters.get("last_run_key"),
            "resources": None,
            "last_tick_completion_time": parameters.get("last_tick"),
            "dynamic_partitions": self._dynamic,
        }
        events = []
        if definition.type == "run_status_sensor":
            run = parameters.get("run")
            if run is None:
                raise fail(f"{definition.type} '{definition.name}' is evaluated for a run, and none was given")
            context: Any = RunStatusSensorContext(run=run, **options)
        else:
            context = SensorEvaluationContext(**options)
        if definition.type == "asset_sensor":
            event = parameters.get("event")
            if event is None:
                raise fail(f"{definition.type} '{definition.name}' is evaluated for an event, and none was given")
            events.append(AssetEvent._read(event))  # noqa: SLF001 -- ours
        found = self._call(context, events)
        if found.cursor is None:
            found.cursor = context.cursor
        return found
