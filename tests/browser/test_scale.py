"""A thousand locations and ten thousand assets are on screen about as soon as three, and stay live."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from browsing import LIVE, PHONE, go, is_same, overflow

SERVER = Path(__file__).parents[1] / "support" / "large_server.py"
VIEWS = [
    "/",
    "/locations",
    "/assets",
    "/graph",
    "/jobs",
    "/automation",
    "/resources",
    "/checks",
    "/problems",
    "/search?q=asset",
]
LARGEST = 150_000
"""Bytes that a view may transfer, with all that belongs to it."""
RATIO = 6
SLACK = 300
"""Milliseconds beside the ratio: what a busy machine makes of any view."""
TRIES = 6
"""Looks at a view: on a busy machine the quickest is the one that says something."""
PAINTED = """() => new Promise((done) => {
    new PerformanceObserver((list) => {
        const [entry] = list.getEntriesByName("first-contentful-paint");
        if (entry) done(entry.startTime);
    }).observe({ type: "paint", buffered: true });
})"""


class Large:
    """A server over locations made by hand."""

    def __init__(self, locations, assets):
        self.process = subprocess.Popen(
            [sys.executable, SERVER, str(locations), str(assets)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        assert self.url, "it does not start"

    def load_again(self, name):
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.close()
        try:
            assert self.process.wait(20) == 0
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


def served(locations, assets):
    server = Large(locations, assets)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def large():
    yield from served(1_000, 10)


@pytest.fixture(scope="module")
def small():
    yield from served(3, 3)


def look(new_page, url):
    """Open a view in a profile without a cache; give the milliseconds to its first paint and the bytes it took."""
    page = new_page()
    session, sizes = page.context.new_cdp_session(page), []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url)
    page.locator(LIVE).wait_for()
    painted = page.evaluate(PAINTED)
    wide = overflow(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wide += overflow(page)
    page.context.close()
    assert not wide
    return painted, sum(sizes)


@pytest.mark.parametrize("path", VIEWS)
def test_a_view_of_much_is_there_about_as_soon_as_one_of_little(large, small, new_page, path):
    few, many = [], []
    for _ in range(TRIES):
        few.append(look(new_page, small.url + path)[0])
        painted, size = look(new_page, large.url + path)
        many.append(painted)
        assert size < LARGEST
        if min(many) < RATIO * min(few) + SLACK:
            break
    else:
        pytest.fail(f"painted after {many} ms, where little is after {few} ms")


def test_one_of_a_thousand_that_changes_is_all_that_changes(large, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{large.url}/")
    rows = page.locator("tr[data-location]")
    assert rows.count() == 1_000
    row = page.locator('tr[data-location="location_0500"]')
    expect(row.locator(".count").first).to_have_text("10")
    page.evaluate("for (const row of document.querySelectorAll('tr[data-location]')) row.mark = row.innerHTML")
    large.load_again("location_0500")
    expect(row.locator(".count").first).to_have_text("11")
    changed = page.evaluate(
        "[...document.querySelectorAll('tr[data-location]')]"
        ".filter((row) => row.mark !== row.innerHTML).map((row) => row.dataset.location)"
    )
    assert changed == ["location_0500"]
    assert is_same(page)


def test_many_changes_at_once_are_shown_and_leave_the_page_usable(large, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{large.url}/")
    names = [f"location_{number:04}" for number in range(0, 1_000, 5) if number % 50 != 49]
    for name in names:
        large.load_again(name)
    page.keyboard.press("/")
    page.keyboard.type("location_0999")
    expect(page.get_by_role("option").first).to_contain_text("location_0999")
    page.keyboard.press("Escape")
    for name in (names[0], names[-1]):
        expect(page.locator(f'tr[data-location="{name}"] .count').first).to_have_text("11")
    assert is_same(page)


def test_the_palette_finds_one_of_ten_thousand(large, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{large.url}/")
    page.keyboard.press("Control+k")
    page.keyboard.type("location_0777/asset_007")
    expect(page.get_by_role("option").first).to_contain_text("location_0777/asset_007")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("location_0777/asset_007")
