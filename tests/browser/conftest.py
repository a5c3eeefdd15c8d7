"""A real browser, driven by Playwright: Debian's `chromium`, or what ATOLL_CHROMIUM names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browsing import find_chromium
from dev_server import DevServer

PATIENCE = 20_000
"""Milliseconds that anything may take."""


def pytest_collection_modifyitems(items):
    """Mark everything in here."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def launch():
    """A function that starts a browser, with further options of its command line."""
    from playwright.sync_api import expect, sync_playwright

    # What takes longer than people like is a matter of measurements, and not of a machine that is busy with tests.
    expect.set_options(timeout=PATIENCE)
    program = find_chromium()
    if program is None:
        message = "platform: no Chromium on this machine (ATOLL_CHROMIUM names one)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        yield lambda *options: playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage", *options]
        )


@pytest.fixture(scope="session")
def chromium(launch):
    """The browser, one for all tests of a worker."""
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def serve():
    """A function that runs `atoll dev` in a workspace until the tests of the file have ended, all locations settled."""
    servers = []

    def start(folder, *words, settle=True):
        server = DevServer(folder.path, *words)
        servers.append(server)
        if settle:
            server.until_settled()
        return server

    yield start
    for server in servers:
        server.stop()
        assert "Traceback (most recent call last)" not in Path(server.log.name).read_text(encoding="utf-8")


@pytest.fixture
def new_page(chromium):
    """A function that opens a page in a profile of its own; what its console complains of fails the test."""
    contexts, complaints = [], []

    def open_page(*, width=1280, height=800, scheme="light", expected=(), **options):
        options = {"reduced_motion": "reduce", **options}
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()

        def note(text):
            if not any(word in text for word in expected):
                complaints.append(text)

        page.on("console", lambda message: note(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: note(str(error)))
        page.set_default_timeout(PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
