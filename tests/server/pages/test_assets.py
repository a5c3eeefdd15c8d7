"""The list of assets, and the page of each: complete, linked both ways, and harmless whatever its texts are."""

import gzip
import re
import time
from urllib.parse import quote

import pytest
from live_pages import Client, harmless, hub_of, load_samples, make_stale, pages_of, said, unsaid
from reports import asset, definitions, external, report

from atoll_host.server.web.pages.assets import find_column, selection_of
from atoll_host.workspace.graph.selection import select


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def rows(html):
    return re.findall(r'<tr data-key="([^"]*)">', html)


def test_every_value_of_every_asset_is_on_its_page(hub, client):
    missing = {}
    for url, described in pages_of(hub, "asset"):
        answer = client.get(url)
        assert answer.status_code == 200, url
        if "/hostile/" not in url and "/sales/availability" not in url:
            missing[url] = unsaid(answer.text, described)
    assert len(missing) > 20
    assert {url: what for url, what in missing.items() if what} == {}


def test_hostile_texts_are_only_texts(hub, client):
    for url, _ in pages_of(hub, "asset"):
        if "/hostile/xx" in url:
            assert harmless(client.get(url).text)


def test_control_characters_are_shown(client):
    assert "\\x1b[31mred" in client.get("/assets/sales/availability").text


def test_the_list_has_every_asset_of_every_location_once(hub, client):
    answer = client.get("/assets")
    assert answer.status_code == 200
    assert sorted(rows(answer.text)) == sorted(hub.current.graph.nodes)
    assert 'href="/assets/-/nowhere"' in answer.text


def test_words_narrow_the_list(client):
    assert rows(client.get("/assets?q=ORDERS+raw").text) == ["sales:raw_orders"]
    assert rows(client.get("/assets?q=team:sales").text) == ["sales:raw_orders"]
    nothing = client.get("/assets?q=surely+not+there")
    assert rows(nothing.text) == []
    assert "Show all" in nothing.text
    assert 'value="surely not there"' in nothing.text


def test_a_selection_narrows_the_list(client):
    chosen = rows(client.get("/assets?select=" + quote('+key:"stock/forecast"')).text)
    assert {"stock:stock/forecast", "sales:sales/orders", "sales:raw_orders"} <= set(chosen)
    both = rows(client.get("/assets?q=raw&select=" + quote("location:sales")).text)
    assert both == ["sales:raw_orders"]


@pytest.mark.parametrize(
    ("selection", "column"),
    [
        pytest.param("group:(x", 7, id="missing-value"),
        pytest.param("(a or b", 8, id="missing-bracket"),
        pytest.param('a and "b', 7, id="open-quote"),
        pytest.param("a or grup:x", 6, id="unknown-attribute"),
        pytest.param("rots(a)", 1, id="unknown-function"),
    ],
)
def test_a_selection_that_can_not_be_read_says_where(client, selection, column):
    answer = client.get("/assets?select=" + quote(selection))
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text
    mark = selection[column - 1 : column] or " "
    before = selection[: column - 1].replace('"', "&#34;")
    assert f"{before}<mark>{mark.replace(chr(34), '&#34;')}</mark>" in answer.text


def test_a_message_without_a_place_marks_nothing():
    assert find_column("The selection is empty", " ") is None


def test_an_asset_links_to_what_it_depends_on_and_to_what_depends_on_it(client):
    orders = client.get("/assets/sales/sales/orders").text
    assert 'href="/assets/sales/raw_orders"' in orders
    assert 'href="/assets/stock/stock/forecast"' in orders
    assert "crosses" in orders
    assert "/graph?select=%2Bsales%2Forders%2B" in orders
    assert 'href="vscode://file/' in orders
    forecast = client.get("/assets/stock/stock/forecast").text
    assert 'href="/assets/sales/sales/orders"' in forecast


def test_an_asset_that_is_declared_here_and_made_there_says_where(client):
    text = said(client.get("/assets/stock/sales/orders").text)
    assert "made in sales" in text
    assert "stock/forecast" in text
    assert "declared in stock" in said(client.get("/assets/sales/sales/orders").text)


def test_an_asset_that_no_location_has_has_a_page(client):
    answer = client.get("/assets/-/nowhere")
    assert answer.status_code == 200
    assert "No location has this asset" in answer.text
    assert 'href="/assets/hostile/xx' in answer.text


def test_an_address_that_names_the_wrong_location_leads_to_the_right_one(client):
    answer = client.get("/assets/sales/stock/levels")
    assert (answer.status_code, answer.headers["location"]) == (307, "/assets/stock/stock/levels")
    answer = client.get("/assets/gone/stock/levels")
    assert answer.headers["location"] == "/assets/stock/stock/levels"


def test_an_asset_that_nobody_knows_is_not_found(client):
    answer = client.get("/assets/sales/<b>x</b>")
    assert answer.status_code == 404
    assert "<b>x" not in answer.text
    assert "could not be loaded" in client.get("/assets/broken/anything").text
    assert "no location named" in client.get("/assets/gone/anything").text


def test_a_location_that_failed_has_its_earlier_assets_marked(hub):
    client = Client(make_stale(hub, "sales"))
    assert "as of" in said(client.get("/assets/sales/raw_orders").text)
    listed = client.get("/assets?select=location:sales").text
    assert listed.count("state-stale") == 3
    assert "state-stale" not in client.get("/assets?select=location:stock").text


def test_the_page_of_an_asset_says_what_it_needs(client):
    text = said(client.get("/assets/sales/raw_orders").text)
    for word in ("limit", "100", "region", "warehouse", "warehouse url", "refresh", "nightly", "files arrived"):
        assert word in text


def test_without_locations_the_list_says_what_would_be_here():
    text = Client(hub_of()).get("/assets").text
    assert "would be here" in text
    assert "atoll create asset" in text


def test_names_of_any_shape_are_found():
    keys = ["../up", "a b", "é/🏝️", 'quo"te', "a%2Fb", "x?y#z", "<b>", "-"]
    client = Client(hub_of(report("odd", definitions(assets=[external(key, f"{key}/before") for key in keys]))))
    links = re.findall(r'class="name edge"><a class="mono" dir="auto" href="([^"]+)"', client.get("/assets").text)
    assert len(links) == 2 * len(keys)
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, link


@pytest.mark.parametrize("key", ["orders", "a/b", "a b", "and", "12", "a:b", "x*y", "a+b"])
def test_the_selection_of_an_asset_chooses_it(key):
    graph = hub_of(report("one", definitions(assets=[asset(key, "up"), asset("down", key)]))).current.graph
    chosen = selection_of(key)
    assert chosen is not None
    assert select(graph, chosen) == {f"one:{key}", "up", "one:down"}


def test_ten_thousand_assets_are_usable():
    reports = []
    for number in range(20):
        assets = [
            asset(
                f"l{number}/a{i}",
                f"l{max(number - 1, 0)}/a{i}",
                group=f"g{i // 50}",
                description=f"Asset {i} of it. More.",
            )
            for i in range(500)
        ]
        reports.append(report(f"l{number}", definitions(assets=assets)))
    client = Client(hub_of(*reports))
    first = client.get("/assets", **{"accept-encoding": "identity"})
    assert len(gzip.compress(first.content)) < 75_000
    assert len(rows(first.text)) == 250
    start = time.process_time()
    client.get("/assets?q=a49")
    assert time.process_time() - start < 1
    seen = set()
    url = "/assets"
    while url:
        text = client.get(url).text
        seen |= set(rows(text))
        following = re.search(r'rel="next" href="([^"]+)"', text)
        url = following and following[1].replace("&amp;", "&")
    assert len(seen) == 10_000


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999", "9" * 400, "١"])
def test_any_number_of_a_page_is_answered(client, page):
    answer = client.get(f"/assets?page={quote(page)}")
    assert answer.status_code == 200
    assert "sales:raw_orders" in rows(answer.text)


def test_a_page_keeps_the_filter():
    assets = [asset(f"a&b{i}") for i in range(1200)]
    text = Client(hub_of(report("one", definitions(assets=assets)))).get("/assets?q=a%26b").text
    assert 'href="/assets?q=a%26b&amp;page=2"' in text


def test_a_variable_that_its_own_configuration_reads_is_said():
    variables = [{"name": "REGION", "required_by": ["orders"], "default": False}]
    described = definitions(assets=[asset("orders"), asset("stock")], environment_variables=variables)
    client = Client(hub_of(report("one", described)))
    assert "REGION" in client.get("/assets/one/orders").text
    assert "REGION" not in client.get("/assets/one/stock").text
