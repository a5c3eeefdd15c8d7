"""What a server does by itself: evaluates schedules and sensors, and launches the runs that wait in the queue."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.processes import Runner
from atoll_host.server.operations.database import place_of
from atoll_host.workspace.loading import LoadReport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atoll_host.runs.automation.engine import Automation
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.launcher import Launched
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.server.live.hub import Event, Hub
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.operations.operations import Operations
    from atoll_host.workspace.loading import Loader
    from atoll_host.workspace.location import Workspace

_LOOK = 1.0
"""Seconds between two looks at whether there is anything to do by now."""
_SETTLING = 90.0
"""Seconds after which it begins even where locations have not ended their first load."""
_GRACE = 10.0
"""Seconds that evaluations have to end where the place changes in which they are remembered."""
_CLOSING = 2.0
"""Seconds beside the grace in which threads end."""


class Automating:
    """Runs the engine of automation beside a server, from when there is anything to do for it.

    Where nothing was ever remembered and nothing is on by its declaration, there is no engine and no database. Where
    `instance.yaml` or the place of the database changes, another engine goes on there.

    Args:
        hub: holds what is known of the locations.
        operations: knows where everything is remembered, and starts the runs.
        get_loader: knows how locations are loaded.
    """

    def __init__(self, hub: Hub, operations: Operations, get_loader: Callable[[], Loader]) -> None:
        self._hub = hub
        self._operations = operations
        self._get_loader = get_loader
        self._closing = threading.Event()
        self._began = time.monotonic()
        self._trouble: str | None = None
        self._engine: Automation | None = None
        self._instance: Instance | None = None
        self._place: tuple[object, ...] = ()
        self._stack = contextlib.ExitStack()
        self._thread = threading.Thread(target=self._work, name="atoll-automating", daemon=True)

    @property
    def engine(self) -> Automation | None:
        """The engine; None while there is nothing to do."""
        return self._engine

    @property
    def trouble(self) -> str | None:
        """What kept it from its work the last time that it tried; None where nothing did."""
        return self._trouble or (None if self._engine is None else self._engine.trouble)

    def start(self) -> None:
        """Begin to look whether there is anything to do."""
        self._began = time.monotonic()
        self._thread.start()

    def poke(self) -> None:
        """Say that something may be due, such as after a switch."""
        if self._engine is not None:
            self._engine.poke()

    def close(self, grace: float) -> None:
        """End: nothing more begins; what is being evaluated may end, and what does not is ended.

        Args:
            grace: seconds that evaluations have.
        """
        self._closing.set()
        if self._thread.ident is None:
            return
        ending = threading.Thread(target=self._end, args=(grace,), name="atoll-automating-end", daemon=True)
        ending.start()
        ending.join(grace + _CLOSING)

    def _end(self, grace: float) -> None:
        self._thread.join()
        if self._engine is not None:
            self._engine.stop(grace)
        self._stack.close()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                if self._engine is None and self._is_wanted():
                    self._begin()
                elif self._engine is not None and self._is_elsewhere():
                    self._stop()
                self._trouble = None
            except AtollError as error:
                self._trouble = error.problems[0].message
            except Exception as error:  # noqa: BLE001 — it is told by /health, and tried again
                self._trouble = f"{type(error).__name__}: {error}"
            if self._engine is None:
                # What was opened for an engine that could not begin.
                self._stack.close()
            self._closing.wait(_LOOK)

    def _is_elsewhere(self) -> bool:
        """Tell whether everything is remembered elsewhere now, or in another way."""
        instance = self._operations.instance
        return instance != self._instance or place_of(instance) != self._place

    def _stop(self) -> None:
        """End the engine; another one begins with what holds now."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop(_GRACE)

    def _is_wanted(self) -> bool:
        """Tell whether there is anything to do, and enough is known to do it."""
        from atoll_host.runs.automation.entries import is_on  # noqa: PLC0415 — not before that

        live = self._hub.current
        if live.workspace is None:
            return False
        is_loading = any(state.report is None for state in live.states.values())
        if is_loading and time.monotonic() - self._began < _SETTLING:
            return False
        return self._operations.instance.has_storage() or any(
            is_on(definition, None)
            for state in live.states.values()
            for definition in _list_automations(state.shown.definitions)
        )

    def _begin(self) -> None:
        from atoll_host.runs.automation.engine import Automation  # noqa: PLC0415 — imports the database
        from atoll_host.runs.queueing.sources import ReportSource  # noqa: PLC0415 — as above

        instance = self._operations.instance
        # The page's own is closed and opened anew when its file is replaced.
        storage = self._stack.enter_context(instance.open_storage())
        self._instance, self._place = instance, place_of(instance)
        runner = self._stack.enter_context(Runner(alone=False))
        source = ReportSource(self._get_loader(), self._get_workspace, lambda: list_reports(self._hub.current))
        engine = Automation(storage, source, self._launch, instance, runner, on_change=self._tell_pages)
        self._stack.callback(self._hub.listen(lambda event: _tell(engine, event)))
        self._engine = engine
        engine.start()

    def _tell_pages(self) -> None:
        self._hub.change("ticks", lambda live: live)

    def _get_workspace(self) -> Workspace:
        workspace = self._hub.current.workspace
        assert workspace is not None  # noqa: S101 — it begins when there is one
        return workspace

    def _launch(self, request: RunRequest) -> Launched:
        return self._operations.launch(lambda: request)


def list_reports(live: LiveWorkspace) -> list[LoadReport]:
    """Give the last load of each location; one that was never loaded has failed so far."""
    waiting = Problem("loading", "It is still being loaded")
    return [
        state.report or LoadReport(state.location, "failed", None, problems=(waiting,))
        for state in live.states.values()
    ]


def _list_automations(definitions: Mapping[str, list[Mapping[str, object]]]) -> list[Mapping[str, object]]:
    return [*definitions.get("schedules", ()), *definitions.get("sensors", ())]


def _tell(engine: Automation, event: Event) -> None:
    if event.kind == "loaded" and event.location is not None:
        engine.note_reload(event.location)
    elif event.kind == "workspace":
        engine.poke()
