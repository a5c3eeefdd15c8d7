"""File locks: two commands never build the same environment, or write the same lock, at once."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from atoll_host.envs.errors import EnvironmentFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from atoll_host.envs.layout import StateFolder

_PATIENCE = 1_800
"""Seconds to wait for another build of the same environment: a first build may download gigabytes."""


@contextlib.contextmanager
def hold_location(state: StateFolder, location: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a location's environment. Ends with us, however we end.

    Raises:
        EnvironmentFailedError: another process has held it for half an hour.
        OSError: the lock file cannot be made.
    """
    with _hold(state, f"environment-{location}", f"the environment of {location}", on_wait):
        yield


@contextlib.contextmanager
def hold_lock_file(state: StateFolder, path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the right to write a lock, which several locations share in a uv workspace."""
    name = f"lock-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    with _hold(state, name, str(path), on_wait):
        yield


@contextlib.contextmanager
def _hold(state: StateFolder, name: str, what: str, on_wait: Callable[[], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 — only when something is built

    state.make()
    folder = state.path / "locks"
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / f"{name}.lock", is_singleton=False)
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        on_wait()
        try:
            lock.acquire(timeout=_PATIENCE)
        except Timeout:
            raise EnvironmentFailedError(
                f"another process has been working on {what} for {_PATIENCE // 60} minutes",
                hint=f"end it, then run the command again (the lock is {folder / name}.lock)",
            ) from None
    try:
        yield
    finally:
        lock.release()
