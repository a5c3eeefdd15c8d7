"""Say why a worker ended before the last event of its run."""

from __future__ import annotations

import signal
import sys
from typing import IO, TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.envs.loading import faults, protocol
from atoll_host.envs.loading.ends import say_size
from atoll_host.envs.loading.judging import SHIM
from atoll_host.envs.processes.watch import MOST_PROCESSES, default_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes.watch import Excess

_LONGEST_STACK = 1_000_000
_MOST_STEPS = 5
"""That are named."""


def explain_end(
    request: LoadRequest,
    returncode: int | None,
    written: IO[bytes],
    *,
    steps: Sequence[str],
    excess: Excess | None = None,
    timeout: float | None = None,
) -> Problem:
    """Make the problem of a worker that ended without its last event.

    Args:
        request: what it was started for.
        returncode: its exit status, the negated signal number where a signal ended it.
        written: where its faulthandler writes.
        steps: those that were under way.
        excess: what it took too much of.
        timeout: seconds that were over, where it was stopped for that.
    """
    written.seek(0)
    stack = written.read(_LONGEST_STACK).decode("utf-8", "replace")
    frames = faults.read_frames(stack, leave_out=(SHIM, request.sdk))
    own = faults.own_frame(frames, request.directory, (request.executable.parent.parent,))
    message, hint, kind = _say(returncode, excess, timeout, request)
    message = f"{message}{_name_steps(steps)}"
    if own is not None and own.function != "<module>":
        message = f"{message}, in {own.function}"
    problem = Problem(kind, message, hint)
    return problem if own is None else problem.replaced(file=own.file, line=own.line, frames=frames)


def _say(
    returncode: int | None, excess: Excess | None, timeout: float | None, request: LoadRequest
) -> tuple[str, str | None, str]:
    if excess == "memory":
        size = say_size(request.memory or default_memory())
        return f"It took more than {size} of memory and was stopped", "work on less data at a time", "memory"
    if excess is not None:
        what = f"started more than {MOST_PROCESSES} processes" if excess == "processes" else "took too much time"
        return f"It {what} and was stopped", "start fewer processes at once", excess
    if timeout is not None:
        return f"It took more than {timeout:g} s and was stopped", "raise the timeout, or find what hangs", "timeout"
    if returncode == protocol.CHANNEL_LOST:
        hint = "close only what you opened: os.closerange() and the like cut the worker off"
        return "It closed file descriptors that it had not opened", hint, "protocol"
    if returncode is not None and returncode < 0 and sys.platform != "win32":
        return _say_signal(-returncode)
    hint = "something called os._exit() or replaced the process"
    return f"The process ended with status {returncode} before its work was done", hint, "exited"


def _say_signal(number: int) -> tuple[str, str, str]:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    hint = "an extension module is the usual cause: the frames show where it was"
    if name == "SIGKILL":
        hint = "something sent it that signal: often the system, because memory was short"
    elif name in {"SIGTERM", "SIGHUP", "SIGINT"}:
        hint = "something sent it that signal"
    return f"The process was ended by {name}", hint, "crashed"


def _name_steps(steps: Sequence[str]) -> str:
    if not steps:
        return ""
    names = ", ".join(f"'{step}'" for step in steps[:_MOST_STEPS])
    more = f" and {len(steps) - _MOST_STEPS} more" if len(steps) > _MOST_STEPS else ""
    return f" during step{'s' if len(steps) > 1 else ''} {names}{more}"
