"""Everything can be done without a mouse, and one always sees where one is."""

from __future__ import annotations

import re

import pytest
from browsing import go, is_same
from file_workspaces import BROKEN, SALES, STOCK, write_workspace

ROUND = 400
"""Presses of Tab after which the focus must have been around the page."""
FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return {
        name: element.id || element.getAttribute("aria-label") || element.textContent.trim().slice(0, 40),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        outlined,
        number: [...document.querySelectorAll("*")].indexOf(element),
    };
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    folder = write_workspace(tmp_path_factory.mktemp("keyboard") / "demo", sales=SALES, stock=STOCK, reports=BROKEN)
    return serve(folder)


@pytest.fixture
def page(server, new_page):
    page = new_page()
    go(page, f"{server.url}/")
    return page


def focused(page):
    return page.evaluate(FOCUSED)


@pytest.mark.parametrize(
    "path", ["/", "/assets", "/assets/sales/raw_orders", "/problems", "/locations/reports", "/graph"]
)
def test_tab_walks_around_a_page_and_the_focus_is_always_seen(server, new_page, path):
    page = new_page()
    go(page, server.url + path)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert "Skip to the content" in focused(page)["name"]
    seen, unseen = set(), []
    for _ in range(ROUND):
        now = focused(page)
        if now is None or now["number"] in seen:
            break
        seen.add(now["number"])
        if not now["seen"] or not now["outlined"]:
            unseen.append(now)
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"no way out, at last {now}")
    assert not unseen
    assert len(seen) >= page.locator("#side li a").count() + 3


def test_the_skip_link_leads_past_the_navigation(server, page):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_the_navigation_is_walked_and_followed(page):
    from playwright.sync_api import expect

    link = page.locator("#side").get_by_role("link", name="Jobs")
    for _ in range(12):
        page.keyboard.press("Tab")
        if link.evaluate("(element) => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Jobs")
    expect(page.locator("#side [aria-current=page]")).to_have_text("Jobs")


@pytest.mark.parametrize("keys", ["/", "Control+k"])
def test_the_palette_finds_and_opens(page, keys):
    from playwright.sync_api import expect

    page.keyboard.press(keys)
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type("orders")
    options = page.get_by_role("option")
    expect(options.nth(1)).to_contain_text("orders")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    chosen = options.nth(1).locator(".name").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(chosen)


def test_escape_closes_the_palette_and_gives_the_focus_back(page):
    from playwright.sync_api import expect

    button = page.get_by_role("button", name="Reload all")
    button.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("sal")
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_have_count(0)
    expect(button).to_be_focused()


def test_the_focus_does_not_leave_the_palette(page):
    from playwright.sync_api import expect

    page.keyboard.press("/")
    for keys in ("Tab", "Tab", "Shift+Tab"):
        page.keyboard.press(keys)
        expect(page.get_by_role("combobox")).to_be_focused()


def test_the_palette_reloads(page):
    from playwright.sync_api import expect

    page.keyboard.press("/")
    page.keyboard.type("reload sales")
    expect(page.get_by_role("option").filter(has_text="Reload sales")).to_be_visible()
    for _ in range(page.get_by_role("option").count()):
        if "Reload sales" in page.locator("[role=option][aria-selected=true]").inner_text():
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator('tr[data-location="sales"]')).to_contain_text("asked for")
    assert is_same(page)


def test_a_slash_in_a_field_is_typed(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    page.locator("#filter").focus()
    page.keyboard.type("sales/or?jg")
    expect(page.locator("#filter")).to_have_value("sales/or?jg")
    expect(page.locator("dialog")).to_have_count(0)


def test_a_question_mark_lists_the_keys(page):
    from playwright.sync_api import expect

    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Next row, previous row")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


VIEWS = {
    "o": "Overview",
    "a": "Assets",
    "j": "Jobs",
    "u": "Automation",
    "n": "Runs",
    "r": "Resources",
    "p": "Problems",
    "l": "Locations",
}


def test_g_and_a_letter_go_to_views(page):
    from playwright.sync_api import expect

    for letter, title in [*list(VIEWS.items())[1:], ("o", "Overview")]:
        page.keyboard.press("g")
        page.keyboard.press(letter)
        expect(page.locator("h1")).to_have_text(title)
        # Its keys work as soon as its scripts run.
        page.locator("#live[data-state=live]").wait_for()


def test_j_and_k_walk_the_rows_and_enter_opens(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/jobs")
    rows = page.locator("tr[data-key]:not(.group)")
    names = [
        name for name in rows.locator("a").evaluate_all("(links) => links.map((link) => link.textContent)") if name
    ]
    page.keyboard.press("j")
    expect(page.locator("tr[data-current]")).to_have_count(1)
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == first != second
    assert {first, second} <= set(names)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(first)


def test_r_reloads_the_row_that_is_chosen(page):
    from playwright.sync_api import expect

    row = page.locator('tr[data-location="stock"]')
    row.locator("th a").focus()
    page.keyboard.press("r")
    expect(row).to_contain_text("asked for")
    expect(page.locator("#announcements")).to_have_text(re.compile("stock"))
    assert is_same(page)


def test_a_button_is_pressed_by_keys(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/locations/stock")
    loads = page.locator(".history tbody tr")
    before = loads.count()
    page.get_by_role("button", name="Reload stock").focus()
    page.keyboard.press("Space")
    expect(loads).to_have_count(before + 1)
    expect(page.get_by_role("button", name="Reload stock")).to_be_focused()


def test_single_keys_can_be_switched_off(page):
    from playwright.sync_api import expect

    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Shortcuts of single keys").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("tr[data-current]")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
