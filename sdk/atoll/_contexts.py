"""What a computation is told about its run; in unit tests made by `build_asset_context` and its like."""

from __future__ import annotations

from ._arguments import check_mapping, check_text, refuse_unknown
from ._keys import read_key
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger
    from typing import Any, Mapping, Sequence

    from ._keys import AssetKey


class Resources:
    """The resources of a context, as attributes."""

    def __init__(self, values: Mapping[str, Any] | None) -> None:
        self.__dict__.update(check_mapping(values, "resources"))

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no resource {name!r} was given; there are: {', '.join(vars(self)) or 'none'}")


class RunInfo(Record):
    """The run a context belongs to."""

    def __init__(self, run_id: str, tags: Mapping[str, str]) -> None:
        self.run_id = run_id
        self.tags = dict(tags)


class ExecutionContext:
    """What every context offers: resources, log, the run's id and tags."""

    def __init__(
        self,
        *,
        resources: Mapping[str, Any] | None = None,
        partition_key: str | None = None,
        op_config: Any = None,
        run_tags: Mapping[str, str] | None = None,
        asset_keys: Sequence[Any] = (),
        run_id: str = "test",
    ) -> None:
        self.resources: Any = Resources(resources)
        self.op_config = op_config
        self.run = RunInfo(run_id, check_mapping(run_tags, "run_tags"))
        self._partition_key = check_text(partition_key, "partition_key")
        self._asset_keys = [read_key(key, "asset_keys") for key in asset_keys]
        self.output_metadata: dict[str, dict[str, Any]] = {}

    @property
    def log(self) -> Logger:
        import logging

        return logging.getLogger("atoll")

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def run_tags(self) -> dict[str, str]:
        return self.run.tags

    @property
    def has_partition_key(self) -> bool:
        return self._partition_key is not None

    @property
    def partition_key(self) -> str:
        if self._partition_key is None:
            raise ValueError("this context has no partition key; in a test, pass partition_key='…' when you build it")
        return self._partition_key  # type: ignore[no-any-return]

    @property
    def asset_key(self) -> AssetKey:
        if len(self._asset_keys) != 1:
            raise ValueError(f"this context has {len(self._asset_keys)} asset keys; use selected_asset_keys")
        return self._asset_keys[0]

    @property
    def selected_asset_keys(self) -> list[AssetKey]:
        return list(self._asset_keys)

    def add_output_metadata(self, metadata: Mapping[str, Any], output_name: str = "result") -> None:
        """Metadata of what the computation makes; a test reads it back from `output_metadata`."""
        self.output_metadata.setdefault(output_name, {}).update(check_mapping(metadata, "metadata"))


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
