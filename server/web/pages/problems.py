"""`/problems`: all findings, live; `/problems/CODE`: what a code means."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from starlette.routing import Route

from atoll_host.server.web.listing import cut
from atoll_host.server.web.markdown import render_markdown
from atoll_host.server.web.panels import every_problem
from atoll_host.server.web.rendering import render
from atoll_host.workspace.findings.codes import NUMBERS
from atoll_host.workspace.findings.located import count_severities, label
from atoll_host.workspace.findings.page import read_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.findings.codes import Code
    from atoll_host.workspace.findings.located import Located

_PANELS = 100
"""Of one page."""
NOBODY = "-"
"""Stands for the location of what concerns several locations, or none."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which problems are asked for. Everything empty asks for all.

    Attributes:
        severity: `error` or `warning`.
        code: a code, or the beginning of codes, such as `ATL3`.
        location: name of a location, or `-` for what is nobody's.
        words: each has to be in the message, the hint, the place, the code or the location.
    """

    severity: str = ""
    code: str = ""
    location: str = ""
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Request) -> Filter:
        """Read the parameters of a request."""
        given = request.query_params
        return cls(
            given.get("severity", ""),
            given.get("code", "").strip().upper(),
            given.get("location", ""),
            tuple(given.get("q", "").lower().split()),
        )

    def lets(self, item: Located) -> bool:
        """Tell whether a problem is asked for."""
        problem = item.problem
        if self.severity and problem.severity != self.severity:
            return False
        if self.code and not label(problem).upper().startswith(self.code):
            return False
        if self.location and (item.location or NOBODY) != self.location:
            return False
        parts = (problem.message, problem.hint, problem.file, item.location, label(problem), problem.detail)
        text = "\n".join(part for part in parts if part).lower()
        return all(word in text for word in self.words)


def show_problems(request: Request) -> Response:
    """Answer with the problems that are asked for, by location."""
    live: LiveWorkspace = request.app.state.hub.current
    every = every_problem(live)
    wanted = Filter.of(request)
    # Only what can be chosen is offered, and what was.
    codes = sorted({label(item.problem) for item in every} | ({wanted.code} if wanted.code else set()))
    locations = [name for name in live.states if any(item.location == name for item in every)]
    if wanted.location and wanted.location not in (*locations, NOBODY):
        locations.append(wanted.location)
    chosen = [item for item in every if wanted.lets(item)]
    part = cut(request, chosen, _PANELS)
    return render(
        request,
        "problems.html",
        title="Problems",
        live=live,
        part=part,
        groups=_group(part.items),
        every=len(every),
        counted=count_severities(chosen) if chosen else "",
        wanted=wanted,
        q=request.query_params.get("q", ""),
        codes=[(code, NUMBERS[code].title if code in NUMBERS else "") for code in codes],
        locations=locations,
        nobody=NOBODY,
        loading=sum(state.word == "loading" for state in live.states.values()),
    )


def show_code(request: Request) -> Response:
    """Answer with the explanation of a code, and the problems that have it now."""
    live: LiveWorkspace = request.app.state.hub.current
    number = request.path_params["code"].upper()
    code = NUMBERS.get(number)
    if code is None:
        return render(
            request,
            "missing.html",
            status_code=404,
            title="There is no such code",
            live=live,
            message=f"{request.path_params['code']!r} is no code of a problem",
            hint="`atoll explain` lists all codes",
        )
    return render(
        request,
        "problem.html",
        title=f"{number}: {code.title}",
        live=live,
        code=code,
        page=render_markdown(_read_body(code)),
        found=[item for item in every_problem(live) if label(item.problem) == number],
    )


def _read_body(code: Code) -> str:
    """Read the page of a code less its title, which is the heading, with headings a level higher for it."""
    return read_page(code).partition("\n")[2].replace("\n## ", "\n# ")


def _group(items: Iterable[Located]) -> list[tuple[str | None, Sequence[tuple[str, Located]]]]:
    """Give the problems of each location, each with a key that stays the same while others come and go."""
    groups: list[tuple[str | None, Sequence[tuple[str, Located]]]] = []
    for location, group in groupby(items, key=lambda item: item.location):
        seen: dict[str, int] = {}
        keyed = []
        for item in group:
            base = f"{location or NOBODY} {label(item.problem)} {item.problem.file or ''}"
            seen[base] = seen.get(base, 0) + 1
            keyed.append((f"{base} {seen[base]}", item))
        groups.append((location, keyed))
    return groups


routes = [Route("/problems", show_problems), Route("/problems/{code}", show_code)]
