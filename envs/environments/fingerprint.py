"""What shapes an environment, as digests: of the lock or the requirements, the metadata that matters, the settings.

Digests are kept by name, so that it can be said *what* changed. Reading them starts no process.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import EnvironmentFailedError, Problem
from atoll_host.envs.interpreters.wanted import uv_workspace_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.envs.interpreters.interpreter import Interpreter

PYTHON = "the Python asked for"
"""Name of the input that holds the explicit request or the `.python-version`; `requires-python` is in its own file."""

_VERSION_FILES = (".python-version", ".python-versions")
_NO_INFLUENCE = frozenset({
    # Tables of tools that only read the code: they shape no environment.
    "atoll", "autoflake", "bandit", "basedpyright", "black", "bumpver", "bumpversion", "cibuildwheel", "codespell",
    "commitizen", "coverage", "deptry", "djlint", "docformatter", "flake8", "interrogate", "isort", "jupytext", "mypy",
    "nox", "pydocstyle", "pylint", "pyrefly", "pyright", "pytest", "pyupgrade", "refurb", "ruff", "semantic_release",
    "taskipy", "tomlsort", "towncrier", "tox", "ty", "typos", "vulture", "yapf",
})  # fmt: skip
_SHAPING_VARIABLES = (
    "UV_CONSTRAINT",
    "UV_EXCLUDE_NEWER",
    "UV_INDEX_STRATEGY",
    "UV_LINK_MODE",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_DEFAULT_GROUPS",
    "UV_NO_DEV",
    "UV_NO_EDITABLE",
    "UV_NO_GROUP",
    "UV_NO_SOURCES",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_RESOLUTION",
)
_LOCAL_SOURCE = re.compile(r"""source = \{ (?:editable|directory|virtual) = "([^"]+)\"""")
_INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirements?|--constraints?)(?:\s*=\s*|\s+|(?<=-[rc]))(\S+)", re.MULTILINE)
_LOCAL_FOLDER = re.compile(r"^\s*(?:(?:-e|--editable)[\s=]+)?(\.{0,2}/[^\s#;\[]*|\.{1,2})(?=[\s#;\[]|$)", re.MULTILINE)
_URL = re.compile(r"^[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def collect_inputs(
    spec: EnvironmentSpec, *, backend: str, variables: Mapping[str, str], boundary: Path
) -> dict[str, str]:
    """Give the digest of each thing that shapes an environment, by a name that can be shown.

    Args:
        spec: of the location, whose `source` is there.
        backend: name of the backend.
        variables: the caller's, of which a few shape what uv installs.
        boundary: the workspace's folder, above which no `.python-version` counts for a script or requirements.

    Raises:
        EnvironmentFailedError: a file that is needed cannot be read, or is not well-formed.
    """
    source = spec.source
    assert source is not None  # noqa: S101 — only `interpreter` has none, and nothing is built for it
    shaping = {name: variables[name] for name in _SHAPING_VARIABLES if variables.get(name)}
    inputs = {
        "backend": backend,
        "its place": str(source),
        "settings": _digest(json.dumps(sorted(spec.settings), default=str).encode()),
        PYTHON: _request(spec, boundary),
        "UV_… variables": _digest(json.dumps(shaping, sort_keys=True).encode()) if shaping else "none",
    }
    if spec.kind == "project":
        inputs.update(_of_project(source))
    elif spec.kind == "script":
        inputs.update(_of_script(source))
    else:
        inputs.update(_of_requirements(source))
    return inputs


def fingerprint(inputs: Mapping[str, str], interpreter: Interpreter) -> str:
    """Join inputs and interpreter to one digest, as 64 hexadecimal digits."""
    real = os.path.realpath(interpreter.base_executable)
    return _digest(json.dumps([sorted(inputs.items()), real, interpreter.version_text]).encode())


def list_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Name what differs between two sets of inputs."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def stamp(executable: str) -> tuple[str, int, int] | None:
    """Identify an interpreter's file: real path, size in bytes, modification time in ns; None when it is gone."""
    real = os.path.realpath(executable)
    try:
        status = os.stat(real)  # noqa: PTH116 — this runs for every location of every command
    except OSError:
        return None
    return real, status.st_size, status.st_mtime_ns


def _request(spec: EnvironmentSpec, boundary: Path) -> str:
    """Give the explicit request, or what the nearest version file holds; the rules are those of `wanted`."""
    assert spec.source is not None  # noqa: S101 — see above
    if spec.python is not None:
        return f"explicitly {spec.python}"
    folder = spec.source if spec.kind == "project" else spec.source.parent
    stop = uv_workspace_root(folder) if spec.kind == "project" else boundary
    for place in (folder, *folder.parents):
        for name in _VERSION_FILES:
            data = _read(place / name, needed=False)
            if data is not None:
                return f"{place / name} {_digest(data)}"
        if place == stop:
            break
    return "any"


def _of_project(folder: Path) -> dict[str, str]:
    root = uv_workspace_root(folder)
    found = {"pyproject.toml": _pyproject(folder / "pyproject.toml", needed=True)}
    if root != folder:
        found[_relative(root / "pyproject.toml", folder)] = _pyproject(root / "pyproject.toml", needed=True)
    for name in ("setup.py", "setup.cfg"):
        found.update(_optional(name, folder / name))
    lock = root / "uv.lock"
    text = _read(lock, needed=False)
    found[_relative(lock, folder)] = "missing" if text is None else _digest(text)
    for local in _LOCAL_SOURCE.findall("" if text is None else text.decode("utf-8", "replace")):
        place = (root / local).resolve() / "pyproject.toml"
        if local != "." and place.parent != folder:
            found[_relative(place, folder)] = _pyproject(place, needed=False)
    return found


def _of_script(file: Path) -> dict[str, str]:
    block = metadata_block(file)
    lock = file.with_name(f"{file.name}.lock")
    text = _read(lock, needed=False)
    return {
        f"the metadata of {file.name}": _digest(block.encode()),
        lock.name: "missing" if text is None else _digest(text),
    }


def metadata_block(file: Path) -> str:
    """Give the inline metadata of a script (PEP 723) as it stands, comment signs included.

    Raises:
        EnvironmentFailedError: the script cannot be read.
    """
    data = _read(file, needed=True) or b""
    found = re.search(
        r"^# /// script[ \t\r]*$\n(?:^#(?:| .*)$\n)+?^# ///[ \t\r]*$", data.decode("utf-8", "replace"), re.MULTILINE
    )
    return found[0] if found else ""


def _of_requirements(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting = [file]
    while waiting:
        path = waiting.pop()
        name = _relative(path, file.parent)
        if name in found:
            continue
        data = _read(path, needed=path == file)
        found[name] = "missing" if data is None else _digest(data)
        text = "" if data is None else data.decode("utf-8", "replace")
        waiting += [path.parent / word for word in _INCLUDE.findall(text) if not _URL.match(word)]
        for word in _LOCAL_FOLDER.findall(text):
            place = file.parent / word / "pyproject.toml"
            found[_relative(place, file.parent)] = _pyproject(place, needed=False)
    return found


def _optional(name: str, path: Path) -> dict[str, str]:
    data = _read(path, needed=False)
    return {} if data is None else {name: _digest(data)}


def _pyproject(path: Path, *, needed: bool) -> str:
    data = _read(path, needed=needed)
    if data is None:
        return "missing"
    content = parse_toml(data, path)
    tool = content.pop("tool", {})
    if isinstance(tool, dict):
        content["tool"] = {name: table for name, table in tool.items() if name not in _NO_INFLUENCE}
    return _digest(json.dumps(content, sort_keys=True, default=str).encode())


def parse_toml(data: bytes, path: Path) -> dict[str, Any]:
    """Parse a TOML file's content.

    Raises:
        EnvironmentFailedError: it is not well-formed; with line and column.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise EnvironmentFailedError(
            f"{path.name} is not UTF-8", kind="configuration", hint="save it as UTF-8", file=str(path)
        ) from error
    except tomllib.TOMLDecodeError as error:
        position = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        what = re.sub(r" \(at line [^)]*\)$", "", str(error)).replace("(at end of document)", "at the end of the file")
        line, column = (int(position[1]), int(position[2])) if position else (_last_line(data), None)
        raise EnvironmentFailedError.of(
            (
                Problem(
                    "configuration",
                    f"{path.name} is not well-formed TOML: {what[:1].lower()}{what[1:]}",
                    "correct the line",
                    file=str(path),
                    line=line,
                    column=column,
                ),
            )
        ) from error


def _last_line(data: bytes) -> int:
    return max(1, len(data.splitlines()))


def _read(path: Path, *, needed: bool) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        if not needed and isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return None
        what = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror or error}"
        raise EnvironmentFailedError(
            f"{path} {what}", hint="create it, or correct the path in the workspace", file=str(path)
        ) from error


def _relative(path: Path, start: Path) -> str:
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
