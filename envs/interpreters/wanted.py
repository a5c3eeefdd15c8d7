"""Which Python an environment asks for: in its settings, in `.python-version`, in `requires-python`.

The rules are uv's own, so that `uv run` in a location's folder means the same Python
(https://docs.astral.sh/uv/concepts/python-versions/#python-version-files): the nearest `.python-version`, else
`.python-versions`, from the project's folder up to the root of its uv workspace, or from the script's folder upward;
its first line that is neither empty nor a comment. In a uv workspace the `requires-python` of every member holds.
"""

from __future__ import annotations

import contextlib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.interpreters.request import PythonRequest
from atoll_host.envs.script_metadata import key_line, load_toml, parse_requires_python
from atoll_host.envs.script_metadata import read as read_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.envs.interpreters.interpreter import Interpreter

__all__ = ["FLOOR", "Asked", "PythonRequest", "Wanted", "uv_workspace_root", "wanted"]

FLOOR = (3, 8)
"""The oldest Python that location code runs on."""

_VERSION_FILES = (".python-version", ".python-versions")
_NEWEST_MINOR = 60
_NEWEST_PATCH = 99


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish and who has it.

    Attributes:
        request: the wish.
        by: who, such as `by locations/legacy/.python-version` or `explicitly`.
        file: where it is written; None where that is no file.
        line: in the file, from 1.
        key: what precedes the version in its file: `requires-python`; None for a lone version.
    """

    request: PythonRequest
    by: str
    file: Path | None = None
    line: int | None = None
    key: str | None = None

    @property
    def clause(self) -> str:
        """The wish in words: `3.9 is asked for by locations/legacy/.python-version`."""
        return f"{self.what} is asked for {self.by}"

    @property
    def what(self) -> str:
        """The wish alone: `3.9`, `requires-python >=3.10`."""
        return self.request.text if self.key is None else f"{self.key} {self.request.text}"

    @property
    def origin(self) -> str:
        """The wish as part of a sentence: `requires-python >=3.10 of locations/etl/pyproject.toml`."""
        return f"{self.what} of {self.by.removeprefix('by ')}" if self.by.startswith("by ") else self.what

    @property
    def place(self) -> str:
        """The wish with its line: `locations/legacy/.python-version, line 1, asks for 3.9`."""
        if self.file is None:
            return f"{self.what} is asked for {self.by}"
        return f"{self.by.removeprefix('by ')}, line {self.line}, asks for {self.what}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """All the wishes of one environment, which have to come true together.

    Attributes:
        pin: the particular one: an explicit request, or that of `.python-version`.
        bounds: what `requires-python` allows.
        directory: folder whose uv settings apply; None for `interpreter`.
    """

    pin: Asked | None = None
    bounds: tuple[Asked, ...] = ()
    directory: Path | None = None

    @property
    def all(self) -> tuple[Asked, ...]:
        """Every wish, the particular one first."""
        return self.bounds if self.pin is None else (self.pin, *self.bounds)

    @property
    def request(self) -> str:
        """Everything that is asked for, in one line, for comparing: `3.9; requires-python >=3.8`."""
        return "; ".join(asked.what for asked in self.all)

    def fits(self, interpreter: Interpreter) -> bool:
        """Say whether an interpreter is what everybody asks for, and one that code locations can have."""
        requests = [asked.request for asked in self.all]
        if interpreter.version < FLOOR or interpreter.in_virtual_environment:
            return False
        if not interpreter.is_final and not any(request.wants_prerelease for request in requests):
            return False
        if interpreter.free_threaded and not any(request.free_threaded or request.path for request in requests):
            return False
        return all(request.fits(interpreter) for request in requests)

    def is_possible(self, floor: tuple[int, ...] = FLOOR) -> bool:
        """Say whether some version from the floor on is what everybody asks for."""
        return _is_possible([asked.request for asked in self.all], floor)


def wanted(spec: EnvironmentSpec, *, boundary: Path | None = None) -> Wanted:
    """Collect which Python an environment asks for. Starts nothing.

    Args:
        spec: the environment.
        boundary: the workspace's folder: above it, nothing is looked for on behalf of a script or requirements file.
            Paths in it are shown relative to it.

    Raises:
        ConfigurationError: something is written that is no request, or two of them contradict each other.
    """
    if spec.kind == "interpreter":
        path = spec.executable
        request = None if path is None else PythonRequest(str(path), path=path.absolute())
        return Wanted(None if request is None else Asked(request, spec.why or "explicitly"))
    assert spec.source is not None  # noqa: S101 — every other kind has one
    source = spec.source.absolute()
    stop: Path | None
    if spec.kind == "project":
        root = uv_workspace_root(source)
        folder, stop = source, root
        bounds = tuple(_project_bounds(source, root, boundary))
    else:
        folder, stop = source.parent, boundary
        bounds = tuple(_script_bounds(source, boundary)) if spec.kind == "script" else ()
    pin = _version_file(folder, stop, boundary)
    if spec.python is not None:
        pin = Asked(PythonRequest.parse(spec.python), "explicitly")
    found = Wanted(pin, bounds, folder)
    _refuse_contradiction(found)
    return found


def uv_workspace_root(project: Path) -> Path:
    """Give the root of the uv workspace that a project is a member of, else the project's own folder.

    Rules: https://docs.astral.sh/uv/concepts/projects/workspaces/

    Args:
        project: absolute path of the project's folder.
    """
    for folder in (project, *project.parents):
        members = _members(folder)
        if members:
            return folder if project in members else project
    return project


def _project_bounds(project: Path, root: Path, boundary: Path | None) -> Iterator[Asked]:
    for folder in dict.fromkeys([project, *_members(root)]):
        yield from _pyproject_bounds(folder / "pyproject.toml", boundary, required=folder == project)


def _members(root: Path) -> list[Path]:
    """List the projects of the uv workspace whose root this is, itself first; nothing where it is no such root."""
    file = root / "pyproject.toml"
    try:
        data = file.read_bytes()
    except OSError:
        return []
    if b"workspace" not in data:  # parsing every pyproject.toml above a project would be most of the work
        return []
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))["tool"]["uv"]["workspace"]
    except (ValueError, KeyError, TypeError):
        return []
    if not isinstance(table, dict):
        return []
    found = set(_matching(root, table.get("members"))) - set(_matching(root, table.get("exclude"))) - {root}
    return [root, *sorted(folder for folder in found if (folder / "pyproject.toml").is_file())]


def _matching(root: Path, patterns: Any) -> Iterator[Path]:
    for pattern in patterns if isinstance(patterns, list) else ():
        with contextlib.suppress(ValueError, NotImplementedError, OSError):
            yield from root.glob(str(pattern).rstrip("/"))


def _pyproject_bounds(file: Path, boundary: Path | None, *, required: bool) -> Iterator[Asked]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        if not required:
            return
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigurationError(
            f"The project's pyproject.toml cannot be read: {reason}",
            hint="a project is a folder with a pyproject.toml",
            file=str(file),
        ) from error
    project = load_toml(text, file).get("project", {})
    specifier = project.get("requires-python") if isinstance(project, dict) else None
    if specifier is None:
        return
    line = key_line(text, "requires-python", table="project")
    if not isinstance(specifier, str):
        raise ConfigurationError(
            "requires-python has to be a text", hint='write requires-python = ">=3.9"', file=str(file), line=line
        )
    yield from _bound(specifier, file, line, boundary)


def _script_bounds(script: Path, boundary: Path | None) -> Iterator[Asked]:
    metadata = read_script(script)
    if metadata is not None and metadata.requires_python is not None:
        yield from _bound(metadata.requires_python, script, metadata.lines["requires-python"], boundary)


def _bound(specifier: str, file: Path, line: int | None, boundary: Path | None) -> Iterator[Asked]:
    parse_requires_python(specifier, file=file, line=line)
    if specifier.strip():
        request = PythonRequest(specifier, specifier=specifier)
        yield Asked(request, f"by {_shown(file, boundary)}", file, line, key="requires-python")


def _version_file(folder: Path, stop: Path | None, boundary: Path | None) -> Asked | None:
    for place in (folder, *folder.parents):
        for name in _VERSION_FILES:
            file = place / name
            if file.is_file():
                return _read_version_file(file, boundary)
        if place == stop:
            return None
    return None


def _read_version_file(file: Path, boundary: Path | None) -> Asked | None:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file.name} cannot be read: {error}", hint="write a version such as 3.12 in it", file=str(file)
        ) from error
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.strip().startswith("#"):
            request = PythonRequest.parse(line, file=file, line=number)
            return Asked(request, f"by {_shown(file, boundary)}", file, number)
    return None


def _refuse_contradiction(found: Wanted) -> None:
    """See to it that some version is everything that is asked for."""
    everything = found.all
    if len(everything) < 2 or found.is_possible(()):  # noqa: PLR2004 — it takes two to contradict
        return
    first, second = next(
        (
            (one, other)
            for index, one in enumerate(everything)
            for other in everything[index + 1 :]
            if not _is_possible([one.request, other.request], ())
        ),
        everything[:2],
    )
    raise ConfigurationError(
        f"{first.place}, but {second.place}: no Python is both",
        hint="change one of the two",
        file=None if first.file is None else str(first.file),
        line=first.line,
    )


def _is_possible(requests: list[PythonRequest], floor: tuple[int, ...]) -> bool:
    """Try versions around those that are mentioned, and the ends of every minor version."""
    if any(request.path is not None for request in requests):
        return True
    for request in requests:
        if request.suffix is not None and len(request.release) == 3:  # noqa: PLR2004 — major, minor, micro
            (version,) = request.mentioned
            text = request.for_uv.split("@")[-1].removesuffix("t")
            return version >= floor and all(other.allows(version, text) for other in requests)
    return any(
        version >= floor and all(request.allows(version) for request in requests) for version in _versions(requests)
    )


def _versions(requests: Iterable[PythonRequest]) -> Iterator[tuple[int, int, int]]:
    for request in requests:
        for major, minor, patch in request.mentioned:
            yield from ((major, minor, patch), (major, minor, patch + 1), (major, minor, max(patch - 1, 0)))
    for minor in range(_NEWEST_MINOR):
        yield (3, minor, 0)
        yield (3, minor, _NEWEST_PATCH)


def _shown(file: Path, boundary: Path | None) -> str:
    if boundary is not None and file.is_relative_to(boundary):
        return str(file.relative_to(boundary))
    return str(file)
