"""The list of resources, and the page of each: complete, linked, and harmless whatever its texts are."""

import pytest
from live_pages import Client, load_samples, make_stale, said


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def test_words_narrow_the_list(client):
    text = client.get("/resources?q=WAREHOUSE_URL").text
    assert "/resources/sales/warehouse" in text
    assert "/resources/everything/" not in text


def test_a_resource_says_who_uses_it_and_what_it_needs(client):
    text = client.get("/resources/sales/warehouse").text
    assert 'href="/assets/sales/raw_orders"' in text
    assert "$WAREHOUSE_URL" in text
    assert "•••" in text
    assert "hunter2" not in text
    assert 'href="/resources/sales/warehouse"' in client.get("/assets/sales/raw_orders").text


def test_a_resource_in_a_resource_is_a_link(client):
    assert 'href="/resources/everything/vault"' in client.get("/resources/everything/database").text


def test_a_location_that_failed_has_its_earlier_resources_marked(hub):
    client = Client(make_stale(hub, "sales"))
    assert "as of" in said(client.get("/resources/sales/warehouse").text)
    assert "state-stale" in client.get("/resources?q=sales").text
