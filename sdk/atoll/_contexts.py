"""What a computation is told about its run; in unit tests made by `build_asset_context` and its like."""

from __future__ import annotations

from ._arguments import check_mapping, check_text, refuse_unknown
from ._keys import read_key
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger
    from typing import Any, Callable, Mapping, Sequence

    from ._keys import AssetKey


class Resources:
    """The resources of a context, as attributes."""

    def __init__(self, values: Mapping[str, Any] | None) -> None:
        self.__dict__.update(check_mapping(values, "resources"))

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def _replace(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no resource {name!r} was given; there are: {', '.join(vars(self)) or 'none'}")


class RunInfo(Record):
    """The run a context belongs to."""

    def __init__(self, run_id: str, tags: Mapping[str, str], job_name: str | None = None) -> None:
        self.run_id = run_id
        self.tags = dict(tags)
        self.job_name = job_name


class ExecutionContext:
    """What every context offers: resources, log, partition, the run's id and tags.

    `output_metadata` has what was added to each output; `log_event` and the like do nothing outside a run.
    """

    # What a run sets; in a unit test these stay as they are.
    _log: Logger | None = None
    _make_log: Callable[[], Logger] | None = None
    _emit: Any = None
    _computation: Any = None
    _output_keys: Mapping[str, AssetKey] = {}
    _output_names: Sequence[str] = ()
    _check_keys: Sequence[Any] = ()
    _upstream_keys: Mapping[str, Sequence[str]] = {}
    step: str | None = None
    retry_number: int = 0

    def __init__(
        self,
        *,
        resources: Mapping[str, Any] | None = None,
        partition_key: str | None = None,
        op_config: Any = None,
        run_tags: Mapping[str, str] | None = None,
        asset_keys: Sequence[Any] = (),
        run_id: str = "test",
        job_name: str | None = None,
    ) -> None:
        self.resources: Any = Resources(resources)
        self.op_config = op_config
        self.run = RunInfo(run_id, check_mapping(run_tags, "run_tags"), job_name)
        check_text(partition_key, "partition_key")
        self._partition_keys: list[str] = [] if partition_key is None else [partition_key]
        self._partitions_def: Any = None
        self._asset_keys = [read_key(key, "asset_keys") for key in asset_keys]
        self.output_metadata: dict[str, dict[str, Any]] = {}

    @classmethod
    def get(cls) -> Any:
        """The context of the step that is running in this thread or task.

        Raises:
            RuntimeError: none is.
        """
        from ._running._current import CURRENT

        context = CURRENT.get()
        if context is None:
            raise RuntimeError(f"{cls.__name__}.get() was called while no step was running")
        return context

    @property
    def log(self) -> Logger:
        """Records become events of the run; in a unit test they go to the logger `atoll`."""
        if self._log is None:
            import logging

            self._log = logging.getLogger("atoll") if self._make_log is None else self._make_log()
        return self._log

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def run_tags(self) -> dict[str, str]:
        return self.run.tags

    def has_tag(self, key: str) -> bool:
        return key in self.run.tags

    def get_tag(self, key: str) -> str | None:
        return self.run.tags.get(key)

    @property
    def job_name(self) -> str | None:
        return self.run.job_name

    @property
    def step_key(self) -> str | None:
        return self.step

    @property
    def has_partition_key(self) -> bool:
        return len(self._partition_keys) == 1

    @property
    def partition_key(self) -> str:
        if len(self._partition_keys) > 1:
            raise ValueError(f"this context has {len(self._partition_keys)} partition keys; use partition_keys")
        if not self._partition_keys:
            raise ValueError("this context has no partition key; in a test, pass partition_key='…' when you build it")
        return self._partition_keys[0]

    @property
    def partition_keys(self) -> Sequence[str]:
        if not self._partition_keys:
            raise ValueError("this context has no partition key; in a test, pass partition_key='…' when you build it")
        return list(self._partition_keys)

    @property
    def has_partition_key_range(self) -> bool:
        return bool(self._partition_keys)

    @property
    def partition_key_range(self) -> Any:
        """The first and the last of the partition keys, as a `PartitionKeyRange`."""
        from ._partitions._keys import PartitionKeyRange

        keys = self.partition_keys
        return PartitionKeyRange(keys[0], keys[-1])

    @property
    def partition_time_window(self) -> Any:
        """The stretch of time from the start of the first partition to the end of the last, as a `TimeWindow`.

        Raises:
            ValueError: there is no partition key, or the partitions are not in time.
        """
        from ._partitions._keys import get_time_window

        return get_time_window(self._partitions_def, self.partition_keys)

    @property
    def asset_key(self) -> AssetKey:
        if len(self._asset_keys) != 1:
            raise ValueError(f"this context has {len(self._asset_keys)} asset keys; use selected_asset_keys")
        return self._asset_keys[0]

    @property
    def selected_asset_keys(self) -> list[AssetKey]:
        return list(self._asset_keys)

    @property
    def selected_output_names(self) -> list[str]:
        """The outputs that are to be made, by name."""
        return list(self._output_names)

    @property
    def selected_asset_check_keys(self) -> list[Any]:
        """The checks that are to be made, as `(asset key, name)`."""
        return list(self._check_keys)

    def asset_key_for_output(self, output_name: str = "result") -> AssetKey:
        if output_name not in self._output_keys:
            raise ValueError(
                f"there is no output {output_name!r} of an asset; there are: {', '.join(self._output_keys)}"
            )
        return self._output_keys[output_name]

    def asset_partition_keys_for_input(self, input_name: str) -> Sequence[str]:
        """The upstream partitions whose values the input has."""
        return list(self._upstream_keys.get(input_name, ()))

    def asset_partition_key_for_input(self, input_name: str) -> str:
        keys = self.asset_partition_keys_for_input(input_name)
        if len(keys) != 1:
            raise ValueError(f"the input {input_name!r} has {len(keys)} partitions; use asset_partition_keys_for_input")
        return keys[0]

    def add_output_metadata(self, metadata: Mapping[str, Any], output_name: str | None = None) -> None:
        """Metadata of what the computation makes; a test reads it back from `output_metadata`."""
        if output_name is None:
            names = list(self._output_names) or ["result"]
            if len(names) != 1:
                raise ValueError(f"there are several outputs, {', '.join(names)}: pass output_name")
            output_name = names[0]
        self.output_metadata.setdefault(output_name, {}).update(check_mapping(metadata, "metadata"))

    def add_asset_metadata(self, metadata: Mapping[str, Any], asset_key: Any = None) -> None:
        """Metadata of an asset that the computation makes, by key where it makes several."""
        key = self.asset_key if asset_key is None else read_key(asset_key, "add_asset_metadata: asset_key")
        names = [name for name, own in self._output_keys.items() if own == key]
        if asset_key is not None and not names and key not in self._asset_keys:
            raise ValueError(f"this step does not make asset '{key}'")
        self.add_output_metadata(metadata, names[0] if names else "result")

    def log_event(self, event: Any) -> None:
        """Record an `AssetMaterialization` or `AssetObservation` as an event of the run."""
        if self._emit is not None:
            self._emit(event)


class AssetExecutionContext(ExecutionContext):
    """The context of an asset."""


class AssetCheckExecutionContext(ExecutionContext):
    """The context of an asset check."""


class OpExecutionContext(ExecutionContext):
    """The context of an op."""


@refuse_unknown
def build_asset_context(
    *,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    asset_config: Any = None,
    run_tags: Mapping[str, str] | None = None,
    asset_keys: Sequence[Any] = (),
) -> AssetExecutionContext:
    """A context to call an asset with in a unit test; `asset_config` is its config, a dict or object."""
    return AssetExecutionContext(
        resources=resources,
        partition_key=partition_key,
        op_config=asset_config,
        run_tags=run_tags,
        asset_keys=asset_keys,
    )


@refuse_unknown
def build_asset_check_context(*, resources: Mapping[str, Any] | None = None) -> AssetCheckExecutionContext:
    """A context to call an asset check with in a unit test."""
    return AssetCheckExecutionContext(resources=resources)


@refuse_unknown
def build_op_context(
    *,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    op_config: Any = None,
    run_tags: Mapping[str, str] | None = None,
) -> OpExecutionContext:
    """A context to call an op with in a unit test."""
    return OpExecutionContext(resources=resources, partition_key=partition_key, op_config=op_config, run_tags=run_tags)
