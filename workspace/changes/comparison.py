"""Compare what locations define on two revisions.

Where something is declared, and in which folder the repository lies, is no part of what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from atoll_host.envs.errors import Problem

KINDS = ("assets", "edges", "checks", "jobs", "schedules", "sensors", "resources")
"""What is compared, in the order in which it is shown."""

_DERIVED = frozenset({"source", "cron_source", "used_by", "output", "computation"})
"""Where it is declared, what follows from others, and names that people never see."""
_PLACE = frozenset({"file", "line", "function"})


@dataclass(frozen=True)
class Described:
    """A location on one revision.

    Attributes:
        identity: where it is and what it imports, whatever it is called.
        definitions: as the SDK describes them; None when it could not be loaded.
        problems: why not.
    """

    identity: str
    definitions: Mapping[str, Any] | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class FieldChange:
    """What a field was, and what it is."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ItemChange:
    """A definition that is on both revisions, and differs."""

    name: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class KindChange:
    """What differs among the definitions of one kind, each list in alphabetical order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[ItemChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class LocationChange:
    """What differs in one location.

    Attributes:
        name: as it is called now; as it was called, where it is gone.
        status: `added`, `removed`, `renamed`, `changed`, or `unknown` where it can't be loaded on one of the revisions.
        was: its earlier name, where that was another.
        kinds: what differs, by kind; nothing for a kind without a difference.
    """

    name: str
    status: str
    was: str | None = None
    kinds: Mapping[str, KindChange] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """What differs between two revisions.

    Attributes:
        locations: those with a difference, in alphabetical order.
        unchanged: names of the others.
    """

    locations: tuple[LocationChange, ...]
    unchanged: tuple[str, ...]


def compare(before: Mapping[str, Described], after: Mapping[str, Described]) -> Comparison:
    """Compare the locations of two revisions."""
    earlier_names = _pair(before, after)
    found: list[LocationChange] = []
    unchanged: list[str] = []
    for name, now in after.items():
        was = earlier_names.get(name)
        then = None if was is None else before[was]
        change = _compare_location(name, was, then, now)
        if change is None:
            unchanged.append(name)
        else:
            found.append(change)
    gone = before.keys() - earlier_names.values()
    found += [
        LocationChange(name, "removed", None, _compare_kinds(before[name].definitions or {}, {})) for name in gone
    ]
    return Comparison(tuple(sorted(found, key=lambda one: one.name)), tuple(sorted(unchanged)))


def _pair(before: Mapping[str, Described], after: Mapping[str, Described]) -> dict[str, str]:
    """Find what each location was called: the same, else as what was in its place, else as what defined the same."""
    pairs = {name: name for name in after if name in before}
    for same in (_same_place, _same_definitions):
        for name in sorted(after.keys() - pairs.keys()):
            gone = sorted(before.keys() - pairs.values())
            was = next((one for one in gone if same(before[one], after[name])), None)
            if was is not None:
                pairs[name] = was
    return pairs


def _same_place(then: Described, now: Described) -> bool:
    return then.identity == now.identity


def _same_definitions(then: Described, now: Described) -> bool:
    if not then.definitions or not now.definitions:
        return False
    one, other = _tables(then.definitions), _tables(now.definitions)
    return one == other and any(one.values())


def _compare_location(name: str, was: str | None, then: Described | None, now: Described) -> LocationChange | None:
    other_name = was if was != name else None
    if now.definitions is None or (then is not None and then.definitions is None):
        return LocationChange(name, "unknown", other_name)
    kinds = _compare_kinds({} if then is None else then.definitions or {}, now.definitions)
    if then is None:
        return LocationChange(name, "added", None, kinds)
    if other_name is not None:
        return LocationChange(name, "renamed", other_name, kinds)
    return LocationChange(name, "changed", None, kinds) if kinds else None


def _compare_kinds(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, KindChange]:
    then, now = _tables(before), _tables(after)
    changes = {kind: _compare_items(then[kind], now[kind]) for kind in KINDS}
    return {kind: change for kind, change in changes.items() if change}


def _compare_items(then: Mapping[str, dict[str, Any]], now: Mapping[str, dict[str, Any]]) -> KindChange:
    changed = []
    for name in sorted(then.keys() & now.keys()):
        fields = tuple(
            FieldChange(key, then[name].get(key), now[name].get(key))
            for key in sorted(then[name].keys() | now[name].keys())
            if then[name].get(key) != now[name].get(key)
        )
        if fields:
            changed.append(ItemChange(name, fields))
    return KindChange(tuple(sorted(now.keys() - then.keys())), tuple(sorted(then.keys() - now.keys())), tuple(changed))


def _tables(definitions: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Give the definitions of each kind by their names."""
    computations = {one["name"]: one for one in definitions.get("computations", ())}
    tables: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
    for kind in KINDS:
        for item in definitions.get(kind, ()):
            tables[kind][_name(kind, item)] = dict(_fields(kind, item, computations))
    for asset in definitions.get("assets", ()):
        for dependency in asset.get("dependencies", ()):
            details = {key: _plain(value) for key, value in dependency.items() if key != "key" and value}
            tables["edges"][f"{dependency['key']} → {asset['key']}"] = details
    return tables


def _name(kind: str, item: Mapping[str, Any]) -> str:
    if kind == "assets":
        return str(item["key"])
    return f"{item['asset']}:{item['name']}" if kind == "checks" else str(item["name"])


def _fields(
    kind: str, item: Mapping[str, Any], computations: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, Any]]:
    for key, value in item.items():
        # An asset's dependencies are edges, and a job's resources are compared where they are declared.
        if key not in _DERIVED and not (kind == "assets" and key == "dependencies") and key != "name":
            yield key, _plain(value)
    computation = computations.get(item.get("computation") or "", {})
    for key in ("config_schema", "required_resource_keys", "retry_policy", "tags", "can_subset"):
        if computation.get(key):
            yield f"computation {key}", _plain(computation[key])


def _plain(value: Any) -> Any:
    """Give a value without the places in files that are in it."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items() if not _is_place(part)}
    return [_plain(part) for part in value if not _is_place(part)] if isinstance(value, list) else value


def _is_place(value: Any) -> bool:
    return isinstance(value, Mapping) and {"file", "line"} <= value.keys() <= _PLACE


def without_folder(value: Any, folders: Iterable[str]) -> Any:
    """Give a value with `.` in place of the folder that the repository lies in."""
    if isinstance(value, str):
        for folder in folders:
            value = value.replace(folder, ".")
        return value
    if isinstance(value, Mapping):
        return {key: without_folder(part, folders) for key, part in value.items()}
    return [without_folder(part, folders) for part in value] if isinstance(value, list) else value
