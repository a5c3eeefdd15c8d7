"""Something that is looked at again and again, in a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError

if TYPE_CHECKING:
    from collections.abc import Callable


class Loop:
    """Looks at something until it is stopped; what goes wrong is told, and tried again.

    Args:
        look: does what there is to do, and gives how many seconds there are until the next look at the latest.
        name: of the thread.
        again: seconds until the next look after one that went wrong.
    """

    def __init__(self, look: Callable[[], float], name: str, again: float) -> None:
        self._look = look
        self._name = name
        self._again = again
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble: str | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether it is to end."""
        return self._stopping.is_set()

    @property
    def trouble(self) -> str | None:
        """What kept it from its work the last time that it tried."""
        return self._trouble

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is being done is done."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def poke(self) -> None:
        """Say that there may be something new."""
        self._wake.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = self._again
            try:
                pause = self._look()
                self._trouble = None
            except AtollError as error:
                self._trouble = error.problems[0].message
            except Exception as error:  # noqa: BLE001 — a loop that ends for one fault does nothing at all
                self._trouble = f"{type(error).__name__}: {error}"
            self._wake.wait(pause)
            self._wake.clear()
