"""The list of checks, and the page of each: complete, linked, and harmless whatever its texts are."""

import pytest
from live_pages import Client, load_samples, make_stale, said


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def test_words_narrow_the_list(client):
    text = client.get("/checks?q=stock+duplicates").text
    assert "/checks/stock/stock/levels:no_duplicates" in text
    assert "/checks/sales/" not in text
    assert "Show all" in client.get("/checks?q=surely+not+there").text


def test_a_check_links_to_its_asset_and_back(client):
    assert 'href="/assets/stock/stock/levels"' in client.get("/checks/stock/stock/levels:no_duplicates").text
    assert 'href="/checks/stock/stock/levels:no_duplicates"' in client.get("/assets/stock/stock/levels").text


def test_a_name_that_several_locations_have_says_where(client):
    text = client.get("/checks/everything/stock/levels:no_duplicates").text
    assert 'href="/checks/stock/stock/levels:no_duplicates"' in text


def test_a_location_that_failed_has_its_earlier_checks_marked(hub):
    client = Client(make_stale(hub, "stock"))
    assert "as of" in said(client.get("/checks/stock/stock/levels:no_duplicates").text)
    assert client.get("/checks?q=stock").text.count("state-stale") == 1
