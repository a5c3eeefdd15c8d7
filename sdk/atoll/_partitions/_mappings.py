"""Which upstream partitions a partition depends on."""

from __future__ import annotations

from .._arguments import check_bool, check_integer, check_mapping, check_texts, check_type, refuse_unknown, show
from .._errors import DefinitionError
from .._values import Record
from ._base import PartitionMapping, PartitionsDefinition, check_partition_mapping
from ._definitions import MultiPartitionsDefinition, StaticPartitionsDefinition
from ._fit import find_default_misfit, is_time, name_partitions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence


class _AnyUpstream(PartitionMapping):
    """A mapping that only needs the upstream side to have partitions."""

    name = ""

    def describe(self) -> dict[str, Any]:
        return {"type": self.name}

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        del downstream  # any will do
        return "the upstream asset has no partitions to choose from" if upstream is None else None


class AllPartitionMapping(_AnyUpstream):
    """Each partition depends on all upstream partitions."""

    name = "all"


class LastPartitionMapping(_AnyUpstream):
    """Each partition depends on the last upstream partition."""

    name = "last"


class SpecificPartitionsPartitionMapping(_AnyUpstream):
    """Each partition depends on the same few upstream partitions."""

    name = "specific"

    @refuse_unknown
    def __init__(self, partition_keys: Sequence[str]) -> None:
        self.partition_keys = check_texts(partition_keys, "SpecificPartitionsPartitionMapping: partition_keys")

    def describe(self) -> dict[str, Any]:
        return {"type": self.name, "keys": self.partition_keys}

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        if isinstance(upstream, StaticPartitionsDefinition):
            return _find_unknown(self.partition_keys, upstream, "upstream")
        return super().find_misfit(upstream, downstream)


class IdentityPartitionMapping(PartitionMapping):
    """Each partition depends on the upstream partition of the same key."""

    def describe(self) -> dict[str, Any]:
        return {"type": "identity"}

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        if upstream is None or downstream is None:
            return _name_sides("an identity mapping needs partitions on both sides", upstream, downstream)
        if upstream.kind != downstream.kind:
            return _name_sides("an identity mapping needs partitions of the same kind", upstream, downstream)
        return None if is_time(upstream, downstream) else find_default_misfit(upstream, downstream)


class TimeWindowPartitionMapping(PartitionMapping):
    """Each stretch of time depends on the upstream ones that it meets, moved by offsets counted in upstream partitions.

    `TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)` is the one before.
    """

    @refuse_unknown
    def __init__(
        self, start_offset: int = 0, end_offset: int = 0, allow_nonexistent_upstream_partitions: bool = False
    ) -> None:
        self.start_offset = check_integer(start_offset, "TimeWindowPartitionMapping: start_offset")
        self.end_offset = check_integer(end_offset, "TimeWindowPartitionMapping: end_offset")
        if self.start_offset > self.end_offset:
            raise DefinitionError("TimeWindowPartitionMapping: start_offset must not be after end_offset")
        self.allow_nonexistent_upstream_partitions = check_bool(
            allow_nonexistent_upstream_partitions, "TimeWindowPartitionMapping: allow_nonexistent_upstream_partitions"
        )

    def describe(self) -> dict[str, Any]:
        return {
            "type": "time_window",
            "start_offset": self.start_offset,
            "end_offset": self.end_offset,
            "allow_nonexistent_upstream_partitions": self.allow_nonexistent_upstream_partitions,
        }

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        if is_time(upstream, downstream):
            return None
        return _name_sides("a time window mapping needs partitions in time on both sides", upstream, downstream)


class StaticPartitionMapping(PartitionMapping):
    """A table from upstream partition keys to the downstream keys that depend on them."""

    @refuse_unknown
    def __init__(self, downstream_partition_keys_by_upstream_partition_key: Mapping[str, str | Sequence[str]]) -> None:
        what = "StaticPartitionMapping"
        given = check_mapping(downstream_partition_keys_by_upstream_partition_key, what)
        self.table = {
            upstream: check_texts([keys] if isinstance(keys, str) else keys, f"{what}[{upstream!r}]")
            for upstream, keys in given.items()
        }

    def describe(self) -> dict[str, Any]:
        return {"type": "static", "downstream_keys_by_upstream_key": self.table}

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        if not isinstance(upstream, StaticPartitionsDefinition) or not isinstance(
            downstream, StaticPartitionsDefinition
        ):
            return _name_sides("a static mapping needs static partitions on both sides", upstream, downstream)
        named = [key for keys in self.table.values() for key in keys]
        return _find_unknown(list(self.table), upstream, "upstream") or _find_unknown(named, downstream, "downstream")


class MultiToSingleDimensionPartitionMapping(PartitionMapping):
    """Between partitions of several dimensions on one side and those of one of them on the other."""

    @refuse_unknown
    def __init__(
        self, partition_dimension_name: str | None = None, partition_mapping: PartitionMapping | None = None
    ) -> None:
        what = "MultiToSingleDimensionPartitionMapping"
        self.partition_dimension_name = partition_dimension_name
        if partition_dimension_name is not None:
            check_type(partition_dimension_name, str, f"{what}: partition_dimension_name", "a string")
        self.partition_mapping = check_partition_mapping(partition_mapping, f"{what}: partition_mapping")

    def describe(self) -> dict[str, Any]:
        mapping = self.partition_mapping
        return {
            "type": "multi_to_single",
            "dimension": self.partition_dimension_name,
            "partition_mapping": None if mapping is None else mapping.describe(),
        }

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        is_up = isinstance(upstream, MultiPartitionsDefinition)
        if is_up == isinstance(downstream, MultiPartitionsDefinition) or upstream is None or downstream is None:
            return _name_sides("this mapping needs several dimensions on exactly one side", upstream, downstream)
        multi, single = (upstream, downstream) if is_up else (downstream, upstream)
        dimensions = getattr(multi, "partitions_defs", {})
        name = self.partition_dimension_name
        if name is None:
            matching = [n for n, d in dimensions.items() if d == single or is_time(d, single)]
            return None if len(matching) == 1 else "not exactly one dimension suits, so the mapping must name one"
        if name not in dimensions:
            return f"there is no dimension '{name}', only {', '.join(dimensions)}"
        sides = (dimensions[name], single) if is_up else (single, dimensions[name])
        return (
            find_default_misfit(*sides)
            if self.partition_mapping is None
            else self.partition_mapping.find_misfit(*sides)
        )


class DimensionPartitionMapping(Record):
    """For one upstream dimension of a `MultiPartitionMapping`: the downstream dimension and how they relate."""

    @refuse_unknown
    def __init__(self, dimension_name: str, partition_mapping: PartitionMapping) -> None:
        what = "DimensionPartitionMapping"
        self.dimension_name = check_type(dimension_name, str, f"{what}: dimension_name", "a string")
        self.partition_mapping = check_type(
            partition_mapping, PartitionMapping, f"{what}: partition_mapping", "a partition mapping"
        )


class MultiPartitionMapping(PartitionMapping):
    """Between several dimensions on both sides: for each upstream dimension, a downstream one and a mapping."""

    @refuse_unknown
    def __init__(self, downstream_mappings_by_upstream_dimension: Mapping[str, DimensionPartitionMapping]) -> None:
        self.mappings = check_mapping(downstream_mappings_by_upstream_dimension, "MultiPartitionMapping")
        for name, mapping in self.mappings.items():
            if not isinstance(mapping, DimensionPartitionMapping):
                expected = "a DimensionPartitionMapping"
                raise DefinitionError(f"MultiPartitionMapping[{name!r}] must be {expected}, not {show(mapping)}")

    def describe(self) -> dict[str, Any]:
        dimensions = {
            name: {"dimension": mapping.dimension_name, "partition_mapping": mapping.partition_mapping.describe()}
            for name, mapping in self.mappings.items()
        }
        return {"type": "multi", "dimensions": dimensions}

    def find_misfit(self, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str | None:
        if not isinstance(upstream, MultiPartitionsDefinition) or not isinstance(downstream, MultiPartitionsDefinition):
            return _name_sides("this mapping needs several dimensions on both sides", upstream, downstream)
        for name, mapping in self.mappings.items():
            for side, dimensions in ((name, upstream), (mapping.dimension_name, downstream)):
                if side not in dimensions.partitions_defs:
                    return f"there is no dimension '{side}', only {', '.join(dimensions.partitions_defs)}"
            above, below = upstream.partitions_defs[name], downstream.partitions_defs[mapping.dimension_name]
            misfit: str | None = mapping.partition_mapping.find_misfit(above, below)
            if misfit is not None:
                return misfit
        return None


def _name_sides(message: str, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> str:
    return f"{message}, and it has {name_partitions(downstream)}, the other {name_partitions(upstream)}"


def _find_unknown(keys: Sequence[str], partitions: StaticPartitionsDefinition, side: str) -> str | None:
    unknown = [key for key in keys if key not in partitions.partition_keys]
    return f"there is no {side} partition {unknown[0]!r}" if unknown else None
