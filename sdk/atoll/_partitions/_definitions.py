"""Partitions that are named: static, dynamic, and several dimensions at once."""

from __future__ import annotations

from .._arguments import check_mapping, check_name, check_texts, refuse_unknown, show
from .._errors import DefinitionError
from ._base import PartitionsDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence

    from typing_extensions import Self

    from .._ticks import AddDynamicPartitionsRequest, DeleteDynamicPartitionsRequest

_FORBIDDEN = ("...", "|", "\t", "\n", "\r", "\x0b", "\x0c", "\x00", "\x08", "\x07")


def check_partition_key(key: str, what: str) -> None:
    """A partition key must not hold what ranges and multi-partition keys are written with, nor control characters."""
    for text in _FORBIDDEN:
        if text in key:
            raise DefinitionError(f"{what} has an invalid partition key {show(key)}", f"leave out {text!r}")


class StaticPartitionsDefinition(PartitionsDefinition):
    """A fixed list of partitions."""

    kind = "static"

    @refuse_unknown
    def __init__(self, partition_keys: Sequence[str]) -> None:
        self.partition_keys = check_texts(partition_keys, "StaticPartitionsDefinition: partition_keys")
        for key in self.partition_keys:
            check_partition_key(key, "StaticPartitionsDefinition")

    def describe(self) -> dict[str, Any]:
        return {"type": self.kind, "keys": self.partition_keys}


class DynamicPartitionsDefinition(PartitionsDefinition):
    """Partitions that are added and removed while the system runs, under a name that assets share."""

    kind = "dynamic"

    @refuse_unknown
    def __init__(self, *, name: str) -> None:
        self.name = check_name(name, "DynamicPartitionsDefinition: name")

    def build_add_request(self, partition_keys: Sequence[str]) -> AddDynamicPartitionsRequest:
        """What a sensor gives in its `SensorResult` to have partitions added; those that are there stay."""
        from .._ticks import AddDynamicPartitionsRequest

        for key in check_texts(partition_keys, "build_add_request: partition_keys"):
            check_partition_key(key, "build_add_request")
        return AddDynamicPartitionsRequest(self.name, partition_keys)

    def build_delete_request(self, partition_keys: Sequence[str]) -> DeleteDynamicPartitionsRequest:
        """What a sensor gives in its `SensorResult` to have partitions deleted."""
        from .._ticks import DeleteDynamicPartitionsRequest

        return DeleteDynamicPartitionsRequest(self.name, partition_keys)

    def describe(self) -> dict[str, Any]:
        return {"type": self.kind, "name": self.name}


class MultiPartitionsDefinition(PartitionsDefinition):
    """Every combination of the partitions of two or more dimensions."""

    kind = "multi"

    @refuse_unknown
    def __init__(self, partitions_defs: Mapping[str, PartitionsDefinition]) -> None:
        self.partitions_defs = check_mapping(partitions_defs, "MultiPartitionsDefinition: partitions_defs")
        if len(self.partitions_defs) <= 1:
            raise DefinitionError("MultiPartitionsDefinition needs at least two dimensions")
        for name, dimension in self.partitions_defs.items():
            if not isinstance(dimension, PartitionsDefinition) or isinstance(dimension, MultiPartitionsDefinition):
                message = f"MultiPartitionsDefinition: dimension '{name}' must be a partitions definition"
                raise DefinitionError(f"{message} of one dimension, not {show(dimension)}")

    def describe(self) -> dict[str, Any]:
        dimensions = {name: dimension.describe() for name, dimension in self.partitions_defs.items()}
        return {"type": self.kind, "dimensions": dimensions}


class MultiPartitionKey(str):
    """A partition of several dimensions, `a|b`: the keys in the order of the dimensions' names."""

    __slots__ = ("keys_by_dimension",)

    keys_by_dimension: dict[str, str]

    def __new__(cls, keys_by_dimension: Mapping[str, str]) -> Self:
        keys = check_mapping(keys_by_dimension, "MultiPartitionKey: keys_by_dimension")
        self = super().__new__(cls, "|".join(keys[name] for name in sorted(keys)))
        self.keys_by_dimension = keys
        return self
