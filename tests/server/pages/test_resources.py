"""The list of resources, and the page of each: complete, linked, and harmless whatever its texts are."""

import pytest
from live_pages import Client, harmless, hub_of, load_samples, make_stale, pages_of, said, unsaid


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def test_every_value_of_every_resource_is_on_its_page(hub, client):
    missing = {
        url: unsaid(client.get(url).text, described)
        for url, described in pages_of(hub, "resource")
        if "/hostile/" not in url
    }
    assert missing
    assert {url: what for url, what in missing.items() if what} == {}


def test_hostile_texts_are_only_texts(hub, client):
    pages = [url for url, _ in pages_of(hub, "resource") if "/hostile/" in url]
    assert pages
    for url in [*pages, "/resources"]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert harmless(answer.text)


def test_the_list_has_every_resource_with_a_link_to_its_page(hub, client):
    text = client.get("/resources").text
    for url, _ in pages_of(hub, "resource"):
        assert f'href="{url}"' in text


def test_without_resources_the_list_says_what_would_be_here():
    text = Client(hub_of()).get("/resources").text
    assert "would be here" in text
    assert "atoll create resource" in text


def test_what_is_not_there_is_not_found(client):
    for url in ("/resources/sales/gone", "/resources/gone/gone", "/resources/broken/gone"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "There is no resource of this name" in answer.text


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
