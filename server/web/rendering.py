"""Make pages of templates: text is escaped, control characters in it are shown, links and paths are made alike."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from atoll_host.server.web import links
from atoll_host.server.web.panels import describe_frame, describe_hint, describe_problem, every_problem
from atoll_host.workspace.describing.text import clean, count, one_line
from atoll_host.workspace.describing.wording import age, duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.web.settings import Settings

HUES = 8
"""How many colours there are for locations; `tokens.css` has as many."""
SIGNS: Mapping[str, str] = {
    "loaded": "●",
    "loading": "◐",
    "stale": "▲",
    "failed": "✕",
    "idle": "○",
    "waiting": "◌",
    "syncing": "◐",
    "current": "●",
    "as_is": "●",
    "missing": "○",
    "drifted": "▲",
    "broken": "✕",
    "error": "✕",
    "warning": "▲",
    "queued": "◌",
    "starting": "◐",
    "running": "◐",
    "started": "◐",
    "retrying": "↻",
    "canceling": "◐",
    "succeeded": "✓",
    "canceled": "■",
    "skipped": "–",
    "passed": "✓",
}
"""The sign of each state, so that none is told by its colour alone."""
WORDS: Mapping[str, str] = {"as_is": "as it is", "current": "in step", "missing": "not built", "started": "running"}
"""What states are called where that is not their own name."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the bar on the left.

    Attributes:
        label: what it is called.
        url: where it leads.
        icon: name of its picture in `parts/icons.html`.
        beside: beginnings of other addresses that belong to it.
    """

    label: str
    url: str
    icon: str
    beside: tuple[str, ...] = ()

    def is_at(self, path: str) -> bool:
        """Tell whether a page belongs to it."""
        if self.url == "/":
            return path == "/"
        return any(path == start or path.startswith(f"{start}/") for start in (self.url, *self.beside))


_ENTRIES = (
    _Entry("Overview", "/", "overview"),
    _Entry("Assets", "/assets", "assets", ("/checks",)),
    _Entry("Graph", "/graph", "graph"),
    _Entry("Jobs", "/jobs", "jobs"),
    _Entry("Automation", "/automation", "automation", ("/schedules", "/sensors", "/preview")),
    _Entry("Runs", "/runs", "runs", ("/backfills",)),
    _Entry("Resources", "/resources", "resources"),
    _Entry("Problems", "/problems", "problems"),
    _Entry("Locations", "/locations", "locations"),
)


@dataclass(frozen=True, slots=True)
class _Page:
    """What is being rendered, for the functions that templates call."""

    live: LiveWorkspace
    now: float
    editor: str
    hues: Mapping[str, int] = field(default_factory=dict)


_page: ContextVar[_Page] = ContextVar("page")


def render(request: Request, template: str, *, status_code: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a page.

    Args:
        request: that is answered; its application has `state.hub` and `state.settings`.
        template: name of a file below `templates`.
        status_code: of the answer.
        **context: what the template shows; it has `live`, `revision`, `nav`, `now`, `changed_at`, `path` and
            `settings` besides.
    """
    text = render_text(request, template, **context)
    # Half of a surrogate pair, as a file name may have, is no UTF-8.
    return HTMLResponse(text.encode("utf-8", "replace"), status_code=status_code, headers={"Cache-Control": "no-store"})


def render_text(request: Request, template: str, **context: Any) -> str:
    """Give a page as text; see `render`."""
    live: LiveWorkspace = context.pop("live", None) or request.app.state.hub.current
    settings = request.app.state.settings
    with rendering(live, settings) as page:
        return (
            make_environment()
            .get_template(template)
            .render(
                live=live,
                revision=live.revision,
                nav=list(_navigation(live, request.url.path)),
                now=page.now,
                changed_at=max((state.history[0].at for state in live.states.values() if state.history), default=0),
                path=request.url.path,
                settings=settings,
                workspace_name="atoll" if live.workspace is None else live.workspace.root.name,
                workspace_root="" if live.workspace is None else str(live.workspace.root),
                **context,
            )
        )


@contextmanager
def rendering(live: LiveWorkspace, settings: Settings) -> Iterator[_Page]:
    """Let the functions that templates call know what is rendered; `render` does it by itself.

    Args:
        live: what is known.
        settings: the editor that links lead to.
    """
    page = _Page(live, time.time(), settings.editor, number_hues(live))
    token = _page.set(page)
    try:
        yield page
    finally:
        _page.reset(token)


@cache
def make_environment() -> Environment:
    """Make what templates are rendered with; once for the process, as it keeps the compiled ones."""
    environment = Environment(
        loader=PackageLoader("atoll_host.server.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    environment.globals.update(
        definition_url=links.definition_url,
        location_url=links.location_url,
        editor_url=editor_url,
        static_url=static_url,
        describe_problem=describe_problem,
        describe_hint=describe_hint,
        describe_frame=describe_frame,
        short_path=short_path,
        hue=hue,
        _when=when,
        clock=clock,
        signs=SIGNS,
        words=WORDS,
    )
    environment.filters.update(duration=duration, count=count, one_line=one_line, clean=clean, quoted=_quoted)
    return environment


def static_url(path: str) -> str:
    """Give the address of a file below `static`."""
    return f"/static/{path}"


def number_hues(live: LiveWorkspace) -> dict[str, int]:
    """Give each location the number of its colour, by its place in the workspace."""
    return {name: number % HUES for number, name in enumerate(live.states)}


def hue(location: str | None) -> str:
    """Give the class that has a location's colour; an empty text for what belongs to none."""
    page = _page.get(None)
    number = None if page is None or location is None else page.hues.get(location)
    return "" if number is None else f"hue-{number}"


def editor_url(file: str, line: int | None = None, column: int | None = None) -> str:
    """Give a link that opens a file in the user's editor; an empty text for what is no file, such as `<string>`."""
    page = _page.get(None)
    if not (Path(file).is_absolute() or PureWindowsPath(file).is_absolute()):
        return ""
    return links.editor_url(file, line, column, editor=links.DEFAULT_EDITOR if page is None else page.editor)


def short_path(file: str) -> str:
    """Give a path relative to the workspace when it lies below it, else with `~` for the user's own folder."""
    page = _page.get(None)
    root = None if page is None or page.live.workspace is None else page.live.workspace.root
    path = Path(file)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    home = Path("~").expanduser()
    if path.is_absolute() and path != home and path.is_relative_to(home) and home != Path(home.anchor):
        return f"~/{path.relative_to(home).as_posix()}"
    return file


def when(moment: float | None) -> Markup:
    """Give a moment, in seconds since the epoch, as its distance from now; the absolute time is its title."""
    if moment is None:
        return Markup()
    page = _page.get(None)
    now = time.time() if page is None else page.now
    at = datetime.fromtimestamp(moment, UTC)
    words = age(now - moment) if moment <= now else f"in {max(int(moment - now), 1)} s"
    return Markup('<time datetime="{}" title="{}" data-when="{:.3f}">{}</time>').format(
        at.isoformat(timespec="seconds"), f"{at.astimezone():%a %Y-%m-%d %H:%M:%S %Z}", moment, words
    )


def clock(moment: float | None) -> Markup:
    """Give a moment as the time of day, or with its date where that is another day."""
    if moment is None:
        return Markup()
    at = datetime.fromtimestamp(moment, UTC).astimezone()
    today = datetime.now(UTC).astimezone().date() == at.date()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(timespec="seconds"),
        f"{at:%a %Y-%m-%d %H:%M:%S %Z}",
        f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}",
    )


def _finalize(value: Any) -> Any:
    """Show control characters of text, which could turn it around or hide it; nothing for None."""
    if value is None:
        return ""
    return clean(value) if type(value) is str else value


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _navigation(live: LiveWorkspace, path: str) -> Iterator[dict[str, Any]]:
    found = every_problem(live)
    errors = sum(item.problem.severity == "error" for item in found)
    for entry in _ENTRIES:
        problems = entry.url == "/problems"
        yield {
            "label": entry.label,
            "url": entry.url,
            "icon": entry.icon,
            "active": entry.is_at(path),
            "count": len(found) if problems and found else None,
            "errors": errors if problems else 0,
        }
