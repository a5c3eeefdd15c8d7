"""What a schedule's or sensor's function gave, whatever form it has, as run requests or the reason for none."""

from __future__ import annotations

from .._arguments import show
from .._config import RunConfig
from .._errors import DefinitionError
from .._ticks import RunRequest, SensorResult, SkipReason
from ._failing import fail, of_definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._ticks import AddDynamicPartitionsRequest, DeleteDynamicPartitionsRequest

_NOTHING = "the function asked for no run"


class Found:
    """What came of a function: run requests in order, or why there are none, and what a sensor gave besides."""

    def __init__(self) -> None:
        self.requests: list[RunRequest] = []
        self.skip_reason: str | None = None
        self.cursor: str | None = None
        self.dynamic: list[AddDynamicPartitionsRequest | DeleteDynamicPartitionsRequest] = []


class ResultReader:
    """Reads the result of one function. `definition` is the schedule or sensor."""

    def __init__(self, definition: Any) -> None:
        self._definition = definition
        self._is_schedule = not hasattr(definition, "type")
        self._what = f"{getattr(definition, 'type', 'schedule')} '{definition.name}'"
        self._skips: list[str] = []
        self._is_skipped = False
        self._found = Found()

    def read(self, value: Any) -> Found:
        """Read it; a generator is run to its end here.

        Raises:
            EvaluationError: it is of a type that means nothing, or contradicts itself.
            Exception: what a generator raises.
        """
        if hasattr(value, "__next__") or isinstance(value, (list, tuple)):
            for item in value:
                self._add(item, is_item=True)
        elif value is not None:
            self._add(value, is_item=False)
        found = self._found
        if self._is_skipped and found.requests:
            raise fail(
                f"{self._what} gave run requests and a SkipReason", "give either", source=self._definition.source
            )
        if not found.requests:
            found.skip_reason = "; ".join(self._skips) or _NOTHING
        return found

    def _add(self, item: Any, *, is_item: bool) -> None:
        if isinstance(item, RunRequest):
            self._found.requests.append(item)
        elif isinstance(item, SkipReason):
            self._is_skipped = True
            self._skips += [item.skip_message] if item.skip_message else []
        elif isinstance(item, SensorResult) and not self._is_schedule:
            self._add_result(item)
        elif self._is_schedule and not is_item and isinstance(item, (dict, RunConfig)):
            try:
                self._found.requests.append(RunRequest(run_config=item))
            except DefinitionError as error:
                raise of_definition(error, self._definition.source) from None
        else:
            self._refuse(item, is_item=is_item)

    def _add_result(self, result: SensorResult) -> None:
        for request in result.run_requests:
            if not isinstance(request, RunRequest):
                self._refuse(request, is_item=True)
            self._found.requests.append(request)
        reason: Any = result.skip_reason
        if reason is not None:
            if not isinstance(reason, SkipReason):
                self._refuse(reason, is_item=True)
            self._add(reason, is_item=True)
        self._found.cursor = result.cursor if result.cursor is not None else self._found.cursor
        self._found.dynamic += result.dynamic_partitions_requests

    def _refuse(self, value: Any, *, is_item: bool) -> None:
        others = "a dict of run configuration" if self._is_schedule else "a SensorResult"
        hint = f"give a RunRequest, several, a SkipReason, {others} or None"
        if hasattr(value, "send") and hasattr(value, "cr_code"):
            value.close()
            hint = "its function must not be async"
        verb = "gave, among others," if is_item else "returned"
        raise fail(f"{self._what} {verb} {show(value)}, which is no run request", hint, source=self._definition.source)
