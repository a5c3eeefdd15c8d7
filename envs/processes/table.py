"""The processes of a Linux machine, as proc(5) shows them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Process(NamedTuple):
    """A line of the table.

    Attributes:
        pid: its number.
        state: a letter; `Z` for one that has ended and nobody has waited for.
        parent: the number of its parent.
        ticks: processor time of itself and of the children that it has waited for, in ticks of the clock.
        started: ticks of the clock since the machine started.
        pages: how many are in memory, shared ones included.
    """

    pid: int
    state: str
    parent: int
    ticks: int
    started: int
    pages: int
    is_leaving: bool
    """Whether it is about to become a zombie: what it has started may not have been given to anybody else yet."""


_EXITING = 0x4
"""Flag of a process that is being taken apart (`PF_EXITING` in include/linux/sched.h)."""


def read_table() -> dict[int, Process]:
    """Give all processes by their numbers."""
    found: dict[int, Process] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 — as fast as can be: this is done twenty times a second
        if name.isdigit():
            process = read_process(int(name))
            if process is not None:
                found[process.pid] = process
    return found


def read_trees(roots: Iterable[int]) -> dict[int, Process]:
    """Give some processes and everything below them: quicker than the whole table where these are few."""
    found: dict[int, Process] = {}
    waiting = list(roots)
    while waiting:
        process = read_process(waiting.pop())
        if process is None or process.pid in found:
            continue
        found[process.pid] = process
        try:
            for task in os.listdir(f"/proc/{process.pid}/task"):  # noqa: PTH208 — as above
                text = Path(f"/proc/{process.pid}/task/{task}/children").read_bytes()
                waiting += [int(word) for word in text.split()]
        except FileNotFoundError:
            if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
                # A kernel that was built without CONFIG_PROC_CHILDREN.
                return read_table()
        except OSError:
            continue
    return found


def read_process(pid: int) -> Process | None:
    """Give one process; None when there is none."""
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        text = os.read(descriptor, 4096)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    # The name before it can hold anything, brackets too.
    fields = text.rpartition(b")")[2].split()
    try:
        ticks = sum(int(field) for field in fields[11:15])
        state = fields[0].decode()
        leaving = state not in "ZX" and bool(int(fields[6]) & _EXITING)
        return Process(pid, state, int(fields[1]), ticks, int(fields[19]), int(fields[21]), leaving)
    except (IndexError, ValueError):
        return None


def read_session(pid: int) -> int | None:
    """Give the number of a process's session, also of one that has ended and nobody has waited for."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[3])
    except (OSError, ValueError, IndexError):
        return None


def find_trees(table: Mapping[int, Process], roots: Iterable[int]) -> set[int]:
    """Give the roots that there are, and everything below them."""
    below: dict[int, list[int]] = {}
    for process in table.values():
        below.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = [root for root in roots if root in table]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += below.get(pid, ())
    return found


def list_adopted() -> list[int]:
    """List the children of our main thread: what descendants orphan, and what that thread itself started.

    The kernel gives orphans to the first thread of a subreaper that lives (`find_new_reaper` in kernel/exit.c).
    """
    own = os.getpid()
    try:
        return [int(word) for word in Path(f"/proc/{own}/task/{own}/children").read_text().split()]
    except OSError:
        # A kernel that was built without CONFIG_PROC_CHILDREN.
        return [process.pid for process in read_table().values() if process.parent == own]


def carries(pid: int, token: str) -> bool:
    """Tell whether a process was started with a token as the value of a variable."""
    try:
        return f"={token}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def measure_memory(table: Mapping[int, Process], pids: Iterable[int], limit: int) -> int:
    """Give the bytes that processes hold in memory, exactly where they seem to be more than the limit.

    What forked processes share is counted once then, from `smaps_rollup`, which takes long to read.
    """
    members = [table[pid] for pid in pids if pid in table]
    total = sum(process.pages for process in members) * PAGE
    if total <= limit or len(members) == 1:
        return total
    total = 0
    for process in members:
        size = process.pages * PAGE
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{process.pid}/smaps_rollup").read_bytes().splitlines():
                if line.startswith(b"Pss:"):
                    size = int(line.split()[1]) * 1024
                    break
        total += size
    return total
