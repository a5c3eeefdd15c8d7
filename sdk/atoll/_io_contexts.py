"""What an IO manager is told about a value to store or to load."""

from __future__ import annotations

from ._arguments import check_mapping, check_text, refuse_unknown
from ._contexts import Resources
from ._keys import AssetKey, read_key
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger
    from typing import Any, Callable, Mapping, Sequence


class IOContext(Record):
    """What both sides have in common: which value it is, of which partitions, and the run."""

    def __init__(
        self, asset_key: Any = None, partition_key: str | None = None, metadata: Any = None, name: str | None = None
    ) -> None:
        self.asset_key = asset_key
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.name = name
        self.partition_keys_given: list[str] = [] if partition_key is None else [partition_key]
        self._run_id: str | None = None
        self._step: str | None = None
        self._partitions_def: Any = None
        self._resources: Any = Resources({})
        self._make_log: Callable[[], Logger] | None = None
        self._log: Logger | None = None
        self._run_keys: list[str] = []
        self._job_name: str | None = None
        self._type: Any = None

    @property
    def definition_metadata(self) -> dict[str, Any]:
        """The metadata that the definition of the asset, output or input has."""
        return self.metadata

    @property
    def has_asset_key(self) -> bool:
        return self.asset_key is not None

    @property
    def has_partition_key(self) -> bool:
        return len(self._run_keys or self.partition_keys_given) == 1

    @property
    def partition_key(self) -> Any:
        """The partition key: of the asset, else of the run; None where there is none, or several."""
        keys = self.partition_keys_given or self._run_keys
        return keys[0] if len(keys) == 1 else None

    @property
    def has_asset_partitions(self) -> bool:
        return bool(self.partition_keys_given) or self._partitions_def is not None

    @property
    def asset_partition_keys(self) -> Sequence[str]:
        return list(self.partition_keys_given)

    @property
    def asset_partition_key(self) -> str:
        keys = self.partition_keys_given
        if len(keys) != 1:
            raise ValueError(f"this value has {len(keys)} partitions; use asset_partition_keys")
        return keys[0]

    @property
    def asset_partition_key_range(self) -> Any:
        from ._partitions._keys import PartitionKeyRange

        if not self.partition_keys_given:
            raise ValueError("this value has no partitions")
        return PartitionKeyRange(self.partition_keys_given[0], self.partition_keys_given[-1])

    @property
    def asset_partitions_def(self) -> Any:
        if self._partitions_def is None:
            raise ValueError("this value has no partitions")
        return self._partitions_def

    @property
    def asset_partitions_time_window(self) -> Any:
        from ._partitions._keys import get_time_window

        return get_time_window(self._partitions_def, self.partition_keys_given)

    @property
    def run_id(self) -> str | None:
        return self._run_id

    @property
    def step_key(self) -> str | None:
        return self._step

    @property
    def job_name(self) -> str | None:
        return self._job_name

    @property
    def resources(self) -> Any:
        return self._resources

    @property
    def dagster_type(self) -> Any:
        """The annotation of the value, or None; `value_type` is the same."""
        return self._type

    value_type = dagster_type

    @property
    def log(self) -> Logger:
        if self._log is None:
            import logging

            self._log = logging.getLogger("atoll") if self._make_log is None else self._make_log()
        return self._log

    def get_identifier(self) -> Sequence[str]:
        """What names the value: the asset's key and partition, else the run, the step and the output."""
        if self.asset_key is not None:
            keys = self.partition_keys_given
            return [*self.asset_key.path, *keys[:1]] if len(keys) <= 1 else list(self.asset_key.path)
        return [str(self._run_id), str(self._step), str(self.name)]

    get_run_scoped_output_identifier = get_identifier

    def get_asset_identifier(self) -> Sequence[str]:
        if self.asset_key is None:
            raise ValueError("this value is no asset's")
        return self.get_identifier()


class OutputContext(IOContext):
    """What an IO manager is told about a value to store."""

    def __init__(
        self, asset_key: Any = None, partition_key: str | None = None, metadata: Any = None, name: str | None = None
    ) -> None:
        super().__init__(asset_key, partition_key, metadata, name)
        self._logged: dict[str, Any] = {}
        self._output_metadata: dict[str, Any] = {}

    @property
    def output_metadata(self) -> Mapping[str, Any]:
        """The metadata that came with the value, by `Output` or `add_output_metadata`."""
        return self._output_metadata

    def add_output_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Metadata to be recorded of the value, such as where it lies."""
        self._logged.update(check_mapping(metadata, "metadata"))

    def get_logged_metadata(self) -> Mapping[str, Any]:
        return dict(self._logged)


class InputContext(IOContext):
    """What an IO manager is told about a value to load; `upstream_output` describes where it was stored."""

    def __init__(
        self,
        asset_key: Any = None,
        partition_key: str | None = None,
        metadata: Any = None,
        name: str | None = None,
        upstream_output: OutputContext | None = None,
    ) -> None:
        super().__init__(asset_key, partition_key, metadata, name)
        self.upstream_output = upstream_output


def _build(context: Any, resources: Any, **facts: Any) -> Any:
    context._resources = Resources(resources)  # noqa: SLF001 -- ours
    for name, value in facts.items():
        setattr(context, name, value)
    return context


@refuse_unknown
def build_output_context(
    *,
    asset_key: Any = None,
    partition_key: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    name: str | None = None,
    step_key: str | None = None,
    run_id: str | None = None,
    resources: Mapping[str, Any] | None = None,
) -> OutputContext:
    """A context to call `handle_output` with in a unit test."""
    context = OutputContext(
        None if asset_key is None else read_key(asset_key, "build_output_context: asset_key"),
        check_text(partition_key, "build_output_context: partition_key"),
        check_mapping(metadata, "build_output_context: metadata"),
        name,
    )
    made: OutputContext = _build(context, resources, _step=step_key, _run_id=run_id)
    return made


@refuse_unknown
def build_input_context(
    *,
    asset_key: Any = None,
    partition_key: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    name: str | None = None,
    upstream_output: OutputContext | None = None,
    step_key: str | None = None,
    run_id: str | None = None,
    resources: Mapping[str, Any] | None = None,
) -> InputContext:
    """A context to call `load_input` with in a unit test."""
    key: AssetKey | None = None if asset_key is None else read_key(asset_key, "build_input_context: asset_key")
    if key is None and upstream_output is not None:
        key = upstream_output.asset_key
    context = InputContext(
        key,
        check_text(partition_key, "build_input_context: partition_key"),
        check_mapping(metadata, "build_input_context: metadata"),
        name,
        upstream_output,
    )
    made: InputContext = _build(context, resources, _step=step_key, _run_id=run_id)
    return made
