"""The environments of a workspace: look at them, build them, lock them, clean up after them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.envs.environments.inspecting import Inspector
from atoll_host.envs.environments.results import Synced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from atoll_host.envs.environments.results import Cleaned, Description, Locked, LockMode, OnProgress, Progress
    from atoll_host.envs.environments.spec import EnvironmentSpec


def _ignore(progress: Progress) -> None:
    """Take progress that nobody wants to see."""


@dataclass(frozen=True, slots=True)
class Environments(Inspector):
    """The environments of one workspace.

    Every method concerns one location and may be called for several of them from several threads at once; how many is
    the caller's choice. The attributes are those of `Inspector`.
    """

    def sync(
        self,
        spec: EnvironmentSpec,
        *,
        lock_mode: LockMode = "update",
        rebuild: bool = False,
        upgrade: Sequence[str] | bool = (),
        on_progress: OnProgress = _ignore,
    ) -> Synced:
        """Bring a location's environment in step. Ends in a few milliseconds where it is.

        Args:
            spec: of the location.
            lock_mode: `update` brings the lock in step first, `locked` fails where it is not,
                `frozen` takes it as it is.
            rebuild: whether to build anew what is in step or was changed by hand.
            upgrade: packages to take in their newest version that fits, or True for all of them.
            on_progress: called with each step, from any thread.

        Raises:
            EnvironmentFailedError: it cannot be built; what was current before still is.
            NoInterpreterError: no interpreter fits.
        """
        from atoll_host.envs.environments.building import build  # noqa: PLC0415 — most syncs have nothing to do

        started = time.perf_counter()
        if spec.kind == "interpreter":
            return Synced(self._as_is(spec), changed=False, seconds=time.perf_counter() - started)
        if not rebuild and not upgrade:
            done = self.find_in_step(spec, lock_mode, started)
            if done is not None:
                return done
        return build(self, spec, lock_mode, rebuild=rebuild, upgrade=upgrade, on_progress=on_progress, started=started)

    def lock(
        self,
        spec: EnvironmentSpec,
        *,
        mode: LockMode = "update",
        upgrade: Sequence[str] | bool = (),
        on_progress: OnProgress = _ignore,
    ) -> Locked:
        """Bring a location's lock in step (`locked`: check only), building nothing.

        Raises:
            EnvironmentFailedError: no solution, or the lock is not in step.
        """
        from atoll_host.envs.environments.building import lock  # noqa: PLC0415 — see above

        return lock(self, spec, mode, upgrade, on_progress)

    def upgrade(
        self, spec: EnvironmentSpec, packages: Sequence[str] = (), *, on_progress: OnProgress = _ignore
    ) -> Synced:
        """Take the newest versions that fit, of the given packages or of all, and sync.

        Raises:
            EnvironmentFailedError: it cannot be built; what was current before still is.
        """
        return self.sync(spec, upgrade=tuple(packages) or True, on_progress=on_progress)

    def describe(self, spec: EnvironmentSpec) -> Description:
        """Say all there is to say of an environment, for `doctor`. Never raises for a location that is broken."""
        from atoll_host.envs.environments.describing import describe  # noqa: PLC0415 — only `doctor` needs it

        return describe(self, spec)

    def clean(self, spec: EnvironmentSpec, *, current: bool = False) -> Cleaned:
        """Remove what is not current of a location's environment; with `current`, that too. Nothing that is in use."""
        from atoll_host.envs.environments.cleaning import clean  # noqa: PLC0415 — only `clean` needs it

        return clean(self, spec, current=current)

    def clean_strays(self, known: Iterable[str]) -> Cleaned:
        """Remove the environments of locations that the workspace names no more, and what killed commands left.

        Args:
            known: names of all locations of the workspace.
        """
        from atoll_host.envs.environments.cleaning import clean_strays  # noqa: PLC0415 — see above

        return clean_strays(self, known)
