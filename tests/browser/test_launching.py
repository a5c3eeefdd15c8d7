"""Runs that are launched from pages: watched, failed, mended and tried again; configured, of partitions, canceled."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from browsing import DESK, LIVE, PHONE, axe_findings, go, is_same, overflow, save
from file_workspaces import write_workspace
from run_workspaces import LEDGER, ledger

from tests_support import until

ROUND = 100
"""Presses of Tab after which something must have been reached."""
PRESSED_TWICE = """() => {
    const button = document.querySelector(".launch-form button.primary");
    button.click();
    const pending = button.dataset.pending;
    return new Promise((resolve) => setTimeout(() => { button.click(); resolve(pending); }));
}"""
"""Presses the button that launches, and once more a moment later; tells how the button looked between."""
SHOP = f'''
import pathlib
import time

import atoll
{LEDGER}
HERE = pathlib.Path(__file__).parent


@atoll.asset
def orders(context) -> list:
    """Waits to be told to go on."""
    note("orders")
    context.log.info("waiting for the go")
    while not (HERE / "go").exists():
        time.sleep(0.02)
    context.log.warning("one order has no price")
    return [1, 2, 3]


@atoll.asset
def totals(orders: list) -> int:
    note("totals")
    return sum(orders) / 0  # mistake


@atoll.asset
def report(context, totals: int) -> str:
    note("report")
    context.add_output_metadata({{"sold": totals}})
    return f"sold {{totals}}"


@atoll.asset
def endless() -> None:
    (HERE / "endless").touch()
    time.sleep(600)


defs = atoll.Definitions(assets=[orders, totals, report, endless])
'''
MENDED = SHOP.replace(" / 0  # mistake", "")
PRICES = '''
import sys

import atoll

sys.path.insert(0, {libraries!r})

from pydantic import BaseModel, Field


class Options(BaseModel):
    """How prices are made."""

    limit: int = Field(description="How many prices are made", ge=1)
    currency: str = Field(default="EUR", description="What they are in")
    a_name_of_eighty_letters_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: str = ""


@atoll.op
def make_prices(context, config: Options) -> None:
    context.log.info("makes %s prices in %s", config.limit, config.currency)


@atoll.job
def pricing():
    make_prices()


defs = atoll.Definitions(jobs=[pricing])
'''
DAYS = """
import atoll

days = atoll.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-04")


@atoll.asset(partitions_def=days)
def visits(context) -> str:
    return context.partition_key


@atoll.asset(partitions_def=days)
def filled(context) -> str:
    return context.partition_key


defs = atoll.Definitions(assets=[visits, filled])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("launching")
    libraries = str(path / "libraries")
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*install, "--target", libraries, "pydantic>=2"], check=True)
    prices = PRICES.format(libraries=libraries)
    return write_workspace(path / "demo", shop=SHOP, prices=prices, days=DAYS)


@pytest.fixture(scope="module")
def server(serve, folder):
    return serve(folder)


def summary(page):
    """The line that tells what has become of a run."""
    return page.locator("p.summary")


def number_of(page):
    """The number of the run that is shown."""
    return int(re.search(r"/runs/(\d+)", page.url)[1])


def step(page, name, location="shop"):
    """The row of a step on the page of a run."""
    return page.locator(f"tr[data-key=step-{location}-{name}]")


def is_focused(locator):
    return locator.evaluate("(element) => element === document.activeElement")


def tab_to(page, locator):
    """Press Tab until something has the focus."""
    for _ in range(ROUND):
        page.keyboard.press("Tab")
        if is_focused(locator):
            return
    pytest.fail(f"the focus never comes to {locator}")


def test_a_run_is_launched_watched_fails_is_mended_and_made_again_from_where_it_failed(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets/shop/report")
    expect(page.locator("dl.made")).to_contain_text("never made")
    page.get_by_role("link", name="Materialize").click()
    expect(page.get_by_role("heading", name="Materialize")).to_be_visible()
    expect(page.locator("table.launch-plan")).to_contain_text("report")
    page.get_by_label("Selection").fill("+report")
    page.get_by_role("button", name="Plan").click()
    expect(page.locator("table.launch-plan")).to_contain_text("orders")
    page.get_by_role("button", name="Materialize").click()

    page.wait_for_url(f"{server.url}/runs/*")
    page.locator(LIVE).wait_for()
    page.evaluate("window.marker = 'mine'")
    expect(summary(page)).to_contain_text("running")
    expect(step(page, "orders")).to_contain_text("running")
    expect(step(page, "orders").locator("rect.bar-started")).to_have_count(1)
    expect(page.locator("table.log")).to_contain_text("waiting for the go")
    (folder.path / "go").touch()
    expect(summary(page)).to_contain_text("failed")
    expect(step(page, "orders").locator("rect.bar-succeeded")).to_have_count(1)
    expect(step(page, "totals").locator("rect.bar-failed")).to_have_count(1)
    expect(step(page, "report")).to_contain_text("skipped")
    expect(page.locator(".problem .message")).to_contain_text("ZeroDivisionError: division by zero")
    expect(page.locator(".problem .excerpt .marked")).to_contain_text("sum(orders) / 0")
    assert is_same(page)
    find_in_log(page)
    assert is_same(page)
    assert ledger(folder) == ["orders", "totals"]

    beside = new_page()
    go(beside, f"{server.url}/locations/shop")
    save(folder.path / "shop.py", MENDED)
    expect(beside.locator(".history tbody tr").first).to_contain_text("saved shop.py")
    assert is_same(beside)
    number = number_of(page)
    page.get_by_role("button", name="Retry from failure").click()
    page.wait_for_url(f"{server.url}/runs/{number + 1}")
    expect(summary(page)).to_contain_text("succeeded")
    expect(page.locator("tr[data-key^=step-]")).to_have_count(2)
    expect(step(page, "totals")).to_contain_text("succeeded")
    expect(step(page, "report")).to_contain_text("succeeded")
    assert ledger(folder) == ["orders", "totals", "totals", "report"]

    page.locator("section:has(#made)").get_by_role("link", name="report").click()
    expect(page.locator("dl.made")).to_contain_text("made")
    expect(page.locator("dl.made")).not_to_contain_text("never made")
    made = page.locator("#history tbody tr")
    expect(made).to_have_count(1)
    expect(made).to_contain_text("sold 6")
    made.get_by_role("link", name=str(number + 1), exact=True).click()
    expect(page.locator("h1")).to_have_text(f"Run {number + 1}")


def find_in_log(page):
    """Search in the log of the run that failed, and choose lines by their level."""
    from playwright.sync_api import expect

    lines = page.locator("table.log tbody tr")
    page.get_by_role("searchbox", name="Search in the log").fill("NO PRICE")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("one order has no price")
    page.get_by_role("searchbox", name="Search in the log").fill("")
    expect(page.locator("table.log")).to_contain_text("waiting for the go")
    page.get_by_label("Level").select_option("warning")
    expect(page.locator("table.log")).not_to_contain_text("waiting for the go")
    expect(page.locator("table.log")).to_contain_text("one order has no price")


def test_a_wrong_value_is_told_at_its_field_and_a_right_one_arrives(server, new_page):
    from playwright.sync_api import expect

    # Chromium notes every answer that refuses something.
    page = new_page(expected=["400"])
    go(page, f"{server.url}/jobs/prices/pricing")
    page.get_by_role("link", name="Launch").click()
    limit, currency = page.get_by_label("limit"), page.get_by_label("currency")
    expect(limit).to_have_accessible_description(re.compile("integer.*required.*How many prices are made.*at least 1"))
    expect(currency).to_have_accessible_description(re.compile("string.*default EUR.*What they are in"))
    before = server.get("/api/runs")

    limit.fill("many")
    currency.fill("NOK")
    page.get_by_role("button", name="Launch").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("not launched")
    expect(limit).to_have_attribute("aria-invalid", "true")
    expect(limit).to_have_accessible_description(re.compile("must be a whole number"))
    expect(currency).not_to_have_attribute("aria-invalid", "true")
    assert server.get("/api/runs") == before
    assert axe_findings(page) == []
    told.get_by_role("link", name="limit").click()
    expect(limit).to_be_focused()

    # What was filled in is still there.
    expect(limit).to_have_value("many")
    expect(currency).to_have_value("NOK")
    limit.fill("12")
    page.get_by_role("button", name="Launch").click()
    expect(summary(page)).to_contain_text("succeeded")
    expect(page.locator("table.log")).to_contain_text("makes 12 prices in NOK")
    expect(page.locator("section:has(#about)")).to_contain_text("NOK")
    assert len(server.get("/api/runs")) == len(before) + 1


def test_a_chosen_partition_is_launched_and_shown_as_made(server, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets/days/visits")
    bar = page.locator("svg.partition-bar")
    expect(bar).to_have_accessible_name("3 partitions: 3 missing")
    page.get_by_role("link", name="Materialize", exact=True).first.click()
    field = page.get_by_role("combobox", name="Partition")
    expect(field).to_have_value("2024-01-03")
    offered = page.locator("#partition-keys option").evaluate_all("(options) => options.map((one) => one.value)")
    assert offered == ["2024-01-03", "2024-01-02", "2024-01-01"]
    field.fill("2024-01-02")
    page.get_by_role("button", name="Materialize").click()
    expect(summary(page)).to_contain_text("succeeded")
    expect(summary(page)).to_contain_text("2024-01-02")
    page.locator("section:has(#made)").get_by_role("link", name="visits").click()
    expect(bar).to_have_accessible_name("3 partitions: 2 missing, 1 made")
    expect(bar.locator("g:has(rect.fill-materialized) title")).to_have_text("2024-01-02: made")


def test_what_is_missing_is_made_by_a_backfill(server, new_page):
    from playwright.sync_api import expect

    page = new_page(expected=["status of 400"])
    go(page, f"{server.url}/launch?selection=filled")
    page.get_by_role("combobox", name="Partition").fill("")
    page.get_by_label("as", exact=True).select_option("a backfill of those that are missing")
    page.get_by_role("button", name="Materialize").click()
    expect(page).to_have_url(re.compile("/backfills/[0-9]+$"))
    expect(summary(page)).to_contain_text("succeeded")
    go(page, f"{server.url}/launch?selection=filled")
    page.get_by_role("combobox", name="Partition").fill("")
    page.get_by_label("as", exact=True).select_option("missing")
    page.get_by_role("button", name="Materialize").click()
    expect(page.locator("#way-wrong")).to_contain_text("nothing of it is missing")


def test_a_page_of_an_asset_that_is_open_shows_a_partition_when_it_is_made(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets/days/visits")
    made = page.locator("svg.partition-bar g:has(rect.fill-materialized) title")
    expect(made.filter(has_text="2024-01-01")).to_have_count(0)
    folder.run("materialize", "visits", "--partition", "2024-01-01").ended(0)
    expect(made.filter(has_text="2024-01-01: made")).to_have_count(1)
    assert is_same(page)


def test_a_run_that_goes_on_is_canceled_from_its_page(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    go(page, f"{server.url}/assets/shop/endless")
    page.get_by_role("link", name="Materialize").click()
    page.get_by_role("button", name="Materialize").click()
    assert until((folder.path / "endless").exists)
    expect(step(page, "endless")).to_contain_text("running")
    number = number_of(page)
    page.get_by_role("button", name="Cancel").click()
    expect(summary(page)).to_contain_text("canceled")
    expect(step(page, "endless")).to_contain_text("canceled")
    assert page.url == f"{server.url}/runs/{number}"
    go(page, f"{server.url}/assets/shop/endless")
    expect(page.locator("dl.made")).to_contain_text("canceled")
    go(page, f"{server.url}/runs")
    expect(page.locator(f"tr[data-key=run-{number}]")).to_contain_text("canceled")


def test_a_run_is_launched_without_a_mouse(server, folder, new_page):
    from playwright.sync_api import expect

    (folder.path / "go").touch()
    page = new_page()
    go(page, f"{server.url}/assets/shop/orders")
    tab_to(page, page.get_by_role("link", name="Materialize"))
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Materialize")
    expect(button).to_be_visible()
    tab_to(page, button)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/runs/*")
    expect(summary(page)).to_contain_text("succeeded")
    expect(page.locator("tr[data-key^=step-]")).to_have_count(1)


def test_a_run_that_is_asked_for_twice_is_launched_once(server, folder, new_page):
    from playwright.sync_api import expect

    (folder.path / "go").touch()
    page = new_page()
    go(page, f"{server.url}/launch?selection=orders")
    before, asked = len(server.get("/api/runs")), []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    assert page.evaluate(PRESSED_TWICE) == "act"
    page.wait_for_url(f"{server.url}/runs/*")
    expect(summary(page)).to_contain_text("succeeded")
    assert len(asked) == 1
    assert len(server.get("/api/runs")) == before + 1


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_launch_pages_fit_and_axe_finds_nothing_serious(server, new_page, size, scheme):
    page = new_page(width=size[0], height=size[1], scheme=scheme)
    for query in ("selection=%2Breport", "selection=visits", "selection=nowhere_to_be_found", "job=prices:pricing"):
        go(page, f"{server.url}/launch?{query}")
        for folded in page.locator("details:not([open]) > summary").all():
            folded.click()
        assert overflow(page) == []
        assert axe_findings(page) == []
