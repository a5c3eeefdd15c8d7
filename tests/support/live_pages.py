"""Pages over a workspace that was loaded once: what a browser without scripts gets."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import httpx
import lxml.html
from file_workspaces import BROKEN, SALES, STOCK, write_workspace

from atoll_host.envs.environments.environments import Environments
from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner
from atoll_host.envs.sdk_copy import ensure_sdk
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace, LocationState
from atoll_host.server.web.application import make_application
from atoll_host.server.web.links import definition_url
from atoll_host.server.web.settings import Settings
from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.loading import Loader


class Nothing:
    """A control of a server that loads nothing again."""

    def reload(self, names=None, trigger="asked for"):
        """Do nothing."""
        return list(names or ())


def load_hub(path, hub=None) -> Hub:
    """Load every location of a workspace, and give or fill a hub with what came of it."""
    variables = dict(os.environ)
    workspace = open_workspace(path, variables=variables)
    state = StateFolder(workspace.root / ".atoll")
    with Runner(alone=False) as runner:
        discovery = Discovery(runner, variables=variables, cache=workspace.root / ".atoll/interpreters")
        environments = Environments(runner, state, discovery, variables)
        loader = Loader(runner, environments, state, variables, ensure_sdk(state))
        reports = loader.load_all(workspace, workspace.locations)
    hub = hub or Hub()
    states = {report.location.name: LocationState(report.location, report=report) for report in reports}
    hub.change("loaded", lambda live: LiveWorkspace(workspace=workspace, states=states))
    return hub


def hub_of(*reports) -> Hub:
    """Give a hub that holds these reports."""
    hub = Hub()
    states = {report.location.name: LocationState(report.location, report=report) for report in reports}
    hub.change("loaded", lambda live: LiveWorkspace(states=states))
    return hub


class Client:
    """Asks an application for pages in the test's own process, and follows no redirects."""

    def __init__(self, hub, operations=None, **settings):
        self._application = make_application(hub, Nothing(), Settings(**settings), operations)

    def close(self) -> None:
        """Close what is remembered of runs."""
        self._application.state.operations.close()

    def get(self, url: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return asyncio.run(self._get(url, headers))

    def post(self, url: str, body: str, **headers: str) -> httpx.Response:
        """Send a form."""
        return asyncio.run(self._ask("POST", url, headers, body))

    async def _get(self, url, headers):
        return await self._ask("GET", url, headers)

    async def _ask(self, method, url, headers, body=None):
        transport = httpx.ASGITransport(self._application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3030") as client:
            return await client.request(method, url, headers=headers, content=body)


def said(html: str) -> str:
    """Give all that a page says: its text, and the addresses that it leads to."""
    tree = lxml.html.document_fromstring(html)
    addresses = [unquote(value) for value in tree.xpath("//main//@href | //main//@title | //main//@datetime")]
    content = tree.get_element_by_id("content")
    return tidy("\n".join([content.text_content(), " ".join(content.itertext()), *addresses]))


def tidy(text: object) -> str:
    """Give a text as it is compared: without regard to case, white space and what stands between words."""
    return " ".join(str(text).casefold().replace("_", " ").split())


def leaves(value, *path: str):
    """Give every text and number in some JSON with the names that lead to it; 0 and empty texts say nothing."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, *path, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, *path)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and value not in ("", 0):
        yield path, value


REASONS = {
    "the schema's own words": lambda path, leaf: (
        path[-2:-1] and "config_schema" in path and path[-1] in {"title", "$ref"}
    ),
    "a keyword for programs": lambda path, leaf: "config_schema" in path and path[-1] == "type" and leaf == "object",
    "a resource has a page of its own": lambda path, leaf: path.count("properties") > 1,
    "in the unit that fits it": lambda path, leaf: path[-1] == "minimum_interval_seconds",
    "shown as a moment": lambda path, leaf: path[:1] == ("metadata",) and leaf == 1700000000.0,
    "shown as Markdown": lambda path, leaf: path[:1] == ("metadata",) and leaf == "**m**",
    "its dimensions say so": lambda path, leaf: path[0] == "partitions" and leaf == "multi",
}
"""Why some values do not stand on a page as they are."""


def unsaid(html: str, described) -> list:
    """Give what a description has and its page does not say, less what has one of the `REASONS`."""
    text = said(html)
    return [
        (".".join(path), leaf)
        for path, leaf in leaves(described)
        if tidy(leaf) not in text and not any(fits(path, leaf) for fits in REASONS.values())
    ]


SAMPLES = Path(__file__).parents[1] / "sdk/samples"
HOSTILE = r'''
import atoll

TEXT = "<script>alert(1)</script> <img src=x onerror=alert(1)> \u202eabc {{ 7 * 7 }} </td></table>"
LONG = "x" * 80
hostile = {"text": TEXT, TEXT: 1, "url": atoll.MetadataValue.url(url="javascript:alert(1)")}


@atoll.op(name=LONG, description=TEXT)
def work(): ...


@atoll.job(name=LONG, description=TEXT, metadata=hostile, run_tags={"t": TEXT}, config={"execution": {"config": {TEXT: TEXT}}})
def chore():
    work()


@atoll.asset(name=LONG, description=TEXT, metadata=hostile, deps=["nowhere"])
def long(): ...


@atoll.asset_check(asset=long, name=LONG, description=TEXT, metadata=hostile)
def looks(): ...


@atoll.sensor(job=chore, name="s" * 80, description=TEXT, metadata=hostile)
def feel(): ...


class Place(atoll.ConfigurableResource):
    """<script>alert(1)</script>"""

    path: str


defs = atoll.Definitions(
    assets=[long, atoll.AssetSpec("emoji", description="🏝️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿"), atoll.AssetSpec("rtl", description="שלום עולם")],
    asset_checks=[looks],
    jobs=[chore],
    schedules=[atoll.ScheduleDefinition("h" * 80, cron_schedule="0 0 * * *", job=chore, description=TEXT, metadata=hostile)],
    sensors=[feel],
    resources={"place": Place(path=TEXT)},
)
'''


def load_samples(path) -> Hub:
    """Load a workspace that has everything, what several locations share, what is hostile, and what can't be loaded."""
    everything = (SAMPLES / "everything.py").read_text(encoding="utf-8")
    write_workspace(path, sales=SALES, stock=STOCK, broken=BROKEN, hostile=HOSTILE, everything=everything)
    hub = load_hub(path)
    for name, state in hub.current.states.items():
        assert state.word == ("failed" if name == "broken" else "loaded"), state.report.problems
    return hub


def make_stale(hub, name) -> Hub:
    """Give a hub in which the last load of a location failed."""
    states = {
        state.name: replace(state, report=replace(state.report, status="failed")) if state.name == name else state
        for state in hub.current.states.values()
    }
    other = Hub()
    other.change("loaded", lambda live: replace(hub.current, states=states))
    return other


def pages_of(hub, kind):
    """Give the address and the description of each definition of a kind."""
    for state in hub.current.states.values():
        computations = {item["name"]: item for item in state.shown.definitions.get("computations") or ()}
        for item in state.shown.definitions.get(f"{kind}s") or ():
            asset = item["asset"] if kind == "check" else None
            made_by = computations.get(item.get("computation"))
            yield definition_url(kind, state.name, item.get("key") or item["name"], asset), {**item, "made_by": made_by}


def harmless(html: str) -> bool:
    """Tell whether nothing in a page came from the text of `HOSTILE` as more than text."""
    tree = lxml.html.document_fromstring(html)
    handlers = tree.xpath("//@*[starts-with(name(), 'on')] | //main//script | //main//img | //@style | //style")
    links = [
        link for link in tree.xpath("//@href | //@src | //@action") if link.lower().startswith(("javascript", "data"))
    ]
    return not handlers and not links and "\u202e" not in html and "49 &lt;/td&gt;" not in html
