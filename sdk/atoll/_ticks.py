"""What schedule and sensor functions are given and return."""

from __future__ import annotations

from ._arguments import check_list, check_mapping, check_run_tags, check_text, refuse_unknown
from ._config import read_run_config
from ._contexts import ExecutionContext
from ._keys import read_keys
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Mapping, Sequence

    from ._config import RunConfig
    from ._keys import CoercibleToAssetKey


class RunRequest(Record):
    """A run to start. One with a `run_key` that was already used starts nothing."""

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        run_key: str | None = None,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        job_name: str | None = None,
        asset_selection: Sequence[CoercibleToAssetKey] | None = None,
        partition_key: str | None = None,
    ) -> None:
        self.run_key = check_text(run_key, "RunRequest: run_key")
        self.run_config = read_run_config(run_config, "RunRequest: run_config") or {}
        self.tags = check_run_tags(tags, "RunRequest: tags")
        self.job_name = check_text(job_name, "RunRequest: job_name")
        keys = None if asset_selection is None else read_keys(asset_selection, "RunRequest: asset_selection")
        self.asset_selection = keys
        self.partition_key = check_text(partition_key, "RunRequest: partition_key")


class SkipReason(Record):
    """Why a tick starts no run."""

    @refuse_unknown
    def __init__(self, skip_message: str | None = None) -> None:
        self.skip_message = check_text(skip_message, "SkipReason: skip_message")


class SensorResult(Record):
    """What a sensor found: runs to start or why there are none, and where to go on from next time."""

    @refuse_unknown
    def __init__(
        self,
        run_requests: Sequence[RunRequest] | None = None,
        skip_reason: SkipReason | str | None = None,
        cursor: str | None = None,
    ) -> None:
        self.run_requests = check_list(run_requests, "SensorResult: run_requests")
        self.skip_reason = SkipReason(skip_reason) if isinstance(skip_reason, str) else skip_reason
        self.cursor = check_text(cursor, "SensorResult: cursor")


class ScheduleEvaluationContext(ExecutionContext):
    """What a schedule's function is told; `scheduled_execution_time` is the moment the tick is for."""

    def __init__(self, *, scheduled_execution_time: datetime | None, resources: Mapping[str, Any] | None) -> None:
        super().__init__(resources=resources)
        self._time = scheduled_execution_time

    @property
    def scheduled_execution_time(self) -> datetime:
        if self._time is None:
            raise ValueError("this context has no time; in a test, pass scheduled_execution_time when you build it")
        return self._time


class SensorEvaluationContext(ExecutionContext):
    """What a sensor's function is told; `cursor` is what it last remembered with `update_cursor`."""

    def __init__(self, *, cursor: str | None, last_run_key: str | None, resources: Mapping[str, Any] | None) -> None:
        super().__init__(resources=resources)
        self.cursor = check_text(cursor, "cursor")
        self.last_run_key = check_text(last_run_key, "last_run_key")

    def update_cursor(self, cursor: str | None) -> None:
        self.cursor = check_text(cursor, "cursor")


@refuse_unknown
def build_schedule_context(
    *, resources: Mapping[str, Any] | None = None, scheduled_execution_time: datetime | None = None
) -> ScheduleEvaluationContext:
    """A context to call a schedule's function with in a unit test."""
    return ScheduleEvaluationContext(
        scheduled_execution_time=scheduled_execution_time, resources=check_mapping(resources, "resources")
    )


@refuse_unknown
def build_sensor_context(
    *, resources: Mapping[str, Any] | None = None, cursor: str | None = None, last_run_key: str | None = None
) -> SensorEvaluationContext:
    """A context to call a sensor's function with in a unit test."""
    return SensorEvaluationContext(
        cursor=cursor, last_run_key=last_run_key, resources=check_mapping(resources, "resources")
    )
