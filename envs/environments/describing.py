"""Describe an environment for `doctor`: what it is, what is in it, and what is odd about it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import re
import urllib.parse
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.environments import fingerprint
from atoll_host.envs.environments.building import backend_for, choose_interpreter
from atoll_host.envs.environments.cleaning import measure
from atoll_host.envs.environments.failures import find_line
from atoll_host.envs.environments.results import (
    Description,
    GenerationInfo,
    Package,
    compare_distributions,
)
from atoll_host.envs.environments.settings import Settings
from atoll_host.envs.errors import AtollError, Problem, ToolFailedError

if TYPE_CHECKING:
    from atoll_host.envs.environments.generations import Generation
    from atoll_host.envs.environments.inspecting import Inspector
    from atoll_host.envs.environments.results import Inspection
    from atoll_host.envs.environments.spec import EnvironmentSpec

_LOCAL_LINE = re.compile(
    r"^\s*(?:(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*@\s*)?(?P<path>file:\S+|\.{0,2}/\S*|\.{1,2})(?:\[|\s|$)"
)


def describe(environments: Inspector, spec: EnvironmentSpec) -> Description:
    """Do what `Environments.describe` says."""
    inspection = environments.inspect(spec)
    found = Description(spec.location, spec.kind, inspection, problems=inspection.problems)
    if inspection.environment is not None:
        here = inspection.environment
        found = replace(found, interpreter=here.interpreter, reason=here.reason)
    if spec.kind == "interpreter":
        with contextlib.suppress(ToolFailedError):
            found = replace(found, packages=_of_interpreter(environments, inspection))
        return found
    try:
        found = _with_tools(found, environments, spec)
    except AtollError as error:
        found = replace(found, problems=(*found.problems, *error.problems))
    generations = environments.generations(spec)
    current = generations.current()
    infos = [_info(one, current) for one in generations.complete()]
    if current is not None and str(current.prefix) not in {info.path for info in infos}:
        infos.append(_info(current, current))
    problems = (*found.problems, *list_copies(spec))
    if current is not None:
        found = replace(
            found,
            packages=list_packages(current.site_packages()),
            drift=compare_distributions(current.record.distributions, current.installed()),
            size=next(info.size for info in infos if info.current),
        )
    return replace(found, generations=tuple(infos), problems=_distinct(problems))


def _with_tools(found: Description, environments: Inspector, spec: EnvironmentSpec) -> Description:
    """Add what builds the environment, the interpreter that it would get where it has none, and the lock's state."""
    backend = backend_for(environments, spec, Settings.of(spec))
    lock = backend.find_lock(spec)
    found = replace(found, backend=backend.name, tool=backend.tool, lock_path=None if lock is None else str(lock))
    if lock is not None and not lock.exists():
        found = replace(found, lock="missing")
    if found.interpreter is None:
        try:
            # A description downloads nothing.
            interpreter, reason = choose_interpreter(replace(environments, allow_download=False), spec)
        except AtollError as error:
            return replace(found, problems=(*found.problems, *error.problems))
        found = replace(found, interpreter=interpreter, reason=reason)
    if found.interpreter is not None:
        found = replace(found, lock=backend.check_lock(spec, found.interpreter.base_executable))
    return found


def list_packages(folders: list[Path]) -> tuple[Package, ...]:
    """List what is installed in folders of packages, by name."""
    packages: dict[str, Package] = {}
    for distribution in importlib.metadata.distributions(path=[str(folder) for folder in folders]):
        with contextlib.suppress(KeyError, TypeError, AttributeError, OSError):  # its metadata is damaged
            if "Name" in distribution.metadata:  # asking for what is missing is deprecated
                name = distribution.metadata["Name"]
                packages.setdefault(name.lower(), _package(name, distribution))
    return tuple(packages[name] for name in sorted(packages))


def _package(name: str, distribution: importlib.metadata.Distribution) -> Package:
    origin: Any = None
    with contextlib.suppress(ValueError):
        origin = json.loads(distribution.read_text("direct_url.json") or "null")
    if not isinstance(origin, dict) or not str(origin.get("url", "")).startswith("file:"):
        return Package(name, distribution.version)
    folder = origin.get("dir_info") or {}
    path = urllib.request.url2pathname(urllib.parse.urlsplit(origin["url"]).path)
    return Package(name, distribution.version, bool(folder.get("editable")), path)


def _of_interpreter(environments: Inspector, inspection: Inspection) -> tuple[Package, ...]:
    """List what an interpreter that we never write to sees; asked of itself, with its own way of finding packages."""
    if inspection.environment is None:
        return ()
    question = (
        "import json, sys\n"
        "try:\n from importlib.metadata import distributions\n"
        "except ImportError:\n sys.exit(0)\n"
        "print(json.dumps([[d.metadata['Name'], d.version, d.read_text('direct_url.json')] for d in distributions()]))"
    )
    variables = {name: value for name, value in environments.variables.items() if not name.startswith("PYTHON")}
    done = environments.runner.run(
        [inspection.environment.executable, "-X", "utf8", "-c", question], environment=variables, timeout=60
    )
    packages: dict[str, Package] = {}
    with contextlib.suppress(ValueError, IndexError, TypeError, AttributeError):
        for name, version, origin in json.loads(done.stdout.splitlines()[-1]):
            data = json.loads(origin) if origin else {}
            url = str(data.get("url", ""))
            local = urllib.request.url2pathname(urllib.parse.urlsplit(url).path) if url.startswith("file:") else None
            editable = bool((data.get("dir_info") or {}).get("editable"))
            packages.setdefault(name.lower(), Package(name, version, editable, local))
    return tuple(packages[name] for name in sorted(packages))


def _info(generation: Generation, current: Generation | None) -> GenerationInfo:
    return GenerationInfo(
        path=str(generation.prefix),
        python=generation.record.interpreter.version_text,
        current=current is not None and generation.prefix == current.prefix,
        size=measure(generation.prefix),
        complete=True,
    )


def list_copies(spec: EnvironmentSpec) -> list[Problem]:
    """Point out dependencies on local folders that are installed as a copy: later edits would never arrive."""
    if spec.source is None:
        return []
    if spec.kind == "requirements":
        return _copies_in_requirements(spec.source)
    file = spec.source / "pyproject.toml" if spec.kind == "project" else spec.source
    data: dict[str, Any] = {}
    with contextlib.suppress(AtollError, OSError):
        if spec.kind == "project":
            data = fingerprint.parse_toml(file.read_bytes(), file)
        else:
            lines = fingerprint.metadata_block(file).splitlines()[1:-1]
            data = fingerprint.parse_toml("\n".join(line[2:] for line in lines).encode(), file)
    problems = []
    for name, source in _sources(data):
        path = source.get("path")
        if isinstance(path, str) and (file.parent / path).is_dir() and source.get("editable") is not True:
            if source.get("package") is False:
                continue
            line = find_source_line(file, name)
            problems.append(_copy_problem(name, path, file, line, "write editable = true beside its path"))
    return problems


def _sources(data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    tool = data.get("tool")
    uv = tool.get("uv") if isinstance(tool, dict) else None
    table = uv.get("sources") if isinstance(uv, dict) else None
    return [
        (name, one)
        for name, source in (table if isinstance(table, dict) else {}).items()
        for one in (source if isinstance(source, list) else [source])
        if isinstance(one, dict)
    ]


def _copies_in_requirements(file: Path) -> list[Problem]:
    problems = []
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        found = _LOCAL_LINE.match(line)
        if found is None:
            continue
        path = found["path"]
        place = (
            Path(urllib.request.url2pathname(urllib.parse.urlsplit(path).path))
            if path.startswith("file:")
            else file.parent / path
        )
        if place.is_dir():
            name = found["name"] or place.resolve().name
            problems.append(_copy_problem(name, path, file, number, f"write -e {path}"))
    return problems


def _copy_problem(name: str, path: str, file: Path, line: int | None, hint: str) -> Problem:
    return Problem(
        "not_editable",
        f"{name} is installed as a copy of {path}, so edits there never arrive",
        hint,
        str(file),
        line,
        severity="warning",
    )


def find_source_line(file: Path, name: str) -> int | None:
    """Find the line under `[tool.uv.sources]` that names a package."""
    inside = False
    with contextlib.suppress(OSError):
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            text = line.removeprefix("# ").strip()
            if text.startswith("["):
                inside = text.startswith("[tool.uv.sources")
                if text.startswith(f"[tool.uv.sources.{name}]"):
                    return number
            elif inside and re.match(rf"[\"']?{re.escape(name)}[\"']?\s*=", text):
                return number
    return find_line(file, name)


def _distinct(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
