"""The one place that holds what is known now, and tells those who want to hear when it changes."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.server.live.states import LiveWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

EventKind = Literal["activity", "loaded", "workspace", "findings", "runs", "ticks"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed.

    Attributes:
        kind: `activity` (what is being done for a location), `loaded` (a load ended), `workspace` (the locations, or
            their configuration), `findings` (what is wrong), `runs` (what is remembered of runs), `ticks` (a schedule
            or sensor was evaluated, or a run launched from the queue).
        revision: of the state that it led to.
        location: which one it concerns; None for all.
        at: seconds since the epoch.
        data: more, by kind; nothing in it is needed to show the new state.
    """

    kind: EventKind
    revision: int
    location: str | None = None
    at: float = field(default_factory=time.time)
    data: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give what is sent to clients."""
        return {
            "kind": self.kind,
            "revision": self.revision,
            "location": self.location,
            "at": self.at,
            **self.data,
        }


class Hub:
    """Holds the current state. Safe to use from several threads; `current` never blocks."""

    def __init__(self) -> None:
        self._current = LiveWorkspace()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Event], None]] = []

    @property
    def current(self) -> LiveWorkspace:
        """What is known now."""
        return self._current

    def change(
        self,
        kind: EventKind,
        how: Callable[[LiveWorkspace], LiveWorkspace],
        location: str | None = None,
        **data: Any,
    ) -> LiveWorkspace:
        """Replace the current state by what `how` makes of it, and tell everyone.

        Args:
            kind: of the event.
            how: called with the current state while no one else can change it: it has to be quick.
            location: which one the change concerns.
            data: more for the event.
        """
        with self._lock:
            before = self._current
            after = replace(how(before), revision=before.revision + 1)
            after.take_over(before)
            self._current = after
            event = Event(kind, after.revision, location, data=data)
            # Told in the order of revisions, so that nobody hears of an older state last.
            for listener in list(self._listeners):
                try:
                    listener(event)
                except Exception:  # noqa: BLE001 — it is told below
                    # Whoever listens badly must not stop what is listened to.
                    self._listeners.remove(listener)
                    _log.exception("a listener failed and is told nothing any more")
        return after

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Have a function called with each event, in the thread that changes the state; it must not block.

        Returns:
            What ends that.
        """
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop
