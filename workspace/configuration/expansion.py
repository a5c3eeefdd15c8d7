"""Turn the entries of `load_from` into locations: patterns into the projects they match, names checked for doubles."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.workspace.configuration.globs import is_pattern, match_folders
from atoll_host.workspace.configuration.locations import (
    make_file_location,
    make_module_location,
    make_project_location,
)
from atoll_host.workspace.configuration.paths import resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from atoll_host.workspace.configuration.entries import Entry
    from atoll_host.workspace.configuration.locations import Defaults
    from atoll_host.workspace.configuration.reader import Reader
    from atoll_host.workspace.location import Location

_PROJECT_FILE = "pyproject.toml"
_NAMED = 5
"""How many names a hint lists."""


def expand(entries: Sequence[Entry], defaults: Defaults, reader: Reader, *, empty_allowed: bool) -> list[Location]:
    """Make the locations of all entries, in their order.

    A project that an entry names itself is left out of the patterns, so that what that entry says holds. What is wrong
    with a pattern's entry is the reader's; of locations with one name, the first is kept.
    """
    named = {
        find_folder(entry, defaults.base)
        for entry in entries
        if entry.form == "project" and not is_glob(entry, defaults.base)
    }
    taken: set[Path] = set()
    locations: list[Location] = []
    for entry in entries:
        if entry.form == "python_file":
            locations.append(make_file_location(entry, defaults))
        elif entry.form != "project":
            locations.append(make_module_location(entry, defaults))
        elif not is_glob(entry, defaults.base):
            folder = find_folder(entry, defaults.base)
            locations.append(make_project_location(folder, entry.place, defaults, entry))
        else:
            reader.problems += entry.problems
            folders = list_projects(entry, defaults, reader, empty_allowed=empty_allowed)
            free = [folder for folder in folders if folder not in named and folder not in taken]
            taken.update(free)
            if len(free) > 1 and "location_name" in entry.texts:
                message = f"location_name can't name the {len(free)} projects that {entry.target.value} matches"
                place = entry.texts["location_name"].place
                reader.report(message, "name one project, or leave location_name out", place)
                texts = {key: text for key, text in entry.texts.items() if key != "location_name"}
            else:
                texts = entry.texts
            plain = replace(entry, texts=texts, problems=())
            locations += [make_project_location(folder, entry.place, defaults, plain) for folder in free]
    return _without_doubles(locations, entries, reader)


def is_glob(entry: Entry, base: Path) -> bool:
    """Tell whether a project entry is a pattern: it looks like one, and no folder bears that very name."""
    return is_pattern(entry.target.value) and not os.path.isdir(resolve(entry.target.value, base))  # noqa: PTH112 — for every entry of a pattern


def find_folder(entry: Entry, base: Path) -> Path:
    """Give the folder that an entry names by itself or by its pyproject.toml."""
    path = resolve(entry.target.value, base)
    return path.parent if path.name == _PROJECT_FILE and os.path.isfile(path) else path  # noqa: PTH113 — never raises


def list_projects(entry: Entry, defaults: Defaults, reader: Reader, *, empty_allowed: bool) -> list[Path]:
    """Give the project folders that a pattern matches; note a problem where there are none."""
    pattern = entry.target.value
    folders = match_folders(pattern, defaults.base)
    projects = [folder for folder in folders if os.path.lexists(folder / _PROJECT_FILE)]
    if projects or empty_allowed:
        return projects
    if folders:
        names = ", ".join(folder.name for folder in folders[:_NAMED]) + (", …" if len(folders) > _NAMED else "")
        message = f"no folder that {pattern} matches has a {_PROJECT_FILE}"
        hint = f"`uv init --bare` makes a folder a project; without one: {names}"
    else:
        message = f"{pattern} matches no folder"
        hint = "`atoll create location NAME` makes a project; otherwise correct the pattern"
    reader.report(message, hint, entry.target.place)
    return []


def _without_doubles(locations: Sequence[Location], entries: Sequence[Entry], reader: Reader) -> list[Location]:
    names = {entry.place: entry.texts["location_name"].place for entry in entries if "location_name" in entry.texts}
    seen: dict[str, Location] = {}
    for location in locations:
        first = seen.setdefault(location.name.casefold(), location)
        if first is location:
            continue
        here, there = (names.get(one.declared_at, one.declared_at) for one in (location, first))
        same = location.name == first.name
        message = (
            f"two locations are called {location.name}: {_identify(first)} and {_identify(location)}"
            if same
            else f"the names {first.name} and {location.name} differ only in upper and lower case"
        )
        where = f" (the other is in line {there.line})" if there.line is not None else ""
        hint = "give one of them a location_name"
        if "project" in {first.environment.kind, location.environment.kind}:
            hint += ", or a name below [tool.atoll] in its pyproject.toml"
        reader.report(message + where, hint, here)
    return list(seen.values())


def _identify(location: Location) -> str:
    if location.environment.kind == "project":
        return str(location.root)
    return str(location.target.file or location.target.module)
