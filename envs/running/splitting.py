"""What a worker prints, cut at the marks that it sets when a step begins and ends."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from atoll_host.envs.loading.output import OutputLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.loading.target import Output

_LONGEST_MARK = 64 * 1024
"""Bytes after which something that began like a mark is none."""
_END = b"\x1e\0"


class SplitLog(OutputLog):
    """Reads a worker's output to its end, and gives it on with the step that wrote it.

    Args:
        pipe: what it prints.
        marker: what its marks are known by.
        on_output: called in another thread with the name of a step, empty outside of steps, and what was printed.
    """

    def __init__(self, pipe: IO[bytes], marker: str, on_output: Callable[[str, bytes], None]) -> None:
        self._begin = f"\0\x1e{marker}:".encode()
        self._on_output = on_output
        self._step = ""
        self._held = b""
        super().__init__(pipe)

    def add(self, data: bytes) -> None:
        """Add what was printed."""
        data, self._held = self._held + data, b""
        while (start := data.find(self._begin)) >= 0:
            self._give(data[:start])
            end = data.find(_END, start)
            if end < 0:
                if len(data) - start < _LONGEST_MARK:
                    self._held = data[start:]
                    return
                break
            self.begin(data[start + len(self._begin) : end].decode("utf-8", "replace"))
            data = data[end + len(_END) :]
        kept = self._count_begun(data)
        self._give(data[: len(data) - kept])
        self._held = data[len(data) - kept :]

    def begin(self, step: str) -> None:
        """Note that what follows is printed by a step; empty for what is printed outside of steps."""
        self._step = step

    def finish(self, timeout: float) -> Output:
        """Wait for the end of the pipe, at most `timeout` seconds, and give what there is."""
        self._thread.join(timeout)
        if not self.reads:
            held, self._held = self._held, b""
            self._give(held)
        return self.give()

    def _count_begun(self, data: bytes) -> int:
        """Count the bytes at the end that a mark may begin with."""
        for size in range(min(len(self._begin) - 1, len(data)), 0, -1):
            if data.endswith(self._begin[:size]):
                return size
        return 0

    def _give(self, data: bytes) -> None:
        if data:
            super().add(data)
            self._on_output(self._step, data)
