"""What the lists of checks, jobs and resources and the page of each have in common: complete, linked, and harmless."""

import pytest
from live_pages import Client, harmless, hub_of, load_samples, pages_of, unsaid

each_kind = pytest.mark.parametrize("kind", ["check", "job", "resource"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


@each_kind
def test_every_value_of_every_one_is_on_its_page(hub, client, kind):
    missing = {
        url: unsaid(client.get(url).text, described) for url, described in pages_of(hub, kind) if "/hostile/" not in url
    }
    assert missing
    assert {url: what for url, what in missing.items() if what} == {}


@each_kind
def test_hostile_texts_are_only_texts(hub, client, kind):
    pages = [url for url, _ in pages_of(hub, kind) if "/hostile/" in url]
    assert pages
    for url in [*pages, f"/{kind}s"]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert harmless(answer.text)


@each_kind
def test_the_list_has_every_one_with_a_link_to_its_page(hub, client, kind):
    text = client.get(f"/{kind}s").text
    for url, _ in pages_of(hub, kind):
        assert f'href="{url}"' in text


@each_kind
def test_without_any_the_list_says_what_would_be_here(kind):
    text = Client(hub_of()).get(f"/{kind}s").text
    assert "would be here" in text
    assert f"atoll create {kind}" in text


@each_kind
def test_what_is_not_there_is_not_found(client, kind):
    for url in (f"/{kind}s/sales/gone", f"/{kind}s/gone/gone", f"/{kind}s/broken/gone"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert f"There is no {kind} of this name" in answer.text
