"""Which files and folders shape a location, and which the workspace itself."""

from __future__ import annotations

import bisect
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from atoll_host.envs.environments.fingerprint import collect_inputs
from atoll_host.envs.environments.settings import Settings
from atoll_host.envs.errors import AtollError
from atoll_host.envs.interpreters.wanted import uv_workspace_root
from atoll_host.workspace.changes.witness import list_own_folders
from atoll_host.workspace.configuration.entries import read_declaration
from atoll_host.workspace.configuration.globs import is_pattern, match_folders
from atoll_host.workspace.configuration.reader import Reader
from atoll_host.workspace.configuration.sources import read_source
from atoll_host.workspace.configuration.yaml_nodes import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from atoll_host.envs.environments.environments import Environments
    from atoll_host.envs.errors import Problem
    from atoll_host.workspace.loading import LoadReport
    from atoll_host.workspace.location import Location, Workspace

Concern = Literal["code", "input", "variables", "environment", "configuration", "presence", "search"]
"""What a path means to whom.

`presence`: only its coming and going counts. `search`: only what can be imported counts, of the names in a folder.
"""

_OF_ANCESTORS = ("pyproject.toml", "uv.toml", "uv.lock", ".python-version", ".python-versions")
"""Files that can shape the environment of a project below their folder."""
_MOST_FRAMES = 50


@dataclass(frozen=True)
class Interests:
    """What somebody wants to hear of.

    Attributes:
        files: absolute paths, there or not, each with what it means.
        folders: whose names count.
        trees: folders below which every Python file counts, with the folders that are left out of them.
        patterns: absolute patterns of files.
        anchor: folder up to which the coming and going of folders has to be noticed.
    """

    files: frozenset[tuple[str, Concern]] = frozenset()
    folders: frozenset[tuple[str, Concern]] = frozenset()
    trees: tuple[str, ...] = ()
    spared: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    anchor: str = field(default=os.sep)


def of_location(
    workspace: Workspace, location: Location, environments: Environments, claims: Claims, report: LoadReport | None
) -> Interests:
    """Give what shapes a location.

    Args:
        workspace: what it belongs to.
        location: which one.
        environments: of the workspace.
        claims: of all locations.
        report: of its last load; None before the first, when every Python file of its own may matter.
    """
    files: set[tuple[str, Concern]] = set()
    folders: set[tuple[str, Concern]] = set()
    failed = report is None or report.status == "failed"
    for trace in _list_traces(report):
        files.update((path, "code") for path in _absolute(trace.get("sources", ())))
        files.update((path, "input") for path in _absolute(trace.get("files", ())))
        searched = set(_absolute(trace.get("searched", ())))
        folders.update((path, "search" if path in searched else "code") for path in _absolute(trace.get("folders", ())))
    if location.target.file is not None:
        files.add((str(location.target.file), "code"))
    env_files = (*workspace.env_files, *location.env_files)
    files.update((str(file), "variables") for file in env_files)
    shaping = {str(file) for file in _list_environment_files(workspace, location, environments)}
    files.update((file, "environment") for file in shaping)
    if report is not None and failed:
        files.update((path, "code") for path in _list_told(report.problems) - shaping)
    own, others = claims.of(location.name)
    return Interests(
        files=frozenset(files),
        folders=frozenset(folders),
        trees=tuple(sorted(own)) if failed else (),
        spared=others if failed else frozenset(),
        patterns=tuple(os.path.normpath(location.root / pattern) for pattern in location.inputs),
        anchor=str(workspace.root),
    )


def of_workspace(
    workspace: Workspace | None, problems: Iterable[Problem], directory: Path, variables: Mapping[str, str]
) -> Interests:
    """Give what shapes the workspace itself: everything that opening it reads.

    Args:
        workspace: the last one that could be read.
        problems: why it cannot be read now.
        directory: where a workspace is looked for.
        variables: what `{env: NAME}` looks up.
    """
    told = (*problems, *(() if workspace is None else workspace.problems))
    files: set[tuple[str, Concern]] = {(path, "configuration") for path in _list_told(told)}
    folders: set[tuple[str, Concern]] = set()
    root = directory if workspace is None else workspace.root
    files.add((str(root / "workspace.yaml"), "configuration"))
    if workspace is not None:
        if workspace.file is not None:
            files.add((str(workspace.file), "configuration"))
        files.update((str(file), "presence") for file in workspace.env_files)
        for location in workspace.locations:
            files.update(_list_configuration(location))
            if location.problems:
                # What is missing may come: a folder, a module, a file.
                folders.add((str(location.root), "configuration"))
                files.update((path, "configuration") for path in _list_told(location.problems))
        for pattern, base in _list_globs(workspace, variables):
            folders.update((str(folder), "configuration") for folder in _list_listed(pattern, base))
            files.update((str(folder / "pyproject.toml"), "configuration") for folder in match_folders(pattern, base))
    return Interests(files=frozenset(files), folders=frozenset(folders), anchor=str(root))


def _list_configuration(location: Location) -> Iterator[tuple[str, Concern]]:
    declared = location.declared_at.file
    # A script or a module that a command line names is declared nowhere else.
    if declared != location.target.file and declared.suffix in {".yaml", ".yml", ".toml"}:
        yield str(declared), "configuration"
    if location.environment.kind == "project":
        yield str(location.root / "pyproject.toml"), "configuration"
    for file in (location.target.file, location.environment.source, *location.env_files):
        if file is not None:
            yield str(file), "presence"
    yield str(location.root), "presence"


def _list_globs(workspace: Workspace, variables: Mapping[str, str]) -> list[tuple[str, Path]]:
    """Give the patterns of projects in workspace.yaml, with the folders that they are relative to."""
    file = workspace.file
    if file is None or file.suffix not in {".yaml", ".yml"}:
        return []
    try:
        entries = read_declaration(compose(read_source(file), file), Reader(file, variables)).entries
    except AtollError:
        return []
    written = (entry.target.value for entry in entries if entry.form == "project")
    return [(pattern, file.parent) for pattern in written if is_pattern(pattern)]


def _list_listed(pattern: str, base: Path) -> Iterator[Path]:
    """Give the folders whose names a pattern looks at."""
    parts = Path(os.path.normpath(base / pattern)).parts
    for number, part in enumerate(parts):
        if is_pattern(part):
            yield from match_folders(os.path.join(*parts[:number]), base)  # noqa: PTH118 — a pattern, not a path
            if part == "**":
                yield from match_folders(os.path.join(*parts[: number + 1]), base)  # noqa: PTH118 — as above


def _list_environment_files(workspace: Workspace, location: Location, environments: Environments) -> Iterator[Path]:
    spec = location.environment
    if spec.kind == "interpreter" or spec.source is None:
        return
    yield environments.state.environments(spec.location) / "current.json"
    folder = spec.source if spec.kind == "project" else spec.source.parent
    roots = [workspace.root, uv_workspace_root(folder)] if spec.kind == "project" else [workspace.root]
    above = [folder, *folder.parents]
    last = max((above.index(root) for root in roots if root in above), default=0)
    for place in above[: last + 1]:
        yield from (place / name for name in _OF_ANCESTORS)
    if spec.kind == "project":
        yield from (folder / name for name in ("setup.py", "setup.cfg"))
    elif spec.kind == "script":
        yield spec.source.with_name(f"{spec.source.name}.lock")
    else:
        yield spec.source
    try:
        backend = Settings.of(spec).backend
        names = collect_inputs(
            spec, backend=backend, variables=environments.variables, boundary=environments.state.path.parent
        )
    except AtollError:
        return
    for name in names:
        # Some are no paths but words that describe; a file that is called so would only be looked at.
        if name.endswith((".toml", ".txt", ".in", ".lock", ".cfg", ".py")):
            yield Path(os.path.normpath(folder / name))


def _list_traces(report: LoadReport | None) -> Iterator[Mapping[str, list[str]]]:
    """Give the trace of a load; of one that failed, which may not have come far, that of the last good one too."""
    if report is not None:
        yield report.trace
        if report.stale and report.snapshot is not None:
            yield report.snapshot.trace


def _list_told(problems: Iterable[Problem]) -> set[str]:
    """Give the files that problems point at, and those in their tracebacks."""
    found = {problem.file for problem in problems if problem.file is not None}
    for problem in problems:
        found.update(frame.file for frame in problem.frames[-_MOST_FRAMES:])
    return set(_absolute(found))


class Claims:
    """The folders that are a location's alone, of all locations of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._own = {one.name: frozenset(map(str, list_own_folders(one))) for one in workspace.locations}
        self._sorted = sorted({folder for folders in self._own.values() for folder in folders})

    def of(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """Give the folders of a location, and those of others that lie inside of them."""
        own = self._own.get(name, frozenset())
        others: set[str] = set()
        for folder in own:
            start = bisect.bisect_left(self._sorted, folder + os.sep)
            end = bisect.bisect_left(self._sorted, folder + chr(ord(os.sep) + 1))
            others.update(self._sorted[start:end])
        return own, frozenset(others - own)


def _absolute(paths: Iterable[str]) -> Iterator[str]:
    return (os.path.normpath(path) for path in paths if os.path.isabs(path))  # noqa: PTH117 — texts of a trace
