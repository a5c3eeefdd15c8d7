"""From the partitions of an asset to the upstream partitions that they depend on."""

from __future__ import annotations

from .._errors import DefinitionError
from ._definitions import MultiPartitionKey, MultiPartitionsDefinition
from ._fit import find_default_misfit, is_time
from ._keys import get_time_window, has_key, list_keys, split_key
from ._mappings import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MultiPartitionMapping,
    MultiToSingleDimensionPartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
    TimeWindowPartitionMapping,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Sequence

    from ._base import PartitionMapping, PartitionsDefinition

    Dynamic = Mapping[str, Sequence[str]]


class Resolver:
    """Finds upstream partitions; `dynamic` has the keys of dynamic partitions by their name."""

    def __init__(self, dynamic: Dynamic | None = None) -> None:
        self._dynamic = dynamic or {}

    def resolve(
        self,
        mapping: PartitionMapping | None,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
        keys: Sequence[str],
    ) -> list[str]:
        """The upstream keys of the downstream `keys`, in the upstream order.

        Raises:
            DefinitionError: the sides don't go together, or an upstream partition is not there.
        """
        if downstream is None or not keys:
            return self._resolve_unpartitioned(mapping, upstream)
        found: dict[str, None] = {}
        for key in keys:
            found.update(dict.fromkeys(self._resolve_key(mapping, upstream, downstream, key)))
        return list(found)

    def _resolve_unpartitioned(self, mapping: PartitionMapping | None, upstream: PartitionsDefinition) -> list[str]:
        if isinstance(mapping, SpecificPartitionsPartitionMapping):
            return list(mapping.partition_keys)
        every = list_keys(upstream, self._dynamic)
        return every[-1:] if isinstance(mapping, LastPartitionMapping) else every

    def _resolve_key(self, mapping: Any, upstream: Any, downstream: Any, key: str) -> list[str]:
        if isinstance(mapping, (AllPartitionMapping, LastPartitionMapping, SpecificPartitionsPartitionMapping)):
            return self._resolve_unpartitioned(mapping, upstream)
        if mapping is None:
            return self._resolve_default(upstream, downstream, key)
        if isinstance(mapping, IdentityPartitionMapping):
            return self._keep_existing([key], upstream)
        if isinstance(mapping, TimeWindowPartitionMapping):
            return self._resolve_time(mapping, upstream, downstream, key)
        if isinstance(mapping, StaticPartitionMapping):
            return [above for above, below in mapping.table.items() if key in below]
        if isinstance(mapping, MultiToSingleDimensionPartitionMapping):
            return self._resolve_single(mapping, upstream, downstream, key)
        if isinstance(mapping, MultiPartitionMapping):
            sides = {name: (m.dimension_name, m.partition_mapping) for name, m in mapping.mappings.items()}
            return self._resolve_dimensions(sides, upstream, downstream, key)
        own = getattr(mapping, "get_upstream_partitions", None)
        if own is None:
            raise DefinitionError(f"{type(mapping).__name__} can't be used in a run: it has no get_upstream_partitions")
        return list(own(key, downstream, upstream))

    def _resolve_default(self, upstream: Any, downstream: Any, key: str) -> list[str]:
        if upstream == downstream:
            return [key]
        if is_time(upstream, downstream):
            return self._resolve_time(TimeWindowPartitionMapping(), upstream, downstream, key)
        misfit = find_default_misfit(upstream, downstream)
        if misfit is not None:
            raise DefinitionError(f"upstream partitions are not known: {misfit}", "give a partition mapping")
        above, below = (isinstance(side, MultiPartitionsDefinition) for side in (upstream, downstream))
        if above and below:
            sides = {name: (name, None) for name in upstream.partitions_defs}
            return self._resolve_dimensions(sides, upstream, downstream, key)
        if above or below:
            return self._resolve_single(MultiToSingleDimensionPartitionMapping(), upstream, downstream, key)
        return self._keep_existing([key], upstream)

    def _keep_existing(self, keys: Iterable[str], upstream: PartitionsDefinition) -> list[str]:
        found = list(keys)
        for key in found:
            if not has_key(upstream, key, self._dynamic):
                raise DefinitionError(f"there is no upstream partition {key!r}")
        return found

    def _resolve_time(self, mapping: TimeWindowPartitionMapping, upstream: Any, downstream: Any, key: str) -> list[str]:
        from ._times import find_meeting

        period = get_time_window(downstream, [key])
        found = find_meeting(upstream, period, mapping.start_offset, mapping.end_offset)
        missing = [above for above, exists in found if not exists]
        if missing and not mapping.allow_nonexistent_upstream_partitions:
            hint = "TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True) leaves it out"
            raise DefinitionError(f"there is no upstream partition {missing[0]!r}", hint)
        return [above for above, exists in found if exists]

    def _resolve_single(
        self, mapping: MultiToSingleDimensionPartitionMapping, upstream: Any, downstream: Any, key: str
    ) -> list[str]:
        is_up = isinstance(upstream, MultiPartitionsDefinition)
        multi, single = (upstream, downstream) if is_up else (downstream, upstream)
        name = mapping.partition_dimension_name
        if name is None:
            dimensions = multi.partitions_defs
            name = next(n for n, d in dimensions.items() if d == single or is_time(d, single))
        dimension = multi.partitions_defs[name]
        if not is_up:
            own = (split_key(multi, key) or {})[name]
            return self._resolve_key(mapping.partition_mapping, single, dimension, own)
        wanted = self._resolve_key(mapping.partition_mapping, dimension, single, key)
        return [k for k in list_keys(multi, self._dynamic) if (split_key(multi, k) or {})[name] in wanted]

    def _resolve_dimensions(
        self, sides: Mapping[str, tuple[str, Any]], upstream: Any, downstream: Any, key: str
    ) -> list[str]:
        own = split_key(downstream, key) or {}
        chosen: list[dict[str, str]] = [{}]
        for name in sorted(upstream.partitions_defs):
            dimension = upstream.partitions_defs[name]
            if name in sides:
                below, mapping = sides[name]
                keys = self._resolve_key(mapping, dimension, downstream.partitions_defs[below], own[below])
            else:
                keys = list_keys(dimension, self._dynamic)
            chosen = [{**part, name: value} for part in chosen for value in keys]
        return [MultiPartitionKey(part) for part in chosen]
