"""Start processes from lists of words, never through a shell, and end all of them when a command ends."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.processes import descendants
from atoll_host.envs.processes.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.processes.confinement import Confinement
    from atoll_host.envs.processes.table import Process
    from atoll_host.envs.processes.watch import Excess, Limits

_WINDOWS = sys.platform == "win32"
_GRACE = 2.0
"""Seconds that a command has to end when it is asked to."""
_NICE = 10
"""What is added to the niceness (nice(2)) of a worker that others need not wait for."""
WORKER_VARIABLE = "ATOLL_WORKER"
"""Variable by which a worker's descendants are recognised when they left its process group."""


class RunnerClosedError(Exception):
    """The command was interrupted: no process is started any more."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that has ended.

    Attributes:
        returncode: exit status; the negated signal number where a signal ended it.
        stdout: what it wrote there.
        stderr: what it wrote there; empty where both were merged.
        timed_out: whether it was killed because its time was over.
    """

    returncode: int
    stdout: str
    stderr: str
    timed_out: bool = False


class Child:
    """A running process that was started by `Runner.start`, at the head of a process group of its own."""

    def __init__(self, process: subprocess.Popen[bytes], token: str, watch: Watch) -> None:
        self._process = process
        self._token = token
        self._watch = watch

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

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

    def limit(self, limits: Limits, on_excess: Callable[[Excess, frozenset[int]], None]) -> None:
        """Watch what it takes with all its descendants, and call `on_excess` in another thread when that is too much.

        It is watched until it is ended.
        """
        self._watch.add(self.pid, self._token, limits, on_excess)

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
            return self._watch.belongs(process, self._token)

        self._watch.remove(self.pid)
        descendants.end(self.pid, self._token, reap=reap, belongs=belongs)

    def _reap(self) -> None:
        if not _WINDOWS or self._process.poll() is None:
            with contextlib.suppress(OSError):
                self._process.kill()
        self._process.wait()

    def close(self, *, but: Collection[IO[bytes]] = ()) -> None:
        """Close our ends of its pipes, but those that a thread still reads: closing waits for it."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None and pipe not in but:
                with contextlib.suppress(OSError):
                    pipe.close()


class Runner:
    """Starts every process of one command; leaving the context ends all that still run.

    Safe to use from several threads.

    Attributes:
        alone: whether every process that this one has below it was started by a runner. Whatever else is there at the
            end was left by a worker, and is ended.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self.alone = alone
        self._watch = Watch()
        self._confines: Confinement | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._children: set[Child] = set()
        self._processes: set[subprocess.Popen[str]] = set()
        self._adopting = False
        self._job: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        command: Sequence[str | Path],
        *,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
        merge: bool = False,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        """Run a command to its end, without standard input.

        It stays in our process group: what ends us with a signal to the group ends it too.

        Args:
            command: program and arguments.
            directory: working directory.
            environment: all of its variables; ours when left out.
            timeout: seconds after which it is killed.
            merge: whether stderr goes where stdout goes.
            on_line: called with each line of stderr as it arrives.

        Raises:
            ToolFailedError: the program cannot be started.
            RunnerClosedError: the runner was closed before or meanwhile.
        """
        process = self._begin(command, directory, environment, merge=merge)
        out: list[str] = []
        err: list[str] = []
        readers = [threading.Thread(target=_drain, args=(process.stdout, out, None), daemon=True)]
        if process.stderr is not None:
            readers.append(threading.Thread(target=_drain, args=(process.stderr, err, on_line), daemon=True))
        for reader in readers:
            reader.start()
        timed_out = False
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
            descendants.kill_tree(process.pid)
            process.wait()
        except BaseException:
            descendants.kill_tree(process.pid)
            process.wait()
            raise
        finally:
            with self._lock:
                self._processes.discard(process)
        for reader in readers:
            reader.join(5)
        if self._closed:
            raise RunnerClosedError
        return Completed(process.returncode, "".join(out), "".join(err), timed_out)

    def _begin(
        self,
        command: Sequence[str | Path],
        directory: Path | None,
        environment: Mapping[str, str] | None,
        *,
        merge: bool,
    ) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise RunnerClosedError
            try:
                process = subprocess.Popen(
                    [os.fspath(word) for word in command],
                    cwd=directory,
                    env=None if environment is None else dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT if merge else subprocess.PIPE,
                    encoding="utf-8",
                    errors="replace",
                )
            except OSError as error:
                raise _cannot_start(command, error) from error
            self._processes.add(process)
        return process

    def run_attached(
        self, command: Sequence[str | Path], *, directory: Path | None, environment: Mapping[str, str]
    ) -> int:
        """Run a command on our own standard streams and give its exit status. Only from the main thread.

        Raises:
            ToolFailedError: the program cannot be started.
        """
        # The terminal sends Ctrl-C to the command as well, and the command decides what it means. A handler, unlike
        # ignoring, is not inherited.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.Popen([os.fspath(word) for word in command], cwd=directory, env=dict(environment)).wait()
        except OSError as error:
            raise _cannot_start(command, error) from error
        finally:
            signal.signal(signal.SIGINT, before)

    def start(
        self,
        command: Sequence[str | Path],
        *,
        directory: Path,
        environment: Mapping[str, str],
        pass_descriptors: Sequence[int] = (),
    ) -> Child:
        """Start a process with pipes on its three standard streams, in a session of its own.

        Raises:
            ToolFailedError: the program cannot be started.
            RunnerClosedError: the runner was closed.
        """
        token = secrets.token_hex(8)
        variables = {**environment, WORKER_VARIABLE: token}
        with self._lock:
            if self._closed:
                raise RunnerClosedError
            if not self._adopting:
                descendants.adopt_orphans()
                self._adopting = True
            words = [os.fspath(word) for word in command]
            try:
                if sys.platform == "win32":
                    process = subprocess.Popen(
                        words,
                        cwd=directory,
                        env=variables,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
                    )
                    self._hold(process)
                else:
                    process = self._confinement().start(
                        lambda: subprocess.Popen(
                            words,
                            cwd=directory,
                            env=variables,
                            stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE,
                            pass_fds=tuple(pass_descriptors),
                            start_new_session=True,
                        )
                    )
            except OSError as error:
                raise _cannot_start(command, error) from error
            child = Child(process, token, self._watch)
            self._children.add(child)
        return child

    def _confinement(self) -> Confinement:
        if self._confines is None:
            from atoll_host.envs.processes.confinement import Confinement  # noqa: PLC0415 — ctypes costs milliseconds

            self._confines = Confinement()
        return self._confines

    def _hold(self, process: subprocess.Popen[bytes]) -> None:
        """Put a process into our job object, so that it ends when we do."""
        if sys.platform == "win32":
            from atoll_host.envs.processes.windows_job import Job  # noqa: PLC0415 — nothing of it exists elsewhere

            with contextlib.suppress(OSError):
                self._job = self._job or Job()
                assert isinstance(self._job, Job)  # noqa: S101 — for the type checker
                self._job.add(int(process._handle))  # noqa: SLF001 — the handle is public nowhere

    def forget(self, child: Child) -> None:
        """Note that a child has ended and its pipes are closed."""
        with self._lock:
            self._children.discard(child)

    def close(self) -> None:
        """End every process that still runs, and start none any more."""
        with self._lock:
            self._closed = True
            children = list(self._children)
            processes = list(self._processes)
        for process in processes:
            with contextlib.suppress(OSError):
                process.send_signal(signal.SIGTERM)
        for child in children:
            child.kill()
        for process in processes:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                descendants.kill_tree(process.pid)
        if self.alone and self._adopting:
            descendants.end_strangers({process.pid for process in processes})


def _drain(pipe: IO[str], into: list[str], on_line: Callable[[str], None] | None) -> None:
    with contextlib.suppress(ValueError, OSError), pipe:
        for line in pipe:
            into.append(line)
            if on_line is not None:
                on_line(line.rstrip("\n"))


def _cannot_start(command: Sequence[str | Path], error: OSError) -> ToolFailedError:
    reason = error.strerror or str(error)
    return ToolFailedError(f"{os.fspath(command[0])} cannot be started: {reason}", kind="not_started")
