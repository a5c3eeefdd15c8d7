"""What builds environments: the protocol that uv and virtualenv are put behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from atoll_host.envs.environments.results import LockMode, LockState
    from atoll_host.envs.environments.settings import Settings
    from atoll_host.envs.environments.spec import EnvironmentSpec

    OnLine = Callable[[str], None]


class Backend(Protocol):
    """Builds environments of the kinds `project`, `script` and `requirements`."""

    @property
    def name(self) -> str:
        """Stands in the fingerprint: `uv` or `virtualenv`."""

    @property
    def tool(self) -> str:
        """What does the work, with its version and where it came from."""

    def find_lock(self, spec: EnvironmentSpec) -> Path | None:
        """Give the lock of a location, be it there or not; None where its kind has none."""

    def lock(
        self,
        spec: EnvironmentSpec,
        python: str,
        *,
        mode: LockMode,
        upgrade: Sequence[str] | bool,
        on_line: OnLine,
    ) -> bool:
        """Bring the lock in step, or check that it is, as the mode says.

        Args:
            spec: of the location.
            python: absolute path of the interpreter.
            mode: `update` writes it, `locked` only checks it, `frozen` takes it as it is.
            upgrade: packages to lock anew, or True for all of them.
            on_line: called with each line of progress.

        Returns:
            Whether the lock was written.

        Raises:
            EnvironmentFailedError: no solution, or the lock is not in step.
        """

    def check_lock(self, spec: EnvironmentSpec, python: str, *, offline: bool = False) -> LockState:
        """Say whether the lock is in step, writing nothing.

        Args:
            spec: of the location.
            python: absolute path of the interpreter.
            offline: whether to do without the network; a lock that fits needs none.
        """

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
        """Build the environment in a folder that is not there yet, from the lock as it is.

        Args:
            spec: of the location.
            settings: of it.
            python: absolute path of the interpreter.
            prefix: the folder.
            upgrade: packages to take anew where there is no lock, or True for all of them.
            fresh: packages to fetch again whatever a cache has, since that was written to.
            on_line: called with each line of progress.

        Raises:
            EnvironmentFailedError: it cannot be built; what is in the folder is wreckage.
        """
