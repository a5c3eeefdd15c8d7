"""Open what a command line names: one workspace file or several, or modules and Python files without one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, ConfigurationError, Problem, UsageError
from atoll_host.workspace.configuration.opening import open_module, open_script, open_workspace
from atoll_host.workspace.configuration.paths import resolve
from atoll_host.workspace.findings.choosing import Choice
from atoll_host.workspace.location import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from atoll_host.workspace.location import Location
    from atoll_host.workspace.sources import Sources


def open_sources(
    directory: Path, sources: Sources, *, variables: Mapping[str, str], tolerant: bool = False
) -> Workspace:
    """Open everything that is named as one workspace, or the nearest one where nothing is named.

    The root is the first file's folder; without a file, the caller's.

    Args:
        directory: the caller's, absolute.
        sources: what is named.
        variables: what `{env: NAME}` looks up.
        tolerant: whether a mistake in a workspace file leaves out only what it concerns, as for `open_workspace`.

    Raises:
        UsageError: what is named excludes each other.
        ConfigurationError: a file is not there or can't be understood, or two locations have one name: all at once.
            With `tolerant`, no location is left.
    """
    typed = bool(sources.modules or sources.python_files)
    if sources.files and typed:
        hint = "name workspace files alone, or modules and Python files alone"
        raise UsageError("--workspace excludes --module and --python-file", hint=hint)
    if not typed and (sources.attribute is not None or sources.working_directory is not None):
        option = "--attribute" if sources.attribute is not None else "--working-directory"
        raise UsageError(f"{option} belongs to --module or --python-file", hint="-m MODULE or -f FILE")
    if typed:
        return _open_typed(directory, sources)
    if len(sources.files) > 1:
        return _open_files(directory, sources.files, variables, tolerant=tolerant)
    return open_workspace(directory, file=next(iter(sources.files), None), variables=variables, tolerant=tolerant)


def _open_typed(directory: Path, sources: Sources) -> Workspace:
    attribute, working_directory = sources.attribute, sources.working_directory
    opened = [
        open_module(module, directory, attribute=attribute, working_directory=working_directory)
        for module in dict.fromkeys(sources.modules)
    ]
    opened += [
        open_script(file, directory, attribute=attribute, working_directory=working_directory)
        for file in dict.fromkeys(sources.python_files)
    ]
    locations = [location for workspace in opened for location in workspace.locations]
    doubles = _find_doubles(locations)
    if doubles:
        raise ConfigurationError.of(tuple(doubles))
    return Workspace(directory, None, tuple(locations), whole=False)


def _open_files(directory: Path, files: Sequence[Path], variables: Mapping[str, str], *, tolerant: bool) -> Workspace:
    opened: list[Workspace] = []
    problems: list[Problem] = []
    for file in dict.fromkeys(directory / file for file in files):
        try:
            opened.append(open_workspace(directory, file=file, variables=variables, tolerant=tolerant))
        except AtollError as error:
            problems += error.problems
    locations = [_with_its_workspace(location, workspace) for workspace in opened for location in workspace.locations]
    problems += [problem for workspace in opened for problem in workspace.problems]
    problems += _find_doubles(locations)
    if problems and not (tolerant and locations):
        raise ConfigurationError.of(tuple(dict.fromkeys(problems)))
    names: dict[str, Location] = {}
    for location in locations:
        names.setdefault(location.name.casefold(), location)
    # What belongs to no location fails as the strictest file says; each location has the choice of its own file.
    strict = any(workspace.choice.strict for workspace in opened) or None
    # Where the first file cannot be read, the others are opened in its folder all the same.
    root = resolve(str(files[0]), directory).parent
    return Workspace(
        root,
        next((workspace.file for workspace in opened if workspace.root == root), None),
        tuple(names.values()),
        choice=Choice(strict=strict),
        whole=not problems,
        problems=tuple(dict.fromkeys(problems)),
    )


def _with_its_workspace(location: Location, workspace: Workspace) -> Location:
    """Write into a location what its own workspace file says for all of its locations."""
    return replace(
        location,
        env_files=(*workspace.env_files, *location.env_files),
        choices=(workspace.choice, *location.choices),
    )


def _find_doubles(locations: Sequence[Location]) -> list[Problem]:
    seen: dict[str, Location] = {}
    problems = []
    for location in locations:
        first = seen.setdefault(location.name.casefold(), location)
        if first is location:
            continue
        here, there = location.declared_at, first.declared_at
        message = (
            f"two locations are called {location.name}"
            if location.name == first.name
            else f"the names {first.name} and {location.name} differ only in upper and lower case"
        )
        where = f"{there.file}:{there.line}" if there.line is not None else str(there.file)
        hint = "give one of them a location_name"
        if here.line is None:
            hint += ", in a workspace.yaml that lists them"
        problems.append(
            Problem(
                "configuration",
                f"{message} (the other is in {where})",
                hint,
                str(here.file),
                here.line,
                here.column,
            )
        )
    return problems
