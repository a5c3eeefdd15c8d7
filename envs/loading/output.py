"""Keep the beginning and the end of what a worker prints, however much it is."""

from __future__ import annotations

import contextlib
import threading
from typing import IO

from atoll_host.envs.loading.target import Output

_KEPT = 32 * 1024
"""Bytes kept of the beginning, and of the end."""


class Kept:
    """What is kept of an output, added to piece by piece."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first = bytearray()
        self._last = bytearray()
        self._size = 0

    def add(self, data: bytes) -> None:
        """Add what was printed, wherever that was."""
        with self._lock:
            self._size += len(data)
            room = _KEPT - len(self._first)
            self._first += data[:room]
            rest = data[max(room, 0) :]
            if rest:
                self._last += rest
                del self._last[:-_KEPT]

    def give(self) -> Output:
        """Give what there is by now."""
        with self._lock:
            left_out = self._size - len(self._first) - len(self._last)
            between = f"\n… {left_out:,} bytes left out …\n".encode() if left_out else b""
            text = bytes(self._first) + between + bytes(self._last)
            return Output(text.decode("utf-8", "replace"), self._size)


class OutputLog(Kept):
    """Reads a pipe to its end in a thread of its own, so that the writer never waits."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__()
        self._pipe = pipe
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def finish(self, timeout: float) -> Output:
        """Wait for the end of the pipe, at most `timeout` seconds, and give what there is."""
        self._thread.join(timeout)
        return self.give()

    @property
    def reads(self) -> bool:
        """Whether something still holds the other end of the pipe."""
        return self._thread.is_alive()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self._pipe.read1(65536):  # type: ignore[attr-defined]  # a BufferedReader
                self.add(data)
