"""A process that goes on when we end: in a session of its own, and in nobody's charge."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

from atoll_host.envs.errors import ToolFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


_PIECE = 65_536
"""Bytes that are read at once."""


class Detached:
    """A process with which we speak over pipes as long as both are there.

    Attributes:
        pid: process id.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._rest = b""
        self.pid = process.pid

    def send(self, data: bytes) -> None:
        """Send something. Where it has ended, nothing happens: reading tells."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 — always a pipe
        left = memoryview(data)
        with contextlib.suppress(OSError):
            while left:
                left = left[os.write(stdin.fileno(), left) :]

    def read_line(self) -> bytes:
        """Wait for a line; what is there without its end, or nothing, where it has closed its output."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 — always a pipe
        # A buffer has a lock, on which an interpreter that ends would wait while a thread reads here.
        pieces = [self._rest]
        while b"\n" not in pieces[-1]:
            data = os.read(stdout.fileno(), _PIECE)
            if not data:
                break
            pieces.append(data)
        line, end, self._rest = b"".join(pieces).partition(b"\n")
        return line + end

    def let_go(self) -> None:
        """Close our ends of the pipes; its end is waited for beside, so that nothing is left of it."""
        threading.Thread(target=self._process.wait, daemon=True).start()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def poll(self) -> int | None:
        """Give its exit status, or None while it runs; afterwards nothing is left of it."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end; give its exit status, or None where it still runs after `timeout` seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number: int) -> None:
        """Send it a signal, where it still runs."""
        self._process.send_signal(number)


def start_detached(
    command: Sequence[str | Path], *, directory: Path, environment: Mapping[str, str], errors: IO[bytes]
) -> Detached:
    """Start a process that goes on when we end.

    Args:
        command: program and arguments.
        directory: working directory.
        environment: all of its variables.
        errors: file that its standard error goes to.

    Raises:
        ToolFailedError: it can't be started.
    """
    words = [os.fspath(word) for word in command]
    try:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
            process = subprocess.Popen(
                words,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                creationflags=flags,
            )
        else:
            process = subprocess.Popen(
                words,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                start_new_session=True,
            )
    except OSError as error:
        raise ToolFailedError(f"{words[0]} cannot be started: {error.strerror or error}", kind="not_started") from error
    return Detached(process)
