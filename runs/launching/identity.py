"""Which process looks after a run, and whether it is still there."""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

from atoll_host.envs.processes.table import read_process
from atoll_host.runs.storage.records import Host

_LINUX = sys.platform.startswith("linux")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@cache
def get_machine() -> str:
    """Identify this machine and its boot: process ids mean nothing elsewhere, or after a restart."""
    try:
        return f"{socket.gethostname()}/{_BOOT.read_text().strip()}"
    except OSError:
        return socket.gethostname()


def describe_this_process() -> Host:
    """Give the host that this process is."""
    return Host(get_machine(), os.getpid(), _get_start(os.getpid()))


def is_gone(host: Host) -> bool | None:
    """Tell whether a process has ended; None where it can't be known here."""
    if host.machine != get_machine() or os.name == "nt":
        return None
    if _LINUX:
        process = read_process(host.pid)
        return process is None or process.state in "ZX" or (host.started not in (None, float(process.started)))
    try:
        os.kill(host.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return None
    return None


def _get_start(pid: int) -> float | None:
    process = read_process(pid) if _LINUX else None
    return None if process is None else float(process.started)
