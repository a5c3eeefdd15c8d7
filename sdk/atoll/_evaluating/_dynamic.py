"""Dynamic partitions that a sensor asks to add and to delete."""

from __future__ import annotations

from .._arguments import show
from .._partitions._definitions import DynamicPartitionsDefinition, MultiPartitionsDefinition
from .._ticks import AddDynamicPartitionsRequest, DeleteDynamicPartitionsRequest
from ._failing import fail, suggest_one

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Sequence

    from .._catalog import Catalog


def apply_changes(
    catalog: Catalog, definition: Any, requests: Sequence[Any], dynamic: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Change the keys in `dynamic` as the requests say; `{"name", "add", "delete"}` of each, for the host.

    Raises:
        EvaluationError: one is of another type, or there are no such partitions.
    """
    known = list(dict.fromkeys(_list_names(catalog))) if requests else []
    changes = []
    for request in requests:
        if not isinstance(request, (AddDynamicPartitionsRequest, DeleteDynamicPartitionsRequest)):
            hint = "make them with build_add_request or build_delete_request of a DynamicPartitionsDefinition"
            raise fail(f"dynamic_partitions_requests has {show(request)}", hint, source=definition.source)
        name, keys = request.partitions_def_name, request.partition_keys
        if name not in known:
            message = f"sensor '{definition.name}' changes the dynamic partitions '{name}', which nothing here has"
            raise fail(message, suggest_one(name, known), kind="unknown_target", source=definition.source)
        is_added = not isinstance(request, DeleteDynamicPartitionsRequest)
        there = dynamic.setdefault(name, [])
        if is_added:
            there += [key for key in keys if key not in there]
        else:
            dynamic[name] = [key for key in there if key not in keys]
        changes.append({"name": name, "add": list(keys) if is_added else [], "delete": [] if is_added else list(keys)})
    return changes


def _list_names(catalog: Catalog) -> Iterator[str]:
    for asset in catalog.assets:
        yield from _find_names(asset.spec.partitions_def)
    for job in catalog.jobs:
        yield from _find_names(getattr(job, "partitions_def", None))


def _find_names(partitions: Any) -> Iterator[str]:
    if isinstance(partitions, DynamicPartitionsDefinition):
        yield partitions.name
    elif isinstance(partitions, MultiPartitionsDefinition):
        for dimension in partitions.partitions_defs.values():
            yield from _find_names(dimension)
