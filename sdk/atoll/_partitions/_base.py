"""The two kinds of thing that an argument about partitions may be."""

from __future__ import annotations

from .._arguments import show
from .._errors import DefinitionError
from .._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class PartitionsDefinition(Record):
    """How an asset or job is divided. Use one of its subclasses."""

    kind = ""

    def describe(self) -> dict[str, Any]:
        """`{"type", …}` as JSON."""
        raise NotImplementedError(f"{type(self).__name__} must define describe")


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
