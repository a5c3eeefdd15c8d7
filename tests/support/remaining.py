"""Which processes of a workspace are there: commands, hosts of runs, and the workers below them."""

from __future__ import annotations

from pathlib import Path

import psutil


def list_processes(path: Path) -> list[psutil.Process]:
    """Give the processes that work in a folder or below it; those of other folders are somebody else's."""
    found = []
    for process in psutil.process_iter():
        try:
            works_here = Path(process.cwd()).is_relative_to(path)
            if works_here and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def describe(processes: list[psutil.Process]) -> list[str]:
    """Say what processes are, for the message of a test that fails."""
    told = []
    for process in processes:
        try:
            told.append(f"{process.pid} below {process.ppid()}: {' '.join(process.cmdline())}")
        except psutil.Error:
            continue
    return told


def list_strays(path: Path) -> list[psutil.Process]:
    """Give the processes that work in a folder and belong to no host of a run."""
    processes = list_processes(path)
    owned: set[int] = set()
    for process in processes:
        try:
            if "atoll_host.runs.host" in process.cmdline():
                owned |= {process.pid, *(child.pid for child in process.children(recursive=True))}
        except psutil.Error:
            continue
    return [process for process in processes if process.pid not in owned]
