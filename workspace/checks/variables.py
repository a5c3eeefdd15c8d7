"""Environment variables that definitions name and that a location's processes don't get. Only names are looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.places import Spot, find_spot, find_variable
from atoll_host.workspace.checks.words import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_ENOUGH_ALIKE = 0.85
"""Variables of one program begin alike, so that less says nothing."""
_USERS = (
    ("resources", "Resource"),
    ("computations", "Function"),
    ("jobs", "Job"),
    ("schedules", "Schedule"),
)


def check_variables(
    definitions: Mapping[str, Any],
    names: Collection[str],
    *,
    dropped: Collection[str] = (),
    files: Sequence[str] = (),
) -> tuple[Problem, ...]:
    """Find the environment variables that are needed and not set, each once, where it is named first.

    Args:
        definitions: a location's, as the SDK describes them.
        names: of the variables that the location's processes get.
        dropped: of the caller's variables that they don't get.
        files: names of the location's `.env` files, for the hint.
    """
    problems = []
    for variable in definitions.get("environment_variables") or ():
        name = variable["name"]
        if name in names or variable.get("default"):
            continue
        users = list(_iterate_users(definitions, name, variable.get("required_by") or ()))
        message = f"{_name_users(users)} the environment variable {name!r}, which is not set"
        if name in dropped:
            message = f"{_name_users(users)} the environment variable {name!r}, which locations are not given"
        problems.append(
            Problem("unset_variable", message, _hint(name, names, dropped, files), *_find(users, name))
            .replaced(severity="warning")
        )  # fmt: skip
    return tuple(problems)


def _iterate_users(
    definitions: Mapping[str, Any], name: str, required_by: Collection[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give what needs a variable: a resource when it says so, others when they are named and no resource is meant."""
    for kind, word in _USERS:
        for item in definitions.get(kind) or ():
            if item.get("name") not in required_by:
                continue
            if kind == "resources" and name not in (item.get("environment_variables") or ()):
                continue
            if kind in ("jobs", "schedules") and f'"{name}"' not in json.dumps(
                [item.get("config"), item.get("resource_defs")]
            ):
                continue
            yield word, item


def _name_users(users: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    if not users:
        return "Something here needs"
    word, first = users[0]
    more = f" (and {len(users) - 1} more)" if len(users) > 1 else ""
    return f"{word} {first['name']!r}{more} needs"


def _find(users: Sequence[tuple[str, Mapping[str, Any]]], name: str) -> Spot:
    spots = [find_spot(item, name) for _, item in users]
    exact = [spot for spot in spots if spot.column is not None]
    for spot in spots:
        # A default of a configuration class stands elsewhere in the file.
        elsewhere = None if exact or spot.file is None else find_variable(spot.file, name)
        exact += [elsewhere] if elsewhere is not None else []
    return (exact or spots or [Spot(None, None)])[0]


def _hint(name: str, names: Collection[str], dropped: Collection[str], files: Sequence[str]) -> str:
    similar = suggest(name, names, alike=_ENOUGH_ALIKE)
    if similar is not None:
        return f"did you mean {similar!r}, which is set?"
    where = f"write {name}=… in {files[-1]}" if files else f"write {name}=… in a file and name that as its env-file"
    return where if name in dropped else f"{where}, or set it where atoll runs"
