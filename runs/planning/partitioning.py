"""Whether the partitions that are asked for fit what is made."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.workspace.graph.graph import AssetNode

_LISTED = 10


def check_partitions(
    nodes: Sequence[AssetNode], partition: str | None, partition_range: tuple[str, str] | None
) -> frozenset[str]:
    """Hold what is asked for against what is made. Keys of partitions in time are checked where they are made.

    Args:
        nodes: the assets that are made.
        partition: key of one partition.
        partition_range: first and last key of several.

    Returns:
        Ids of the assets that have partitions.

    Raises:
        UsageError: they don't fit.
    """
    parted = [node for node in nodes if node.definition.get("partitions")]
    keys = [partition] if partition is not None else list(partition_range or ())
    if not parted:
        if keys:
            raise UsageError(f"Partition {keys[0]!r} is asked for, and nothing that is made has partitions")
        return frozenset()
    first = parted[0]
    described = first.definition["partitions"]
    other = next((node for node in parted if _shape(node) != _shape(first)), None)
    if other is not None:
        message = (
            f"{first.key!r} has {name_partitions(described)}, "
            f"{other.key!r} {name_partitions(other.definition['partitions'])}: a run has partitions of one kind"
        )
        raise UsageError(message, hint="make them in runs of their own")
    if not keys:
        message = f"{first.key!r} has {name_partitions(described)}, and no partition is chosen"
        raise UsageError(message, hint=f"--partition {_example(described)}")
    for key in keys:
        check_key(described, key)
    return frozenset(node.id for node in parted)


def check_key(described: Mapping[str, Any], key: str) -> None:
    """Refuse a key that static partitions don't have.

    Raises:
        UsageError: there is no such partition.
    """
    known = described.get("keys")
    if described.get("type") != "static" or not isinstance(known, list) or key in known:
        return
    close = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known[:_LISTED])}"
    raise UsageError(f"There is no partition {key!r}", hint=hint)


def name_partitions(described: Mapping[str, Any]) -> str:
    """Say what partitions these are."""
    kind = str(described.get("type"))
    return {"multi": "partitions in several dimensions", "time_window": "partitions in time"}.get(
        kind, f"{kind} partitions"
    )


def _shape(node: AssetNode) -> Any:
    return node.definition["partitions"]


def _example(described: Mapping[str, Any]) -> str:
    keys = described.get("keys")
    if isinstance(keys, list) and keys:
        return str(keys[0])
    return str(described.get("start") or "KEY")
