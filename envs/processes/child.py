"""A process that loads a location, with everything below it: what it may take, and its end."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from typing import IO, TYPE_CHECKING

from atoll_host.envs.processes import descendants

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from atoll_host.envs.processes.table import Process
    from atoll_host.envs.processes.watch import Excess, Limits, Watch

_WINDOWS = sys.platform == "win32"
_NICE = 10
"""What is added to the niceness (nice(2)) of a worker that others need not wait for."""
_ADOPTED = 2.0
"""Seconds until a process whose parent has ended is ours, at the latest."""
_TICK = 0.005
"""Seconds between looks at that."""


class Tree:
    """A process at the head of a process group of its own, and its descendants.

    Attributes:
        pid: process id.
        token: what the worker variable of its descendants holds.
    """

    def __init__(self, pid: int, token: str, watch: Watch) -> None:
        self.pid = pid
        self.token = token
        self._watch = watch

    def limit(self, limits: Limits, on_excess: Callable[[Excess, frozenset[int]], None]) -> None:
        """Watch what it takes with all its descendants, and call `on_excess` in another thread when that is too much.

        It is watched until it is ended.
        """
        self._watch.add(self.pid, self.token, limits, on_excess)

    def yield_to_others(self) -> None:
        """Let other processes go before it from now on, where the system can do that."""
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PGRP, self.pid, _NICE)

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to one of its processes."""
        with contextlib.suppress(OSError):
            os.kill(pid, number)

    def kill(self) -> None:
        """End it and all its descendants at once."""
        self._end(self._reap)

    def end_descendants(self) -> None:
        """End what it left behind. Call it after the process itself has ended."""
        self._end(None)

    def _end(self, reap: Callable[[], None] | None) -> None:
        def belongs(process: Process) -> bool:
            return self._watch.belongs(process, self.token)

        self._watch.remove(self.pid)
        descendants.end(self.pid, self.token, reap=reap, belongs=belongs)

    def _reap(self) -> None:
        raise NotImplementedError


class Child(Tree):
    """A running process that was started by `Runner.start`.

    Attributes:
        resting: whether it does nothing, so that nothing that it has started is of use to anybody.
    """

    def __init__(self, process: subprocess.Popen[bytes], token: str, watch: Watch) -> None:
        super().__init__(process.pid, token, watch)
        self._process = process
        self.resting = False

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe that it reads."""
        assert self._process.stdin is not None  # noqa: S101 — always a pipe
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe that it writes."""
        assert self._process.stdout is not None  # noqa: S101 — always a pipe
        return self._process.stdout

    @property
    def stderr(self) -> IO[bytes]:
        """The pipe for its complaints."""
        assert self._process.stderr is not None  # noqa: S101 — always a pipe
        return self._process.stderr

    @property
    def returncode(self) -> int | None:
        """Exit status once `wait` has seen the end."""
        return self._process.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, at most `timeout` seconds; give the exit status, or None when it still runs."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def close(self, *, but: Collection[IO[bytes]] = ()) -> None:
        """Close our ends of its pipes, but those that a thread still reads: closing waits for it."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None and pipe not in but:
                with contextlib.suppress(OSError):
                    pipe.close()

    def forked(self, pid: int, token: str, wait: Callable[[], bool]) -> Fork:
        """Take charge of a process that this one has forked.

        Args:
            pid: of the fork, which is not reaped before it is said here that it may be.
            token: as `new_token` gave it, and as the fork has it in its variables.
            wait: waits until the fork has ended, and tells whether it has; False at once where the parent has gone.
        """
        return Fork(pid, token, self._watch, wait)

    def _reap(self) -> None:
        if not _WINDOWS or self._process.poll() is None:
            with contextlib.suppress(OSError):
                self._process.kill()
        self._process.wait()


class Fork(Tree):
    """A process that a worker forked for us and waits for."""

    def __init__(self, pid: int, token: str, watch: Watch, wait: Callable[[], bool]) -> None:
        super().__init__(pid, token, watch)
        self._wait = wait

    def end_descendants(self) -> None:
        """End what it left behind. Call it after the process itself has ended."""
        super().end_descendants()
        descendants.wait(self.pid, only_if_ended=True)

    def _reap(self) -> None:
        descendants.kill(self.pid)
        # Where its parent has gone, it becomes ours as soon as that has been taken apart.
        deadline = time.monotonic() + _ADOPTED
        while not self._wait() and descendants.is_there(self.pid) and time.monotonic() < deadline:
            descendants.wait(self.pid)
            time.sleep(_TICK)


def new_token() -> str:
    """Make a value of the worker variable that no other process has."""
    return secrets.token_hex(8)
