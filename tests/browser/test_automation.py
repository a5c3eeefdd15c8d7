"""Schedules and sensors on the page: switched by mouse and by keyboard, and their ticks come by themselves."""

from __future__ import annotations

import pytest
from browsing import axe_findings, go, overflow
from file_workspaces import write_workspace

TICKING = """
import atoll

@atoll.asset
def numbers():
    return [1]

@atoll.sensor(target=[numbers], minimum_interval_seconds=1)
def counting(context):
    position = int(context.cursor or 0)
    context.update_cursor(str(position + 1))
    return atoll.RunRequest(run_key="once") if position == 0 else atoll.SkipReason(f"looked {position} times")

nightly = atoll.ScheduleDefinition("nightly", cron_schedule="0 2 * * *", target=[numbers])
defs = atoll.Definitions(assets=[numbers], sensors=[counting], schedules=[nightly])
"""


@pytest.fixture(scope="module")
def server(serve, tmp_path_factory):
    return serve(write_workspace(tmp_path_factory.mktemp("automation") / "demo", ticking=TICKING))


def test_a_sensor_is_switched_on_makes_its_run_and_ticks_on_the_page(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/sensors/ticking/counting")
    switch = page.get_by_role("switch")
    expect(switch).to_have_text("Switch on")
    switch.click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    expect(page.locator("tr[data-key^=tick-]").last).to_contain_text("requested", timeout=60_000)
    expect(page.locator("tr[data-key^=tick-]").first).to_contain_text("looked", timeout=60_000)
    page.locator("tr[data-key^=tick-]").last.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("p.summary")).to_contain_text("succeeded", timeout=60_000)
    go(page, f"{server.url}/automation")
    expect(page.locator("tr[data-key*=counting]")).to_contain_text("on")
    go(page, f"{server.url}/sensors/ticking/counting")
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")


def test_a_schedule_is_switched_by_keyboard_and_its_page_fits_a_phone(server, new_page):
    from playwright.sync_api import expect

    page = new_page(width=390, height=844, scheme="dark")
    go(page, f"{server.url}/schedules/ticking/nightly")
    page.get_by_role("switch").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    assert overflow(page) == []
    page.get_by_role("switch").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["desk", "phone"])
def test_a_preview_is_asked_for_with_the_button_shows_its_outcome_and_leads_back(server, new_page, width, height):
    from playwright.sync_api import expect

    page = new_page(width=width, height=height)
    for address in ("/schedules/ticking/nightly", "/sensors/ticking/counting"):
        go(page, f"{server.url}{address}")
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#outcome")).to_contain_text("Nothing was started or remembered", timeout=60_000)
        assert overflow(page) == []
        field = page.locator("main input")
        field.fill("2026-03-29T02:30" if "schedules" in address else "7")
        field.press("Enter")
        expected = "2026-03-29" if "schedules" in address else "looked 7 times"
        expect(page.locator("#outcome")).to_contain_text(expected, timeout=60_000)
        assert axe_findings(page) == []
        page.get_by_role("link", name="Back").click()
        expect(page).to_have_url(f"{server.url}{address}")


def test_the_palette_finds_a_run_by_its_number(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/automation")
    page.keyboard.press("/")
    page.keyboard.type("run 1")
    expect(page.locator(".palette li").first).to_contain_text("Run 1:")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.url}/runs/1")
