"""What a client of a run does: follow its events to the end, and ask for its end."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from atoll_host.runs.launching.identity import get_machine
from atoll_host.runs.launching.settling import settle_lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atoll_host.runs.launching.telling import Tell
    from atoll_host.runs.storage.records import Event
    from atoll_host.runs.storage.store import Storage

_IDLE = 0.2
"""Seconds without an event after which it is looked whether anything else is to be done."""
_SETTLE = 1.0
"""Seconds between two looks at whether the run's process is still there."""


def follow(
    storage: Storage, run: str, tell: Tell, *, after: int = 0, on_idle: Callable[[], None] | None = None
) -> Iterator[Event]:
    """Give a run's events, those that are there and those that come, until it has ended.

    A run whose process ends without it is ended here.

    Args:
        storage: where runs are remembered.
        run: its id.
        tell: has whoever wants to know told of it where it has failed by that.
        after: sequence of the last event that is known.
        on_idle: called some times a second.
    """
    looked = time.monotonic()
    while True:
        for event in storage.events.tail(run, after=after, timeout=_IDLE):
            after = event.sequence
            yield event
            if on_idle is not None:
                on_idle()
        if on_idle is not None:
            on_idle()
        if storage.runs.get(run).is_final:
            yield from storage.events.read(run, after=after)
            return
        if time.monotonic() - looked > _SETTLE:
            settle_lost(storage, tell, only=run)
            looked = time.monotonic()


def kill(storage: Storage, run: str) -> bool:
    """End a run that is being canceled at once; tell whether its process is on this machine and could be told."""
    host = storage.runs.get(run).host
    if host is None or host.machine != get_machine():
        return False
    try:
        os.kill(host.pid, signal.SIGTERM)
    except OSError:
        return False
    return True
