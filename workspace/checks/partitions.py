"""Whether the partitions of two assets go together, from their descriptions alone.

What does not fit within a location, its own SDK says. These are the same rules (`sdk/atoll/_partitions`), for assets of
different locations, and a few more that need a calendar.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from atoll_host.workspace.checks.words import list_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Partitions = Mapping[str, Any]

_TIME = ("hourly", "daily", "weekly", "monthly", "time_window")
_MANY = 1


def find_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any] | None) -> str | None:
    """Say why a dependency can't work; None when it can.

    Args:
        above: partitions of the asset that is depended on; None when it has none.
        below: those of the asset that depends on it.
        mapping: which partitions of the one those of the other depend on; None when nothing says so.
    """
    if mapping is None:
        return None if above is None or below is None else _default_misfit(above, below)
    read = _MAPPINGS.get(str(mapping.get("type")))
    return None if read is None else read(above, below, mapping)


def name_partitions(partitions: Partitions | None) -> str:
    """Write what partitions there are: `daily partitions from 2024-01-01 (Europe/Berlin)`."""
    if partitions is None:
        return "no partitions"
    kind = str(partitions.get("type"))
    if is_time(partitions):
        what = f"partitions by {partitions.get('cron')!r}" if kind == "time_window" else f"{kind} partitions"
        end = f" to {partitions['end']}" if partitions.get("end") else ""
        return f"{what} from {partitions.get('start')}{end} ({partitions.get('timezone') or 'UTC'})"
    if kind == "static":
        return f"static partitions {list_names(partitions.get('keys') or ())}"
    if kind == "dynamic":
        return f"dynamic partitions {partitions.get('name')!r}"
    if kind == "multi":
        return f"partitions by {list_names(list(_dimensions(partitions)))}"
    return f"{kind} partitions"


def is_time(*partitions: Partitions | None) -> bool:
    """Tell whether all of these are stretches of time."""
    return all(one is not None and one.get("type") in _TIME for one in partitions)


def pair_dimensions(above: Partitions, below: Partitions) -> list[tuple[Partitions, Partitions]]:
    """Give the pairs of partitionings of one dimension that stand for a dependency without a mapping."""
    ups, downs = _dimensions(above), _dimensions(below)
    if ups and downs:
        return [(ups[name], downs[name]) for name in ups if name in downs] if set(ups) == set(downs) else []
    if ups or downs:
        names = _suitable(ups or downs, below if ups else above)
        if len(names) != 1:
            return []
        return [(ups[names[0]], below)] if ups else [(above, downs[names[0]])]
    return [(above, below)]


def read_moment(text: Any, partitions: Partitions) -> datetime | None:
    """Read a moment in the format of partitions in time, in their time zone; None when it is none."""
    from atoll_host.workspace.checks.moments import find_zone  # noqa: PLC0415 — not for what has no partitions

    zone = find_zone(str(partitions.get("timezone") or "UTC"))
    try:
        moment = datetime.strptime(str(text), str(partitions.get("format")))  # noqa: DTZ007 — the zone comes next
    except ValueError:
        return None
    if zone is None:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _dimensions(partitions: Partitions | None) -> Mapping[str, Partitions]:
    return (partitions or {}).get("dimensions") or {} if (partitions or {}).get("type") == "multi" else {}


def _suitable(dimensions: Mapping[str, Partitions], single: Partitions | None) -> list[str]:
    return [name for name, one in dimensions.items() if one == single or is_time(one, single)]


def _name_sides(message: str, above: Partitions | None, below: Partitions | None) -> str:
    return f"{message}, and it has {name_partitions(below)}, the other {name_partitions(above)}"


def _default_misfit(above: Partitions, below: Partitions) -> str | None:
    if above == below or is_time(above, below):
        return None
    kinds = (above.get("type"), below.get("type"))
    if kinds == ("static", "static"):
        shared = set(above.get("keys") or ()) & set(below.get("keys") or ())
        return None if shared else _name_sides("their static partitions have no key in common", above, below)
    if kinds == ("dynamic", "dynamic"):
        return f"their dynamic partitions are different ones, {above.get('name')!r} and {below.get('name')!r}"
    ups, downs = _dimensions(above), _dimensions(below)
    if ups and downs:
        if set(ups) != set(downs):
            return _name_sides("their dimensions differ", above, below)
        misfits = (_default_misfit(ups[name], downs[name]) for name in ups)
        return next((misfit for misfit in misfits if misfit), None)
    sides = f"it has {name_partitions(below)}, the other {name_partitions(above)}"
    if ups or downs:
        suitable = _suitable(ups or downs, below if ups else above)
        return None if len(suitable) == _MANY else f"{sides}, and not exactly one dimension suits"
    return sides


def _any_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    del below, mapping  # any will do
    return "the upstream asset has no partitions to choose from" if above is None else None


def _specific_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    del below
    if above is None:
        return "the upstream asset has no partitions to choose from"
    for key in mapping.get("keys") or ():
        if not _has_key(above, str(key)):
            return f"there is no upstream partition {key!r} among its {name_partitions(above)}"
    return None


def _has_key(partitions: Partitions, key: str) -> bool:
    """Tell whether a partition can be there: of a list in it, of time at its time and within its bounds."""
    if partitions.get("type") == "static":
        return key in (partitions.get("keys") or ())
    if is_time(partitions):
        moment, start = read_moment(key, partitions), read_moment(partitions.get("start"), partitions)
        end = read_moment(partitions.get("end"), partitions)
        if start is None:
            return True
        return moment is not None and start <= moment and (end is None or moment < end)
    dimensions = _dimensions(partitions)
    if dimensions:
        # The keys stand in the order of the dimensions' names.
        parts = key.split("|")
        pairs = zip(sorted(dimensions), parts, strict=False)
        return len(parts) == len(dimensions) and all(_has_key(dimensions[name], part) for name, part in pairs)
    return True


def _identity_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    del mapping
    if above is None or below is None:
        return _name_sides("an identity mapping needs partitions on both sides", above, below)
    if above.get("type") != below.get("type"):
        return _name_sides("an identity mapping needs partitions of the same kind", above, below)
    return None if is_time(above, below) else _default_misfit(above, below)


def _window_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    del mapping
    if is_time(above, below):
        return None
    return _name_sides("a time window mapping needs partitions in time on both sides", above, below)


def _table_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    if above is None or below is None or above.get("type") != "static" or below.get("type") != "static":
        return _name_sides("a static mapping needs static partitions on both sides", above, below)
    table = mapping.get("downstream_keys_by_upstream_key") or {}
    named = [key for keys in table.values() for key in ([keys] if isinstance(keys, str) else keys)]
    return _unknown_key(list(table), above, "upstream") or _unknown_key(named, below, "downstream")


def _unknown_key(keys: Sequence[str], partitions: Partitions, side: str) -> str | None:
    unknown = [key for key in keys if key not in (partitions.get("keys") or ())]
    return f"there is no {side} partition {unknown[0]!r}" if unknown else None


def _single_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    ups, downs = _dimensions(above), _dimensions(below)
    if above is None or below is None or bool(ups) == bool(downs):
        return _name_sides("this mapping needs several dimensions on exactly one side", above, below)
    dimensions, name = ups or downs, mapping.get("dimension")
    if name is None:
        suitable = _suitable(dimensions, below if ups else above)
        return None if len(suitable) == _MANY else "not exactly one dimension suits, so the mapping must name one"
    if name not in dimensions:
        return f"there is no dimension {name!r}, only {list_names(list(dimensions))}"
    return find_misfit(
        dimensions[name] if ups else above, below if ups else dimensions[name], mapping.get("partition_mapping")
    )


def _multi_misfit(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any]) -> str | None:
    ups, downs = _dimensions(above), _dimensions(below)
    if not ups or not downs:
        return _name_sides("this mapping needs several dimensions on both sides", above, below)
    for name, inner in (mapping.get("dimensions") or {}).items():
        for side, dimensions in ((name, ups), (inner.get("dimension"), downs)):
            if side not in dimensions:
                return f"there is no dimension {side!r}, only {list_names(list(dimensions))}"
        misfit = find_misfit(ups[name], downs[inner["dimension"]], inner.get("partition_mapping"))
        if misfit is not None:
            return misfit
    return None


_MAPPINGS = {
    "all": _any_misfit,
    "last": _any_misfit,
    "specific": _specific_misfit,
    "identity": _identity_misfit,
    "time_window": _window_misfit,
    "static": _table_misfit,
    "multi_to_single": _single_misfit,
    "multi": _multi_misfit,
}
