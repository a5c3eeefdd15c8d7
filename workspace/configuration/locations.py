"""Make code locations of the entries of `load_from`. What is wrong with one location stays with that location."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import ConfigurationError, Problem
from atoll_host.envs.loading.target import LoadTarget
from atoll_host.workspace.configuration import targets
from atoll_host.workspace.configuration.modules import find_missing, guess_module, list_packages, list_search_paths
from atoll_host.workspace.configuration.paths import find_executable, resolve, say_missing
from atoll_host.workspace.configuration.projects import Project, read_project
from atoll_host.workspace.location import Location, Place
from atoll_host.workspace.names import find_location_fault, suggest_location_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.environments.spec import EnvironmentKind
    from atoll_host.envs.loading.target import TargetForm
    from atoll_host.workspace.configuration.entries import Entry
    from atoll_host.workspace.configuration.keys import Form
    from atoll_host.workspace.configuration.reader import Text

DEFAULT_TIMEOUT = 60.0
_TARGET_FORMS: Mapping[Form, TargetForm] = {
    "python_module": "module",
    "python_package": "package",
    "autoload_defs_module": "autoload",
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every location that says nothing else.

    Attributes:
        base: the folder that relative paths of entries start from.
        timeout: seconds.
        memory: bytes; None for the usual share of the machine's.
        cpu: seconds of processor time; None for any number.
        backend: what builds environments; None for the usual one.
    """

    base: Path
    timeout: float = DEFAULT_TIMEOUT
    memory: int | None = None
    cpu: float | None = None
    backend: str | None = None


@dataclass(slots=True)
class Findings:
    """The problems of one location."""

    problems: list[Problem] = field(default_factory=list)

    def in_order(self) -> tuple[Problem, ...]:
        """Give them as a reader of the files would meet them."""
        return tuple(sorted(self.problems, key=lambda one: (one.file or "", one.line or 0, one.column or 0)))

    def add(self, message: str, hint: str | None, place: Place, detail: str | None = None) -> None:
        """Note a problem at a place."""
        self.problems.append(
            Problem("configuration", message, hint, str(place.file), place.line, place.column, detail=detail)
        )


def make_project_location(folder: Path, place: Place, defaults: Defaults, entry: Entry | None = None) -> Location:
    """Make the location of a project.

    Args:
        folder: of the project, absolute.
        place: where the workspace names it.
        defaults: of the workspace.
        entry: what the workspace says of it; None for a project that is a workspace of its own.
    """
    findings = Findings([] if entry is None else list(entry.problems))
    written = place if entry is None else entry.target.place
    project = _read(folder, written, findings)
    name = _name_project(project, folder, written, entry, findings)
    search_paths = _search_paths(project, folder, findings)
    attribute = (entry and entry.get("attribute")) or project.get("attribute")
    module = _choose_module(project, name, entry, search_paths, findings)
    settings = {key: project.get(key) for key in ("extras", "groups") if project.get(key)}
    own_files = [
        (path, project.place("env-file", number)) for number, path in enumerate(_as_paths(project, folder, "env-file"))
    ]
    own_tags = project.get("tags") or ()
    return Location(
        name=name,
        root=folder,
        search_paths=search_paths,
        target=LoadTarget("module", module, None, attribute),
        environment=_environment(
            name, "project", entry, defaults, findings, source=folder, settings=settings, backend=project.get("backend")
        ),
        declared_at=place,
        timeout=(entry and entry.timeout) or project.get("timeout") or defaults.timeout,
        memory=(entry and entry.memory) or project.get("memory") or defaults.memory,
        cpu=(entry and entry.cpu) or project.get("cpu") or defaults.cpu,
        env_files=_env_files(own_files, entry, defaults, findings),
        inputs=project.get("inputs") or (),
        tags=tuple(dict.fromkeys((*own_tags, *_values(entry, "tags")))),
        problems=findings.in_order(),
        choices=tuple(
            choice
            for choice in (project.get("validate"), None if entry is None else entry.choice)
            if choice is not None
        ),
    )


def make_file_location(entry: Entry, defaults: Defaults) -> Location:
    """Make the location of a Python file."""
    findings = Findings(list(entry.problems))
    file = resolve(entry.target.value, defaults.base)
    present = _check_file(file, entry.target, findings)
    name = _name(entry, file.stem, findings)
    directory = _directory(entry, defaults, findings)
    target, search_path = targets.make_file_target(file, entry.get("attribute"))
    search_paths = (search_path,) if "working_directory" not in entry.texts else (search_path, directory)
    kind, source = _kind(entry, defaults, findings, script=file if present else None)
    return _finish(
        entry,
        defaults,
        findings,
        name,
        directory=directory,
        search_paths=search_paths,
        target=target,
        kind=kind,
        source=source,
    )


def make_module_location(entry: Entry, defaults: Defaults) -> Location:
    """Make the location of a module or package that is named by its dotted name."""
    findings = Findings(list(entry.problems))
    module = entry.target.value.strip()
    directory = _directory(entry, defaults, findings)
    dotted = targets.is_dotted(module)
    if not dotted:
        file = module.endswith(".py") or "/" in module
        hint = f"write `- python_file: {module}`" if file else "write a dotted name such as package.module"
        findings.add(f"{entry.form} is {module!r}, which is no module's name", hint, entry.target.place)
    else:
        missing = find_missing(module, (directory,))
        if missing is not None:
            hint = f"did you mean {missing.near}?" if missing.near else f"write the module below {missing.package}"
            message = f"there is no {missing.part} in the package {missing.package} ({missing.folder})"
            findings.add(message, hint, entry.target.place)
    name = _name(entry, module, findings if dotted else Findings())
    target = LoadTarget(_TARGET_FORMS[entry.form], module, None, entry.get("attribute"))
    kind, source = _kind(entry, defaults, findings, script=None)
    return _finish(
        entry,
        defaults,
        findings,
        name,
        directory=directory,
        search_paths=(directory,),
        target=target,
        kind=kind,
        source=source,
    )


def _finish(
    entry: Entry,
    defaults: Defaults,
    findings: Findings,
    name: str,
    *,
    directory: Path,
    search_paths: Sequence[Path],
    target: LoadTarget,
    kind: EnvironmentKind,
    source: Path | None,
) -> Location:
    return Location(
        name=name,
        root=directory,
        search_paths=tuple(dict.fromkeys(search_paths)),
        target=target,
        environment=_environment(name, kind, entry, defaults, findings, source=source),
        declared_at=entry.place,
        timeout=entry.timeout or defaults.timeout,
        memory=entry.memory or defaults.memory,
        cpu=entry.cpu or defaults.cpu,
        env_files=_env_files((), entry, defaults, findings),
        inputs=tuple(_values(entry, "inputs")),
        tags=tuple(_values(entry, "tags")),
        problems=findings.in_order(),
        choices=() if entry.choice is None else (entry.choice,),
    )


def _read(folder: Path, place: Place, findings: Findings) -> Project:
    file = folder / "pyproject.toml"
    if not os.path.isdir(folder):  # noqa: PTH112 — unlike Path.is_dir, never raises
        findings.add(*say_missing(folder, "folder"), place)
        return Project(file)
    if not os.path.lexists(file):
        hint = "`uv init --bare` there makes it a project; a lone file is named by `- python_file: PATH`"
        findings.add(f"{folder} has no pyproject.toml, so it is no project", hint, place)
        return Project(file)
    project = read_project(file)
    findings.problems.extend(project.problems)
    return project


def _name_project(project: Project, folder: Path, place: Place, entry: Entry | None, findings: Findings) -> str:
    given = entry and entry.get("location_name")
    if given:
        return given
    name: str = project.get("name") or project.project_name or folder.name
    fault = find_location_fault(name)
    if fault is None:
        return name
    if project.project_name is None and not project.text:
        findings.add(fault.message, "give it a location_name", place)
    else:
        hint = f'write name = "{fault.suggestion}" below [tool.atoll]'
        findings.problems.append(project.problem(fault.message, hint, "name"))
    return fault.suggestion


def _search_paths(project: Project, folder: Path, findings: Findings) -> tuple[Path, ...]:
    given = _as_paths(project, folder, "search-path")
    for number, path in enumerate(given):
        if not os.path.isdir(path):  # noqa: PTH112 — as above
            findings.add(*say_missing(path, "folder"), project.place("search-path", number))
    return tuple(given) or list_search_paths(folder)


def _choose_module(
    project: Project, name: str, entry: Entry | None, search_paths: tuple[Path, ...], findings: Findings
) -> str:
    given = entry.texts.get("module") if entry is not None else None
    module: str | None = given.value if given is not None else project.get("module")
    if module is not None:
        missing = find_missing(module, search_paths)
        if missing is not None:
            hint = f"did you mean {missing.near}?" if missing.near else f"write the module below {missing.package}"
            place = given.place if given is not None else project.place("module")
            findings.add(f"there is no {missing.part} in the package {missing.package} ({missing.folder})", hint, place)
        return module
    wanted = project.project_name or name
    guess = guess_module(wanted, search_paths)
    if guess.module is None and not findings.problems:
        packages = list_packages(search_paths)
        example = packages[0] if packages else "package.definitions"
        looked_for = "\n".join(os.path.relpath(file, project.file.parent) for file in guess.tried)
        findings.problems.append(
            project.problem(
                f"no module was found by the project's name, {wanted}, and [tool.atoll] names none",
                f'write module = "{example}" below [tool.atoll] in {project.file.name}',
                detail=f"looked for:\n{looked_for}" if looked_for else None,
            )
        )
    return guess.module or f"{suggest_location_name(wanted).replace('-', '_')}.definitions"


def _name(entry: Entry, derived: str, findings: Findings) -> str:
    given = entry.get("location_name")
    if given:
        return given
    fault = find_location_fault(derived)
    if fault is None:
        return derived
    findings.add(fault.message, f"write `location_name: {fault.suggestion}` below {entry.form}", entry.target.place)
    return fault.suggestion


def _directory(entry: Entry, defaults: Defaults, findings: Findings) -> Path:
    text = entry.texts.get("working_directory")
    if text is None:
        return defaults.base
    directory = resolve(text.value, defaults.base)
    if not os.path.isdir(directory):  # noqa: PTH112 — as above
        findings.add(*say_missing(directory, "folder"), text.place)
    return directory


def _check_file(file: Path, text: Text, findings: Findings) -> bool:
    if os.path.isdir(file):  # noqa: PTH112 — as above
        is_project = os.path.isfile(file / "pyproject.toml")  # noqa: PTH113 — as above
        hint = f"write `- project: {text.value}`" if is_project else "write `- python_package: NAME` for a package"
        findings.add(f"{file} is a folder, not a Python file", hint, text.place)
    elif not os.path.isfile(file):  # noqa: PTH113 — as above
        findings.add(*say_missing(file, "file"), text.place)
    elif file.suffix != ".py":
        findings.add(f"{file.name} is no Python file", "its name must end in .py", text.place)
    else:
        return True
    return False


def _kind(
    entry: Entry, defaults: Defaults, findings: Findings, *, script: Path | None
) -> tuple[EnvironmentKind, Path | None]:
    if "executable_path" in entry.texts:
        return "interpreter", None
    inline = False
    if script is not None:
        from atoll_host.envs import script_metadata  # noqa: PLC0415 — only workspaces with files need it

        try:
            inline = script_metadata.read(script) is not None
        except ConfigurationError as error:
            findings.problems.extend(error.problems)
            inline = True
    text = entry.texts.get("requirements")
    if text is not None:
        requirements = resolve(text.value, defaults.base)
        if not os.path.isfile(requirements):  # noqa: PTH113 — as above
            findings.add(*say_missing(requirements, "file"), text.place)
        if inline:
            message = f"{entry.target.value} says its own dependencies, and requirements names others"
            findings.add(message, "keep the script's metadata or requirements", text.place)
        return "requirements", requirements
    return ("script", script) if inline else ("interpreter", None)


def _environment(
    name: str,
    kind: EnvironmentKind,
    entry: Entry | None,
    defaults: Defaults,
    findings: Findings,
    *,
    source: Path | None,
    settings: dict[str, Any] | None = None,
    backend: str | None = None,
) -> EnvironmentSpec:
    text = entry.texts.get("executable_path") if entry is not None else None
    python = _python(entry, findings)
    if text is not None:
        executable = find_executable(text.value, defaults.base)
        if isinstance(executable, tuple):
            findings.add(*executable, text.place)
            return EnvironmentSpec(name, "interpreter", executable=resolve(text.value, defaults.base))
        return EnvironmentSpec(name, "interpreter", executable=executable)
    if kind == "interpreter":
        for key in ("python", "backend"):
            if entry is not None and key in entry.texts and not findings.problems:
                message = f"{key} is for an environment of the location's own, and nothing says what would be in it"
                hint = "write `requirements: FILE`, or inline script metadata (PEP 723) into the file"
                findings.add(message, hint, entry.texts[key].place)
        return EnvironmentSpec(name, "interpreter")
    settings = dict(settings or {})
    backend = (entry and entry.get("backend")) or backend or defaults.backend
    if backend is not None:
        settings["backend"] = backend
    return EnvironmentSpec(name, kind, source, python=python, settings=tuple(sorted(settings.items())))


def _python(entry: Entry | None, findings: Findings) -> str | None:
    text = entry.texts.get("python") if entry is not None else None
    if text is None:
        return None
    from atoll_host.envs.interpreters.request import PythonRequest  # noqa: PLC0415 — few entries ask for a version

    try:
        PythonRequest.parse(text.value)
    except ConfigurationError as error:
        findings.add(error.problems[0].message, error.problems[0].hint, text.place)
    return text.value


def _env_files(
    own: Sequence[tuple[Path, Place]], entry: Entry | None, defaults: Defaults, findings: Findings
) -> tuple[Path, ...]:
    files = list(own)
    if entry is not None:
        files += [(resolve(text.value, defaults.base), text.place) for text in entry.lists.get("env_file", ())]
    for path, place in files:
        if not os.path.isfile(path):  # noqa: PTH113 — as above
            findings.add(*say_missing(path, "file"), place)
    return tuple(path for path, _ in files)


def _as_paths(project: Project, folder: Path, key: str) -> list[Path]:
    return [resolve(text, folder) for text in project.get(key) or ()]


def _values(entry: Entry | None, key: str) -> list[str]:
    return [text.value for text in entry.lists.get(key, ())] if entry is not None else []
