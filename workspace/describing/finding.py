"""Find the definition that a name means, in all locations."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atoll_host.workspace.loading import LoadReport

_SUGGESTED = 3
_PLURALS = {
    "asset": "assets",
    "check": "checks",
    "job": "jobs",
    "schedule": "schedules",
    "sensor": "sensors",
    "resource": "resources",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A definition.

    Attributes:
        kind: such as `asset`.
        name: as its location has it; an asset's key.
        report: of the location that it is in.
        definition: as the SDK describes it.
    """

    kind: str
    name: str
    report: LoadReport
    definition: Mapping[str, Any]

    @property
    def full_name(self) -> str:
        """The name by which it is found whatever else there is."""
        inner = f"{self.definition['asset']}:{self.name}" if self.kind == "check" else self.name
        return f"{self.report.location.name}:{inner}"


def find(kind: str, name: str, reports: Sequence[LoadReport]) -> Found:
    """Find a definition by `name` or `location:name` (a check also by `asset:name` and `location:asset:name`).

    An asset that one location makes and others declare as external is the one that is made.

    Raises:
        UsageError: there is none of this name, or there are several.
    """
    every = list(_candidates(kind, reports))
    found = [item for item in every if name in _names(item)]
    if kind == "asset" and len(found) > 1:
        made = [item for item in found if item.definition.get("type") != "external"]
        found = made or found[:1]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(item.full_name for item in found)
        raise UsageError(f"There are {len(found)} {_PLURALS[kind]} named {name!r}", hint=f"say which: {names}")
    raise UsageError(f"There is no {kind} named {name!r}", hint=_suggest(kind, name, every, reports))


def find_any(name: str, reports: Sequence[LoadReport]) -> Found:
    """Find a definition of whatever kind.

    Raises:
        UsageError: there is none of this name, or there are several.
    """
    found: list[Found] = []
    several: UsageError | None = None
    for kind in _PLURALS:
        if any(name in _names(item) for item in _candidates(kind, reports)):
            try:
                found.append(find(kind, name, reports))
            except UsageError as error:
                several = error
    if len(found) == 1 and several is None:
        return found[0]
    if found:
        kinds = " or ".join(f"`atoll show {item.kind} {name}`" for item in found)
        raise UsageError(f"Several things are named {name!r}", hint=f"say which: {kinds}")
    if several is not None:
        raise several
    every = [item for kind in _PLURALS for item in _candidates(kind, reports)]
    raise UsageError(f"Nothing is named {name!r}", hint=_suggest("asset", name, every, reports))


def _candidates(kind: str, reports: Sequence[LoadReport]) -> Iterable[Found]:
    key = "key" if kind == "asset" else "name"
    for report in reports:
        for definition in report.definitions.get(_PLURALS[kind]) or ():
            yield Found(kind, definition[key], report, definition)


def _names(item: Found) -> tuple[str, ...]:
    location = item.report.location.name
    if item.kind == "check":
        asset = item.definition["asset"]
        return item.name, f"{location}:{item.name}", f"{asset}:{item.name}", item.full_name
    return item.name, item.full_name


def _suggest(kind: str, name: str, every: Sequence[Found], reports: Sequence[LoadReport]) -> str:
    known = list(dict.fromkeys(text for item in every for text in _names(item)))
    if kind == "asset":
        users = [
            f"{report.location.name}:{asset['key']}"
            for report in reports
            for asset in report.definitions.get("assets") or ()
            if any(dependency["key"] == name for dependency in asset.get("dependencies") or ())
        ]
        if users:
            return f"{users[0]} depends on it, but no location declares it"
    ends = [text for text in known if text.endswith(f"/{name}") and ":" not in text]
    close = list(dict.fromkeys([*ends, *difflib.get_close_matches(name, known, n=_SUGGESTED)]))
    # `job` says it, `location:job` would only say it again.
    close = [text for text in close if not any(text.endswith(f":{other}") for other in close)]
    if close:
        return f"did you mean {' or '.join(close[:_SUGGESTED])}?"
    failed = [report.location.name for report in reports if report.snapshot is None]
    if failed:
        return f"{', '.join(failed)} could not be loaded: it may be there"
    return f"`atoll list {_PLURALS[kind]}` lists those that there are"
