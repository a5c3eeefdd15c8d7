"""The uv that builds environments: which one, with which variables, and never with a secret in what it says."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import EnvironmentFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.envs.processes import Completed, Runner

CHOICE_VARIABLE = "ATOLL_UV"
"""Names the uv to use, before every other rule."""

_MISLEADING = (
    # They name another project, interpreter, environment or mode than the one we build.
    "CONDA_DEFAULT_ENV",
    "CONDA_PREFIX",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_FROZEN",
    "UV_ISOLATED",
    "UV_LOCKED",
    "UV_NO_SYNC",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_VENV_CLEAR",
    "VIRTUAL_ENV",
)
_MISLEADING_PREFIXES = ("PYTHON", "UV_PROJECT", "UV_WORKING_DIR")
_WHO = re.compile(r"(?<=://)[^\s/@]+@")
_SECRET_NAME = re.compile(r"PASSWORD|TOKEN|SECRET|CREDENTIAL", re.IGNORECASE)
_IN_URL = re.compile(r"://[^\s/@:]*:([^\s/@]+)@")
_SHORTEST_SECRET = 4
_ONE_AT_A_TIME = threading.Lock()


def variables_for_uv(variables: Mapping[str, str]) -> dict[str, str]:
    """Take the caller's variables without those that would misdirect uv; indexes, proxies and the cache stay.

    `UV_PYTHON_DOWNLOADS` becomes `never`: interpreters are chosen before, and an absolute one is always given.
    """
    kept = {
        name: value
        for name, value in variables.items()
        if name.upper() not in _MISLEADING and not name.upper().startswith(_MISLEADING_PREFIXES)
    }
    kept["UV_PYTHON_DOWNLOADS"] = "never"
    kept["UV_NO_PROGRESS"] = "1"
    return kept


def redact(text: str, variables: Mapping[str, str]) -> str:
    """Take every user name, password and token out of a text.

    Args:
        text: what a tool wrote.
        variables: those that it ran with, whose secrets may have been repeated.
    """
    text = _WHO.sub("***@", text)
    secrets = {value for name, value in variables.items() if _SECRET_NAME.search(name)}
    for value in variables.values():
        secrets.update(_IN_URL.findall(value))
    for secret in sorted((one for one in secrets if len(one) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


@dataclass(frozen=True, slots=True)
class Uv:
    """A uv to build with.

    Attributes:
        executable: absolute path.
        variables: all the variables that it runs with.
        source: which rule found it, for `doctor`.
    """

    executable: Path
    variables: Mapping[str, str]
    source: str

    def run(
        self,
        runner: Runner,
        arguments: Sequence[str | Path],
        *,
        directory: Path,
        variables: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        """Run it to its end; user names, passwords and tokens are taken out of what it wrote.

        Args:
            runner: starts the process.
            arguments: without the options for colour and progress, which are added.
            directory: working directory.
            variables: further ones.
            on_line: called with each line of its stderr.
        """
        from atoll_host.envs.processes import Completed  # noqa: PLC0415 — only those who run it need the class

        environment = {**self.variables, **(variables or {})}

        def pass_on(line: str) -> None:
            if on_line is not None:
                on_line(redact(line, environment))

        done = runner.run(
            [self.executable, *arguments, "--no-progress", "--color", "never"],
            directory=directory,
            environment=environment,
            on_line=pass_on,
        )
        return Completed(
            done.returncode, redact(done.stdout, environment), redact(done.stderr, environment), done.timed_out
        )


def find_uv(runner: Runner, variables: Mapping[str, str], *, required: str | None = None) -> Uv:
    """Find the uv to use: the one `ATOLL_UV` names, else the one that came with us, else a fitting one on PATH.

    Args:
        runner: asks those on PATH for their version.
        variables: the caller's.
        required: what `[tool.uv] required-version` says, such as `>=0.8,<0.9`.

    Raises:
        EnvironmentFailedError: there is none, or none that fits.
    """
    ours = variables_for_uv(variables)
    named = variables.get(CHOICE_VARIABLE)
    if named:
        found = shutil.which(named, path=variables.get("PATH", os.defpath))
        if found is None:
            raise EnvironmentFailedError(
                f"{CHOICE_VARIABLE} names {named}, which is no program",
                hint=f"set {CHOICE_VARIABLE} to the path of a uv, or unset it",
            )
        return Uv(Path(found).absolute(), ours, CHOICE_VARIABLE)
    bundled = _bundled()
    if bundled is not None and (required is None or _fits(importlib.metadata.version("uv"), required)):
        return Uv(bundled, ours, "brought by this tool")
    seen = [] if bundled is None else [importlib.metadata.version("uv")]
    for candidate in _on_path(variables):
        version = _version(runner, candidate, ours)
        if version is not None and (required is None or _fits(version, required)):
            return Uv(candidate, ours, "PATH")
        seen += [version] if version is not None else []
    if required is None:
        raise EnvironmentFailedError("no uv was found", hint=f"install it (pip install uv), or set {CHOICE_VARIABLE}")
    raise EnvironmentFailedError(
        f"the project asks for uv {required}, and here is {' and '.join(seen) or 'none'}",
        kind="uv_version",
        hint=f"put a uv that fits on PATH, or name it by {CHOICE_VARIABLE}, or change required-version in [tool.uv]",
    )


def _bundled() -> Path | None:
    try:
        import uv  # noqa: PLC0415 — imported only by commands that build
    except ImportError:
        return None
    try:
        # It asks sysconfig, whose first answer several threads spoil for one another.
        with _ONE_AT_A_TIME:
            return Path(uv.find_uv_bin())
    except (FileNotFoundError, UnboundLocalError):
        return None


def _on_path(variables: Mapping[str, str]) -> list[Path]:
    name = "uv.exe" if sys.platform == "win32" else "uv"
    folders = variables.get("PATH", os.defpath).split(os.pathsep)
    candidates = [Path(folder) / name for folder in folders if folder]
    return [path.absolute() for path in candidates if path.is_file() and os.access(path, os.X_OK)]


def _version(runner: Runner, executable: Path, variables: Mapping[str, str]) -> str | None:
    from atoll_host.envs.errors import ToolFailedError  # noqa: PLC0415 — beside its only use

    try:
        answer = runner.run([executable, "--version"], environment=variables, timeout=20).stdout.split()
    except ToolFailedError:
        return None
    return answer[1] if len(answer) > 1 and answer[0] == "uv" else None


def _fits(version: str, required: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 — only where a project asks

    text = required if required[:1] in "<>=!~" else f"=={required}"
    try:
        return SpecifierSet(text).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True  # uv itself says what is wrong with it
