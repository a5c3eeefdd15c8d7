"""Without scripts, every view but the graph is whole, and what can be done is done by links and forms."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from browsing import module, overflow
from file_workspaces import BROKEN, SALES, STOCK, write_workspace

VIEWS = {
    "/": ["sales", "stock", "reports", "surely_not_there"],
    "/assets": ["raw_orders", "stock/levels", "nowhere"],
    "/assets/sales/sales/orders": ["raw_orders", "Europe/Berlin"],
    "/checks": ["no_duplicates"],
    "/checks/sales/sales/orders:no_duplicates": ["No order is there twice."],
    "/jobs": ["refresh", "tidy"],
    "/jobs/sales/tidy": ["first", "second"],
    "/automation": ["nightly", "files_arrived"],
    "/schedules/sales/nightly": ["30 4 * * 1-5", "From now"],
    "/sensors/sales/files_arrived": ["Files arrived."],
    "/runs": ["atoll materialize"],
    "/resources": ["warehouse"],
    "/resources/sales/warehouse": ["Where tables are kept.", "WAREHOUSE_URL"],
    "/problems": ["surely_not_there", "WAREHOUSE_URL"],
    "/locations": ["sales", "python"],
    "/locations/sales": ["raw_orders", "Variables", "Output", "Loads"],
    "/search?q=orders": ["sales/orders", "raw_orders"],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    path = tmp_path_factory.mktemp("scripts") / "demo"
    return serve(write_workspace(path, sales=SALES, stock=STOCK, reports=BROKEN, tides=module("tide")))


@pytest.fixture
def page(new_page):
    return new_page(java_script_enabled=False)


def loads(server, name):
    """How often a location was loaded, once nothing more is done for it; None before."""
    states = {state["name"]: state for state in server.get("/api/workspace")["locations"]}
    return len(states[name]["history"]) if states[name]["activity"] == "idle" else None


@pytest.mark.parametrize("path", VIEWS)
def test_a_view_says_all_it_has_to_say(server, page, path):
    from playwright.sync_api import expect

    assert page.goto(server.url + path).ok
    expect(page.locator("h1")).to_have_count(1)
    for text in VIEWS[path]:
        expect(page.locator("#content")).to_contain_text(text)


def test_what_needs_scripts_is_not_shown(server, page):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/resources/sales/warehouse")
    for hidden in (".copy", "button.scheme", "#live", ".palette-open kbd"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_the_graph_says_that_it_needs_scripts_and_leads_to_the_list(server, page):
    from playwright.sync_api import expect

    assert page.goto(f"{server.url}/graph").ok
    assert "scripts are off" in page.locator("#content").inner_text()
    page.locator("noscript").get_by_role("link", name="list of assets").click()
    expect(page.locator("h1")).to_have_text("Assets")


@pytest.mark.parametrize(
    ("path", "field", "text", "left"),
    [
        ("/assets", "q", "raw", {"raw_orders"}),
        ("/assets", "select", "group:raw", {"raw_orders"}),
        ("/jobs", "q", "tid", {"tidy"}),
        ("/problems", "q", "surely_not_there", {"surely_not_there"}),
    ],
)
def test_a_filter_is_sent_by_its_form(server, page, path, field, text, left):
    from playwright.sync_api import expect

    page.goto(server.url + path)
    page.locator(f"#content input[name={field}]").fill(text)
    page.locator(f"#content input[name={field}]").press("Enter")
    expect(page.locator(f"#content input[name={field}]")).to_have_value(text)
    assert f"{field}=" in urlsplit(page.url).query
    content = page.locator("#content").inner_text()
    assert all(word in content for word in left)
    assert not any(word in content for word in ("stock/forecast", "refresh", "WAREHOUSE_URL"))


def test_problems_are_chosen_by_severity(server, page):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/problems")
    page.locator("select[name=severity]").select_option("error")
    page.get_by_role("button", name="Filter").click()
    assert "severity=error" in page.url
    expect(page.locator(".problem-error").first).to_be_visible()
    expect(page.locator(".problem-warning")).to_have_count(0)


def test_the_search_has_a_page(server, page):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/")
    page.get_by_role("link", name="Search everything").click()
    page.locator("#content input[name=q]").fill("nightly")
    page.locator("#content input[name=q]").press("Enter")
    page.locator("#content").get_by_role("link", name="nightly").first.click()
    expect(page.locator("h1")).to_have_text("nightly")


def test_a_button_reloads_a_location_and_leads_back(server, page):
    from playwright.sync_api import expect

    before = loads(server, "tides")
    page.goto(f"{server.url}/locations/tides")
    page.get_by_role("button", name="Reload tides").click()
    assert urlsplit(page.url).path == "/locations/tides"
    server.until(lambda: loads(server, "tides") == before + 1, "it is loaded again")
    page.reload()
    expect(page.locator(".history tbody tr")).to_have_count(before + 1)
    expect(page.locator(".history tbody tr").first).to_contain_text("asked for")


def test_a_button_reloads_all_locations(server, page):
    names = ("sales", "stock", "reports", "tides")
    before = {name: loads(server, name) for name in names}
    page.goto(f"{server.url}/")
    page.get_by_role("button", name="Reload all").click()
    assert urlsplit(page.url).path == "/"
    server.until(lambda: all(loads(server, name) == before[name] + 1 for name in names), "all are loaded again")


@pytest.mark.parametrize("path", ["/", "/assets", "/problems", "/locations/reports"])
def test_it_fits_on_a_phone(server, new_page, path):
    # What has no scripts can't be measured by scripts of its own; the debugger's protocol still can.
    page = new_page(java_script_enabled=False, width=390, height=844)
    page.goto(server.url + path)
    assert not overflow(page)
