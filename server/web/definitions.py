"""What the pages of all kinds of definitions have in common: finding one, showing it, saying that there is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from atoll_host.server.web.links import definition_url, read_name
from atoll_host.server.web.listing import cut, matches, words_of
from atoll_host.server.web.markdown import render_markdown, summarise
from atoll_host.server.web.rendering import render
from atoll_host.workspace.checks.moments import find_zone
from atoll_host.workspace.describing import wording
from atoll_host.workspace.describing.configuration import config_fields
from atoll_host.workspace.describing.details import describe
from atoll_host.workspace.describing.finding import Found
from atoll_host.workspace.describing.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.findings.finding import Finding

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def find_definition(live: LiveWorkspace, kind: str, location: str, name: str) -> Found | None:
    """Find a definition.

    Args:
        live: what is known now.
        kind: such as `asset`.
        location: name of the location that it is in.
        name: of the definition; an asset's key; `asset:name` of a check.
    """
    state = live.states.get(location)
    if state is None:
        return None
    for definition in state.shown.definitions.get(f"{kind}s") or ():
        own = definition["key" if kind == "asset" else "name"]
        if name == (f"{definition['asset']}:{own}" if kind == "check" else own):
            return Found(kind, own, state.shown, definition)
    return None


def show_list(
    request: Request, kind: str, title: str, remember: Callable[[Sequence[Any]], dict[str, Any]] | None = None
) -> Response:
    """Answer with the list of all definitions of a kind that match the parameter `q`.

    Args:
        request: for the list.
        kind: such as `jobs`; the template has its name.
        title: of the page.
        remember: gives what the template shows besides, for the rows of the page.
    """
    live: LiveWorkspace = request.app.state.hub.current
    part = cut(request, choose_rows(request, live, kind))
    return show_page(
        request,
        f"definitions/{kind}.html",
        live=live,
        title=title,
        part=part,
        every=sum(len(report.definitions.get(kind) or ()) for report in live.reports),
        q=request.query_params.get("q", ""),
        **({} if remember is None else remember(part.items)),
    )


def choose_rows(request: Request, live: LiveWorkspace, kind: str) -> list[dict[str, Any]]:
    """Give the rows of a kind of definitions that match the parameter `q`, each with the `url` of its page.

    Args:
        request: for the list.
        live: what is known now.
        kind: such as `jobs`.
    """
    words = words_of(request)
    chosen = [row for row in rows(kind, live.reports) if not words or matches(words, *_texts(row))]
    for row in chosen:
        row["url"] = definition_url(kind.removesuffix("s"), row["location"], row["name"], row.get("asset"))
        if "next_tick" in row:
            row["next_tick"] = row["next_tick"] and _as_moment(row["next_tick"], row["timezone"])
    return chosen


def show_definition(request: Request, kind: str, **context: Any) -> Response:
    """Answer with the page of the definition that an address names, or say that there is none.

    Args:
        request: has the parameters `location` and `name` in its path.
        kind: such as `job`; the template has its name.
        **context: what the template shows besides.
    """
    live: LiveWorkspace = request.app.state.hub.current
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    found = find_definition(live, kind, location, name)
    if found is None:
        return show_missing(request, kind, location, name)
    return show_page(
        request,
        f"definitions/{kind}.html",
        live=live,
        title=found.name,
        **describe(found, live.graph),
        as_of=live.states[location].as_of if found.report.stale else None,
        problems=_problems(live, found),
        **context,
    )


def _problems(live: LiveWorkspace, found: Found) -> list[Finding]:
    """Give what is wrong at the places where a definition is declared."""
    declared = (found.definition.get(name) or {} for name in ("source", "cron_source"))
    places = {(source.get("file"), source.get("line")) for source in declared}
    location = found.report.location.name
    return [
        finding
        for finding in live.findings
        if finding.location == location and (finding.problem.file, finding.problem.line) in places
    ]


def show_missing(request: Request, kind: str, location: str, name: str) -> Response:
    """Say that there is no such definition, and where it may be."""
    live: LiveWorkspace = request.app.state.hub.current
    elsewhere = [
        (other, definition_url(kind, other, found.name, found.definition.get("asset")))
        for other in live.states
        if (found := find_definition(live, kind, other, name)) is not None
    ]
    state = live.states.get(location)
    return show_page(
        request,
        "definitions/missing.html",
        live=live,
        status_code=404,
        title=f"No {kind} {name}",
        kind=kind,
        name=name,
        location=location,
        known=state is not None,
        word=None if state is None else state.word,
        elsewhere=elsewhere,
    )


def show_page(request: Request, template: str, **context: Any) -> Response:
    """Answer with a page of definitions: its template has some functions besides what all have."""
    return render(
        request,
        template,
        markdown=render_markdown,
        summarise=summarise,
        wording=wording,
        config_fields=config_fields,
        distance=distance,
        as_moment=_as_moment,
        as_utc=_as_utc,
        **context,
    )


def distance(moment: datetime, now: float) -> str:
    """Say how long it is until a moment, in its two largest units, such as `in 3 h 20 min`."""
    left = max(int(moment.timestamp() - now), 0)
    for position, (size, unit) in enumerate(_UNITS[:-1]):
        if left >= size:
            smaller, word = _UNITS[position + 1]
            rest = left % size // smaller
            return f"in {left // size} {unit}" + (f" {rest} {word}" if rest else "")
    return f"in {left} s"


def _texts(row: Mapping[str, Any]) -> Iterator[str]:
    """Give what is searched of a row: all texts that its list shows."""
    for name, value in row.items():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (wording.target(item) if isinstance(item, dict) else str(item) for item in value)
        elif name == "target":
            yield wording.target(value)


def _as_moment(text: str, zone: str | None) -> datetime:
    """Give a moment in the time zone of this name, UTC where there is none: a text has only its distance from UTC."""
    return datetime.fromisoformat(text).astimezone(find_zone(zone or "UTC") or UTC)


def _as_utc(seconds: float | str) -> str:
    """Give a timestamp of metadata, seconds since 1970 or a text, as a text."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return str(seconds)
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ", timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return str(seconds)
