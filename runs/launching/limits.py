"""How long a step may take, as its tag `atoll/max_runtime` says."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_RUNTIME = "atoll/max_runtime"
"""Tag of a step: seconds that each attempt at it may take."""


def find_limit_problems(steps: Iterable[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """Say which steps have a tag that means nothing.

    Args:
        steps: as a worker planned them.
    """
    return tuple(
        Problem(
            "invalid_plan",
            f"step '{step['name']}': the tag {MAX_RUNTIME} must be a number of seconds above 0, not '{word}'",
            hint='write op_tags={"atoll/max_runtime": "600"}',
        )
        for step in steps
        if (word := _read_word(step)) is not None and _parse(word) is None
    )


class StepLimits:
    """Watches the steps of one worker after the other.

    Args:
        steps: as a worker planned them.
    """

    def __init__(self, steps: Iterable[Mapping[str, Any]]) -> None:
        found = {str(step["name"]): _parse(_read_word(step) or "") for step in steps}
        self._seconds = {name: seconds for name, seconds in found.items() if seconds is not None}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self.has_expired = False

    def begin(self, step: str, expire: Callable[[float], None]) -> None:
        """Begin to watch a step.

        Args:
            step: its name.
            expire: called in another thread with the number of seconds, when they are over.
        """
        seconds = self._seconds.get(step)
        if seconds is None:
            return

        def end() -> None:
            with self._lock:
                if self._timer is not timer:
                    return
                self.has_expired = True
            expire(seconds)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        with self._lock:
            self._timer = timer
        timer.start()

    def end(self) -> None:
        """Watch no more: the step has ended."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()


def _read_word(step: Mapping[str, Any]) -> str | None:
    word = (step.get("tags") or {}).get(MAX_RUNTIME)
    return None if word is None else str(word)


def _parse(word: str) -> float | None:
    try:
        seconds = float(word)
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None
