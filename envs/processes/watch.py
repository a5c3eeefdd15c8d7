"""Watch what workers take: memory, processor time and processes, of each with all its descendants together.

Limits that the system itself keeps (setrlimit(2)) hold for one process each and count reserved addresses as memory, so
that they hit libraries which reserve much and use little, and miss trees. On Linux we look at `/proc` instead, twenty
times a second, and at most a tenth of the time. Elsewhere nothing is watched.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from atoll_host.envs.processes import table as processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.processes.table import Process

WATCHES = sys.platform.startswith("linux")
"""Whether anything can be watched here."""
MOST_PROCESSES = 300
"""That a worker and its descendants may be at once."""
_MANY = 50
"""Processes from which on a tree has to let everything else go first: one that doubles has this moment only."""
_FEW = 8
"""Workers up to which it is quicker to go through their trees than to read the whole table."""
_LAST = 19
"""Niceness of what goes last."""
_EVERY = 0.05
"""Seconds."""
_TICK = 0.02
"""Seconds between glances at how many processes the machine starts."""
_SUDDEN = 40
"""Processes and threads started since we last looked that make us stop all workers to see which one it was."""
_SHARE = 0.1
"""Of the time that is spent looking, at most."""

Excess = Literal["memory", "cpu", "processes"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process and all its descendants may take together.

    Attributes:
        memory: bytes; None for three quarters of what the machine, or the container, has.
        cpu: seconds of processor time; None for any number.
        processes: how many at once.
    """

    memory: int | None = None
    cpu: float | None = None
    processes: int = MOST_PROCESSES


@dataclass(slots=True)
class _Watched:
    pid: int
    token: str
    limits: Limits
    on_excess: Callable[[Excess, frozenset[int]], None]
    times: dict[tuple[int, int], int] = field(default_factory=dict)
    """Ticks by number and start, of everything that was ever seen of it."""


class Watch:
    """Looks after several workers in one thread, which is there only while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._watched: dict[int, _Watched] = {}
        self._tokens: dict[tuple[int, int], str] = {}
        self._running = False

    def add(self, pid: int, token: str, limits: Limits, on_excess: Callable[[Excess, frozenset[int]], None]) -> None:
        """Begin to watch a worker. `on_excess` is called in our thread, once, with all its processes."""
        if not WATCHES:
            return
        with self._lock:
            self._watched[pid] = _Watched(pid, token, limits, on_excess)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, daemon=True).start()

    def remove(self, pid: int) -> None:
        """Watch a worker no more."""
        with self._lock:
            self._watched.pop(pid, None)
            if not self._watched:
                self._lock.notify_all()

    def belongs(self, process: Process, token: str) -> bool:
        """Tell whether a process was seen below the worker with a token, whatever has become of its parents since."""
        return self._tokens.get((process.pid, process.started)) == token

    def _run(self) -> None:
        due = time.perf_counter() + _EVERY
        newest = _newest()
        while True:
            with self._lock:
                self._lock.wait(_TICK)
                if not self._watched:
                    self._running = False
                    self._tokens.clear()
                    return
                watched = list(self._watched.values())
            started = time.perf_counter()
            sudden = _newest() - newest > _SUDDEN
            if sudden or started >= due:
                self._look(watched, sudden=sudden)
                done = time.perf_counter()
                due = done + max(_EVERY, (done - started) / _SHARE)
                newest = _newest()

    def _look(self, watched: list[_Watched], *, sudden: bool) -> None:
        """Look at every process once.

        A tree that doubles leaves us no time to do that a moment later. So where many processes began at once, the
        workers are stopped, one call for each whole group, and the innocent ones go on after we have looked.
        """
        if sudden:
            for one in watched:
                _signal_group(one.pid, signal.SIGSTOP)
        few = not sudden and len(watched) <= _FEW
        roots = [*(one.pid for one in watched), *processes.list_adopted()] if few else []
        table = processes.read_trees(roots) if few else processes.read_table()
        adopted = [process for process in table.values() if process.parent == os.getpid()]
        for one in watched:
            roots = [one.pid, *(process.pid for process in adopted if self._token(process, watched) == one.token)]
            members = frozenset(processes.find_trees(table, roots))
            for pid in members:
                self._tokens[pid, table[pid].started] = one.token
            if len(members) > _MANY:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PGRP, one.pid, _LAST)
            excess = _find_excess(one, table, members)
            if excess is not None:
                self.remove(one.pid)
                _signal_group(one.pid, signal.SIGSTOP)
                one.on_excess(excess, members)
            elif sudden:
                _signal_group(one.pid, signal.SIGCONT)

    def _token(self, process: Process, watched: list[_Watched]) -> str:
        key = process.pid, process.started
        if key not in self._tokens:
            found = [one.token for one in watched if one.pid == process.pid]
            found = found or [one.token for one in watched if processes.carries(process.pid, one.token)]
            self._tokens[key] = found[0] if found else ""
        return self._tokens[key]


def _newest() -> int:
    """Give the number of the process or thread that was started last (proc(5), loadavg)."""
    try:
        return int(Path("/proc/loadavg").read_bytes().split()[-1])
    except (OSError, ValueError, IndexError):
        return 0


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(pid, number)


def _find_excess(one: _Watched, table: dict[int, Process], members: frozenset[int]) -> Excess | None:
    limits = one.limits
    if len(members) > limits.processes:
        return "processes"
    memory = limits.memory or default_memory()
    if processes.measure_memory(table, members, memory) > memory:
        return "memory"
    if limits.cpu is not None:
        for pid in members:
            one.times[pid, table[pid].started] = table[pid].ticks
        if sum(one.times.values()) > limits.cpu * processes.TICKS:
            return "cpu"
    return None


def default_memory() -> int:
    """Give three quarters of the bytes that the machine, or the container, has."""
    sizes = [os.sysconf("SC_PHYS_PAGES") * processes.PAGE]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(file).read_text()))
    return min(sizes) * 3 // 4
