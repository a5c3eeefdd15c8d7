"""Keep a worker's signals to itself: `os.kill(os.getppid(), 9)` in user code must not end the host.

Linux 6.12 and later have Landlock scopes (Documentation/userspace-api/landlock.rst): who is in a domain with
`LANDLOCK_SCOPE_SIGNAL` can signal only what is in that domain too. A domain holds for the thread that enters it and for
what that thread starts, so that we enter one in a thread that starts a worker and then ends. Nothing but signals (and
ptrace(2), which goes with every domain) is restricted. Unless we have CAP_SYS_ADMIN, programs that the worker starts
gain no privileges by being setuid, which the kernel asks for in return.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""System calls: the numbers are the same on every architecture but Alpha."""
_VERSION_QUESTION = 1
_SCOPED_SIGNALS = 2
_FIRST_WITH_SCOPES = 6
_PR_SET_NO_NEW_PRIVS = 38
_Result = TypeVar("_Result")


class Confinement:
    """Starts things in domains of their own, where the system can do that.

    Attributes:
        works: whether it can.
    """

    def __init__(self) -> None:
        self.works = False
        if not sys.platform.startswith("linux") or platform.machine() == "alpha":
            return
        self._library = ctypes.CDLL(None, use_errno=True)
        self._library.syscall.restype = ctypes.c_long
        version = self._call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_QUESTION))
        self.works = version >= _FIRST_WITH_SCOPES

    def start(self, what: Callable[[], _Result]) -> _Result:
        """Call something that starts a process, so that the process cannot signal any that it has not started."""
        if not self.works:
            return what()
        results: list[_Result] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                self._enter()
                results.append(what())
            except BaseException as error:  # noqa: BLE001 — it is raised again where it is waited for
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    def _enter(self) -> None:
        """Put this thread into a domain of its own. Where that is refused, it stays where it was."""
        attributes = struct.pack("=QQQ", 0, 0, _SCOPED_SIGNALS)
        ruleset = self._call(
            _CREATE_RULESET, ctypes.c_char_p(attributes), ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)
        )
        if ruleset < 0:
            return
        try:
            if self._call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) < 0:
                self._library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
                self._call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
        finally:
            os.close(ruleset)

    def _call(self, number: int, *arguments: object) -> int:
        return int(self._library.syscall(ctypes.c_long(number), *arguments))
