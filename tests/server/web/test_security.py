"""Who is answered: a server on this machine is asked as other sites, other hosts and broken clients would."""

from __future__ import annotations

import re
import stat
import sys
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import STOCK, write_workspace
from starlette.datastructures import Headers

from atoll_host.server.web.access import Access, is_loopback
from atoll_host.server.web.security import HEADERS, comes_from_own_page, host_name

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "[::1]", "localhost:1", "127.0.0.1:8080"])
def test_the_names_of_this_machine_are_answered(client, host):
    assert client.get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:3030",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "127.0.0.2",
        "user@localhost",
        "localhost:port",
        "localhost, evil.example",
        "0.0.0.0",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/health", "/static/tokens.css", "/api/events"])
def test_a_host_of_another_name_is_refused(client, host, path):
    answer = client.get(path, headers={"host": host})
    assert answer.status_code in {400, 421}
    if answer.status_code == 421:
        assert "does not answer for the host" in answer.text


def test_a_refused_host_is_told_to_people_as_a_page_without_what_it_said_as_markup(client):
    answer = client.get("/", headers={"host": "evil.example:1<b>", "accept": "text/html"})
    assert answer.status_code in {400, 421}
    answer = client.get("/", headers={"host": "evil&amp;.example", "accept": "text/html"})
    assert answer.status_code == 421
    assert answer.headers["content-type"].startswith("text/html")
    assert "evil&amp;amp;.example" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
    ],
    ids=str,
)
def test_another_site_can_neither_reload_nor_listen(client, headers):
    for request in (("POST", "/api/reload"), ("GET", "/api/events"), ("PUT", "/"), ("OPTIONS", "/api/reload")):
        answer = client.request(*request, headers=headers, json={} if request[0] == "POST" else None)
        assert answer.status_code == 403, request
        assert "another site" in answer.json()["problems"][0]["message"]
        assert "access-control-allow-origin" not in answer.headers


def test_our_own_page_and_programs_can_reload(client, served):
    for headers in ({}, {"origin": served.url}, {"sec-fetch-site": "same-origin", "origin": served.url}):
        answer = client.post("/api/reload", json={"locations": ["reports"]}, headers=headers)
        assert answer.status_code == 202, headers
        assert [item["name"] for item in answer.json()["data"]] == ["reports"]


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x", "", "application/jsonp"])
def test_a_body_that_is_not_said_to_be_json_is_refused(client, media_type):
    answer = client.post("/api/reload", content=b"{}", headers={"content-type": media_type})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"locations": "sales"}', 400),
        (b'{"wait": 1}', 400),
        (b'{"more": 1}', 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"locations": ["nowhere"]}', 404),
        (b" " * 2_000_000, 413),
    ],
    ids=["cut", "list", "text", "number", "unknown", "bytes", "deep", "nowhere", "long"],
)
def test_a_body_that_makes_no_sense_is_told_so(client, body, status):
    answer = client.post("/api/reload", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["problems"][0]["message"]


def test_a_form_of_our_own_page_reloads_and_leads_back_to_it(client, served):
    headers = {"origin": served.url, "referer": f"{served.url}/locations/reports?tab=1"}
    answer = client.post("/api/reload", data={"location": "reports"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/locations/reports?tab=1")
    headers["referer"] = f"{served.url}//evil.example/x"
    answer = client.post("/api/reload", data={"location": "reports"}, headers=headers)
    assert answer.headers["location"] == "/evil.example/x"


def test_a_form_that_nobody_says_is_ours_is_refused(client):
    assert client.post("/api/reload", data={"location": "reports"}).status_code == 403


def test_every_answer_tells_browsers_what_our_pages_may_do(client):
    paths = ["/", "/nothing/here", "/api/health", "/api/nothing", "/static/tokens.css", "/static/nothing.css"]
    answers = [client.get(path) for path in paths]
    answers += [client.get("/", headers={"host": "evil.example"}), client.post("/", json={})]
    with client.stream("GET", "/api/events") as stream:
        answers.append(stream)
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer
        assert "server" not in answer.headers
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /%00%ff%2e%2e/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /static/%2e%2e/%2e%2e/security.py HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /static/..%5c..%5csecurity.py HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"POST /api/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_a_malformed_request_gets_no_file_and_harms_nobody(connect, client, data):
    connection = connect(data)
    connection.settimeout(0.5)
    answer = b""
    try:
        while chunk := connection.recv(65536):
            answer += chunk
    except (TimeoutError, OSError):
        pass
    assert re.match(rb"HTTP/1.1 4\d\d ", answer) or answer == b""
    assert b"Guard" not in answer
    assert client.get("/api/health").status_code == 200


def test_a_client_that_goes_in_the_middle_harms_nobody(connect, client):
    for _ in range(20):
        connect(b"GET /api/graph HTTP/1.1\r\nHost: localhost\r\n\r\n").close()
        connect(
            b"POST /api/reload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        ).close()
        connect(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").close()
    assert client.get("/api/health").status_code == 200


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Give a server that others can reach, and that made a token."""
    path = tmp_path_factory.mktemp("shared") / "demo"
    write_workspace(path, stock=STOCK)
    with DevServer(path, "--host", "0.0.0.0") as server:
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """Give a server that was given a token by a variable, which its locations must not see."""
    path = tmp_path_factory.mktemp("guarded") / "demo"
    write_workspace(path, stock=f"import os\nprint(os.environ.get('ATOLL_TOKEN', 'not seen'))\n{STOCK}")
    with DevServer(path, variables={"ATOLL_TOKEN": TOKEN}) as server:
        yield server


def test_binding_to_other_addresses_makes_a_token_that_stands_in_the_url_once(shared):
    found = re.search(r"http://\S+:\d+/\?token=(\S+)", shared.output)
    assert found, shared.output
    assert len(found[1]) >= 32
    assert shared.output.count(found[1]) == 1
    file = shared.folder / ".atoll" / "dev.json"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert httpx.get(f"{shared.url}/api/health").status_code == 401
    assert httpx.get(f"{shared.url}/api/health", headers={"authorization": f"Bearer {found[1]}"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/events", "/static/tokens.css", "/?token=wrong", "/?token="])
@pytest.mark.parametrize(
    "authorization", [None, "Bearer wrong", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"]
)
def test_without_the_token_there_is_nothing(guarded, path, authorization):
    headers = {} if authorization is None else {"authorization": authorization.encode()}
    answer = httpx.get(f"{guarded.url}{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text
    assert "set-cookie" not in answer.headers


def test_the_token_in_the_url_becomes_a_cookie_that_only_this_server_gets(guarded):
    with httpx.Client(base_url=guarded.url) as client:
        answer = client.get(f"/assets?location=stock&token={TOKEN}&q=a%26b")
        assert answer.status_code == 303
        parts = urlsplit(answer.headers["location"])
        assert (parts.netloc, parts.path) == ("", "/assets")
        assert parse_qsl(parts.query) == [("location", "stock"), ("q", "a&b")]
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert cookie.startswith(f"atoll-{urlsplit(guarded.url).port}=")
        assert client.get("/api/health").status_code == 200
        assert client.post("/api/reload", json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert httpx.get(f"{guarded.url}/api/health", headers={"authorization": f"bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "/%5Cevil.example", "//evil.example/%2e%2e", "/%09/evil.example"])
def test_the_token_leads_to_no_other_host(guarded, path):
    answer = httpx.get(f"{guarded.url}{path}?token={TOKEN}")
    target = answer.headers["location"]
    assert answer.status_code == 303
    assert re.match(r"/[^/\\\t]", target), target


def test_a_link_from_another_site_signs_in_by_a_page_of_ours_as_the_cookie_is_strict(guarded):
    answer = httpx.get(f"{guarded.url}/assets?token={TOKEN}", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert "set-cookie" in answer.headers
    assert 'content="0;url=/assets"' in answer.text


def test_the_token_is_no_business_of_locations(guarded):
    with httpx.Client(base_url=guarded.url, headers={"authorization": f"Bearer {TOKEN}"}) as client:
        guarded.until(lambda: client.get("/api/locations").json()["data"][0]["word"] == "loaded", "it loaded")
        assert client.get("/api/locations/stock").json()["data"]["related"]["output"] == "not seen\n"


def test_hosts_are_read_as_browsers_read_them():
    assert host_name("LOCALHOST:3030") == "localhost"
    assert host_name("[::1]:3030") == "::1"
    assert [host_name(text) for text in ("", "a b", "a/b", "a:b", "[::1", "a@b", "a\\b", "a,b")] == [None] * 8


def test_which_names_lead_to_a_server():
    assert Access("myhost", token="t").serves("myhost")
    assert Access("MyHost", token="t").serves("myhost")
    assert not Access("myhost", token="t").serves("other")
    assert Access("0.0.0.0", token="t").serves("anything")
    assert not Access("0.0.0.0", token=None).serves("anything")
    assert [is_loopback(text) for text in ("localhost", "127.9.9.9", "::1", "0.0.0.0", "::", "10.0.0.1", "host")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_a_word_is_compared_with_the_token_as_a_whole():
    access = Access(token="secret-word")
    assert access.knows("secret-word")
    assert not any(access.knows(word) for word in (None, "", "secret", "secret-word ", "SECRET-WORD", "é"))
    assert not Access(token=None).knows("")


def test_a_form_has_to_prove_where_it_comes_from():
    own = {"host": "localhost:1"}
    assert comes_from_own_page(Headers({**own, "sec-fetch-site": "same-origin"}))
    assert comes_from_own_page(Headers({**own, "origin": "http://localhost:1"}))
    assert not comes_from_own_page(Headers(own))
    assert not comes_from_own_page(Headers({**own, "sec-fetch-site": "none"}))
    assert not comes_from_own_page(Headers({**own, "origin": "http://localhost:2"}))
