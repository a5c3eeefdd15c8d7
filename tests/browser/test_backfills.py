"""A backfill on the page: it is watched, some of it fails, and what failed is made again by the server."""

from __future__ import annotations

import pytest
from browsing import DESK, PHONE, axe_findings, go, is_same, overflow
from file_workspaces import write_workspace
from run_workspaces import start

DAYS = """
import pathlib
import time

import atoll

HERE = pathlib.Path(__file__).parent
days = atoll.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-04")


@atoll.asset(partitions_def=days)
def orders(context) -> str:
    while not (HERE / "go").exists():
        time.sleep(0.02)
    if context.partition_key == "2024-01-02" and not (HERE / "mended").exists():
        raise RuntimeError("a bad day")
    return context.partition_key


defs = atoll.Definitions(assets=[orders])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_workspace(tmp_path_factory.mktemp("backfills") / "demo", days=DAYS)


@pytest.fixture(scope="module")
def server(serve, folder):
    return serve(folder)


def test_a_backfill_is_watched_and_what_failed_is_made_again(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/backfills")
    expect(page.locator(".empty")).to_contain_text("atoll backfill SELECTION --all")
    command = start(folder, "backfill", "orders", "--all")
    go(page, f"{server.url}/backfills")
    row = page.locator("tr[data-key=backfill-1]")
    try:
        expect(row).to_contain_text("running")
    except AssertionError:
        # It was asked for after the page was.
        page.reload()
        expect(row).to_contain_text("running")
    row.get_by_role("link", name="1", exact=True).click()
    summary = page.locator("p.summary")
    expect(summary).to_contain_text("running")
    page.evaluate("window.marker = 'mine'")
    (folder.path / "go").touch()
    expect(summary).to_contain_text("failed")
    expect(page.locator(".cell-succeeded")).to_have_count(2)
    expect(page.locator(".cell-failed")).to_have_text("2024-01-02: failed")
    assert is_same(page)
    for address in ("/backfills", "/backfills/1"):
        for width, height in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": height})
            go(page, server.url + address)
            assert overflow(page) == []
            assert axe_findings(page) == []
    command.communicate(timeout=60)
    (folder.path / "mended").touch()
    page.get_by_role("button", name="Retry").click()
    expect(summary).to_contain_text("succeeded")
    expect(page.locator(".cell-succeeded")).to_have_count(3)
