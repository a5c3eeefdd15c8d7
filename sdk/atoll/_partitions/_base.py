"""The two kinds of thing that an argument about partitions may be."""

from __future__ import annotations

from .._arguments import show
from .._errors import DefinitionError
from .._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any


class PartitionsDefinition(Record):
    """How an asset or job is divided. Use one of its subclasses."""

    kind = ""

    def describe(self) -> dict[str, Any]:
        """`{"type", …}` as JSON."""
        raise NotImplementedError(f"{type(self).__name__} must define describe")

    def get_partition_keys(self, current_time: datetime | None = None) -> list[str]:
        """Every partition key, in order; of partitions in time those whose time is over at `current_time` (now)."""
        from ._keys import list_keys

        return list_keys(self, None, current_time)

    def has_partition_key(self, partition_key: str) -> bool:
        from ._keys import has_key

        return has_key(self, partition_key)

    def get_first_partition_key(self) -> str | None:
        return next(iter(self.get_partition_keys()), None)

    def get_last_partition_key(self, current_time: datetime | None = None) -> str | None:
        keys = self.get_partition_keys(current_time)
        return keys[-1] if keys else None


class PartitionMapping(Record):
    """Which upstream partitions a partition depends on. Use one of its subclasses."""

    def describe(self) -> dict[str, Any]:
        """`{"type", …}` as JSON."""
        raise NotImplementedError(f"{type(self).__name__} must define describe")

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        """Why the mapping does not fit these two sides; None where it does."""
        raise NotImplementedError(f"{type(self).__name__} must define find_misfit")


def check_partitions(value: Any, what: str) -> PartitionsDefinition | None:
    if value is not None and not isinstance(value, PartitionsDefinition):
        raise DefinitionError(f"{what} must be a partitions definition, not {show(value)}")
    return value


def check_partition_mapping(value: Any, what: str) -> PartitionMapping | None:
    if value is not None and not isinstance(value, PartitionMapping):
        raise DefinitionError(f"{what} must be a partition mapping, not {show(value)}")
    return value
