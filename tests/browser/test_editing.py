"""What is saved is seen: shown without a reload of the page, red when it breaks, green again when it is mended."""

from __future__ import annotations

import json
import re
import sys

import pytest
from browsing import go, is_same, module, save
from file_workspaces import write_workspace

BREAKS = module("north") + "raise ValueError('no north')\n"
MARKED = len(BREAKS.splitlines())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A workspace of which one location is broken from the start."""
    path = tmp_path_factory.mktemp("editing") / "demo"
    return write_workspace(path, tides=module("tide"), winds=module("north"), early="import surely_not_there\n")


@pytest.fixture(scope="module")
def server(serve, folder):
    return serve(folder)


def row(page, name):
    """The row of a location in the overview."""
    return page.locator(f'tr[data-location="{name}"]')


def panel(page, name):
    """The panels of what is wrong with a location in the overview."""
    return page.locator(f'tr[data-key="{name} problems"]')


def test_what_is_saved_is_shown_without_a_reload_of_the_page(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets")
    expect(page.locator("#content")).to_contain_text("tide")
    save(folder.path / "tides.py", module("tide", "spring_tide"))
    expect(page.get_by_role("link", name="spring_tide")).to_be_visible()
    save(folder.path / "tides.py", module("tide"))
    expect(page.get_by_role("link", name="spring_tide")).to_have_count(0)
    assert is_same(page)


def test_a_location_breaks_turns_red_is_mended_and_turns_green_by_itself(server, folder, new_page):
    from playwright.sync_api import expect

    overview, assets = new_page(), new_page()
    go(overview, f"{server.url}/")
    go(assets, f"{server.url}/assets/winds/north")
    expect(row(overview, "winds")).to_have_attribute("data-word", "loaded")

    save(folder.path / "winds.py", BREAKS)
    expect(row(overview, "winds")).to_have_attribute("data-word", "stale")
    expect(row(overview, "winds")).to_contain_text("stale")
    expect(panel(overview, "winds").locator(".message")).to_have_text("ValueError: no north")
    expect(panel(overview, "winds").locator(".excerpt .marked .line-number")).to_have_text(str(MARKED))
    expect(panel(overview, "winds").locator(".excerpt .marked")).to_contain_text("raise ValueError('no north')")
    link = panel(overview, "winds").locator(".place a")
    expect(link).to_have_attribute("href", re.compile(rf"^vscode://file/.*winds\.py:{MARKED}:\d+$"))
    # The failed one comes first, and the others are as they were.
    assert overview.locator("tr[data-location]").first.get_attribute("data-location") in {"winds", "early"}
    expect(row(overview, "tides")).to_have_attribute("data-word", "loaded")

    # What was last known of it stays, and says how old it is.
    expect(assets.locator("h1")).to_have_text("north")
    expect(assets.locator("#content")).to_contain_text("as of")
    expect(assets.locator(".stale-note")).to_contain_text("could not be loaded")
    expect(assets.get_by_role("link", name="See what is wrong")).to_have_attribute("href", "/locations/winds")

    save(folder.path / "winds.py", module("north", "south"))
    expect(row(overview, "winds")).to_have_attribute("data-word", "loaded")
    expect(panel(overview, "winds")).to_have_count(0)
    expect(row(overview, "winds").locator(".count").first).to_have_text("2")
    expect(assets.locator(".stale-note")).to_have_count(0)
    assert is_same(overview)
    assert is_same(assets)


def test_a_location_that_was_broken_at_the_start_is_mended(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/locations/early")
    expect(page.locator(".summary")).to_have_attribute("data-word", "failed")
    expect(page.locator(".problem .message")).to_have_text("ModuleNotFoundError: No module named 'surely_not_there'")
    save(folder.path / "early.py", module("bird"))
    expect(page.locator(".summary")).to_have_attribute("data-word", "loaded")
    expect(page.locator(".problem")).to_have_count(0)
    expect(page.get_by_role("link", name="bird")).to_be_visible()
    assert is_same(page)


def test_locations_come_and_go_with_workspace_yaml_and_a_broken_one_is_said_and_heals(server, folder, new_page):
    from playwright.sync_api import expect

    file = folder.path / "workspace.yaml"
    before = file.read_text(encoding="utf-8")
    entries = json.loads(before)["load_from"]
    new = {"python_file": {"relative_path": "late.py", "location_name": "late", "executable_path": sys.executable}}
    folder.write({"late.py": module("owl")})
    page = new_page()
    go(page, f"{server.url}/")
    expect(row(page, "tides")).to_be_visible()
    try:
        save(file, json.dumps({"load_from": [*entries, new]}))
        expect(row(page, "late")).to_have_attribute("data-word", "loaded")

        save(file, "load_from: [\n")
        expect(page.locator("#content > .problem")).to_contain_text("workspace.yaml")
        expect(row(page, "late")).to_be_visible()

        save(file, json.dumps({"load_from": entries}))
        expect(page.locator("#content > .problem")).to_have_count(0)
        expect(row(page, "late")).to_have_count(0)
    finally:
        save(file, before)
    assert is_same(page)


def test_the_page_of_a_location_that_is_removed_says_so(server, folder, new_page):
    from playwright.sync_api import expect

    file = folder.path / "workspace.yaml"
    before = file.read_text(encoding="utf-8")
    entries = [entry for entry in json.loads(before)["load_from"] if entry["python_file"]["location_name"] != "tides"]
    page = new_page(expected=["404"])
    go(page, f"{server.url}/locations/tides")
    try:
        save(file, json.dumps({"load_from": entries}))
        expect(page.locator("#content")).to_contain_text("tides")
        expect(page.locator(".summary")).to_have_count(0)
    finally:
        save(file, before)
    expect(page.locator(".summary")).to_have_attribute("data-word", "loaded")
    assert is_same(page)


def test_a_page_that_shows_what_is_gone_comes_back_with_it(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page(expected=["404"])
    go(page, f"{server.url}/assets/tides/tide")
    save(folder.path / "tides.py", module("ebb"))
    expect(page.locator("h1")).not_to_have_text("tide")
    save(folder.path / "tides.py", module("tide"))
    expect(page.locator("h1")).to_have_text("tide")
    assert is_same(page)


def test_a_reload_is_asked_for_by_the_button(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/locations/tides")
    loads = page.locator(".history tbody tr")
    expect(loads.first).to_be_visible()
    before = loads.count()
    page.get_by_role("button", name="Reload tides").click()
    expect(loads).to_have_count(before + 1)
    expect(loads.first).to_contain_text("asked for")
    expect(page.locator("button[data-pending]")).to_have_count(0)
    assert is_same(page)
