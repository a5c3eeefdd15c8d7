"""The line at the end of a run's others, which tells what goes on while it does."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.cli.views.text import cut
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import duration

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from atoll_host.runs.storage.records import Event

_NAMES = 3
"""How many of the steps that are under way are named."""
_ENDS = frozenset({"step_succeeded", "step_failed", "step_skipped", "step_canceled"})


@dataclass
class Going:
    """What is under way, drawn anew some times a second.

    Attributes:
        waits: whether the run waits for a place.
        total: number of steps; None until they are planned.
        done: number of those that have ended.
        running: when each step that is under way began, by `time.monotonic`.
        started: when this began to be watched.
    """

    waits: bool = False
    total: int | None = None
    done: int = 0
    running: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def note(self, event: Event) -> None:
        """Take note of what happened."""
        self.waits = False
        if event.kind == "steps_planned":
            self.total = len(event.payload.get("steps", ()))
        elif event.kind == "step_started":
            self.running[str(event.step)] = time.monotonic()
        elif event.kind in _ENDS:
            self.running.pop(str(event.step), None)
            self.done += 1

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Give the line."""
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        now = time.monotonic()
        begun = min(self.running.values(), default=self.started)
        line = Text.assemble(("◐", "cyan"), f" {self._say()}", (f"  {duration(now - begun)}", "dim"))
        cut(line, options.max_width)
        yield line

    def _say(self) -> str:
        if self.waits:
            return "waiting"
        if self.total is None:
            return "loading what it needs"
        names = [one_line(name) for name in self.running]
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        under_way = f": {', '.join(names[:_NAMES])}{more}" if names else ""
        return f"{self.done} of {count(self.total, 'step')} done{under_way}"
