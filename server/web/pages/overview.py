"""`/`: a row for each location, failures first."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from starlette.routing import Route

from atoll_host.server.web.loads import describe_time
from atoll_host.server.web.pages.locations import problems_of
from atoll_host.server.web.rendering import make_environment, number_hues, render, rendering
from atoll_host.workspace.describing.locations import COUNTED, counts
from atoll_host.workspace.describing.text import count
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace, LoadRecord, LocationState
    from atoll_host.server.web.loads import Spent

_RANKS = {"failed": 0, "stale": 1}
_MOST_PANELS = 3
"""How many panels a location has at most; the page of problems has them all."""
_MOST_OPEN = 20
"""How many locations have panels at most; the others have their first message in a line."""
_MINUTE = 60
_SHORTER = {"schedules": "sched", "sensors": "sens", "resources": "res"}


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown of a location.

    Attributes:
        state: of the location.
        python: version; None where it is not known.
        kind: of environment.
        health: state of the environment, such as `current`; None where nobody has looked.
        health_reason: a few words about that.
        counts: of definitions by kind; None where none were ever loaded.
        last: its last load by this server.
        spent: where the time of that went.
        problems: errors of a load that failed, the first few.
        more: how many problems there are beside those.
        errors: how many it has, of its load and of what was found since.
        warnings: the same.
    """

    state: LocationState
    python: str | None
    kind: str
    health: str | None
    health_reason: str
    counts: dict[str, int] | None
    last: LoadRecord | None
    spent: Spent | None
    problems: Sequence[LocatedProblem]
    more: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A row that was drawn.

    Attributes:
        state: of the location; states never change.
        of: what else it shows.
        minute: when it was drawn, as its words for times are of that minute.
        since: the revision that it was first drawn for.
        row: it, with the panels below it.
        same: what stands for it where a browser has it.
    """

    state: LocationState
    of: tuple[Any, ...]
    minute: int
    since: int
    row: Markup
    same: Markup


class Rows:
    """Rows as HTML, made anew only for locations that changed. Safe to use from several threads.

    Attributes:
        name: tells these rows from those of another server, whose revisions are others.
    """

    def __init__(self) -> None:
        self.name = secrets.token_hex(4)
        self._known: dict[tuple[str, bool], _Drawn] = {}

    def draw(self, live: LiveWorkspace, columns: Sequence[str], there: int | None = None) -> Markup:
        """Give the rows of all locations, failures first.

        Args:
            live: what is known.
            columns: the kinds of definitions that are counted.
            there: the revision of the rows that the browser has, which get those that are the same only named; None
                for a browser that has none.
        """
        before, known = self._known, {}
        macro = make_environment().get_template("parts/overview_row.html").module.location_row  # type: ignore[attr-defined]  # a macro is an attribute of its template's module
        hues = number_hues(live)
        minute = int(time.time() // _MINUTE)
        parts = []
        failing = 0
        for state in sort(live):
            failing += state.word in _RANKS
            key = (state.name, failing <= _MOST_OPEN)
            of = (hues[state.name], columns)
            drawn = before.get(key)
            changed = drawn is None or drawn.state is not state or drawn.of != of
            if drawn is None or changed or drawn.minute != minute:
                since = live.revision if drawn is None or changed else drawn.since
                row = macro(describe(state), columns, key[1])
                drawn = _Drawn(state, of, minute, since, row, _same(state.name, attached="data-attached" in row))
            known[key] = drawn
            parts.append(drawn.row if there is None or drawn.since > there else drawn.same)
        self._known = known
        return Markup("").join(parts)


def _same(name: str, *, attached: bool) -> Markup:
    row = Markup('<tr data-key="{}" data-same></tr>')
    return row.format(name) + (row.format(f"{name} problems") if attached else "")


def sort(live: LiveWorkspace) -> list[LocationState]:
    """Give the locations in the order in which they are shown: failed ones, stale ones, then all others."""
    return sorted(live.states.values(), key=lambda state: _RANKS.get(state.word, len(_RANKS)))


def describe(state: LocationState) -> Row:
    """Give what is shown of a location."""
    inspection = state.inspection
    shown = state.shown
    environment = shown.environment or (None if inspection is None else inspection.environment)
    worker = {} if shown.snapshot is None else shown.snapshot.worker.get("python") or {}
    last = state.history[0] if state.history else None
    errors = [] if state.report is None else [one for one in state.report.problems if one.severity == "error"]
    severities = Counter(item.problem.severity for item in problems_of(state))
    panels = [LocatedProblem(state.name, problem) for problem in errors] if state.word in _RANKS else []
    return Row(
        state=state,
        python=environment.interpreter.version_text if environment is not None else worker.get("version"),
        kind=state.location.environment.kind,
        health=None if inspection is None else inspection.state,
        health_reason="" if inspection is None else inspection.reason,
        counts=counts(shown),
        last=last,
        spent=None if last is None else describe_time(last.seconds, last.phases),
        problems=panels[:_MOST_PANELS],
        more=max(len(panels) - _MOST_PANELS, 0),
        errors=severities["error"],
        warnings=severities["warning"],
    )


def overview(request: Request) -> Response:
    """Answer with the overview."""
    live: LiveWorkspace = request.app.state.hub.current
    state = request.app.state
    if not hasattr(state, "overview_rows"):
        state.overview_rows = Rows()
    rows: Rows = state.overview_rows
    numbers = total(live)
    columns = tuple(kind for kind in COUNTED if numbers[kind] or kind == "assets")
    with rendering(live, state.settings):
        drawn = rows.draw(live, columns, _revision_there(request, rows, columns))
    return render(
        request,
        "overview.html",
        title="Overview",
        live=live,
        between=[one for one in live.across if one.severity == "error" and one.problem not in live.problems],
        rows=drawn,
        rows_name=_name(rows, columns),
        summary=summarise(live),
        totals=[count(numbers[kind], kind[:-1]) for kind in COUNTED if numbers[kind]],
        columns=columns,
        shorter=_SHORTER,
    )


def _name(rows: Rows, columns: Sequence[str]) -> str:
    return f"{rows.name}-{'-'.join(columns)}"


def _revision_there(request: Request, rows: Rows, columns: Sequence[str]) -> int | None:
    """Give the revision of the rows that the browser has, as it says in `X-Has`, such as `1a2b3c4d-assets:17`."""
    name, _, revision = request.headers.get("x-has", "").rpartition(":")
    return int(revision) if name == _name(rows, columns) and revision.isascii() and revision.isdigit() else None


def summarise(live: LiveWorkspace) -> list[tuple[str, int]]:
    """Count the locations by what they are called, the worst first."""
    numbers = Counter(state.word for state in live.states.values())
    return [(word, numbers[word]) for word in ("failed", "stale", "loading", "idle", "loaded") if numbers[word]]


def total(live: LiveWorkspace) -> Counter[str]:
    """Count the definitions of all locations by kind."""
    numbers: Counter[str] = Counter()
    for state in live.states.values():
        numbers.update(counts(state.shown) or {})
    return numbers


routes = [Route("/", overview)]
