"""Environments built by virtualenv and pip: for those who cannot use uv."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.environments import fingerprint
from atoll_host.envs.environments.failures import Context, failed
from atoll_host.envs.environments.generations import executable_of
from atoll_host.envs.environments.uv_backend import context_of, find_lock
from atoll_host.envs.errors import EnvironmentFailedError
from atoll_host.envs.processes import Completed
from atoll_host.envs.uv import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from atoll_host.envs.environments.backend import OnLine
    from atoll_host.envs.environments.results import LockMode, LockState
    from atoll_host.envs.environments.settings import Settings
    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.envs.processes import Runner

OLDEST = (3, 9)
"""virtualenv has dropped what is older: its bundled pip does not run there."""

_MISLEADING = ("PIP_DRY_RUN", "PIP_PREFIX", "PIP_PYTHON", "PIP_REPORT", "PIP_ROOT", "PIP_TARGET", "PIP_USER")


@dataclass(frozen=True, slots=True)
class VirtualenvBackend:
    """Builds with virtualenv and pip, which stay in the environment.

    Attributes:
        runner: starts the processes.
        variables: to run them with, already without what would misdirect them.
    """

    runner: Runner
    variables: Mapping[str, str]
    name: str = "virtualenv"

    @property
    def tool(self) -> str:
        """What does the work."""
        import virtualenv  # noqa: PLC0415 — only when somebody asks

        return f"virtualenv {virtualenv.__version__} with the pip that it bundles"

    def find_lock(self, spec: EnvironmentSpec) -> Path | None:  # noqa: ARG002 — pip knows no lock
        """Give None: pip knows no lock."""
        return None

    def lock(
        self,
        spec: EnvironmentSpec,
        python: str,
        *,
        mode: LockMode,
        upgrade: Sequence[str] | bool,
        on_line: OnLine,
    ) -> bool:
        """Do nothing: pip knows no lock."""
        del self, spec, python, mode, upgrade, on_line
        return False

    def check_lock(self, spec: EnvironmentSpec, python: str, *, offline: bool = False) -> LockState:
        """Give `none`: pip knows no lock."""
        del self, spec, python, offline
        return "none"

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
        """Build the environment in a folder that is not there yet."""
        del upgrade, fresh  # a new folder gets the newest versions anyway, unpacked for it alone
        context = context_of(spec)
        self._refuse_what_pip_cannot(spec, context)
        with _requirements(spec, settings) as arguments:
            self._run(
                [sys.executable, "-m", "virtualenv", "--python", python, "--no-download", "--no-periodic-update",
                 "--prompt", spec.location, str(prefix)],
                context,
                on_line,
            )  # fmt: skip
            self._run(
                [str(executable_of(prefix)), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
                 "--progress-bar", "off", "--no-color", *arguments],
                context,
                on_line,
            )  # fmt: skip

    def _refuse_what_pip_cannot(self, spec: EnvironmentSpec, context: Context) -> None:
        lock = find_lock(spec)
        if lock is not None and lock.exists():
            raise EnvironmentFailedError(
                f"{spec.location} has a {lock.name}, which virtualenv and pip cannot follow",
                kind="configuration",
                hint="take the backend setting out, so that uv builds it, or remove the lock",
                file=str(lock),
            )
        if "sources" in _table(_metadata(spec), "tool", "uv"):
            raise EnvironmentFailedError(
                f"{spec.location} has tool.uv.sources, which virtualenv and pip cannot follow",
                kind="configuration",
                hint="take the backend setting out, so that uv builds it, or give the sources as `name @ url`",
                file=str(context.file),
            )

    def _run(self, command: Sequence[str], context: Context, on_line: OnLine) -> None:
        variables = {name: value for name, value in self.variables.items() if name not in _MISLEADING}
        done = self.runner.run(
            command,
            directory=context.directory,
            environment=variables,
            on_line=lambda line: on_line(redact(line, variables)),
        )
        if done.returncode != 0:
            # pip complains on stderr, and explains a contradiction on stdout.
            _, mark, explanation = done.stdout.partition("The conflict is caused by:")
            complaint = redact(f"{done.stderr}\n{mark}{explanation}", variables)
            said = Completed(done.returncode, redact(done.stdout, variables), complaint)
            raise failed(said, context)


def refuse_old_python(location: str, version: tuple[int, int, int], version_text: str) -> None:
    """Refuse interpreters that virtualenv cannot serve.

    Raises:
        EnvironmentFailedError: it is too old.
    """
    if version[:2] < OLDEST:
        raise EnvironmentFailedError(
            f"{location} runs on Python {version_text}, for which virtualenv makes no environments",
            kind="configuration",
            hint="take the backend setting out: uv makes environments for 3.8 too",
        )


@contextlib.contextmanager
def _requirements(spec: EnvironmentSpec, settings: Settings) -> Iterator[list[str]]:
    """Give pip's arguments for what the location asks for; a file that they name is gone afterwards."""
    assert spec.source is not None  # noqa: S101 — only `interpreter` has none
    if spec.kind == "requirements":
        yield ["-r", str(spec.source)]
        return
    metadata = _metadata(spec)
    groups: list[str] = []
    if spec.kind == "script":
        lines = list(metadata.get("dependencies") or ())
    elif "build-system" in metadata and _table(metadata, "tool", "uv").get("package") is not False:
        extras = f"[{','.join(settings.extras)}]" if settings.extras else ""
        lines = [
            f"-e {json.dumps(str(spec.source))}{extras}" if " " in str(spec.source) else f"-e {spec.source}{extras}"
        ]
        groups = list(settings.groups)
    else:
        project = _table(metadata, "project")
        optional = _table(metadata, "project", "optional-dependencies")
        lines = list(project.get("dependencies") or ())
        for extra in settings.extras:
            lines += list(optional.get(extra) or ())
        groups = list(settings.groups)
    handle, name = tempfile.mkstemp(prefix="atoll-", suffix=".txt")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        yield [
            "-r",
            name,
            *(word for group in groups for word in ("--group", f"{spec.source / 'pyproject.toml'}:{group}")),
        ]
    finally:
        Path(name).unlink(missing_ok=True)


def _metadata(spec: EnvironmentSpec) -> dict[str, Any]:
    if spec.source is None or spec.kind == "requirements":
        return {}
    if spec.kind == "script":
        from atoll_host.envs.script_metadata import read  # noqa: PLC0415 — only for this kind

        script = read(spec.source)
        return {} if script is None else {"dependencies": list(script.dependencies), "tool": dict(script.tool)}
    path = spec.source / "pyproject.toml"
    return fingerprint.parse_toml(path.read_bytes(), path)


def _table(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        found = data.get(name)
        data = found if isinstance(found, dict) else {}
    return dict(data)
