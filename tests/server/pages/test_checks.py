"""The list of checks, and the page of each: complete, linked, and harmless whatever its texts are."""

import pytest
from live_pages import Client, harmless, hub_of, load_samples, make_stale, pages_of, said, unsaid


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def test_every_value_of_every_check_is_on_its_page(hub, client):
    missing = {
        url: unsaid(client.get(url).text, described)
        for url, described in pages_of(hub, "check")
        if "/hostile/" not in url
    }
    assert missing
    assert {url: what for url, what in missing.items() if what} == {}


def test_hostile_texts_are_only_texts(hub, client):
    pages = [url for url, _ in pages_of(hub, "check") if "/hostile/" in url]
    assert pages
    for url in [*pages, "/checks"]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert harmless(answer.text)


def test_the_list_has_every_check_with_a_link_to_its_page(hub, client):
    text = client.get("/checks").text
    for url, _ in pages_of(hub, "check"):
        assert f'href="{url}"' in text


def test_without_checks_the_list_says_what_would_be_here():
    text = Client(hub_of()).get("/checks").text
    assert "would be here" in text
    assert "atoll create check" in text


def test_what_is_not_there_is_not_found(client):
    for url in ("/checks/sales/gone", "/checks/gone/gone", "/checks/broken/gone"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "There is no check of this name" in answer.text


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
