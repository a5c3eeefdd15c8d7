"""What pages of other sites can do with the server through their reader's browser: nothing."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browsing import go, module
from file_workspaces import write_workspace

TRY = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options);
        return `${answer.type} ${answer.status} ${(await answer.text()).slice(0, 100)}`;
    } catch (error) {
        return `${error}`;
    }
}"""
LISTEN = """(url) => new Promise((done) => {
    const stream = new EventSource(url);
    stream.onmessage = stream.onopen = () => done("open");
    stream.addEventListener("hello", () => done("hello"));
    stream.onerror = () => done(`closed ${stream.readyState === EventSource.CLOSED}`);
})"""
LOAD = """([name, attribute, url]) => new Promise((done) => {
    const element = document.createElement(name);
    if (name === "link") element.rel = "stylesheet";
    element.onload = () => done("loaded");
    element.onerror = () => done("refused");
    element[attribute] = url;
    document.body.append(element);
})"""
SEND = """([url, type, name, value]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: url, enctype: type });
    const field = document.createElement("input");
    Object.assign(field, { name, value });
    form.append(field);
    document.body.append(form);
    form.submit();
}"""
REFUSED = "TypeError: Failed to fetch"


class Page(BaseHTTPRequestHandler):
    """An empty page of somebody else's."""

    def do_GET(self):
        body = b"<!doctype html><title>other</title><body>other</body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def other_site():
    """The port of a server that is not ours."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    return serve(write_workspace(tmp_path_factory.mktemp("sites") / "demo", tides=module("tide")))


@pytest.fixture(params=["same-site", "cross-site"])
def page(request, new_page, other_site):
    """A page of another origin: another port of this very name, or another name."""
    host = {"same-site": "127.0.0.1", "cross-site": "localhost"}[request.param]
    page = new_page(expected=["CORS", "ERR_", "403", "404", "Refused to", "EventSource", "frame", "MIME"])
    page.goto(f"http://{host}:{other_site}/")
    return page


def loads(server):
    (state,) = server.get("/api/workspace")["locations"]
    return len(state["history"])


def test_it_reads_nothing(server, page):
    for path in ("/", "/api/workspace", "/api/assets", "/api/openapi.json", "/api/search?q=t"):
        for options in ({}, {"credentials": "include"}):
            assert page.evaluate(TRY, [server.url + path, options]) == REFUSED, path
        told = page.evaluate(TRY, [server.url + path, {"mode": "no-cors"}])
        assert told in {REFUSED, "opaque 0 "}, path


def test_it_hears_no_events(server, page):
    assert page.evaluate(LISTEN, f"{server.url}/api/events") == "closed true"
    assert server.get("/api/health")["clients"] == 0


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_it_asks_for_no_reload(server, page, media_type):
    before = loads(server)
    for mode in ("cors", "no-cors"):
        options = {"method": "POST", "mode": mode, "headers": {"Content-Type": media_type}, "body": "{}"}
        assert page.evaluate(TRY, [f"{server.url}/api/reload", options]) in {REFUSED, "opaque 0 "}
    assert page.evaluate("(url) => navigator.sendBeacon(url, 'location=tides')", f"{server.url}/api/reload")
    # What is asked for after them is done after them.
    assert loads(server) == before
    assert "asked for" not in server.output


@pytest.mark.parametrize(
    ("media_type", "name", "value"),
    [
        ("application/x-www-form-urlencoded", "location", "tides"),
        ("multipart/form-data", "location", "tides"),
        ("text/plain", '{"locations": ["tides"], "x', '": 1}'),
    ],
)
def test_its_form_is_refused(server, page, media_type, name, value):
    before = loads(server)
    with page.expect_navigation() as sent:
        page.evaluate(SEND, [f"{server.url}/api/reload", media_type, name, value])
    assert sent.value.status == 403
    assert loads(server) == before


def test_it_uses_none_of_our_files(server, page):
    for name, attribute, path in (
        ("script", "src", "/static/core/main.js"),
        ("script", "src", "/api/workspace"),
        ("link", "href", "/static/base.css"),
        ("img", "src", "/static/icon.svg"),
    ):
        assert page.evaluate(LOAD, [name, attribute, server.url + path]) == "refused", path


def test_it_frames_no_page(server, page):
    page.evaluate(
        "(url) => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }",
        f"{server.url}/",
    )
    page.wait_for_function("document.querySelector('iframe').contentDocument === null")
    frame = next(frame for frame in page.frames if frame.parent_frame)
    frame.wait_for_load_state()
    assert "Overview" not in frame.content()
    assert server.url not in frame.url


def test_it_has_no_hold_of_a_page_that_it_opens(server, page):
    with page.context.expect_page() as opened:
        page.evaluate("(url) => { window.opened = window.open(url); }", f"{server.url}/")
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("window.opener") is None
    page.wait_for_function("window.opened.closed")


def test_a_name_that_is_made_to_lead_here_is_refused(server, launch):
    # What DNS rebinding does: a name of the attacker's that leads to this machine, so that its pages are of our origin.
    port = server.url.rpartition(":")[2]
    browser = launch("--host-resolver-rules=MAP evil.example 127.0.0.1")
    try:
        page = browser.new_page()
        answer = page.goto(f"http://evil.example:{port}/")
        assert answer.status == 421
        assert "evil.example" in page.content()
        for path in ("/api/workspace", "/api/events", "/static/core/main.js"):
            assert page.evaluate(TRY, [path, {}]).startswith("basic 421"), path
        options = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": "{}"}
        assert page.evaluate(TRY, ["/api/reload", options]).startswith("basic 421")
    finally:
        browser.close()


def test_our_own_page_does_all_of_it(server, new_page):
    page = new_page()
    go(page, f"{server.url}/")
    assert page.evaluate(TRY, ["/api/health", {}]).startswith("basic 200")
    assert page.evaluate(LISTEN, "/api/events") in {"open", "hello"}
    before = loads(server)
    options = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": '{"wait": true}'}
    assert page.evaluate(TRY, ["/api/reload", options]).startswith("basic 200")
    assert loads(server) == before + 1


def test_nothing_from_elsewhere_is_loaded_or_run(server, new_page):
    page = new_page(expected=["Content Security Policy", "Content-Security-Policy"])
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/assets", "/graph", "/locations/tides"):
        go(page, server.url + path)
        run = page.evaluate(
            "() => { const script = document.createElement('script'); script.textContent = 'window.pwned = 1';"
            " document.body.append(script); return window.pwned ?? null; }"
        )
        assert run is None
    assert all(url.startswith((f"{server.url}/", "data:")) for url in asked)
