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
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINUX = sys.platform.startswith("linux")
_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 200
"""How often a tree that keeps forking is looked through before we give up."""


def adopt_orphans() -> None:
    """Become the parent of what our descendants orphan, where the system can do that."""
    if _LINUX:
        import ctypes  # noqa: PLC0415 — only where it is used: it costs milliseconds

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(pid: int, token: str, *, reap: Callable[[], None] | None) -> None:
    """Kill the process, its group and its descendants.

    Args:
        pid: the process, which is the head of its process group.
        token: what the worker variable of its descendants holds.
        reap: waits for the process itself; None when that has been done.
    """
    if sys.platform == "win32":
        if reap is not None:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(pid)], capture_output=True, check=False)  # noqa: S607
            reap()
        return
    for round_ in range(_ROUNDS):
        tree = list(_tree(pid)) if reap is not None and _LINUX else []
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        for descendant in tree:
            _kill(descendant)
        if reap is not None:
            reap()
            reap = None
        for descendant in tree:
            # It is ours now, and a zombie until somebody waits for it.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(descendant, 0)
        orphans = [orphan for orphan in _children(os.getpid()) if _carries(orphan, token)] if _LINUX else []
        if not orphans:
            return
        for orphan in orphans:
            for descendant in _tree(orphan):
                _kill(descendant)
            _kill(orphan)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, 0)
        if round_ > 2:  # noqa: PLR2004 — a tree that forks faster than we look needs more than one pass
            time.sleep(0.001)


def kill_tree(pid: int) -> None:
    """Kill a process that is in our own group, and what it started as far as that is still below it."""
    for descendant in [*_tree(pid), pid] if _LINUX else [pid]:
        _kill(descendant)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _tree(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _tree(child)


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


def _carries(pid: int, token: str) -> bool:
    try:
        return f"={token}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
