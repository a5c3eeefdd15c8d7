"""What is known of a location's environment from the files on disk: nothing is started, and nothing changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.environments.describing import list_packages
from atoll_host.envs.environments.generations import Generations
from atoll_host.envs.environments.results import compare_distributions
from atoll_host.envs.environments.uv_backend import find_lock
from atoll_host.envs.errors import AtollError
from atoll_host.envs.layout import StateFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.envs.environments.results import Package, PackageChange
    from atoll_host.envs.environments.spec import Environment
    from atoll_host.server.live.states import LiveWorkspace, LocationState

_KEPT = 32
"""For how many environments the packages are kept in memory."""


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """What is shown of an environment.

    Attributes:
        kind: as the location asks for it.
        health: state of the environment, such as `current`; None where nobody has looked.
        reason: a few words about that.
        environment: what loads the location; None where there is none that could.
        source: what it is made from: a folder or a file; None for an interpreter as it is.
        lock: the lock file; None where the kind has none.
        lock_word: what is known of it, in words.
        built: when it was built, in seconds since the epoch; None where that is not known.
        build_seconds: how long that took.
        generations: how many are on disk.
        drift: packages that were changed by hand.
        packages: what is installed, by name.
    """

    kind: str
    health: str | None
    reason: str
    environment: Environment | None
    source: Path | None
    lock: Path | None
    lock_word: str
    built: float | None
    build_seconds: float | None
    generations: int
    drift: Sequence[PackageChange]
    packages: Sequence[Package]


class Packages:
    """Lists what is installed in environments, and reads that again only when it changed. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[tuple[str, int], ...], tuple[Package, ...]] = OrderedDict()

    def of(self, environment: Environment | None) -> tuple[Package, ...]:
        """List the packages of an environment, by name."""
        folders = list_folders(environment)
        key = tuple((str(folder), _changed(folder)) for folder in folders)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = list_packages(folders)
        with self._lock:
            self._known[key] = found
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found


def list_folders(environment: Environment | None) -> list[Path]:
    """List the folders of packages of an environment."""
    if environment is None:
        return []
    prefix = environment.prefix or Path(environment.interpreter.prefix)
    folders = [*prefix.glob("lib/python*/site-packages"), prefix / "Lib" / "site-packages"]
    return [folder for folder in folders if folder.is_dir()]


def describe_environment(live: LiveWorkspace, state: LocationState, packages: Packages) -> EnvironmentFacts:
    """Say what is known of a location's environment.

    Args:
        live: what is known of the workspace.
        state: of the location.
        packages: lists what is installed.
    """
    spec, inspection = state.location.environment, state.inspection
    environment = state.shown.environment or (None if inspection is None else inspection.environment)
    generation, generations = None, 0
    if live.workspace is not None and spec.kind != "interpreter":
        found = Generations(StateFolder(live.workspace.root / ".atoll").environments(state.name))
        generation, generations = found.current(), len(found.complete())
    record = None if generation is None else generation.record
    lock = _find_lock(state)
    drift: tuple[PackageChange, ...] = ()
    if generation is not None and record is not None:
        drift = compare_distributions(record.distributions, generation.installed())
    return EnvironmentFacts(
        kind=spec.kind,
        health=None if inspection is None else inspection.state,
        reason="" if inspection is None else inspection.reason,
        environment=environment,
        source=spec.source,
        lock=lock,
        lock_word=_lock_word(lock, checked=record is not None and record.lock_checked),
        built=None if record is None else record.built,
        build_seconds=None if record is None else record.seconds,
        generations=generations,
        drift=drift,
        packages=packages.of(environment),
    )


def _find_lock(state: LocationState) -> Path | None:
    try:
        return find_lock(state.location.environment)
    except (AtollError, OSError):
        return None


def _lock_word(lock: Path | None, *, checked: bool) -> str:
    if lock is None:
        return ""
    if not lock.is_file():
        return "not there"
    return "in step when it was built" if checked else "taken as it is"


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
