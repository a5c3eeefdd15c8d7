"""Environments built by uv."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.envs.environments.failures import Context, failed
from atoll_host.envs.environments.generations import executable_of
from atoll_host.envs.errors import EnvironmentFailedError
from atoll_host.envs.interpreters.wanted import uv_workspace_root

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from atoll_host.envs.environments.backend import OnLine
    from atoll_host.envs.environments.results import LockMode, LockState
    from atoll_host.envs.environments.settings import Settings
    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.envs.processes import Completed, Runner
    from atoll_host.envs.uv import Uv

_NO_NETWORK = "the network was disabled"
"""What uv says of packages that it would have to ask an index for."""
_METADATA_START = re.compile(r"^# /// script\s*$")


@dataclass(frozen=True, slots=True)
class UvBackend:
    """Builds with uv.

    Attributes:
        runner: starts the processes.
        uv: which uv.
    """

    runner: Runner
    uv: Uv
    name: str = "uv"

    @property
    def tool(self) -> str:
        """Path of the uv, and where it was found."""
        return f"{self.uv.executable} ({self.uv.source})"

    def find_lock(self, spec: EnvironmentSpec) -> Path | None:
        """Give the lock of a location, be it there or not; None for requirements, which have none."""
        return find_lock(spec)

    def lock(
        self,
        spec: EnvironmentSpec,
        python: str,
        *,
        mode: LockMode,
        upgrade: Sequence[str] | bool,
        on_line: OnLine,
    ) -> bool:
        """Bring the lock in step, or check that it is, as the mode says."""
        path = find_lock(spec)
        if path is None:
            return False
        if mode == "frozen":
            if not path.exists():
                raise EnvironmentFailedError(
                    f"{path.name} of {spec.location} is not there, and --frozen uses it as it is",
                    kind="lock_missing",
                    hint=f"run: atoll lock {spec.location}",
                    file=str(path),
                )
            return False
        before = _content(path)
        words = [*self._lock_command(spec, python), *(["--check"] if mode == "locked" else _upgrades(upgrade))]
        self._run(spec, words, on_line=on_line)
        return _content(path) != before

    def check_lock(self, spec: EnvironmentSpec, python: str, *, offline: bool = False) -> LockState:
        """Say whether the lock is in step, writing nothing."""
        path = find_lock(spec)
        if path is None:
            return "none"
        if not path.exists():
            return "missing"
        try:
            variables = {"UV_OFFLINE": "1"} if offline else None
            self._run(spec, [*self._lock_command(spec, python), "--check"], variables, on_line=_ignore)
        except EnvironmentFailedError as error:
            problem = error.problems[0]
            # Without the network, a new resolution that it would take ends early: the lock is not what it comes to.
            resolving = offline and _NO_NETWORK in " ".join((problem.detail or "").split())
            return "stale" if problem.kind == "lock_stale" or resolving else "unknown"
        return "fresh"

    def build(
        self,
        spec: EnvironmentSpec,
        settings: Settings,
        python: str,
        prefix: Path,
        *,
        upgrade: Sequence[str] | bool,
        fresh: Sequence[str] = (),
        on_line: OnLine,
    ) -> None:
        """Build the environment in a folder that is not there yet, from the lock as it is."""
        again = [word for package in fresh for word in ("--refresh-package", package)]
        assert spec.source is not None  # noqa: S101 — only `interpreter` has none
        if spec.kind == "project":
            words: list[str | Path] = ["sync", "--frozen", "--project", spec.source, "--python", python, *again]
            words += [word for extra in settings.extras for word in ("--extra", extra)]
            words += [word for group in settings.groups for word in ("--group", group)]
            words += ["--package", settings.package] if settings.package else []
            self._run(spec, words, {"UV_PROJECT_ENVIRONMENT": str(prefix)}, on_line=on_line)
            return
        # `--python` beside a virtual environment that is not there: uv would make it, but with a prompt of its own.
        prompt = ["--prompt", spec.location]
        self._run(spec, ["venv", "--no-project", "--python", python, *prompt, prefix], on_line=on_line)
        if spec.kind == "script":
            words = ["sync", "--frozen", "--script", spec.source, "--active", "--python", python, *again]
            self._run(spec, words, {"VIRTUAL_ENV": str(prefix)}, on_line=on_line)
        else:
            words = [
                "pip",
                "install",
                "--python",
                executable_of(prefix),
                "-r",
                spec.source,
                *_upgrades(upgrade),
                *again,
            ]
            self._run(spec, words, on_line=on_line)

    def _lock_command(self, spec: EnvironmentSpec, python: str) -> list[str | Path]:
        assert spec.source is not None  # noqa: S101 — only `interpreter` has none
        target = "--script" if spec.kind == "script" else "--project"
        return ["lock", target, spec.source, "--python", python]

    def _run(
        self,
        spec: EnvironmentSpec,
        words: Sequence[str | Path],
        variables: dict[str, str] | None = None,
        *,
        on_line: OnLine,
    ) -> Completed:
        context = context_of(spec)
        done = self.uv.run(self.runner, words, directory=context.directory, variables=variables, on_line=on_line)
        if done.returncode != 0:
            raise failed(done, context)
        return done


def find_lock(spec: EnvironmentSpec) -> Path | None:
    """Give the lock that uv writes for a location, be it there or not; None where its kind has none."""
    if spec.source is None or spec.kind not in {"project", "script"}:
        return None
    if spec.kind == "script":
        return spec.source.with_name(f"{spec.source.name}.lock")
    return uv_workspace_root(spec.source) / "uv.lock"


def context_of(spec: EnvironmentSpec) -> Context:
    """Say what is being built, for the explanation of a failure."""
    assert spec.source is not None  # noqa: S101 — only `interpreter` has none
    if spec.kind == "project":
        return Context(spec.location, spec.source / "pyproject.toml", spec.source, find_lock(spec))
    first = 0
    if spec.kind == "script":
        with contextlib.suppress(OSError, UnicodeDecodeError):
            lines = spec.source.read_text(encoding="utf-8").splitlines()
            first = next((number for number, line in enumerate(lines, 1) if _METADATA_START.match(line)), 0)
    return Context(spec.location, spec.source, spec.source.parent, find_lock(spec), first)


def _upgrades(upgrade: Sequence[str] | bool) -> list[str]:
    if isinstance(upgrade, bool):
        return ["--upgrade"] if upgrade else []
    return [word for package in upgrade for word in ("--upgrade-package", package)]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _ignore(line: str) -> None:
    """Take a line that nobody wants to see."""
