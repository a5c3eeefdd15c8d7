"""What of a repository a location is made of: folders, files, listed folders, patterns."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.environments.fingerprint import collect_inputs
from atoll_host.envs.environments.settings import Settings
from atoll_host.envs.errors import AtollError
from atoll_host.envs.interpreters.wanted import uv_workspace_root
from atoll_host.workspace.changes.witness import list_own_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from atoll_host.workspace.changes.git import Changes
    from atoll_host.workspace.location import Location, Workspace

_OF_ANCESTORS = ("pyproject.toml", "uv.toml", "uv.lock", ".python-version", ".python-versions")
"""Files whose coming or going in any folder above a project can change its environment."""
_MARK = re.compile(r"\*+|\[[^\]]+\]|.", re.DOTALL)
_MARKS = {"*": "[^/]*", "?": "[^/]", "[": "[^/]"}


@dataclass
class Reach:
    """What a location is made of, as paths relative to the repository's top (`/` between names, `.` for the top).

    Attributes:
        folders: everything below them counts, with the reason why.
        files: single files, with the reason why.
        listings: folders whose names were listed.
        patterns: what declared `inputs` look like.
        spared: folders of other locations, which count only where something above names them or what is in them.
        compared: files of the workspace, whose content is compared by what it says.
    """

    folders: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    listings: set[str] = field(default_factory=set)
    patterns: list[tuple[str, re.Pattern[str]]] = field(default_factory=list)
    spared: set[str] = field(default_factory=set)
    compared: frozenset[str] = frozenset()

    def find(self, changes: Changes) -> str | None:
        """Say which change touches it; None when none does."""
        for path, status in changes.statuses.items():
            reason = self._touch(path, status, changes)
            if reason is not None:
                return reason
        return None

    def _touch(self, path: str, status: str, changes: Changes) -> str | None:
        shown = _printable(path)
        # A submodule, or a repository inside, is one changed path: what lies in it may have changed.
        exact = self.files.get(path) or next((why for one, why in self.files.items() if _is_below(one, path)), None)
        if exact is not None:
            return exact.format(shown)
        for folder, why in self.folders.items():
            if (_is_below(path, folder) or _is_below(folder, path)) and not self._is_spared(path, folder):
                return why.format(shown)
        for pattern, expression in self.patterns:
            if expression.fullmatch(path):
                return f"{shown}, which its inputs {pattern} name, changed"
        if status in "AD" and any(_changes_listing(path, folder, changes) for folder in self.listings):
            return f"a folder that it lists changed: {shown}"
        return None

    def _is_spared(self, path: str, folder: str) -> bool:
        return path in self.compared or any(
            _is_below(other, folder) and other != folder and _is_below(path, other) for other in self.spared
        )


class Reaches:
    """Finds what each location of a workspace is made of.

    Attributes:
        workspace: theirs.
        top: the repository's top folder.
        variables: the caller's.
        compared: the files that name locations.
    """

    def __init__(self, workspace: Workspace, top: Path, variables: Mapping[str, str]) -> None:
        self.workspace = workspace
        self.top = top
        self.variables = variables
        self._real_top = os.path.realpath(top)
        files = {location.declared_at.file for location in workspace.locations} | {workspace.file}
        self.compared = frozenset(path for file in files if file is not None for path in self.relative(file))
        self._claims = {location.name: set(self._claim(location)) for location in workspace.locations}

    def of(self, location: Location, trace: Mapping[str, Any]) -> Reach:
        """Give what a location is made of, by its configuration and by the trace of its last load."""
        reach = Reach(compared=self._find_compared(location))
        own = self._claims[location.name]
        for name, claims in self._claims.items():
            if name != location.name:
                reach.spared |= {claim for claim in claims if not any(_is_below(one, claim) for one in own)}
        self._add_configured(reach, location)
        self._add_environment(reach, location)
        self._add_traced(reach, trace)
        return reach

    def _find_compared(self, location: Location) -> frozenset[str]:
        """Give the files that only name a location: a project's or a script's own is more than that."""
        own = {location.root / "pyproject.toml", location.target.file, location.environment.source}
        return self.compared - {path for file in own if file is not None for path in self.relative(file)}

    def relative(self, path: str | Path) -> Iterator[str]:
        """Give a path as the repository knows it, and where links lead to; nothing outside of the repository."""
        text = os.path.normpath(path)
        for one, top in ((text, str(self.top)), (os.path.realpath(text), self._real_top)):
            if one == top:
                yield "."
            elif one.startswith(top.rstrip(os.sep) + os.sep):
                yield one[len(top.rstrip(os.sep)) + 1 :].replace(os.sep, "/")

    def _claim(self, location: Location) -> Iterator[str]:
        """Give the folders that are a location's alone: those of another that lie above it do not include them."""
        for folder in list_own_folders(location):
            yield from self.relative(folder)

    def _add_configured(self, reach: Reach, location: Location) -> None:
        self._add(reach.folders, [location.root], "{} changed")
        self._add(reach.folders, location.search_paths, "{}, which is on its search path, changed")
        if location.target.file is not None:
            self._add(reach.files, [location.target.file], "{} changed")
        env_files = (*self.workspace.env_files, *location.env_files)
        self._add(reach.files, env_files, "its variables file {} changed")
        for pattern in location.inputs:
            for whole in self.relative(location.root / pattern):
                reach.patterns.append((pattern, re.compile(translate_pattern(whole))))

    def _add_environment(self, reach: Reach, location: Location) -> None:
        spec = location.environment
        if spec.source is None:
            return
        why = "its environment is made of {}, which changed"
        folder = spec.source if spec.kind == "project" else spec.source.parent
        for above in (folder, *folder.parents):
            self._add(reach.files, [above / name for name in _OF_ANCESTORS], why)
        self._add(reach.files, [spec.source], why)
        try:
            backend = Settings.of(spec).backend
            names = collect_inputs(spec, backend=backend, variables=self.variables, boundary=self.workspace.root)
        except AtollError:
            names = {}
        inputs = [folder / name for name in names]
        self._add(reach.files, inputs, why)
        if spec.kind == "project":
            members = _list_members(folder)
            self._add(reach.folders, members, "{}, of a package that it depends on by path, changed")
        elif spec.kind == "requirements":
            packages = [path.parent for path in inputs if path.name == "pyproject.toml"]
            self._add(reach.folders, packages, "{}, of a package that it depends on by path, changed")

    def _add_traced(self, reach: Reach, trace: Mapping[str, Any]) -> None:
        for source in trace.get("sources", ()):
            self._add(reach.files, [source], "it imports {}, which changed")
            # What stands beside a module can shape it without being opened: os.path.exists leaves no trace.
            self._add(reach.folders, [Path(source).parent], "{} changed, which is beside a module that it imports")
        self._add(reach.folders, trace.get("search_path", ()), "{}, which is on its search path, changed")
        self._add(reach.files, trace.get("files", ()), "it reads {}, which changed")
        for folder in trace.get("folders", ()):
            reach.listings.update(self.relative(folder))

    def _add(self, to: dict[str, str], paths: Iterable[str | Path], why: str) -> None:
        for path in paths:
            if os.path.isabs(path):  # noqa: PTH117 — a trace's paths are texts
                for one in self.relative(path):
                    to.setdefault(one, why)


def _list_members(project: Path) -> list[Path]:
    """List the folders of the packages that a project's lock takes from a path, directly or by way of others."""
    root = uv_workspace_root(project)
    try:
        packages = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8")).get("package", [])
        folders = {package["name"]: _local_folder(package, root) for package in packages}
        needs = {package["name"]: set(_list_needs(package)) for package in packages}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    waiting = [name for name, folder in folders.items() if folder == project] or list(folders)
    reached = set(waiting)
    while waiting:
        for name in needs.get(waiting.pop(), set()) - reached:
            reached.add(name)
            waiting.append(name)
    return [folder for name, folder in folders.items() if folder is not None and name in reached]


def _local_folder(package: Mapping[str, Any], root: Path) -> Path | None:
    source = package.get("source", {})
    local = source.get("editable") or source.get("directory") or source.get("virtual") or source.get("path")
    return None if local is None else Path(os.path.normpath(root / local))


def _list_needs(package: Mapping[str, Any]) -> Iterator[str]:
    tables = (package.get("optional-dependencies", {}), package.get("dev-dependencies", {}))
    for group in (package.get("dependencies", []), *(group for table in tables for group in table.values())):
        yield from (dependency["name"] for dependency in group)


def _is_below(path: str, folder: str) -> bool:
    return folder in {".", path} or path.startswith(folder + "/")


def _changes_listing(path: str, folder: str, changes: Changes) -> bool:
    """Tell whether a path that came or went changes the names in a folder."""
    if not _is_below(path, folder) or path == folder:
        return path == folder
    rest = path if folder == "." else path[len(folder) + 1 :]
    name, _, deeper = rest.partition("/")
    child = name if folder == "." else f"{folder}/{name}"
    return not deeper or (child in changes.folders_then) != (child in changes.folders_now)


def translate_pattern(pattern: str) -> str:
    """Make a regular expression of a pattern: `*` and `?` within a name, `**` for any folders."""
    parts = []
    for part in pattern.split("/"):
        if part == "**":
            parts.append("(?:[^/]+/)*")
        else:
            word = "".join(_MARKS.get(one[0], re.escape(one)) for one in _MARK.findall(part))
            parts.append(f"{word}/")
    return "".join(parts).removesuffix("/") + "(?:/.*)?" if parts[-1] != "(?:[^/]+/)*" else "".join(parts) + ".*"


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
