"""The list of jobs, and the page of each: complete, linked, and harmless whatever its texts are."""

import pytest
from live_pages import Client, harmless, hub_of, load_samples, make_stale, pages_of, said, unsaid


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def test_every_value_of_every_job_is_on_its_page(hub, client):
    missing = {
        url: unsaid(client.get(url).text, described)
        for url, described in pages_of(hub, "job")
        if "/hostile/" not in url
    }
    assert missing
    assert {url: what for url, what in missing.items() if what} == {}


def test_hostile_texts_are_only_texts(hub, client):
    pages = [url for url, _ in pages_of(hub, "job") if "/hostile/" in url]
    assert pages
    for url in [*pages, "/jobs"]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert harmless(answer.text)


def test_the_list_has_every_job_with_a_link_to_its_page(hub, client):
    text = client.get("/jobs").text
    for url, _ in pages_of(hub, "job"):
        assert f'href="{url}"' in text


def test_without_jobs_the_list_says_what_would_be_here():
    text = Client(hub_of()).get("/jobs").text
    assert "would be here" in text
    assert "atoll create job" in text


def test_what_is_not_there_is_not_found(client):
    for url in ("/jobs/sales/gone", "/jobs/gone/gone", "/jobs/broken/gone"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "There is no job of this name" in answer.text


def test_words_narrow_the_list(client):
    text = client.get("/jobs?q=sales+tidy").text
    assert "/jobs/sales/tidy" in text
    assert "/jobs/sales/refresh" not in text
    assert "Show all" in client.get("/jobs?q=surely+not+there").text


def test_a_job_links_to_what_it_makes_and_to_what_starts_it(client):
    text = client.get("/jobs/sales/refresh").text
    for url in ("/assets/sales/raw_orders", "/schedules/sales/nightly", "/sensors/sales/files_arrived"):
        assert f'href="{url}"' in text
    assert 'href="/jobs/sales/refresh"' in client.get("/schedules/sales/nightly").text


def test_secrets_of_a_configuration_are_not_shown(client):
    text = client.get("/jobs/everything/cleanup").text
    assert "•••" in text
    assert "unsafe" not in text


def test_a_location_that_failed_has_its_earlier_jobs_marked(hub):
    client = Client(make_stale(hub, "sales"))
    assert "as of" in said(client.get("/jobs/sales/refresh").text)
    assert client.get("/jobs?q=sales").text.count("state-stale") == 2
