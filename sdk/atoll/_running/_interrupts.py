"""Signals that end a run: delivered once, and never while an event is handed over."""

from __future__ import annotations

import _thread
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class Interrupts:
    """While it is installed, the first SIGINT or SIGTERM raises KeyboardInterrupt, and later ones do nothing.

    `install` and `remove` are called in the main thread. As a context manager it holds interrupts back: one that comes
    inside is raised at the end. In other threads it does nothing, as signals reach the main thread only.
    """

    def __init__(self) -> None:
        self._main = _thread.get_ident()
        self._depth = 0
        self._is_pending = False
        self._was_raised = False
        self._before: dict[Any, Any] = {}

    def install(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def remove(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _handle(self, _number: int, _frame: Any) -> None:
        if self._was_raised:
            return
        if self._depth:
            self._is_pending = True
        else:
            self._was_raised = True
            raise KeyboardInterrupt

    def __enter__(self) -> None:
        if _thread.get_ident() == self._main:
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        if _thread.get_ident() != self._main:
            return
        self._depth -= 1
        if self._is_pending and not self._depth and not self._was_raised:
            self._was_raised = True
            raise KeyboardInterrupt
