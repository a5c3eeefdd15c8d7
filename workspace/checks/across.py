"""What is wrong between locations, each of which is well by itself.

Only locations that loaded take part: what a failed one defined the last time proves nothing. Each location gets the
findings that it can mend, at its own lines; the order of the locations changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.cycles import check_cycles
from atoll_host.workspace.checks.definitions import describe_doubts, describe_misfit
from atoll_host.workspace.checks.doubts import find_doubts
from atoll_host.workspace.checks.partitions import find_misfit, name_partitions
from atoll_host.workspace.checks.places import find_dependency, find_name, find_spot, get_spot, name_place
from atoll_host.workspace.checks.words import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Described = Mapping[str, Any]

_ENOUGH_SUGGESTIONS = 50
"""Keys that nobody has, and for which a similar one is looked for; the rest are most likely of one mistake."""
_EXTERNAL = "external"


def check_across(
    definitions: Mapping[str, Described], *, complete: bool, root: Path | None = None
) -> tuple[tuple[str, Problem], ...]:
    """Find what is wrong between locations.

    Args:
        definitions: of the locations that loaded, by name: what the SDK describes.
        complete: whether these are all locations of the workspace. If not, nobody can say what exists nowhere.
        root: folder that places in messages are relative to.

    Returns:
        Pairs of a location and its problem, in the order of locations' names and of the problems' places.
    """
    view = _View({name: definitions[name] for name in sorted(definitions)}, root)
    found = [*_find_duplicates(view), *check_cycles(view.definitions, root), *_find_partition_misfits(view)]
    if complete:
        found += _find_unknown(view)
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _order(found: tuple[str, Problem]) -> tuple[Any, ...]:
    location, problem = found
    return (location, problem.file or "", problem.line or 0, problem.column or 0, problem.kind, problem.message)


@dataclass(frozen=True)
class _View:
    """Who makes and who declares each key."""

    definitions: Mapping[str, Described]
    root: Path | None

    @cached_property
    def makers(self) -> dict[str, dict[str, Described]]:
        """By key and location, what locations make."""
        return self._collect(external=False)

    @cached_property
    def externals(self) -> dict[str, dict[str, Described]]:
        """By key and location, what locations declare as made elsewhere."""
        return self._collect(external=True)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every key that somebody has."""
        return frozenset(self.makers) | frozenset(self.externals)

    def _collect(self, *, external: bool) -> dict[str, dict[str, Described]]:
        found: dict[str, dict[str, Described]] = {}
        for location, described in self.definitions.items():
            for asset in described.get("assets") or ():
                if (asset.get("type") == _EXTERNAL) is external:
                    found.setdefault(asset["key"], {}).setdefault(location, asset)
        return found

    def iterate(self, kind: str) -> Iterator[tuple[str, Described]]:
        """Give every definition of a kind with its location."""
        for location, described in self.definitions.items():
            for item in described.get(kind) or ():
                yield location, item

    def name(self, key: str, location: str) -> str:
        """Write an asset of a location with its place."""
        asset = self.makers.get(key, {}).get(location) or self.externals[key][location]
        return f"{key!r} of location {location!r} ({name_place(asset, self.root)})"


def _find_duplicates(view: _View) -> Iterator[tuple[str, Problem]]:
    for key, makers in view.makers.items():
        if len(makers) == 1:
            continue
        for location, asset in makers.items():
            others = [
                f"location {other!r} ({name_place(theirs, view.root)})"
                for other, theirs in makers.items()
                if other != location
            ]
            message = f"Asset {key!r} is made here and in {' and in '.join(others)}"
            hint = f"rename one of them; if it is the same asset, make it in one location only: AssetSpec({key!r}) here"
            yield location, Problem("duplicate_asset", message, hint, *find_name(asset, key))


def _find_unknown(view: _View) -> Iterator[tuple[str, Problem]]:
    suggestions: dict[str, str | None] = {}

    def hint(key: str) -> str:
        if key not in suggestions and len(suggestions) < _ENOUGH_SUGGESTIONS:
            suggestions[key] = suggest(key, view.keys)
        similar = suggestions.get(key)
        if similar is None:
            return f"correct the key, or say that it is made outside of this workspace: AssetSpec({key!r})"
        holder = next(iter(view.makers.get(similar) or view.externals[similar]))
        return f"did you mean {similar!r} of location {holder!r}?"

    for location, asset in view.iterate("assets"):
        yield from _find_unknown_upstream(view, location, asset, f"Asset {asset['key']!r}", hint)
    for location, check in view.iterate("checks"):
        key, what = check["asset"], f"Check {check['name']!r} of asset {check['asset']!r}"
        if key not in view.keys:
            message = f"Check {check['name']!r} is of asset {key!r}, which no location has"
            yield location, Problem("unknown_checked_asset", message, hint(key), *find_spot(check, key))
        yield from _find_unknown_upstream(view, location, check, what, hint, but=key)
    for location, sensor in view.iterate("sensors"):
        key = sensor.get("asset")
        if key is not None and key not in view.keys:
            message = f"Sensor {sensor['name']!r} watches asset {key!r}, which no location has"
            yield location, Problem("unknown_watched_asset", message, hint(key), *find_spot(sensor, key))


def _find_unknown_upstream(
    view: _View, location: str, item: Described, what: str, hint: Callable[[str], str], *, but: str | None = None
) -> Iterator[tuple[str, Problem]]:
    for dependency in item.get("dependencies") or ():
        key = dependency["key"]
        if key in view.keys or key == but:
            continue
        message = f"{what} depends on {key!r}, which no location has"
        spot = find_dependency(item, dependency)
        yield location, Problem("unknown_upstream", message, hint(key), *spot)


def _find_partition_misfits(view: _View) -> Iterator[tuple[str, Problem]]:
    for location, asset in view.iterate("assets"):
        if asset.get("type") == _EXTERNAL:
            yield from _compare_declared(view, location, asset)
        for dependency in asset.get("dependencies") or ():
            upstream = dependency["key"]
            own = view.externals.get(upstream, {}).get(location)
            if location in view.makers.get(upstream, ()):
                continue
            makers = view.makers.get(upstream) or ({} if own else view.externals.get(upstream) or {})
            for other, theirs in makers.items():
                # What the location declares itself, its own check has compared.
                if own is None or own.get("partitions") is None:
                    said = _compare(asset, theirs, dependency, view.name(upstream, other))
                    if said is not None:
                        spot = find_dependency(asset, dependency)
                        kind, severity, message, tip = said
                        yield location, Problem(kind, message, tip, *spot).replaced(severity=severity)


def _compare(
    asset: Described, upstream: Described, dependency: Described, name: str
) -> tuple[str, str, str, str] | None:
    above, below, mapping = upstream.get("partitions"), asset.get("partitions"), dependency.get("partition_mapping")
    misfit = find_misfit(above, below, mapping)
    if misfit is not None:
        return ("partitions_misfit", "error", *describe_misfit(misfit, asset["key"], name, mapped=mapping is not None))
    doubts = find_doubts(above, below, mapping)
    if doubts:
        return ("partitions_differ", "warning", *describe_doubts(doubts, asset["key"], name))
    return None


def _compare_declared(view: _View, location: str, asset: Described) -> Iterator[tuple[str, Problem]]:
    """Find what a location says of another's asset, and is not so."""
    said = asset.get("partitions")
    if said is None:
        return
    key = asset["key"]
    for other, theirs in view.makers.get(key, {}).items():
        if other != location and theirs.get("partitions") != said:
            message = (
                f"AssetSpec {key!r} says that it has {name_partitions(said)}, but {view.name(key, other)}"
                f" has {name_partitions(theirs.get('partitions'))}"
            )
            hint = "give the spec the same partitions_def, or leave it out"
            yield location, Problem("partitions_misfit", message, hint, *get_spot(asset))
