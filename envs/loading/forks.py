"""One load in a fork of a parent: what is sent, what is heard of it, and its end.

A fork has descriptors of its own for its answer, its output, its faults and its lifeline, which the parent gets over a
socket. Of the parent we hear which process it is, whether anything that is held has changed since, and how the fork
ended; the parent reaps it only when it is told to, so that its number is nobody else's before we are done with it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from atoll_host.envs.loading import protocol, temporary
from atoll_host.envs.loading.output import Kept
from atoll_host.envs.loading.target import patience
from atoll_host.envs.loading.worker import load_parameters
from atoll_host.envs.processes.child import new_token
from atoll_host.envs.processes.watch import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atoll_host.envs.loading.target import Cancellation, LoadRequest
    from atoll_host.envs.processes import Child
    from atoll_host.envs.processes.child import Fork
    from atoll_host.envs.processes.watch import Excess

_SETTLE = 0.25
"""Seconds to wait for what is still in the pipes of a process that has ended."""
_PARTING = 1.0
"""Seconds that a fork has to end after its answer."""
_STACK = 0.5
"""Seconds that one which took too much has to write its stack."""
_PIECE = 262_144
"""Bytes that are read at once."""

Message = dict[str, Any]


class ParentGoneError(Exception):
    """The parent has ended, or no longer says what it should."""


def readable(descriptors: list[int], seconds: float) -> set[int]:
    """Wait, at most some seconds, until one of some descriptors can be read, and give those that can; -1 is none."""
    poll = select.poll()
    for descriptor in descriptors:
        if descriptor >= 0:
            poll.register(descriptor, select.POLLIN)
    if not any(descriptor >= 0 for descriptor in descriptors):
        return set()
    return {descriptor for descriptor, _ in poll.poll(max(seconds, 0) * 1000)}


class Lines:
    """Takes a pipe's bytes as they come, and gives its complete lines."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.closed = False
        self._pieces: list[bytes] = []
        self._size = 0

    def read(self) -> list[bytes]:
        """Read once; give the lines that are complete now."""
        try:
            data = os.read(self.descriptor, _PIECE)
        except OSError:
            data = b""
        self._size += len(data)
        if not data or self._size > protocol.LONGEST_LINE:
            self.closed = True
            return []
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join(self._pieces) + lines[0]
            self._pieces, self._size = [], len(rest)
        if rest:
            self._pieces.append(rest)
        return [line + b"\n" for line in lines]


@dataclass(slots=True)
class Heard:
    """What became of a fork.

    Attributes:
        pid: its process id; None when it was never heard of.
        answer: to `load`.
        checked: whether the parent has looked for changes.
        change: a file that has changed since the parent imported what it holds.
        ended: whether it has.
        status: its exit status, the negated signal number where a signal ended it.
        excess: what it took too much of.
        last_module: the last that it said it was importing.
        hung: whether it was given up.
    """

    pid: int | None = None
    answer: Message | None = None
    checked: bool = False
    change: str | None = None
    ended: bool = False
    status: int | None = None
    excess: Excess | None = None
    last_module: str | None = None
    hung: bool = False


class ForkedLoad:
    """A load in a fork of a parent. Everything happens in the thread that calls `run`."""

    def __init__(
        self,
        parent: Child,
        control: socket.socket,
        said: Lines,
        request: LoadRequest,
        *,
        most: float,
        on_progress: Callable[[Message], None] | None,
    ) -> None:
        """Take note of what to do.

        Args:
            parent: the process that forks.
            control: by which it is given descriptors.
            said: what it says.
            request: what to load.
            most: seconds after which the load is given up.
            on_progress: called with the parameters of each progress notification.
        """
        self.log = Kept()
        self._parent, self._control, self._said, self._request = parent, control, said, request
        self._most, self._on_progress = most, on_progress
        self._heard = Heard()
        self._fork: Fork | None = None
        self._token = new_token()
        self._waking = threading.Lock()
        self._woken = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._excess: tuple[Excess, frozenset[int]] | None = None

    @property
    def forked(self) -> bool:
        """Whether the parent has said that there is a fork."""
        return self._fork is not None

    def run(self, faults: IO[bytes], folder: Path, cancellation: Cancellation | None) -> Heard:
        """Have it loaded, and end it with all its descendants.

        Args:
            faults: where the fork writes its stack.
            folder: its temporary folder.
            cancellation: what can end it before its time.

        Raises:
            LoadCancelledError: it was cancelled.
            ParentGoneError: the parent has ended.
        """
        answers, output, lifeline = os.pipe(), os.pipe(), os.pipe()
        theirs, ours = [answers[1], output[1], lifeline[0]], [answers[0], output[0], lifeline[1]]
        self._answers, self._output = Lines(answers[0]), output[0]
        try:
            try:
                self._ask(folder, [answers[1], output[1], faults.fileno(), lifeline[0]])
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
            if cancellation is not None:
                cancellation.on_cancel(self._wake)
            return self._run(cancellation)
        finally:
            with self._waking:
                self._woken, woken = -1, self._woken
            for descriptor in [*ours, woken]:
                os.close(descriptor)

    def _ask(self, folder: Path, descriptors: list[int]) -> None:
        names = [name for name in temporary.VARIABLES if name not in self._request.variables]
        parameters = {
            "token": self._token,
            "temporary": str(folder),
            "variables": dict.fromkeys(names, str(folder)),
            "load": load_parameters(self._request),
        }
        try:
            self._parent.stdin.write(protocol.request(3, "fork", parameters))
            self._parent.stdin.flush()
            socket.send_fds(self._control, [b"x"], descriptors)
        except OSError as error:
            raise ParentGoneError from error

    def _run(self, cancellation: Cancellation | None) -> Heard:
        heard, deadline = self._heard, time.perf_counter() + self._most
        slow = time.perf_counter() + patience(self._request.timeout)
        over = False
        try:
            while not (heard.ended or (heard.answer is not None and heard.checked)):
                now = time.perf_counter()
                if now > slow and self._fork is not None:
                    self._fork.yield_to_others()
                    slow = deadline + 1
                if now >= deadline:
                    heard.hung = True
                    return heard
                self._listen(min(deadline, max(slow, now)) - now)
                if cancellation is not None:
                    cancellation.check()
                if self._excess is not None:
                    self._have_stack_written(*self._excess)
                    return heard
                if heard.change is not None:
                    return heard
            over = self._wait_for_end(_PARTING)
            if self._said.closed:
                # Code that ends its parent could not have done so in a process of its own: that one will tell.
                raise ParentGoneError
        finally:
            self._end(over=over)
        return heard

    def _listen(self, seconds: float) -> None:
        """Take what there is, or comes within some seconds."""
        descriptors = [self._said.descriptor, self._output, self._woken]
        if not self._answers.closed:
            descriptors.append(self._answers.descriptor)
        ready = readable(descriptors, seconds)
        if self._output in ready:
            self._take_output()
        if self._answers.descriptor in ready:
            for line in self._answers.read():
                self._take(line)
        if self._said.descriptor in ready:
            for line in self._said.read():
                self._take(line)
            if self._said.closed:
                raise ParentGoneError
        if self._woken in ready:
            os.eventfd_read(self._woken)

    def _take_output(self) -> None:
        data = os.read(self._output, _PIECE)
        self.log.add(data)
        if not data:
            self._output = -1

    def _take(self, line: bytes) -> None:
        message = protocol.message(line)
        heard = self._heard
        if message is None:
            return
        method, parameters = message.get("method"), message.get("params", {})
        if message.get("id") == 2:  # noqa: PLR2004 — as every load
            heard.answer = message
        elif method == "progress":
            heard.last_module = parameters.get("module", heard.last_module)
            if self._on_progress is not None:
                self._on_progress(parameters)
        elif method == "forked" and heard.pid is None:
            pid = heard.pid = int(parameters["pid"])
            self._fork = self._parent.forked(pid, self._token, lambda: self._wait_for_end(_PARTING))
            self._fork.limit(Limits(self._request.memory, self._request.cpu), self._note_excess)
        elif method == "checked":
            heard.checked, heard.change = True, parameters.get("change")
        elif method == "ended":
            heard.ended, heard.status = True, parameters.get("status")

    def _note_excess(self, excess: Excess, members: frozenset[int]) -> None:
        self._excess = excess, members
        self._wake()

    def _wake(self) -> None:
        with self._waking:
            if self._woken >= 0:
                os.eventfd_write(self._woken, 1)

    def _have_stack_written(self, excess: Excess, members: frozenset[int]) -> None:
        self._heard.excess = excess
        if self._fork is not None and self._fork.pid in members:
            self._fork.signal(self._fork.pid, signal.SIGXCPU)
            self._fork.signal(self._fork.pid, signal.SIGCONT)
            self._wait_for_end(_STACK)

    def _wait_for_end(self, seconds: float) -> bool:
        """Wait until the fork has ended; tell whether it has."""
        deadline = time.perf_counter() + seconds
        with contextlib.suppress(ParentGoneError):
            while not self._heard.ended and (left := deadline - time.perf_counter()) > 0:
                self._listen(left)
        return self._heard.ended

    def _end(self, *, over: bool) -> None:
        """End what is left of the fork and of what it started, and have the parent reap it.

        Raises:
            ParentGoneError: the parent has not even said which process it is.
        """
        deadline = time.perf_counter() + _PARTING
        while self._fork is None:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise ParentGoneError
            self._listen(left)
        if over or self._heard.ended:
            self._fork.end_descendants()
        else:
            self._fork.kill()
        deadline = time.perf_counter() + _SETTLE
        while readable([self._output], deadline - time.perf_counter()):
            self._take_output()
        with contextlib.suppress(OSError):
            self._parent.stdin.write(protocol.request(4, "reap", {}))
            self._parent.stdin.flush()
