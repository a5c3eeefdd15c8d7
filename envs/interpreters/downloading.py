"""Have uv download an interpreter, where the caller's variables and uv's own settings allow it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.interpreters.places import WINDOWS
from atoll_host.envs.interpreters.wanted import FLOOR, uv_workspace_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.envs.interpreters.wanted import Wanted
    from atoll_host.envs.processes import Runner

_TIMEOUT = 1800.0
_YES = {"1", "true", "t", "yes", "y", "on"}
_MISDIRECTING = ("UV_PROJECT", "UV_PYTHON", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY")
_FULL = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        done: whether uv says that the interpreter is there.
        why_not: a clause that says why it is not (or, when it is, why that did not help).
        said: uv's own explanation.
    """

    done: bool
    why_not: str
    said: str = ""


def download(
    wanted: Wanted, *, runner: Runner, uv: Path | None, variables: Mapping[str, str], allowed: bool
) -> Outcome:
    """Run `uv python install`, unless something forbids it.

    uv's links in the user's `bin` folder and in the Windows registry are left alone: only the interpreter is wanted.

    Raises:
        RunnerClosedError: the command was interrupted.
    """
    objection = _objection(wanted.directory, uv, variables, allowed=allowed)
    if objection is not None or uv is None:
        return Outcome(done=False, why_not=objection or "")
    environment = {name: value for name, value in variables.items() if not _misdirects(name)}
    environment |= {"UV_PYTHON_INSTALL_BIN": "0", "UV_PYTHON_INSTALL_REGISTRY": "0"}
    command = [str(uv), "python", "install", "--no-progress", "--color", "never", spell_for_uv(wanted)]
    try:
        completed = runner.run(command, environment=environment, directory=wanted.directory, timeout=_TIMEOUT)
    except ToolFailedError as error:
        return Outcome(done=False, why_not=str(error))
    said = completed.stderr.strip()
    if completed.returncode == 0:
        return Outcome(done=True, why_not="what uv installed does not fit", said=said)
    if completed.timed_out:
        return Outcome(done=False, why_not=f"uv did not answer within {_TIMEOUT:g} s", said=said)
    errors = [line.removeprefix("error: ") for line in said.splitlines() if line.startswith("error: ")]
    why_not = f"uv says: {errors[0]}" if errors else f"uv ended with exit status {completed.returncode}"
    return Outcome(done=False, why_not=why_not, said=said)


def spell_for_uv(wanted: Wanted) -> str:
    """Give the one request for `uv python install` that comes closest to everything that is asked for."""
    bounds = [asked.request.specifier for asked in wanted.bounds if asked.request.specifier]
    if wanted.pin is None:
        return ",".join(bounds) or f">={'.'.join(map(str, FLOOR))}"
    request = wanted.pin.request
    if not bounds or request.implementation or request.free_threaded or request.suffix:
        return request.for_uv
    if request.specifier is not None:
        return ",".join([request.specifier, *bounds])
    version = ".".join(map(str, request.release))
    return version if len(request.release) == _FULL else ",".join([f"=={version}.*", *bounds])


def _objection(directory: Path | None, uv: Path | None, variables: Mapping[str, str], *, allowed: bool) -> str | None:
    if not allowed:
        return "this command downloads no interpreters"
    if uv is None:
        return "there is no uv to download it with"
    for name in ("UV_OFFLINE", "UV_NO_MANAGED_PYTHON", "UV_NO_PYTHON_DOWNLOADS"):
        if variables.get(name, "").lower() in _YES:
            return f"{name}={variables[name]} forbids it"
    if variables.get("UV_PYTHON_PREFERENCE") == "only-system":
        return "UV_PYTHON_PREFERENCE=only-system forbids it"
    downloads = variables.get("UV_PYTHON_DOWNLOADS")
    if downloads:
        # uv also takes the words for yes and no here.
        return None if downloads.lower() in {"automatic", *_YES} else f"UV_PYTHON_DOWNLOADS={downloads} forbids it"
    return _settings_objection(directory, variables)


def _settings_objection(directory: Path | None, variables: Mapping[str, str]) -> str | None:
    if variables.get("UV_NO_CONFIG", "").lower() in _YES:
        return None
    for file, settings in _settings(directory, variables):
        if "python-downloads" in settings and settings["python-downloads"] not in ("automatic", True):
            return f"python-downloads = {settings['python-downloads']!r} in {file} forbids it"
        if settings.get("offline") is True:
            return f"offline = true in {file} forbids it"
        if settings.get("python-preference") == "only-system":
            return f"python-preference = 'only-system' in {file} forbids it"
        if "python-downloads" in settings:
            return None
    return None


def _settings(directory: Path | None, variables: Mapping[str, str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give uv's settings, the nearest file first (https://docs.astral.sh/uv/concepts/configuration-files/)."""
    if variables.get("UV_CONFIG_FILE"):
        file = Path(variables["UV_CONFIG_FILE"])
        yield file, _load(file)
        return
    if directory is not None:
        root = uv_workspace_root(directory)
        for folder in (root, *root.parents):
            own = folder / "uv.toml"
            project = folder / "pyproject.toml"
            table = _load(own) if own.is_file() else _load(project).get("tool", {}).get("uv")
            if isinstance(table, dict):
                yield (own if own.is_file() else project), table
                break
    home = variables.get("APPDATA" if WINDOWS else "HOME")
    user = variables.get("XDG_CONFIG_HOME") or (home and (home if WINDOWS else str(Path(home) / ".config")))
    for file in ([Path(user) / "uv" / "uv.toml"] if user else []) + ([] if WINDOWS else [Path("/etc/uv/uv.toml")]):
        yield file, _load(file)


def _load(file: Path) -> dict[str, Any]:
    # What is no TOML is uv's to complain about.
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _misdirects(name: str) -> bool:
    return name in _MISDIRECTING or name.startswith("UV_PROJECT_")
