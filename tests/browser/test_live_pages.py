"""What a page keeps while it changes under its reader, and how it catches up with a server that was away."""

from __future__ import annotations

import socket

import pytest
from browsing import LIVE, go, is_same, module, save
from dev_server import DevServer
from file_workspaces import write_workspace

MANY = [f"wave_{number:03}" for number in range(80)]
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (hidden ? "hidden" : "visible") });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Makes the page believe that it is in a tab which nobody sees."""
TINTS = """() => {
    window.tinted = [];
    const note = (records) => {
        for (const { target } of records) if (target.matches("tr.changed")) window.tinted.push(target.dataset.key);
    };
    new MutationObserver(note).observe(document.body, { subtree: true, attributeFilter: ["class"] });
}"""
BROKEN = "def first():\n    raise ValueError('no winds')\n\n\ndef second():\n    first()\n\n\nsecond()\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "demo"
    return write_workspace(path, tides=module("tide"), waves=module(*MANY), winds=BROKEN)


@pytest.fixture(scope="module")
def server(serve, folder):
    return serve(folder)


def assets(server):
    """The names of all assets that are known now."""
    return {row["name"] for row in server.get("/api/assets")}


@pytest.fixture
def saved(folder, server):
    """A function that saves a location's file; it is as it was after the test."""
    before, known = {}, assets(server)

    def save_location(name, text):
        file = folder.path / f"{name}.py"
        before.setdefault(file, file.read_text(encoding="utf-8"))
        save(file, text)

    yield save_location
    for file, text in before.items():
        save(file, text)
    server.until(lambda: assets(server) == known, "all is as it was")


def test_what_is_typed_stays_with_its_caret(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    field = page.locator("#filter")
    field.focus()
    page.keyboard.type("tid")
    expect(page.locator("tr[data-key]:not(.group)")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    saved("tides", module("tide", "tidal_flat"))
    expect(page.get_by_role("link", name="tidal_flat")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("tid")
    assert field.evaluate("(field) => field.selectionStart") == 2
    assert is_same(page)


def test_a_filter_is_in_the_address_and_survives_a_reload_of_the_page(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    page.locator("#filter").fill("wave_00")
    expect(page.locator("tr[data-key]:not(.group)")).to_have_count(10)
    page.reload()
    expect(page.locator("#filter")).to_have_value("wave_00")
    expect(page.locator("tr[data-key]:not(.group)")).to_have_count(10)


def test_the_scroll_position_and_the_focus_stay(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    link = page.get_by_role("link", name="wave_050")
    link.focus()
    link.evaluate("(element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 300)")
    before = page.evaluate("scrollY"), link.bounding_box()["y"]
    assert before[0] > 500
    saved("waves", module(*MANY, "wave_080"))
    expect(page.get_by_role("link", name="wave_080")).to_have_count(1)
    expect(link).to_be_focused()
    assert (page.evaluate("scrollY"), link.bounding_box()["y"]) == before
    # What comes above moves nothing under the reader's eyes either.
    saved("tides", module("tide", "ebb", "flood"))
    expect(page.get_by_role("link", name="flood")).to_have_count(1)
    assert abs(link.bounding_box()["y"] - before[1]) < 2
    assert is_same(page)


def test_what_is_unfolded_or_folded_stays_so_and_survives_a_reload_of_the_page(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/locations/winds")
    passed = page.locator("details[data-key=variables-passed]")
    traceback = page.locator("details.traceback")
    expect(traceback).to_have_attribute("open", "")
    passed.locator("summary").click()
    traceback.locator("> summary").click()
    expect(traceback).not_to_have_attribute("open", "")
    saved("winds", BROKEN.replace("no winds", "no wind at all"))
    expect(page.locator(".problem .message")).to_have_text("ValueError: no wind at all")
    expect(passed).to_have_attribute("open", "")
    expect(traceback).not_to_have_attribute("open", "")
    assert is_same(page)
    page.reload()
    page.locator(LIVE).wait_for()
    expect(passed).to_have_attribute("open", "")
    expect(traceback).not_to_have_attribute("open", "")


def test_a_text_that_is_marked_stays_marked(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    page.get_by_role("link", name="wave_003").evaluate("(element) => getSelection().selectAllChildren(element)")
    saved("tides", module("tide", "ripple"))
    expect(page.get_by_role("link", name="ripple")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == "wave_003"


def test_only_the_row_that_changed_is_tinted(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page(reduced_motion="no-preference")
    go(page, f"{server.url}/")
    page.evaluate(TINTS)
    saved("tides", module("tide", "ebb"))
    expect(page.locator('tr[data-location="tides"] .count').first).to_have_text("2")
    page.wait_for_function("window.tinted.includes('tides')")
    expect(page.locator("tr.changed")).to_have_count(0)
    assert set(page.evaluate("window.tinted")) == {"tides"}


def test_a_hidden_page_catches_up_when_it_is_seen(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    page.evaluate(HIDE, True)
    revision = page.evaluate("document.body.dataset.revision")
    saved("tides", module("tide", "hidden_tide"))
    server.until(lambda: "hidden_tide" in assets(server), "it is loaded")
    assert page.evaluate("document.body.dataset.revision") == revision
    page.evaluate(HIDE, False)
    expect(page.get_by_role("link", name="hidden_tide")).to_be_visible()
    assert is_same(page)


def test_a_page_that_is_hidden_for_long_lets_its_connection_go_and_takes_it_up_again(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    page.clock.install()
    go(page, f"{server.url}/assets")
    page.evaluate(HIDE, True)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/api/events")):
        page.clock.fast_forward(11_000)
    saved("tides", module("tide", "late_tide"))
    server.until(lambda: "late_tide" in assets(server), "it is loaded")
    page.evaluate(HIDE, False)
    expect(page.get_by_role("link", name="late_tide")).to_be_visible()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    assert is_same(page)


def test_a_page_tells_that_the_server_is_away_and_catches_up_when_it_is_back(tmp_path, new_page):
    from playwright.sync_api import expect

    folder = write_workspace(tmp_path / "demo", tides=module("tide"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    page = new_page(expected=["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET"])
    with DevServer(folder.path, "--port", str(port)) as server:
        server.until_settled()
        go(page, f"{server.url}/assets")
        expect(page.get_by_role("link", name="tide", exact=True)).to_be_visible()
    expect(page.locator("#live")).to_have_attribute("data-state", "reconnecting")
    save(folder.path / "tides.py", module("tide", "ebb"))
    with DevServer(folder.path, "--port", str(port)):
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        expect(page.get_by_role("link", name="ebb", exact=True)).to_be_visible(timeout=15_000)
        assert is_same(page)


def test_going_back_shows_what_is_true_now(server, saved, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    page.locator("#side").get_by_role("link", name="Jobs").click()
    page.locator(LIVE).wait_for()
    saved("tides", module("tide", "meanwhile"))
    server.until(lambda: "meanwhile" in assets(server), "it is loaded")
    page.go_back()
    expect(page.get_by_role("link", name="meanwhile")).to_be_visible()
