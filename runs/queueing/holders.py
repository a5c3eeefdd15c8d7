"""Names of those who are about something, from which others can tell whether they are still there."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import astuple

from atoll_host.runs.launching.identity import describe_this_process, is_gone
from atoll_host.runs.storage.records import Host

_numbers = itertools.count(1)


def make_holder() -> str:
    """Name this process, and a part of it."""
    machine, pid, started = astuple(describe_this_process())
    return f"{machine}|{pid}|{started or ''}|{next(_numbers)}"


def is_holder_gone(holder: str | None) -> bool:
    """Tell of a name that `make_holder` made whether the process is known to have ended."""
    with contextlib.suppress(ValueError):
        machine, pid, started, _ = (holder or "").rsplit("|", 3)
        return is_gone(Host(machine, int(pid), float(started) if started else None)) is True
    return False
