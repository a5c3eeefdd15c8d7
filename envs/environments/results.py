"""What inspecting, building and cleaning environments gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atoll_host.envs.environments.spec import Environment
    from atoll_host.envs.errors import Problem
    from atoll_host.envs.interpreters.interpreter import Interpreter

State = Literal["current", "missing", "stale", "drifted", "broken", "as_is"]
LockMode = Literal["update", "locked", "frozen"]
LockState = Literal["fresh", "stale", "missing", "unknown", "none"]
Phase = Literal["waiting", "interpreter", "locking", "installing", "checking"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of work on an environment.

    Attributes:
        location: name of the location.
        phase: what is being done.
        text: one line for people; empty when a phase begins.
    """

    location: str
    phase: Phase
    text: str = ""


if TYPE_CHECKING:
    OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that is another now.

    Attributes:
        name: as its metadata spells it.
        before: version; None when it was not there.
        after: version; None when it is gone.
    """

    name: str
    before: str | None
    after: str | None

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {"name": self.name, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a look at an environment found.

    Attributes:
        state: `current` (in step), `missing` (never built), `stale` (its inputs changed since), `drifted` (changed by
            hand), `broken` (cannot be used), `as_is` (an interpreter that is never written to).
        environment: what can load the location, also when stale or drifted; None when missing or broken.
        problems: errors when broken, warnings otherwise.
        reason: a few words on the state, such as what changed.
    """

    state: State
    environment: Environment | None
    problems: tuple[Problem, ...] = ()
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {
            "state": self.state,
            "environment": None if self.environment is None else self.environment.to_json(),
            "problems": [problem.to_json() for problem in self.problems],
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Synced:
    """An environment that is in step now.

    Attributes:
        environment: what can load the location.
        changed: whether another environment is current than before.
        seconds: how long it took.
        lock_changed: whether the lock was written.
        changes: packages that are other than before.
        problems: warnings.
    """

    environment: Environment
    changed: bool
    seconds: float
    lock_changed: bool = False
    changes: tuple[PackageChange, ...] = ()
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name; seconds to the millisecond."""
        return {
            "environment": self.environment.to_json(),
            "changed": self.changed,
            "seconds": round(self.seconds, 3),
            "lock_changed": self.lock_changed,
            "changes": [change.to_json() for change in self.changes],
            "problems": [problem.to_json() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock that is in step now.

    Attributes:
        path: the lock; None where the kind of environment has none.
        changed: whether it was written.
        changes: packages whose locked version is another.
    """

    path: Path | None
    changed: bool
    changes: tuple[PackageChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {
            "path": None if self.path is None else str(self.path),
            "changed": self.changed,
            "changes": [change.to_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed.

    Attributes:
        freed: bytes on disk that are free now; files shared with the cache are not among them.
        removed: folders.
        kept: folders that a running process uses.
    """

    freed: int
    removed: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {
            "freed": self.freed,
            "removed": [str(path) for path in self.removed],
            "kept": [str(path) for path in self.kept],
        }


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution.

    Attributes:
        name: as its metadata spells it.
        version: as its metadata says it.
        editable: whether edits of its source arrive at once.
        path: folder or file that it was installed from; None for one from an index.
    """

    name: str
    version: str
    editable: bool = False
    path: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {"name": self.name, "version": self.version, "editable": self.editable, "path": self.path}


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """One generation on disk.

    Attributes:
        path: its folder.
        python: version of its interpreter.
        current: whether it is the one in use.
        size: bytes on disk.
        complete: whether it was built to its end.
    """

    path: str
    python: str | None
    current: bool
    size: int
    complete: bool

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {
            "path": self.path,
            "python": self.python,
            "current": self.current,
            "size": self.size,
            "complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class Description:
    """All there is to say of an environment, for `doctor`.

    Attributes:
        location: its name.
        kind: of environment.
        inspection: its state.
        interpreter: the base interpreter that it has, or that it would get; None where none can be had.
        reason: one clause that says why that one.
        backend: what builds it; None for an interpreter as it is.
        tool: the uv or virtualenv that builds it, with where that came from.
        packages: installed ones, by name.
        lock: state of the lock; `none` where the kind has no lock.
        lock_path: the lock, whether it is there or not.
        drift: what was changed by hand.
        size: bytes on disk of the current generation, hard links counted once.
        generations: all that are on disk.
        problems: warnings and errors.
    """

    location: str
    kind: str
    inspection: Inspection
    interpreter: Interpreter | None = None
    reason: str = ""
    backend: str | None = None
    tool: str | None = None
    packages: tuple[Package, ...] = ()
    lock: LockState = "none"
    lock_path: str | None = None
    drift: tuple[PackageChange, ...] = ()
    size: int | None = None
    generations: tuple[GenerationInfo, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return {
            "location": self.location,
            "kind": self.kind,
            "inspection": self.inspection.to_json(),
            "interpreter": None if self.interpreter is None else self.interpreter.to_json(),
            "reason": self.reason,
            "backend": self.backend,
            "tool": self.tool,
            "packages": [package.to_json() for package in self.packages],
            "lock": self.lock,
            "lock_path": self.lock_path,
            "drift": [change.to_json() for change in self.drift],
            "size": self.size,
            "generations": [generation.to_json() for generation in self.generations],
            "problems": [problem.to_json() for problem in self.problems],
        }


def compare_distributions(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[PackageChange, ...]:
    """Compare two lists of metadata folders, such as `six-1.17.0.dist-info`."""
    return compare_versions(_versions(before), _versions(after))


def compare_versions(before: dict[str, str], after: dict[str, str]) -> tuple[PackageChange, ...]:
    """Compare two tables of versions by name."""
    return tuple(
        PackageChange(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys(), key=str.lower)
        if before.get(name) != after.get(name)
    )


def _versions(folders: tuple[str, ...]) -> dict[str, str]:
    versions: dict[str, list[str]] = {}
    for folder in folders:
        parts = folder.rsplit(".", 1)[0].split("-")
        versions.setdefault(parts[0], []).append(parts[1] if len(parts) > 1 else "")
    return {name: " and ".join(sorted(found)) for name, found in versions.items()}
