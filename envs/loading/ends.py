"""Say why a worker ended without an answer."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.envs.loading import faults, protocol
from atoll_host.envs.processes.watch import MOST_PROCESSES, default_memory

if TYPE_CHECKING:
    from pathlib import Path

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes.watch import Excess

_UNITS = ("KiB", "MiB", "GiB", "TiB")


def explain_end(
    request: LoadRequest,
    returncode: int | None,
    stack: str,
    *,
    shim: Path,
    ended: bool,
    excess: Excess | None,
    has_begun: bool,
    last_module: str | None,
) -> Problem:
    """Make the problem of a worker that gave no answer, with the place in the user's code where it was.

    Args:
        request: what was asked.
        returncode: its exit status, the negated signal number where a signal ended it.
        stack: what its faulthandler wrote.
        shim: the file that it was started with.
        ended: whether it ended by itself before its time was over.
        excess: what it took too much of.
        has_begun: whether it had answered `initialize`.
        last_module: the last that it said it was importing.
    """
    frames = faults.read_frames(stack, leave_out=(shim, shim.with_name("warm_shim.py"), request.sdk))
    own = faults.own_frame(frames, request.directory, (request.executable.parent.parent,))
    where = f" in {own.function}" if own and own.function != "<module>" else ""
    if sys.platform != "win32" and returncode == -signal.SIGXCPU and excess is None:
        excess = "cpu"
    if excess is not None:
        problem = say_excess(excess, request, where)
    elif not ended or any(line.startswith("Timeout (") for line in stack.splitlines()):
        problem = Problem(
            "timeout",
            f"Loading took more than {request.timeout:g} s and was stopped{where}",
            hint="move slow work out of import time, or raise `timeout` for this location",
        )
        if own is None and last_module is not None:
            problem = problem.replaced(message=f"{problem.message} while it imported {last_module}")
    elif returncode == protocol.CHANNEL_LOST:
        problem = Problem(
            "protocol",
            "The module closed file descriptors that it had not opened, so its definitions could not be sent",
            hint="close only what you opened: os.closerange() and the like at import cut the worker off",
        )
    elif returncode is not None and returncode < 0:
        problem = _say_crash(-returncode)
    elif not has_begun:
        problem = Problem(
            "not_started",
            f"The interpreter {request.executable} ended with status {returncode} before it could load anything",
            hint="run `atoll doctor` to see whether the environment is sound, `atoll sync` to build it anew",
        )
    else:
        problem = Problem(
            "exited",
            f"The process ended with status {returncode} while the module was imported, without an answer",
            hint="something called os._exit() or replaced the process at import",
        )
    if own is not None:
        problem = problem.replaced(file=own.file, line=own.line, frames=frames)
    return problem


def say_excess(excess: Excess, request: LoadRequest, where: str = "") -> Problem:
    """Make the problem of a location that took too much."""
    if excess == "memory":
        size = say_size(request.memory or default_memory())
        return Problem(
            "memory",
            f"Loading took more than {size} of memory and was stopped{where}",
            hint="move work with data out of import time, or raise `memory` for this location",
        )
    if excess == "cpu":
        return Problem(
            "cpu",
            f"Loading took more than {request.cpu or 0:g} s of processor time and was stopped{where}",
            hint="move slow work out of import time, or raise `cpu` for this location",
        )
    return Problem(
        "processes",
        f"Loading started more than {MOST_PROCESSES} processes and was stopped{where}",
        hint='start processes in assets, not at import; what spawns some needs `if __name__ == "__main__":`',
    )


def say_size(size: int) -> str:
    """Write a number of bytes with the largest unit that leaves at least 1: `1.5 GiB`."""
    amount, unit = float(size), "bytes"
    for larger in _UNITS:
        if amount < 1024:  # noqa: PLR2004 — bytes in a KiB
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.4g} {unit}"


def _say_crash(number: int) -> Problem:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    hint = "an extension module is the usual cause: try `atoll exec` with python -X faulthandler"
    if name in {"SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"}:
        hint = "something sent it that signal: the code itself, or the system because memory was short"
    return Problem("crashed", f"The interpreter crashed ({name}) while it imported the module", hint=hint)
