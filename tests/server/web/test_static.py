"""Static files: kept by browsers as long as they have not changed, and of the types that browsers insist on."""

from __future__ import annotations

import pytest


def test_a_file_is_asked_for_again_and_not_sent_again(client):
    first = client.get("/static/tokens.css")
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/static/tokens.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/static/tokens.css", "text/css; charset=utf-8"), ("/static/core/live.js", "text/javascript; charset=utf-8")],
)
def test_a_file_is_of_the_type_that_browsers_insist_on(client, path, media_type):
    assert client.get(path).headers["content-type"] == media_type


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/core", "/static/nothing.js", "/static/../pages/x"])
def test_what_is_no_file_is_not_found(client, path):
    assert client.get(path, follow_redirects=True).status_code == 404


def test_large_answers_are_compressed_and_small_ones_are_not(client):
    assert client.get("/").headers["content-encoding"] == "gzip"
    assert client.get("/api/openapi.json").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/api/health").headers
    assert "content-encoding" not in client.get("/", headers={"accept-encoding": "identity"}).headers


def test_the_stream_is_never_compressed(client):
    with client.stream("GET", "/api/events", headers={"accept-encoding": "gzip"}) as stream:
        assert "content-encoding" not in stream.headers
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-store"


def test_a_page_that_is_not_there_says_so_in_the_form_that_is_asked_for(client):
    page = client.get("/nothing/<b>", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "There is nothing at /nothing/&lt;b&gt;" in page.text
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.json()["problems"][0]["message"] == "There is nothing at /api/nothing"


def test_a_method_that_is_not_there_is_told(client):
    answer = client.get("/api/reload")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
