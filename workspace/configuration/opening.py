"""Find a workspace and read it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import ConfigurationError, Problem, UsageError
from atoll_host.workspace.configuration.entries import Declaration, Entry, is_dotted, read_declaration
from atoll_host.workspace.configuration.expansion import expand
from atoll_host.workspace.configuration.locations import (
    DEFAULT_TIMEOUT,
    Defaults,
    make_file_location,
    make_module_location,
    make_project_location,
)
from atoll_host.workspace.configuration.paths import resolve, say_missing
from atoll_host.workspace.configuration.projects import read_project
from atoll_host.workspace.configuration.reader import Reader, Text
from atoll_host.workspace.configuration.sources import read_source
from atoll_host.workspace.configuration.yaml_nodes import compose
from atoll_host.workspace.location import Place, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atoll_host.workspace.configuration.keys import Form

WORKSPACE_FILE = "workspace.yaml"
PROJECT_FILE = "pyproject.toml"


def open_workspace(
    start: Path,
    *,
    file: Path | None = None,
    variables: Mapping[str, str],
    empty_allowed: bool = False,
    tolerant: bool = False,
) -> Workspace:
    """Find the workspace that a folder belongs to, and read it.

    The nearest `workspace.yaml` upward, else the nearest `pyproject.toml` upward with a `[tool.atoll]`, which is a
    workspace of one.

    Args:
        start: where to look from.
        file: a `workspace.yaml` or `pyproject.toml` to take instead of looking for one, relative to `start`.
        variables: what `{env: NAME}` looks up.
        empty_allowed: whether a workspace without a location is fine, as it is for what adds one.
        tolerant: whether a mistake in the file leaves out only what it concerns; it is then in the `problems` of the
            location that has it, or of the workspace.

    Raises:
        ConfigurationError: there is none, or what it says can't be understood: all of that at once. What is wrong with
            one location alone, outside of the file, is in that location's `problems` instead. With `tolerant`, no
            location is left of it.
    """
    start = Path(os.path.abspath(start))  # noqa: PTH100 — Path.resolve would follow links
    if file is not None:
        return _open_named(resolve(str(file), start), variables, empty_allowed=empty_allowed, tolerant=tolerant)
    folders = (start, *start.parents)
    for folder in folders:
        if os.path.lexists(folder / WORKSPACE_FILE):
            found = folder / WORKSPACE_FILE
            return read_workspace(found, variables, empty_allowed=empty_allowed, tolerant=tolerant)
    without_table = None
    for folder in folders:
        candidate = folder / PROJECT_FILE
        if os.path.isfile(candidate):  # noqa: PTH113 — unlike Path.is_file, never raises
            if _mentions_us(candidate):
                return open_project(candidate)
            without_table = without_table or candidate
    raise _not_found(start, without_table)


def read_workspace(
    file: Path,
    variables: Mapping[str, str],
    *,
    text: str | None = None,
    empty_allowed: bool = False,
    tolerant: bool = False,
) -> Workspace:
    """Read a workspace.yaml.

    Args:
        file: absolute path.
        variables: what `{env: NAME}` looks up.
        text: what to read in place of what is in the file.
        empty_allowed: whether a workspace without a location is fine.
        tolerant: as for `open_workspace`.

    Raises:
        ConfigurationError: all that can't be understood, at once; with `tolerant`, only when no location is left.
    """
    reader = Reader(file, variables)
    declaration = read_declaration(compose(read_source(file) if text is None else text, file), reader)
    defaults = Defaults(
        file.parent,
        declaration.timeout or DEFAULT_TIMEOUT,
        backend=declaration.backend,
        memory=declaration.memory,
        cpu=declaration.cpu,
    )
    env_files = tuple(resolve(text.value, file.parent) for text in declaration.env_files)
    locations = expand(declaration.entries, defaults, reader, empty_allowed=empty_allowed)
    if declaration.load_from is None and not empty_allowed and not reader.problems:
        reader.problems.append(_say_empty(declaration))
    gone = [
        Problem("configuration", *say_missing(path, "file"), str(file), written.place.line, written.place.column)
        for path, written in zip(env_files, declaration.env_files, strict=True)
        if not os.path.isfile(path)  # noqa: PTH113 — as above
    ]
    if gone:
        # No location would see the variables that it should.
        locations = [replace(location, problems=(*gone, *location.problems)) for location in locations]
    wrong = bool(reader.problems or gone or any(entry.problems for entry in declaration.entries))
    if wrong and not (tolerant and locations):
        problems = [*reader.problems, *gone, *(problem for location in locations for problem in location.problems)]
        raise ConfigurationError.of(_in_order(problems, file))
    return Workspace(
        file.parent,
        file,
        tuple(locations),
        env_files,
        choice=declaration.choice,
        whole=not reader.problems,
        problems=_in_order(reader.problems, file),
    )


def _in_order(problems: Iterable[Problem], file: Path) -> tuple[Problem, ...]:
    """Give problems as a reader of the files would meet them, the workspace's own file first, each once."""

    def key(problem: Problem) -> tuple[bool, str, int, int]:
        return problem.file != str(file), problem.file or "", problem.line or 0, problem.column or 0

    return tuple(dict.fromkeys(sorted(problems, key=key)))


def open_project(file: Path) -> Workspace:
    """Make a workspace of one of a project's pyproject.toml."""
    project = read_project(file)
    location = make_project_location(file.parent, project.place(), Defaults(file.parent))
    return Workspace(file.parent, None, (location,))


def open_script(
    file: Path,
    directory: Path,
    *,
    attribute: str | None = None,
    working_directory: Path | None = None,
    location_name: str | None = None,
) -> Workspace:
    """Make a workspace of one of a Python file.

    Args:
        file: relative to `directory`, or absolute.
        directory: the caller's, which is the workspace's root and, unless another is given, the working directory.
        attribute: name of the `Definitions` in it, or of a function that returns them.
        working_directory: relative to `directory`, or absolute.
        location_name: instead of the file's name.
    """
    path = resolve(str(file), directory)
    entry = _typed_entry(
        "python_file",
        str(file),
        path,
        attribute=attribute,
        working_directory=working_directory,
        location_name=location_name,
    )
    return Workspace(directory, None, (make_file_location(entry, Defaults(directory)),))


def open_module(
    module: str,
    directory: Path,
    *,
    package: bool = False,
    attribute: str | None = None,
    working_directory: Path | None = None,
    location_name: str | None = None,
) -> Workspace:
    """Make a workspace of one of a module or package that is named by its dotted name.

    Raises:
        UsageError: that is no dotted name.
    """
    if not is_dotted(module):
        hint = f"a file is named by -f {module}" if module.endswith(".py") or "/" in module else "write package.module"
        raise UsageError(f"{module!r} is no module's name", hint=hint)
    entry = _typed_entry(
        "python_package" if package else "python_module",
        module,
        directory,
        attribute=attribute,
        working_directory=working_directory,
        location_name=location_name,
    )
    return Workspace(directory, None, (make_module_location(entry, Defaults(directory)),))


def _typed_entry(form: Form, target: str, at: Path, **given: str | Path | None) -> Entry:
    place = Place(at)
    texts = {key: Text(str(value), place) for key, value in given.items() if value is not None}
    return Entry(form, place, Text(target, place), texts)


def _open_named(file: Path, variables: Mapping[str, str], *, empty_allowed: bool, tolerant: bool) -> Workspace:
    if os.path.isdir(file):  # noqa: PTH112 — as above
        inside = next((name for name in (WORKSPACE_FILE, PROJECT_FILE) if os.path.lexists(file / name)), None)
        hint = f"name the file in it: {file / inside}" if inside else "name a workspace.yaml"
        raise ConfigurationError(f"{file} is a folder, not a workspace file", hint=hint, file=str(file))
    if not os.path.lexists(file):
        message, hint = say_missing(file, "file")
        raise ConfigurationError(message, hint=hint, file=str(file))
    if file.suffix == ".toml":
        return open_project(file)
    if file.suffix == ".py":
        return open_script(file, file.parent)
    return read_workspace(file, variables, empty_allowed=empty_allowed, tolerant=tolerant)


def _mentions_us(file: Path) -> bool:
    """Tell whether a pyproject.toml has a `[tool.atoll]`, or is broken and seems to have one."""
    try:
        if b"atoll" not in file.read_bytes():
            return False
    except OSError:
        return False
    project = read_project(file)
    return project.has_table or (bool(project.problems) and ("tool.atoll" in project.text or not project.text))


def _say_empty(declaration: Declaration) -> Problem:
    name = declaration.file.name
    if declaration.is_empty:
        hint = "write `load_from:` and below it `  - project: PATH`"
        return Problem("configuration", f"{name} is empty", hint, str(declaration.file), 1, 1)
    hint = "`atoll create location NAME` makes one, `atoll add PATH` takes in one that exists"
    message = f"{name} has no load_from, so it names no location"
    return Problem("configuration", message, hint, str(declaration.file), 1, 1)


def _not_found(start: Path, without_table: Path | None) -> ConfigurationError:
    hint = "`atoll create workspace NAME` makes a workspace"
    other = next((start / name for name in ("workspace.yml", "Workspace.yaml") if os.path.isfile(start / name)), None)  # noqa: PTH113 — as above
    if other is not None:
        hint = f"{other.name} has to be called {WORKSPACE_FILE}"
    elif without_table is not None:
        hint += f"; or write `[tool.atoll]` into {without_table}, which makes that project a workspace of one"
    return ConfigurationError(
        f"There is no {WORKSPACE_FILE} and no {PROJECT_FILE} with [tool.atoll] in {start} or above it",
        hint=hint,
        kind="no_workspace",
    )
