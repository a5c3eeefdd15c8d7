"""What `atoll dev` says in the terminal: where the page is, then a line for each location that has loaded."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING

from atoll_host.cli.views.locations import status_text
from atoll_host.cli.views.problems import draw_problems, short_path
from atoll_host.cli.views.text import cut
from atoll_host.workspace.describing.locations import COUNTED, counts
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import duration
from atoll_host.workspace.findings.located import LocatedProblem, count_severities

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.text import Text

    from atoll_host.server.live.hub import Event, Hub
    from atoll_host.server.live.states import LiveWorkspace, LoadRecord, LocationState

_ENDING = 0.3
"""Seconds that the last lines have to be printed in."""


def draw_start(console: Console, url: str, live: LiveWorkspace, command: str = "dev") -> None:
    """Say where the page is and what is served."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    console.print()
    console.print(Text.assemble((f"  atoll {command}", "bold"), "  ", (url, "bold cyan")), soft_wrap=True)
    if live.workspace is not None:
        where = short_path(str(live.workspace.root))
        within = "" if where == "." else f" in {one_line(where)}"
        text = f"  {count(len(live.states), 'location')}{within} · Ctrl-C stops"
        console.print(Text(text, style="dim"), soft_wrap=True)
    console.print()


class News:
    """Prints what changes, in a thread of its own, so that a slow terminal slows nothing else.

    Args:
        console: where it is printed.
        hub: tells what changes.
        on_workspace: called in that thread when a workspace could be read for the first time.

    Attributes:
        seen: the revision up to which everything is printed.
    """

    def __init__(self, console: Console, hub: Hub, on_workspace: Callable[[], None]) -> None:
        self._console = console
        self._hub = hub
        self._on_workspace: Callable[[], None] | None = on_workspace
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._printed: dict[str, float] = {}
        self._names: list[str] | None = None
        self._syncing: dict[str, float | None] = {}
        self._problems: tuple[object, ...] = ()
        self._thread = threading.Thread(target=self._run, name="atoll-news", daemon=True)
        self.seen = 0
        self._stop = hub.listen(self._events.put)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def close(self) -> None:
        """Print what is left, and end."""
        self._stop()
        self._events.put(None)
        self._thread.join(_ENDING)

    def _run(self) -> None:
        # Whoever read our output may have had enough; the page goes on.
        with contextlib.suppress(OSError):
            live = self._hub.current
            self._show_workspace(live)
            # Those that were there before anybody listened: what is configured wrongly fails at once.
            for each in live.states.values():
                self._show_load(each)
            while (event := self._events.get()) is not None:
                live = self._hub.current
                state = None if event.location is None else live.states.get(event.location)
                if event.kind == "workspace":
                    self._show_workspace(live)
                elif event.kind == "loaded" and state is not None:
                    self._show_load(state)
                elif event.kind == "activity" and state is not None:
                    self._show_building(state)
                self.seen = event.revision

    def _show_workspace(self, live: LiveWorkspace) -> None:
        if live.workspace is not None and self._on_workspace is not None:
            self._on_workspace()
            self._on_workspace = None
        if live.problems != self._problems:
            self._problems = live.problems
            draw_problems(self._console, [LocatedProblem(None, problem) for problem in live.problems])
        names = list(live.states)
        before, self._names = self._names, names
        if before is None:
            return
        for name in names:
            if name not in before:
                self._say("+ added", name)
        for name in before:
            if name not in names:
                self._say("- removed", name)
                self._printed.pop(name, None)

    def _show_load(self, state: LocationState) -> None:
        record = state.history[0] if state.history else None
        if record is None or self._printed.get(state.name) == record.at:
            return
        self._printed[state.name] = record.at
        line = load_line(state, record)
        cut(line, self._console.width) if self._console.is_terminal else None
        self._console.print(line, soft_wrap=True)
        report = state.report
        if report is not None and record.status == "failed":
            errors = [LocatedProblem(None, one) for one in report.problems if one.severity == "error"]
            draw_problems(self._console, errors)
            self._console.print()

    def _show_building(self, state: LocationState) -> None:
        """Say once that an environment is built, which can take a while."""
        if state.activity == "syncing" and self._syncing.get(state.name, 0) != state.since:
            self._syncing[state.name] = state.since
            self._say("◐ syncing", state.name)

    def _say(self, what: str, name: str) -> None:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        self._console.print(Text.assemble((what, "cyan"), "  ", (one_line(name), "bold")), soft_wrap=True)


def load_line(state: LocationState, record: LoadRecord) -> Text:
    """Say in a line what came of a load: `● loaded  sales  3 assets, 1 job  120 ms  saved src/sales/assets.py`."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    line = Text.assemble(status_text(state.word if state.word == "stale" else record.status), "  ")
    line.append(one_line(state.name), style="bold")
    found = counts(state.shown) if record.status == "loaded" else None
    if found:
        words = [count(found[kind], kind.removesuffix("s")) for kind in COUNTED if found[kind]]
        line.append(f"  {', '.join(words) or 'nothing defined'}")
    line.append(f"  {duration(record.seconds)}", style="dim")
    if record.trigger != "start":
        line.append(f"  {one_line(record.trigger)}", style="dim")
    if record.status == "loaded" and state.report is not None and state.report.problems:
        said = count_severities([LocatedProblem(None, problem) for problem in state.report.problems])
        line.append(f"  {said}", style="yellow")
    return line
