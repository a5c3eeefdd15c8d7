"""Start processes from lists of words, never through a shell, and end all of them when a command ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.processes import descendants
from atoll_host.envs.processes.child import Child, new_token
from atoll_host.envs.processes.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.processes.confinement import Confinement

_GRACE = 2.0
"""Seconds that a command has to end when it is asked to."""
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
        stdin: IO[bytes] | None = None,
    ) -> Completed:
        """Run a command to its end, without standard input but where a file is given for it.

        It stays in our process group: what ends us with a signal to the group ends it too.

        Args:
            command: program and arguments.
            directory: working directory.
            environment: all of its variables; ours when left out.
            timeout: seconds after which it is killed.
            merge: whether stderr goes where stdout goes.
            on_line: called with each line of stderr as it arrives.
            stdin: a file that it reads.

        Raises:
            ToolFailedError: the program cannot be started.
            RunnerClosedError: the runner was closed before or meanwhile.
        """
        process = self._begin(command, directory, environment, merge=merge, stdin=stdin)
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
        stdin: IO[bytes] | None,
    ) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise RunnerClosedError
            try:
                process = subprocess.Popen(
                    [os.fspath(word) for word in command],
                    cwd=directory,
                    env=None if environment is None else dict(environment),
                    stdin=subprocess.DEVNULL if stdin is None else stdin,
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
        token = new_token()
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
        self.tidy()

    def tidy(self) -> None:
        """End what was left below us by workers that have ended, and wait for what has ended itself.

        Only where every process below us was started by a runner. While any of them is at work, what it has started is
        let be.
        """
        if not self.alone or not self._adopting:
            return
        with self._lock:
            known = {child.pid for child in self._children} | {process.pid for process in self._processes}
            if not self._processes and all(child.resting for child in self._children):
                descendants.end_strangers(known)
            else:
                descendants.reap_strangers(known)

    def close(self) -> None:
        """End every process that still runs, and start none any more."""
        with self._lock:
            self._closed = True
            children = list(self._children)
            processes = list(self._processes)
        # What they started is nobody's child any more once they have ended: uv starts what builds packages. They are
        # stopped for a moment, so that nothing begins between the look and the signal.
        for process in processes:
            _send(process, "SIGSTOP")
        below = [one for process in processes for one in descendants.list_below(process.pid)]
        for process in processes:
            _send(process, "SIGTERM")
            _send(process, "SIGCONT")
        for child in children:
            child.kill()
        for process in processes:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                descendants.kill_tree(process.pid)
        for one in below:
            descendants.kill_again(one)
        if self.alone and self._adopting:
            descendants.end_strangers({process.pid for process in processes})
        with self._lock:
            adopting, self._adopting = self._adopting, False
        if adopting:
            descendants.leave_orphans()


def _send(process: subprocess.Popen[str], name: str) -> None:
    """Send a signal, where the system has one of that name and the process still runs."""
    number = getattr(signal, name, None)
    if number is not None:
        with contextlib.suppress(OSError):
            process.send_signal(number)


def _drain(pipe: IO[str], into: list[str], on_line: Callable[[str], None] | None) -> None:
    with contextlib.suppress(ValueError, OSError), pipe:
        for line in pipe:
            into.append(line)
            if on_line is not None:
                on_line(line.rstrip("\n"))


def _cannot_start(command: Sequence[str | Path], error: OSError) -> ToolFailedError:
    reason = error.strerror or str(error)
    return ToolFailedError(f"{os.fspath(command[0])} cannot be started: {reason}", kind="not_started")
