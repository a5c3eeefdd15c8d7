"""Light, dark, or as the system has it: chosen once, kept, and there before the first paint."""

from __future__ import annotations

import pytest
from browsing import go, is_same, module
from file_workspaces import write_workspace

FIRST_PAINT = """
    window.schemes = [];
    const note = (when) => {
        const root = document.documentElement;
        if (root) window.schemes.push([when, root.dataset.scheme ?? "system", getComputedStyle(root).backgroundColor]);
    };
    new PerformanceObserver(() => note("paint")).observe({ type: "paint", buffered: true });
    document.addEventListener("DOMContentLoaded", () => note("parsed"));
    new MutationObserver((_, observer) => {
        if (!document.body) return;
        observer.disconnect();
        note("body");
    }).observe(document, { childList: true, subtree: true });
"""
"""Notes the scheme when the body begins, when the document is parsed and when it is painted."""
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(19, 21, 25)"


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    return serve(write_workspace(tmp_path_factory.mktemp("schemes") / "demo", tides=module("tide")))


def background(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


@pytest.mark.parametrize(("scheme", "colour"), [("light", LIGHT), ("dark", DARK)])
def test_the_scheme_is_the_systems_until_one_is_chosen(server, new_page, scheme, colour):
    page = new_page(scheme=scheme)
    go(page, f"{server.url}/")
    assert background(page) == colour
    other = {"light": "dark", "dark": "light"}[scheme]
    page.emulate_media(color_scheme=other)
    assert background(page) == {LIGHT: DARK, DARK: LIGHT}[colour]
    assert is_same(page)


@pytest.mark.parametrize(("system", "chosen", "colour"), [("light", "dark", DARK), ("dark", "light", LIGHT)])
def test_a_chosen_scheme_is_there_before_the_first_paint_of_every_page(server, new_page, system, chosen, colour):
    from playwright.sync_api import expect

    page = new_page(scheme=system)
    go(page, f"{server.url}/")
    button = page.locator("button.scheme")
    for _ in range(3):
        if button.get_attribute("data-scheme") == chosen:
            break
        button.click()
    expect(button).to_have_attribute("aria-label", f"Colour scheme: {chosen}")
    assert background(page) == colour
    page.add_init_script(FIRST_PAINT)
    for path in ("/", "/assets", "/graph"):
        go(page, server.url + path)
        page.wait_for_function("window.schemes.some(([when]) => when === 'paint')")
        seen = page.evaluate("window.schemes")
        assert {"body", "parsed", "paint"} == {when for when, *_ in seen}
        assert {scheme for _, scheme, _ in seen} == {chosen}
        assert {shown for when, _, shown in seen if when != "body"} == {colour}
        expect(page.locator("button.scheme")).to_have_attribute("data-scheme", chosen)


def test_the_systems_scheme_can_be_chosen_again(server, new_page):
    page = new_page(scheme="dark")
    go(page, f"{server.url}/")
    button = page.locator("button.scheme")
    chosen = []
    for _ in range(3):
        button.click()
        chosen.append(button.get_attribute("data-scheme"))
    assert sorted(chosen) == ["dark", "light", "system"]
    assert chosen[-1] == "system"
    page.reload()
    assert background(page) == DARK
    assert page.evaluate("localStorage.length") == 0
