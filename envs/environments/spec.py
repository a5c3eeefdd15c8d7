"""What kind of environment a code location asks for, and what it got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from atoll_host.envs.interpreters.interpreter import Interpreter

EnvironmentKind = Literal["project", "script", "requirements", "interpreter"]


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """What a location asks for.

    Attributes:
        location: name of the location, used as a folder name.
        kind: `project` (uv project), `script` (PEP 723 file), `requirements`, or `interpreter` (as it is).
        source: project folder, script file or requirements file; None for `interpreter`.
        executable: the interpreter, for `interpreter` only.
        why: for `interpreter`, a few words that say where it came from.
        python: an explicit request such as `3.9`, which goes before every file's own.
        settings: further settings that shape the build, such as `{"backend": "virtualenv", "extras": [...]}`.
    """

    location: str
    kind: EnvironmentKind
    source: Path | None = None
    executable: Path | None = None
    why: str | None = None
    python: str | None = None
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that can load its location.

    Attributes:
        kind: as in the spec.
        prefix: the virtual environment's folder; None for an interpreter that is in no virtual environment.
        executable: the interpreter to start workers with.
        interpreter: what the probe of the base interpreter said.
        reason: one clause that says why this interpreter.
        fingerprint: of everything that shaped the build; None for `interpreter`.
        backend: `uv`, `virtualenv`, or None for `interpreter`.
    """

    kind: EnvironmentKind
    prefix: Path | None
    executable: Path
    interpreter: Interpreter
    reason: str
    fingerprint: str | None = None
    backend: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name; paths as text."""
        return {
            "kind": self.kind,
            "prefix": None if self.prefix is None else str(self.prefix),
            "executable": str(self.executable),
            "interpreter": self.interpreter.to_json(),
            "reason": self.reason,
            "fingerprint": self.fingerprint,
            "backend": self.backend,
        }
