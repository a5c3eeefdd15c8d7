"""The lines of a run as it goes on: one for each step that has ended, and below them what is under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from atoll_host.cli.views.runs.going import Going
from atoll_host.workspace.describing.text import one_line
from atoll_host.workspace.describing.wording import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.live import Live

    from atoll_host.runs.storage.records import Event
    from atoll_host.workspace.findings.located import LocatedProblem

_MARKS = {
    "step_succeeded": ("✓", "green"),
    "step_failed": ("✗", "red"),
    "step_skipped": ("–", "dim"),
    "step_canceled": ("■", "yellow"),
    "step_retry": ("↻", "yellow"),
}


_SOON = 0.5
"""Seconds after which it is told what is under way; what ends before needs no words."""


class ProgressLines:
    """Prints what a run's events say. On a terminal, what is under way stands below that until it is left.

    Args:
        console: where it is printed.
        wanted: whether anything is.
        waits: whether the run waits for a place.
    """

    def __init__(self, console: Console, *, wanted: bool, waits: bool = False) -> None:
        self._console = console
        self._wanted = wanted
        self._going = Going(waits)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def look(self) -> None:
        """Tell what is under way, where somebody watches and it has lasted for a while. Called again and again."""
        is_watched = self._wanted and self._console.is_terminal and not self._console.is_dumb_terminal
        if self._live is None and is_watched and time.monotonic() - self._going.started > _SOON:
            from rich.live import Live  # noqa: PLC0415 — only where somebody watches

            self._live = Live(self._going, console=self._console, refresh_per_second=8, transient=True)
            self._live.start()

    def show(self, event: Event) -> None:
        """Show an event, where it is one that is shown."""
        self._going.note(event)
        if not self._wanted:
            return
        if event.kind in _MARKS and event.step is not None:
            self._show_step(event)
        elif event.kind == "check_result" and not event.payload.get("passed"):
            self._show_check(event)
        if event.kind in ("step_failed", "resource_failed"):
            from atoll_host.runs.problems import find_problems  # noqa: PLC0415 — few runs fail

            self.show_problems(list(find_problems(event)))

    def show_problems(self, problems: Sequence[LocatedProblem]) -> None:
        """Show problems as everywhere."""
        if self._wanted and problems:
            from atoll_host.cli.views.problems import draw_problems  # noqa: PLC0415 — as above

            draw_problems(self._console, problems)

    def _show_step(self, event: Event) -> None:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        mark, colour = _MARKS[event.kind]
        line = Text.assemble((mark, colour), " ", (one_line(str(event.step)), "bold"))
        if event.location:
            line.append(f"  {one_line(event.location)}", style="dim")
        seconds, reason = event.payload.get("seconds"), event.payload.get("reason")
        if isinstance(seconds, int | float):
            line.append(f"  {duration(seconds)}", style="dim")
        if isinstance(reason, str):
            line.append(f"  {one_line(reason)}")
        if event.kind == "step_retry":
            line.append(f"  tried again in {duration(float(event.payload.get('delay') or 0))}")
        self._console.print(line, soft_wrap=True)

    def _show_check(self, event: Event) -> None:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        payload = event.payload
        what = f"check {payload.get('check')} of {payload.get('asset')} did not pass"
        line = Text.assemble(("!", "yellow"), f" {one_line(what)}")
        if payload.get("description"):
            line.append(f": {one_line(str(payload['description']))}")
        self._console.print(line, soft_wrap=True)
