"""The log of a run, a page at a time: however long it is, only what is shown is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.parameters import read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import QueryParams

    from atoll_host.runs.storage.records import Event, LogStream, Run
    from atoll_host.runs.storage.store import Storage

LEVELS = ("debug", "info", "warning", "error", "critical")
LINES = 200
"""Of one page."""
MOST = 1000
"""Events of one answer of the API."""
TAIL = 16 * 1024
"""Bytes of each stream of output that a page shows: the last ones."""
STREAMS = 50
"""Streams of output that a page shows."""
TOLD = (
    *("log", "step_started", "step_succeeded", "step_failed", "step_retry", "step_skipped", "step_canceled"),
    *("resource_failed", "materialization", "observation", "check_result"),
    *("stage_started", "stage_succeeded", "stage_failed", "stage_canceled"),
    *("run_started", "run_succeeded", "run_failed", "run_canceled"),
)
"""Events that are lines of the log; others are shown with everything."""


@dataclass(frozen=True, slots=True)
class LogChoice:
    """Which lines are asked for.

    Attributes:
        q: text that is to be in them.
        level: only messages of this level and higher ones.
        step: only of this step.
        every: whether all events are lines.
        before: only lines before this one.
        after: only lines after this one.
    """

    q: str = ""
    level: str = ""
    step: str = ""
    every: bool = False
    before: int | None = None
    after: int | None = None

    @classmethod
    def of(cls, query: QueryParams, *, every: bool = False) -> LogChoice:
        """Read the parameters of an address.

        Args:
            query: they.
            every: whether all events are wanted, whatever it says.

        Raises:
            UsageError: one makes no sense.
        """
        level = query.get("level", "").lower()
        if level and level not in LEVELS:
            raise UsageError(f"There is no level {level!r}", hint=f"there are: {', '.join(LEVELS)}")
        return cls(
            q=query.get("q", "").strip(),
            level=level,
            step=query.get("step", ""),
            every=every or query.get("events", "") == "all",
            before=read_number(query, "before"),
            after=read_number(query, "after"),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out any of the usual lines."""
        return bool(self.q or self.level or self.step)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of the address, less the place in the log."""
        given = [(name, str(text)) for name in ("q", "level", "step") if (text := getattr(self, name))]
        return [*given, *([("events", "all")] if self.every else [])]

    def url(self, path: str, **place: int) -> str:
        """Give the address of another place in the same lines."""
        given = [*self.parameters, *((name, str(number)) for name, number in place.items())]
        return f"{path}?{urlencode(given)}#log" if given else f"{path}#log"

    def read(self, storage: Storage, run: str, limit: int) -> tuple[Event, ...]:
        """Give events, in order: after a place, or the last ones before one."""
        options: dict[str, Any] = {
            "kinds": () if self.every else TOLD,
            "step": self.step or None,
            "levels": LEVELS[LEVELS.index(self.level) :] if self.level else (),
            "search": self.q or None,
            "limit": limit,
        }
        if self.after is not None:
            return storage.events.read(run, after=self.after, **options)
        found = storage.events.read(run, after=self.before or 0, newest_first=True, **options)
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class LogPage:
    """The lines of one page.

    Attributes:
        events: they.
        earlier: whether there are some before them.
        later: whether there are some after them.
    """

    events: Sequence[Event]
    earlier: bool
    later: bool


def read_log(storage: Storage, run: Run, choice: LogChoice) -> LogPage:
    """Read the lines of one page."""
    found = choice.read(storage, run.id, LINES + 1)
    more = len(found) > LINES
    if choice.after is not None:
        return LogPage(found[:LINES], earlier=choice.after > 0, later=more)
    return LogPage(found[-LINES:], earlier=more, later=choice.before is not None)


@dataclass(frozen=True, slots=True)
class Output:
    """The end of what one step, or what no step, of a location printed.

    Attributes:
        stream: which.
        text: its last bytes, as text.
        cut: how many bytes are before them.
    """

    stream: LogStream
    text: str
    cut: int


def read_outputs(storage: Storage, run: Run, step: str = "") -> tuple[list[Output], int]:
    """Give the ends of a run's streams of output, and how many streams there are besides."""
    streams = [stream for stream in storage.logs.streams(run.id) if not step or stream.step == step]
    return [read_tail(storage, run, stream) for stream in streams[:STREAMS]], max(len(streams) - STREAMS, 0)


def read_tail(storage: Storage, run: Run, stream: LogStream, size: int = TAIL) -> Output:
    """Give the end of a stream."""
    start = max(stream.size - size, 0)
    chunks = storage.logs.read(
        run.id, location=stream.location, step=stream.step, stream=stream.stream, start=start, limit=MOST
    )
    text = b"".join(chunk.data for chunk in chunks).decode("utf-8", "replace")
    # A cut goes through the middle of a line, and perhaps of a letter.
    return Output(stream, text.partition("\n")[2] or text if start else text, start)
