"""The list of jobs, and the page of each: complete, linked, and harmless whatever its texts are."""

import pytest
from live_pages import Client, load_samples, make_stale, said


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


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
