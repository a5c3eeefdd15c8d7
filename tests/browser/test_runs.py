"""Runs on the page: launched, watched, failed, mended and tried again; canceled; fitting and for all."""

from __future__ import annotations

import re

import pytest
from browsing import DESK, PHONE, axe_findings, go, is_same, overflow, save
from file_workspaces import write_workspace
from run_workspaces import start

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.records import Event, Host, NewRun
from tests_support import until

LONG = "a_name_of_eighty_letters_" + "x" * 55
PROBLEM = {"kind": "exception", "message": LONG, "frames": []}

SALES = '''
import pathlib
import time

import atoll

HERE = pathlib.Path(__file__).parent


@atoll.asset
def orders(context) -> list:
    """Waits to be told to go on."""
    print("printed by orders")
    context.log.info("waiting for the go")
    while not (HERE / "go").exists():
        time.sleep(0.02)
    context.log.warning("one order has no price")
    context.add_output_metadata({"rows": 3, "preview": atoll.MetadataValue.md("| a |\\n| - |\\n| **1** |")})
    return [1, 2, 3]


@atoll.asset
def totals(orders: list) -> int:
    return sum(orders) / 0  # mistake


@atoll.asset
def endless() -> None:
    (HERE / "endless").touch()
    time.sleep(600)


defs = atoll.Definitions(assets=[orders, totals, endless])
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_workspace(tmp_path_factory.mktemp("runs") / "demo", sales=SALES)


@pytest.fixture(scope="module")
def server(serve, folder):
    return serve(folder)


def status(page):
    return page.locator("p.summary")


def test_a_run_is_watched_fails_is_mended_and_tried_again(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/runs")
    expect(page.locator(".empty")).to_contain_text("atoll materialize '*'")
    command = start(folder, "materialize", "+totals")
    row = page.locator("tr[data-key=run-1]")
    expect(row).to_contain_text("running")
    assert is_same(page)
    row.get_by_role("link", name="+totals").click()
    expect(status(page)).to_contain_text("running")
    page.evaluate("window.marker = 'mine'")
    expect(page.locator("table.log")).to_contain_text("waiting for the go")
    expect(page.locator("pre.output")).to_contain_text("printed by orders")
    (folder.path / "go").touch()
    expect(status(page)).to_contain_text("failed")
    assert is_same(page)
    command.communicate(timeout=60)
    panel = page.locator(".problem")
    expect(panel).to_contain_text("division by zero")
    expect(panel.locator(".marked")).to_contain_text("sum(orders) / 0")
    expect(page.locator("tr[data-key=step-sales-orders]")).to_contain_text("succeeded")
    expect(page.locator("tr[data-key=step-sales-totals] rect.bar-failed")).to_have_count(1)
    expect(page.locator("section:has(#made) strong")).to_have_text("1")
    save(folder.path / "sales.py", SALES.replace(" / 0  # mistake", ""))
    server.until(lambda: server.get("/api/workspace")["locations"][0]["history"][0]["trigger"] != "start", "reloaded")
    server.until_settled()
    page.get_by_role("button", name="Retry from failure").click()
    page.wait_for_url(f"{server.url}/runs/2")
    expect(status(page)).to_contain_text("succeeded")
    # Only what was left was made.
    expect(page.locator("tr[data-key^=step-]")).to_have_count(1)
    page.get_by_role("link", name="retry").first.click()
    expect(page.locator("h1")).to_have_text("Run 1")


def test_a_run_is_canceled_from_its_page(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    folder.run("materialize", "endless", "--detach").ended(0)
    assert until((folder.path / "endless").exists)
    number = server.get("/api/runs")[0]["number"]
    go(page, f"{server.url}/runs/{number}")
    page.get_by_role("button", name="Cancel").click()
    expect(status(page)).to_contain_text("canceled")
    expect(page.get_by_role("button", name="Retry from failure")).to_be_visible()


def test_a_log_is_searched_while_typing_and_by_its_level(server, folder, new_page):
    from playwright.sync_api import expect

    (folder.path / "go").touch()
    page = new_page()
    number = folder.run("materialize", "orders", "--json").ended(0).json()["data"]["number"]
    go(page, f"{server.url}/runs/{number}")
    lines = page.locator("table.log tbody tr")
    page.locator("#log-q").fill("NO PRICE")
    expect(lines).to_have_count(1)
    page.locator("#log-q").fill("")
    page.locator("#log-level").select_option("warning")
    # The search before found one line too: only the address tells that this one is done.
    expect(page).to_have_url(re.compile("level=warning"))
    expect(lines).to_have_count(1)
    page.reload()
    expect(lines).to_have_count(1)
    assert is_same(page) is False


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_and_axe_finds_nothing_serious(server, folder, new_page, size, scheme):
    if not server.get("/api/runs"):
        (folder.path / "go").touch()
        folder.run("materialize", "+totals").ended(1)
    number = next(run["number"] for run in server.get("/api/runs") if run["status"] in {"failed", "succeeded"})
    with Instance(StateFolder(folder.path / ".atoll")).open_storage() as storage:
        long = storage.runs.create(NewRun(selection=LONG, tags={LONG: LONG}, config={LONG: LONG}, partition=LONG))
        storage.runs.take(long.id, Host("elsewhere", 1), lease=3600)
        planned = {"steps": [{"key": LONG, "location": "sales", "stage": 1}]}
        line = {"level": "info", "message": LONG, "file": f"/{LONG}", "line": 1}
        events = [Event(1, 1.0, "steps_planned", payload=planned), Event(2, 1.0, "log", LONG, "sales", line)]
        storage.events.append(long.id, [*events, Event(3, 2.0, "step_failed", LONG, "sales", {"problem": PROBLEM})])
        storage.runs.update_status(long.id, "failed", reason=LONG)
    page = new_page(width=size[0], height=size[1], scheme=scheme)
    for address in (
        "/runs",
        "/runs?status=queued",
        f"/runs/{number}",
        f"/runs/{number}?events=all",
        f"/runs/{long.id}",
    ):
        go(page, server.url + address)
        assert overflow(page) == []
        assert axe_findings(page) == []


def test_without_scripts_a_run_is_done_again_by_a_form(server, folder, new_page):
    from playwright.sync_api import expect

    (folder.path / "go").touch()
    number = folder.run("materialize", "orders", "--json").ended(0).json()["data"]["number"]
    page = new_page(java_script_enabled=False)
    page.goto(f"{server.url}/runs/{number}")
    page.get_by_role("button", name="Run again").click()
    expect(page.locator("h1")).not_to_have_text(f"Run {number}")
    expect(page.locator("h1")).to_have_text(re.compile(r"Run \d+"))
    expect(page.locator("p.summary")).to_contain_text("retry")
