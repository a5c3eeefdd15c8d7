"""What schedule and sensor functions are given and return."""

from __future__ import annotations

from ._arguments import check_list, check_mapping, check_run_tags, check_text, check_texts, refuse_unknown
from ._config import read_run_config
from ._contexts import ExecutionContext, RunInfo
from ._keys import read_key, read_keys
from ._metadata import MetadataValue
from ._sources import find_caller
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
        self.source = find_caller()


class SkipReason(Record):
    """Why a tick starts no run."""

    @refuse_unknown
    def __init__(self, skip_message: str | None = None) -> None:
        self.skip_message = check_text(skip_message, "SkipReason: skip_message")


class AddDynamicPartitionsRequest(Record):
    """Dynamic partitions to add; made by `DynamicPartitionsDefinition.build_add_request`."""

    def __init__(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        self.partitions_def_name = partitions_def_name
        self.partition_keys = check_texts(partition_keys, f"{type(self).__name__}: partition_keys")


class DeleteDynamicPartitionsRequest(AddDynamicPartitionsRequest):
    """Dynamic partitions to delete; made by `DynamicPartitionsDefinition.build_delete_request`."""


class SensorResult(Record):
    """What a sensor found: runs to start or why there are none, where to go on from next time, partitions to change."""

    @refuse_unknown
    def __init__(
        self,
        run_requests: Sequence[RunRequest] | None = None,
        skip_reason: SkipReason | str | None = None,
        cursor: str | None = None,
        dynamic_partitions_requests: Sequence[AddDynamicPartitionsRequest | DeleteDynamicPartitionsRequest]
        | None = None,
    ) -> None:
        self.run_requests = check_list(run_requests, "SensorResult: run_requests")
        self.skip_reason = SkipReason(skip_reason) if isinstance(skip_reason, str) else skip_reason
        self.cursor = check_text(cursor, "SensorResult: cursor")
        what = "SensorResult: dynamic_partitions_requests"
        self.dynamic_partitions_requests = check_list(dynamic_partitions_requests, what)


class _EvaluationContext(ExecutionContext):
    """What the contexts of schedules and sensors share."""

    def __init__(
        self, *, resources: Mapping[str, Any] | None, dynamic_partitions: Mapping[str, Sequence[str]] | None
    ) -> None:
        super().__init__(resources=resources)
        self._dynamic = check_mapping(dynamic_partitions, "dynamic_partitions")

    def get_dynamic_partitions(self, name: str) -> list[str]:
        """The keys that the dynamic partitions of this name have."""
        return list(self._dynamic.get(name, ()))


class ScheduleEvaluationContext(_EvaluationContext):
    """What a schedule's function is told; `scheduled_execution_time` is the moment the tick is for."""

    def __init__(
        self,
        *,
        scheduled_execution_time: datetime | None,
        resources: Mapping[str, Any] | None,
        dynamic_partitions: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(resources=resources, dynamic_partitions=dynamic_partitions)
        self._time = scheduled_execution_time

    @property
    def scheduled_execution_time(self) -> datetime:
        if self._time is None:
            raise ValueError("this context has no time; in a test, pass scheduled_execution_time when you build it")
        return self._time


class SensorEvaluationContext(_EvaluationContext):
    """What a sensor's function is told.

    `cursor` is what it last remembered with `update_cursor`, `last_run_key` the key of the last run that it asked for,
    `last_tick_completion_time` when it was last evaluated, in seconds since 1970, or None.
    """

    def __init__(
        self,
        *,
        cursor: str | None,
        last_run_key: str | None,
        resources: Mapping[str, Any] | None,
        last_tick_completion_time: float | None = None,
        dynamic_partitions: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(resources=resources, dynamic_partitions=dynamic_partitions)
        self.cursor = check_text(cursor, "cursor")
        self.last_run_key = check_text(last_run_key, "last_run_key")
        self.last_tick_completion_time = last_tick_completion_time

    def update_cursor(self, cursor: str | None) -> None:
        self.cursor = check_text(cursor, "cursor")


class AssetEvent(Record):
    """That an asset was made: the second parameter of an asset sensor's function."""

    @refuse_unknown
    def __init__(
        self,
        asset_key: CoercibleToAssetKey,
        *,
        partition: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        run_id: str | None = None,
        timestamp: float = 0.0,
        number: int = 0,
    ) -> None:
        self.asset_key = read_key(asset_key, "AssetEvent: asset_key")
        self.partition = check_text(partition, "AssetEvent: partition")
        given = check_mapping(metadata, "AssetEvent: metadata")
        self.metadata = {name: MetadataValue.from_raw(value) for name, value in given.items()}
        self.tags = check_mapping(tags, "AssetEvent: tags")
        self.run_id = run_id
        self.timestamp = timestamp
        self.number = number

    @classmethod
    def _read(cls, event: Mapping[str, Any]) -> AssetEvent:
        made = cls(
            str(event["asset"]),
            partition=event.get("partition"),
            tags=event.get("tags"),
            run_id=event.get("run_id"),
            timestamp=float(event.get("timestamp") or 0),
            number=int(event.get("number") or 0),
        )
        for name, value in (event.get("metadata") or {}).items():
            is_typed = isinstance(value, dict) and {"type", "value"} <= set(value)
            made.metadata[name] = (
                MetadataValue(value["type"], value["value"]) if is_typed else MetadataValue.from_raw(value)
            )
        return made


class RunStatusSensorContext(SensorEvaluationContext):
    """What a run-status sensor's function is told of the run that came to the status.

    `run_id`, `run_number`, `job_name` (None for a run of assets), `location`, `status`, `run_tags`, `partition` and
    `failure_message` (None unless it failed); `problem` is the whole of why it failed, as events have it.
    """

    def __init__(self, *, run: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        problem = run.get("problem")
        self.run = RunInfo(str(run.get("id") or "test"), check_mapping(run.get("tags"), "tags"), run.get("job"))
        self.run_number: int | None = run.get("number")
        self.location: str | None = run.get("location")
        self.status: str | None = run.get("status")
        self.partition: str | None = run.get("partition")
        self._partition_keys = [] if self.partition is None else [self.partition]
        self.problem: dict[str, Any] | None = dict(problem) if isinstance(problem, dict) else None
        text = (self.problem or {}).get("message") or run.get("reason")
        self.failure_message: str | None = None if text is None else str(text)
        self.start_time: float | None = run.get("started")
        self.end_time: float | None = run.get("ended")

    @property
    def tags(self) -> dict[str, str]:
        return self.run.tags


@refuse_unknown
def build_schedule_context(
    *,
    resources: Mapping[str, Any] | None = None,
    scheduled_execution_time: datetime | None = None,
    dynamic_partitions: Mapping[str, Sequence[str]] | None = None,
) -> ScheduleEvaluationContext:
    """A context to call a schedule's function with in a unit test."""
    return ScheduleEvaluationContext(
        scheduled_execution_time=scheduled_execution_time,
        resources=check_mapping(resources, "resources"),
        dynamic_partitions=dynamic_partitions,
    )


@refuse_unknown
def build_sensor_context(
    *,
    resources: Mapping[str, Any] | None = None,
    cursor: str | None = None,
    last_run_key: str | None = None,
    last_tick_completion_time: float | None = None,
    dynamic_partitions: Mapping[str, Sequence[str]] | None = None,
) -> SensorEvaluationContext:
    """A context to call a sensor's function with in a unit test."""
    return SensorEvaluationContext(
        cursor=cursor,
        last_run_key=last_run_key,
        resources=check_mapping(resources, "resources"),
        last_tick_completion_time=last_tick_completion_time,
        dynamic_partitions=dynamic_partitions,
    )


@refuse_unknown
def build_run_status_sensor_context(
    *,
    run_id: str = "test",
    job_name: str | None = None,
    location: str | None = None,
    status: str | None = None,
    tags: Mapping[str, str] | None = None,
    failure_message: str | None = None,
    partition: str | None = None,
    resources: Mapping[str, Any] | None = None,
    cursor: str | None = None,
) -> RunStatusSensorContext:
    """A context to call the function of a run-status sensor with in a unit test."""
    run = {
        "id": check_text(run_id, "run_id"),
        "job": check_text(job_name, "job_name"),
        "location": check_text(location, "location"),
        "status": check_text(status, "status"),
        "tags": check_mapping(tags, "tags"),
        "reason": check_text(failure_message, "failure_message"),
        "partition": check_text(partition, "partition"),
    }
    return RunStatusSensorContext(
        run=run, cursor=cursor, last_run_key=None, resources=check_mapping(resources, "resources")
    )
