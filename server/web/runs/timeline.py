"""The steps of a run over time: rows of bars, which the server draws."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.storage.records import Run, Step
    from atoll_host.runs.storage.store import Storage

WIDTH = 1000.0
"""Of the drawing, in its own units: it is as wide as there is room."""
_NARROWEST = 3.0
_TICKS = 5
_MOST_ATTEMPTS = 2000
_STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """One attempt of a step: where its bar begins, how wide it is, and what became of it."""

    x: float
    width: float
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """A step.

    Attributes:
        step: what became of it.
        bars: its attempts.
        seconds: from its beginning to its end, or to now; None before it began.
    """

    step: Step
    bars: Sequence[Bar]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Stage:
    """The steps of one process.

    Attributes:
        location: where it executes.
        number: of the stage; None where that is not known.
        rows: its steps.
    """

    location: str
    number: int | None
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All of a run.

    Attributes:
        stages: in the order of the plan.
        ticks: where the scale is marked, and how many seconds that is.
        seconds: of the whole.
        total: how many steps there are.
        first: number of the first one that is shown, from 1.
    """

    stages: Sequence[Stage]
    ticks: Sequence[tuple[float, str]]
    seconds: float
    total: int
    first: int


def draw_timeline(storage: Storage, run: Run, now: float, *, first: int = 1, most: int = 250) -> Timeline:
    """Draw the steps of a run.

    Args:
        storage: where runs are remembered.
        run: it.
        now: in seconds since 1970.
        first: the step to begin with, from 1.
        most: how many steps are drawn.
    """
    steps = storage.steps.list(run.id)
    numbers = _number_stages(storage, run)
    begins = [step.started for step in steps if step.started is not None]
    start = min([run.started or run.created, *begins])
    ends = [step.ended for step in steps if step.ended is not None]
    end = max([run.ended if run.ended is not None else now, start, *ends])
    span = max(end - start, 0.001)
    ordered = sorted(steps, key=lambda step: numbers.get((step.location, step.key), math.inf))
    shown = ordered[first - 1 : first - 1 + most]
    attempts = _read_attempts(storage, run) if any(step.attempt > 1 for step in shown) else {}
    groups: dict[tuple[str, int | None], list[Row]] = defaultdict(list)
    for step in shown:
        row = _draw_row(step, attempts.get((step.location, step.key), ()), start, end, span)
        groups[step.location, numbers.get((step.location, step.key))].append(row)
    stages = [Stage(location, number, rows) for (location, number), rows in groups.items()]
    return Timeline(stages, _make_ticks(span), span, len(steps), first)


def _number_stages(storage: Storage, run: Run) -> Mapping[tuple[str, str], int]:
    events = storage.events.read(run.id, kinds=("steps_planned",), limit=1)
    planned = events[0].payload.get("steps") if events else None
    if not isinstance(planned, list):
        return {}
    return {
        (str(step.get("location")), str(step.get("key"))): step["stage"]
        for step in planned
        if isinstance(step, dict) and isinstance(step.get("stage"), int)
    }


def _read_attempts(storage: Storage, run: Run) -> dict[tuple[str, str], list[tuple[float, float | None]]]:
    """Give when each attempt of the steps began, and when it ended where another one came after it."""
    found: dict[tuple[str, str], list[tuple[float, float | None]]] = defaultdict(list)
    kinds = ("step_started", "step_retry")
    for event in storage.events.read(run.id, kinds=kinds, limit=_MOST_ATTEMPTS):
        attempts = found[event.location or "", event.step or ""]
        if event.kind == "step_started":
            attempts.append((event.time, None))
        elif attempts:
            attempts[-1] = attempts[-1][0], event.time
    return found


def _draw_row(step: Step, attempts: Sequence[tuple[float, float | None]], start: float, end: float, span: float) -> Row:
    if step.started is None:
        return Row(step, (), None)
    last = step.ended if step.ended is not None else end
    begun = attempts or [(step.started, None)]
    bars = []
    for number, (since, until) in enumerate(begun):
        is_last = number == len(begun) - 1
        word = step.status if is_last and until is None else "failed"
        to = until if until is not None else (last if is_last else since)
        width = max((to - since) / span * WIDTH, _NARROWEST)
        bars.append(Bar(round(min(max(since - start, 0) / span * WIDTH, WIDTH - _NARROWEST), 2), round(width, 2), word))
    return Row(step, bars, max(last - step.started, 0))


def _make_ticks(span: float) -> list[tuple[float, str]]:
    """Give round moments: at most so many, at 1, 2 or 5 times a power of ten."""
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(step * power for step in (*_STEPS, 10.0) if step * power >= rough)
    count = int(span / size)
    return [(round(number * size / span * 100, 2), _say(number * size)) for number in range(count + 1)]


def _say(seconds: float) -> str:
    if seconds == 0:
        return "0"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:  # noqa: PLR2004 — two minutes are still told apart by seconds
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" + (f" {rest} s" if rest else "")
