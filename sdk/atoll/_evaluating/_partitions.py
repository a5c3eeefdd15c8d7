"""The run requests of a schedule that follows the partitions of its job."""

from __future__ import annotations

from .._partitions._definitions import MultiPartitionKey, MultiPartitionsDefinition
from .._partitions._keys import list_keys
from .._partitions._times import find_key_at
from .._partitions._windows import TimeWindowPartitionsDefinition
from .._ticks import RunRequest, SkipReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Mapping, Sequence


def request_partitions(definition: Any, moment: datetime, dynamic: Mapping[str, Sequence[str]]) -> Any:
    """A request for the last partition that is complete at the moment; one for each key of other dimensions.

    Where there is none (before the first, after the last, or one that is excluded), the reason to skip.
    """
    partitions = definition.partitions_def
    is_multi = isinstance(partitions, MultiPartitionsDefinition)
    dimensions = dict(partitions.partitions_defs) if is_multi else {"": partitions}
    name = next(n for n, dimension in dimensions.items() if isinstance(dimension, TimeWindowPartitionsDefinition))
    key = find_key_at(dimensions[name], moment)
    if key is None:
        return SkipReason("no partition of its job is complete at this moment")
    chosen = [{name: key}]
    for other in sorted(dimensions):
        if other != name:
            keys = list_keys(dimensions[other], dynamic, moment)
            chosen = [{**parts, other: own} for parts in chosen for own in keys]
    made = [MultiPartitionKey(parts) if is_multi else parts[name] for parts in chosen]
    if not made:
        return SkipReason("another dimension of its job's partitions has no keys")
    return [RunRequest(partition_key=item) for item in made]
