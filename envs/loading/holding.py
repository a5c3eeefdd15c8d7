"""A parent of warm loads as a process: its start, what it is told to import, and its end."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.loading import protocol, temporary
from atoll_host.envs.loading.forks import Lines, readable
from atoll_host.envs.loading.output import OutputLog
from atoll_host.envs.loading.worker import faults_file, initialize_parameters, start_worker

if TYPE_CHECKING:
    from atoll_host.envs.loading.target import Cancellation, LoadRequest
    from atoll_host.envs.processes import Runner

_SETTLE = 0.25
"""Seconds to wait for what is still in the pipe of a process that has ended."""
_GRACE = 3.0
"""Seconds that it has, after its own timeout, to end by itself."""
_POLL = 0.05
"""Seconds between looks at whether it was cancelled."""


class Holding:
    """The process, its pipes, and its temporary folder.

    Attributes:
        child: the process.
        control: the socket by which it is given descriptors.
        said: what it says.
        worker: what it said of itself.
        output: what it printed while it imported.
    """

    def __init__(self, runner: Runner, request: LoadRequest) -> None:
        """Start it.

        Raises:
            ToolFailedError: the interpreter cannot be started, or no temporary folder can be made.
            RunnerClosedError: the command was interrupted.
        """
        self._runner = runner
        self._stack = ExitStack()
        self.worker: dict[str, Any] | None = None
        self.output = b""
        try:
            try:
                folder = self._stack.enter_context(temporary.private_folder())
            except OSError as error:
                raise ToolFailedError(f"No temporary folder can be made: {error.strerror or error}") from error
            # It is open while the process is: its own stack goes there, and those of forks do not.
            faults = self._stack.enter_context(faults_file())
            self.control, theirs = socket.socketpair()
            self._stack.callback(self.control.close)
            with theirs:
                self.child, lifeline = start_worker(runner, request, faults, folder, control=theirs.fileno())
        except BaseException:
            self._stack.close()
            raise
        if lifeline is not None:
            self._stack.callback(os.close, lifeline)
        self._log = OutputLog(self.child.stderr)
        self.said = Lines(self.child.stdout.fileno())
        self._tell(protocol.request(1, "initialize", initialize_parameters(request, folder)))

    @property
    def pid(self) -> int:
        """Process id."""
        return self.child.pid

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as is known without waiting."""
        return not self.said.closed and self.child.wait(0) is None

    def hold(self, names: list[str], timeout: float, cancellation: Cancellation | None) -> str | None:
        """Have it import modules; give the reason when it cannot hold them.

        Raises:
            LoadCancelledError: it was cancelled meanwhile.
        """
        self._tell(protocol.request(2, "hold", {"names": names, "timeout": timeout}))
        deadline = time.perf_counter() + timeout + _GRACE
        while time.perf_counter() < deadline:
            if cancellation is not None:
                cancellation.check()
            if not readable([self.said.descriptor], _POLL):
                continue
            for line in self.said.read():
                message = protocol.message(line) or {}
                if message.get("id") == 1 and "result" in message:
                    self.worker = message["result"]
                elif "error" in message:
                    return str(protocol.problems(message["error"])[0]["message"])
                elif message.get("id") == 2:  # noqa: PLR2004 — what was asked above
                    self.output = self._log.give().text.encode()
                    self.child.resting = True
                    return None
            if self.said.closed:
                return "the process that was to hold its imports ended"
        return "its imports took too long in a process that was to hold them"

    def kill(self) -> None:
        """End it at once, from any thread; `close` must follow."""
        self.child.kill()

    def close(self) -> None:
        """End it, with a load that is under way, and remove what there is of it."""
        self.child.kill()
        self._log.finish(_SETTLE)
        self.child.close(but=[self.child.stderr] if self._log.reads else [])
        self._runner.forget(self.child)
        self._stack.close()

    def _tell(self, line: bytes) -> None:
        # It may be gone already; that shows when it should answer.
        with contextlib.suppress(OSError):
            self.child.stdin.write(line)
            self.child.stdin.flush()
