"""A terminal of our own: a command is started in it, read from it, and answered in it."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import time
from dataclasses import dataclass, field

from command_line import ATOLL

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Terminal:
    """A command that runs in a terminal.

    Attributes:
        process: the command.
        master: our end of the terminal.
        slave: its end, which stays open until the command has opened it too.
        shown: everything it has shown, without colours.
    """

    process: subprocess.Popen
    master: int
    slave: int | None
    shown: str = ""
    seen: int = field(default=0)

    def expect(self, text: str, *, seconds: float = 60.0) -> Terminal:
        """Read until a text is shown that was not shown before."""
        end = time.monotonic() + seconds
        while text not in self.shown[self.seen :]:
            assert time.monotonic() < end, f"{text!r} is not in {self.shown!r}"
            if not self._read():
                assert text in self.shown[self.seen :], f"{text!r} is not in {self.shown!r}"
        self.seen = self.shown.index(text, self.seen) + len(text)
        return self

    def answer(self, text: str) -> Terminal:
        """Type a line."""
        return self.type(f"{text}\n")

    def type(self, text: str) -> Terminal:
        """Press keys."""
        os.write(self.master, text.encode())
        return self

    def ended(self, status: int) -> Terminal:
        """Read to the end, and fail unless it ended with this status."""
        self._close()
        while self._read():
            pass
        assert self.process.wait(timeout=60) == status, self.shown
        assert "Traceback" not in self.shown, self.shown
        return self

    def _close(self) -> None:
        """Close the other end here, so that reading comes to an end when the command has."""
        while not self.shown and self.process.poll() is None:
            self._read()
        self.close_slave()

    def close_slave(self) -> None:
        """Close the other end here, once."""
        if self.slave is not None:
            os.close(self.slave)
            self.slave = None

    def _read(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 120)
        assert ready, f"nothing more came after {self.shown!r}"
        data = b""
        with contextlib.suppress(OSError):  # on Linux, what tells that the other end is closed
            data = os.read(self.master, 65536)
        self.shown += _CODES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(data)


@contextlib.contextmanager
def terminal(folder, *words, variables=None):
    """Start `atoll` in a terminal that is 80 columns wide."""
    master, slave = pty.openpty()
    unwanted = {"CI", "COLUMNS", "NO_COLOR", "FORCE_COLOR"}
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    environment.update({"TERM": "xterm", "COLUMNS": "80", **(variables or {})})
    # The first terminal that the leader of a session opens is the one whose Ctrl-C reaches it.
    opening = 'exec "$@" <"$0" >"$0" 2>&1'
    process = subprocess.Popen(
        ["/bin/sh", "-c", opening, os.ttyname(slave), *ATOLL, *words],
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    told = Terminal(process, master, slave)
    try:
        yield told
    finally:
        process.kill()
        process.wait()
        os.close(master)
        told.close_slave()
