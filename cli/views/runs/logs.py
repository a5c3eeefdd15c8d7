"""What a run logged and printed, as lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from atoll_host.runs.describing import summarise_event
from atoll_host.workspace.describing.text import clean, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from atoll_host.runs.storage.records import Event, LogStream

_COLOURS = {"warning": "yellow", "error": "red", "critical": "red", "debug": "dim"}


class LogLines:
    """Prints events, and what steps printed.

    Args:
        console: where.
        step: only of this step; of all where it is None.
        events: whether every event is shown, and not only what was logged.
    """

    def __init__(self, console: Console, *, step: str | None, events: bool) -> None:
        self._console = console
        self._step = step
        self._events = events

    def show_event(self, event: Event) -> None:
        """Show an event, where it is one that is wanted."""
        if self._step is not None and event.step != self._step:
            return
        if event.kind != "log" and not self._events:
            return
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        moment = f"{datetime.fromtimestamp(event.time, UTC).astimezone():%H:%M:%S.%f}"[:-3]
        line = Text.assemble((moment, "dim"))
        level = str(event.payload.get("level") or event.kind)
        line.append(f"  {one_line(level):<7}", style=_COLOURS.get(level, ""))
        line.append(f"  {one_line(event.step or event.location or '-')}", style="bold")
        line.append(f"  {one_line(summarise_event(event))}")
        self._console.print(line, soft_wrap=True)

    def show_output(self, stream: LogStream, data: bytes) -> None:
        """Show what was printed, each line behind the name of the step."""
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        name = one_line(stream.step or stream.location)
        for text in data.decode("utf-8", "replace").splitlines():
            self._console.print(Text.assemble((f"{name} | ", "dim"), clean(text)), soft_wrap=True)
