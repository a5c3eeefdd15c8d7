"""Whether two sides of a dependency go together where no mapping says how."""

from __future__ import annotations

from ._definitions import DynamicPartitionsDefinition, MultiPartitionsDefinition, StaticPartitionsDefinition
from ._windows import TimeWindowPartitionsDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._base import PartitionsDefinition


def name_partitions(partitions: PartitionsDefinition | None) -> str:
    """`daily partitions`, for messages."""
    return "no partitions" if partitions is None else f"{partitions.kind.replace('_', ' ')} partitions"


def find_default_misfit(upstream: PartitionsDefinition, downstream: PartitionsDefinition) -> str | None:
    """Why these do not go together without a mapping; None where they do.

    Stretches of time go with stretches of time, lists of keys with lists that share keys, dynamic ones with those of
    the same name, several dimensions with the same ones, and with a single one that is exactly one of them.
    """
    if upstream == downstream or is_time(upstream, downstream):
        return None
    sides = f"it has {name_partitions(downstream)}, the other {name_partitions(upstream)}"
    if isinstance(upstream, StaticPartitionsDefinition) and isinstance(downstream, StaticPartitionsDefinition):
        shared = set(upstream.partition_keys) & set(downstream.partition_keys)
        return None if shared else "their static partitions have no key in common"
    if isinstance(upstream, DynamicPartitionsDefinition) and isinstance(downstream, DynamicPartitionsDefinition):
        return f"their dynamic partitions are different ones, '{upstream.name}' and '{downstream.name}'"
    for multi, single in ((upstream, downstream), (downstream, upstream)):
        if isinstance(multi, MultiPartitionsDefinition) and not isinstance(single, MultiPartitionsDefinition):
            matching = [n for n, d in multi.partitions_defs.items() if d == single or is_time(d, single)]
            return None if len(matching) == 1 else f"{sides}, and not exactly one dimension suits"
    if isinstance(upstream, MultiPartitionsDefinition) and isinstance(downstream, MultiPartitionsDefinition):
        if set(upstream.partitions_defs) == set(downstream.partitions_defs):
            misfits = [
                find_default_misfit(d, downstream.partitions_defs[n]) for n, d in upstream.partitions_defs.items()
            ]
            return next((misfit for misfit in misfits if misfit), None)
        return "their dimensions differ"
    return sides


def is_time(upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None) -> bool:
    kinds = (TimeWindowPartitionsDefinition, TimeWindowPartitionsDefinition)
    return isinstance(upstream, kinds[0]) and isinstance(downstream, kinds[1])
