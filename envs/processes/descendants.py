"""End a process with everything that it started, `setsid` or not.

Linux: we adopt what our descendants orphan (`PR_SET_CHILD_SUBREAPER`, see prctl(2)), so that a daemon which left its
worker's process group becomes our child and is recognised by a variable in its environment. Elsewhere on POSIX the
process group is ended, and a process that left it stays. Windows: `taskkill /T`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.processes import table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from atoll_host.envs.processes.table import Process

_LINUX = sys.platform.startswith("linux")
_PR_SET_CHILD_SUBREAPER = 36
_LONGEST = 10.0
"""Seconds after which we give up on a tree that keeps forking."""
_MANY = 50
"""Processes from which on it is quicker to read the whole table than to go through a tree."""


_adopting = threading.Lock()
_adopters = 0
"""Runners of this process that want orphans. Under `_adopting`."""


def adopt_orphans() -> None:
    """Become the parent of what our descendants orphan, where the system can do that, until `leave_orphans`."""
    global _adopters  # noqa: PLW0603 — it is the process that adopts, not a runner
    with _adopting:
        _adopters += 1
        if _adopters == 1:
            _set_adopting(1)


def leave_orphans() -> None:
    """Adopt no more, where nobody else in this process does: nobody would wait for their end."""
    global _adopters  # noqa: PLW0603 — as above
    with _adopting:
        _adopters -= 1
        if _adopters == 0:
            _set_adopting(0)


def _set_adopting(value: int) -> None:
    if _LINUX:
        import ctypes  # noqa: PLC0415 — only where it is used: it costs milliseconds

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, value, 0, 0, 0)


def end(
    pid: int, token: str, *, reap: Callable[[], None] | None, belongs: Callable[[Process], bool] | None = None
) -> None:
    """Kill the process, its group and its descendants.

    Args:
        pid: the process, which is the head of its process group.
        token: what the worker variable of its descendants holds.
        reap: waits for the process itself; None when that has been done.
        belongs: tells whether an orphan without that variable is one of its descendants.
    """
    if sys.platform == "win32":
        if reap is not None:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(pid)], capture_output=True, check=False)  # noqa: S607 — Windows' own, on the system's path
            reap()
        return
    frozen: set[int] = set()
    if reap is not None and _LINUX:
        # One call for the whole group, however many it is: it must not grow while we look through it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGSTOP)
        frozen = _freeze(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for descendant in frozen:
        kill(descendant)
    if reap is not None:
        reap()
    for descendant in frozen:
        wait(descendant)
    if _LINUX:
        _end_orphans(pid, token, belongs)


def end_strangers(known: Collection[int]) -> None:
    """Kill all our children but the known ones, with everything below them: where nobody but us starts any."""
    if not _LINUX:
        return
    deadline = time.monotonic() + _LONGEST
    while time.monotonic() < deadline:
        strangers = [pid for pid in table.list_adopted() if pid not in known]
        for stranger in strangers:
            _stop(stranger)
        for stranger in strangers:
            _kill_frozen(stranger)
        if not strangers:
            return


def reap_strangers(known: Collection[int]) -> None:
    """Wait for all our children that have ended already, but the known ones."""
    if _LINUX:
        for pid in table.list_adopted():
            if pid not in known:
                wait(pid, only_if_ended=True)


def _end_orphans(worker: int, token: str, belongs: Callable[[Process], bool] | None) -> None:
    """Kill what a worker's descendants left to us, until there is nothing more.

    One that hands itself on from process to process is gone by the time that anything is known of it. So, from the
    second round on, what may be one is stopped first, and goes on if it is none.
    """
    deadline = time.monotonic() + _LONGEST
    seen = {worker}
    hurry = False
    while time.monotonic() < deadline:
        # One that has ended already is new too: it has left something, if it was an orphan that hands itself on.
        fresh = [pid for pid in table.list_adopted() if pid not in seen]
        if not fresh:
            return
        for pid in fresh:
            if hurry:
                _stop(pid)
            if _is_orphan(pid, worker, token, belongs):
                _kill_frozen(pid)
            else:
                process = table.read_process(pid)
                if process is None or not process.is_leaving:
                    seen.add(pid)
                if hurry:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGCONT)
        hurry = True


def _is_orphan(pid: int, worker: int, token: str, belongs: Callable[[Process], bool] | None) -> bool:
    # A worker leads a session of its own; who has ended carries nothing any more.
    if table.carries(pid, token) or table.read_session(pid) == worker:
        return True
    process = table.read_process(pid) if belongs is not None else None
    return process is not None and belongs is not None and belongs(process)


def _freeze(*roots: int) -> set[int]:
    """Stop processes and everything below them, until nothing new turns up, and give them all.

    Killed one after the other, a tree that keeps forking grows faster than it is killed; what is stopped cannot fork.
    """
    frozen: set[int] = set()
    deadline = time.monotonic() + _LONGEST
    for root in roots:
        _stop(root)
    while time.monotonic() < deadline:
        below = set(_tree_by_table(roots) if len(frozen) > _MANY else (pid for root in roots for pid in _tree(root)))
        fresh = below - frozen
        if not fresh:
            break
        for pid in fresh:
            _stop(pid)
        frozen |= fresh
    return frozen


def _tree_by_table(roots: tuple[int, ...]) -> set[int]:
    return table.find_trees(table.read_table(), roots) - set(roots)


def _kill_frozen(pid: int) -> None:
    below = _freeze(pid)
    for descendant in [*below, pid]:
        kill(descendant)
    for descendant in [pid, *below]:
        wait(descendant)


def _stop(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGSTOP)


def wait(pid: int, *, only_if_ended: bool = False) -> None:
    """Wait for a process that was killed and is ours or is not: it is a zombie until somebody does."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG if only_if_ended and sys.platform != "win32" else 0)


def is_there(pid: int) -> bool:
    """Tell whether there is such a process, a zombie included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def kill_tree(pid: int) -> None:
    """Kill a process that is in our own group, and what it started as far as that is still below it."""
    for descendant in [*_tree(pid), pid] if _LINUX else [pid]:
        kill(descendant)


def list_below(pid: int) -> list[Process]:
    """List everything below a process, where the system tells."""
    return [found for one in _tree(pid) if (found := table.read_process(one)) is not None] if _LINUX else []


def kill_again(process: Process) -> None:
    """Kill a process that was seen before, unless its number is another's by now."""
    now = table.read_process(process.pid)
    if now is not None and now.started == process.started:
        kill(process.pid)


def kill(pid: int) -> None:
    """Kill one process, if it is still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _tree(pid: int) -> Iterator[int]:
    waiting = [pid]
    while waiting:
        for child in _children(waiting.pop()):
            yield child
            waiting.append(child)


def _children(pid: int) -> list[int]:
    """List the children of a process, from `/proc/<pid>/task/<tid>/children` (proc(5)), or by looking at all."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                found += [int(word) for word in (task / "children").read_text().split()]
            except FileNotFoundError:
                if task.exists() and not Path("/proc/self/task").joinpath(str(os.getpid()), "children").exists():
                    return _children_by_looking(pid)
            except OSError:
                continue
    return found


def _children_by_looking(pid: int) -> list[int]:
    """List the children of a process on kernels built without `CONFIG_PROC_CHILDREN`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                # The name before it can hold anything, brackets too.
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[1]) == pid:
                    found.append(int(entry.name))
    return found
