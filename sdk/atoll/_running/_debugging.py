"""`breakpoint()` in a run that is debugged."""

from __future__ import annotations

import bdb
import os
import pdb  # noqa: T100 -- what the user has asked for
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class TerminalBreakpoints:
    """What `breakpoint()` calls where a user waits at a terminal: pdb, there. A worker itself has none.

    Args:
        terminal: device of the terminal, such as `/dev/pts/3`.
    """

    def __init__(self, terminal: str) -> None:
        self._terminal = terminal
        self._debugger: _Debugger | None = None

    def __call__(self, *_positional: Any, **_named: Any) -> None:
        if self._debugger is None:
            self._debugger = self._make()
        self._debugger.set_trace(sys._getframe(1))  # noqa: SLF001 -- what pdb itself does

    def _make(self) -> _Debugger:
        # Not as its controlling terminal: Ctrl-C belongs to the command that waits there.
        descriptor = os.open(self._terminal, os.O_RDWR | getattr(os, "O_NOCTTY", 0))
        reading = os.fdopen(descriptor, encoding="utf-8", errors="replace")
        writing = os.fdopen(os.dup(descriptor), "w", encoding="utf-8", errors="replace")
        return _Debugger(stdin=reading, stdout=writing, nosigint=True)


class _Debugger(pdb.Pdb):
    """Ends the run where pdb ends the program, and at once when it is cancelled."""

    def trace_dispatch(self, frame: Any, event: str, arg: Any) -> Any:
        try:
            return super().trace_dispatch(frame, event, arg)
        except bdb.BdbQuit:
            raise KeyboardInterrupt from None

    def _cmdloop(self) -> None:
        self.cmdloop()
