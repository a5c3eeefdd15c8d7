"""The stream of events: in order, merged for slow clients, dropped for dead ones, ended with the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import STOCK, write_workspace

from atoll_host.server.live.hub import Event, Hub
from atoll_host.server.serving import Stopping, listen, serve
from atoll_host.server.web import events
from atoll_host.server.web.events import Broadcaster, Client
from tests_support import until

REQUEST = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Stream:
    """A client that reads the stream as a browser does."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=30)
        self.socket.sendall(REQUEST)
        self.file = self.socket.makefile("rb")
        assert self.file.readline() == b"HTTP/1.1 200 OK\r\n"
        while self.file.readline().strip():
            pass

    def lines(self):
        """Give the lines of the stream until it ends."""
        while size := int(self.file.readline().strip() or b"0", 16):
            yield from self.file.read(size).decode().splitlines()
            self.file.readline()

    def events(self):
        """Give (name, id, data) of each event."""
        fields = {}
        for line in self.lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                yield fields["event"], int(fields["id"]), json.loads(fields["data"])
                fields = {}

    def close(self):
        self.file.close()
        self.socket.close()


@contextlib.contextmanager
def serving(hub):
    """Serve a hub in a thread of this process; give its URL and what stops it."""
    stopping = Stopping()
    listener = listen("127.0.0.1", 0, None)
    words = {"editor": "vscode", "version": "1"}
    thread = threading.Thread(target=serve, args=(hub, None, listener, stopping), kwargs=words)
    thread.start()
    try:
        yield listener.url, stopping
    finally:
        if stopping.number is None:
            stopping.signalled(2)
        thread.join(20)
        listener.socket.close()
    assert not thread.is_alive()


@pytest.fixture
def hub():
    """Give a hub that knows nothing."""
    return Hub()


def change(hub, kind="activity", location="sales", **data):
    """Let the hub tell something."""
    return hub.change(kind, lambda live: live, location, **data).revision


def test_a_stream_begins_with_the_revision_and_tells_what_changes(hub):
    change(hub)
    with serving(hub) as (url, _):
        stream = Stream(url)
        found = stream.events()
        assert next(found) == ("hello", 1, {"revision": 1})
        change(hub, "loaded", "stock")
        name, number, data = next(found)
        assert (name, number) == ("loaded", 2)
        assert {key: data[key] for key in ("kind", "revision", "location")} == {
            "kind": "loaded",
            "revision": 2,
            "location": "stock",
        }
        stream.close()


def test_a_stream_says_how_soon_to_come_back_and_that_it_is_still_there(hub, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    with serving(hub) as (url, _):
        stream = Stream(url)
        lines = stream.lines()
        assert next(lines) == "retry: 1000"
        assert ": still here" in (next(lines) for _ in range(8))
        stream.close()


def put(client, kind, revision, location=None):
    client.put(Event(kind, revision, location).to_json())


def told(client):
    return [(event["kind"], event["location"], event["revision"]) for event in client.take()]


def test_events_of_a_kind_and_location_are_merged_and_stay_in_order():
    client = Client()
    for revision, (kind, location) in enumerate(
        [("activity", "a"), ("activity", "b"), ("activity", "a"), ("loaded", "a"), ("activity", "a")], 1
    ):
        put(client, kind, revision, location)
    assert told(client) == [("activity", "b", 2), ("loaded", "a", 4), ("activity", "a", 5)]
    assert told(client) == []


def test_events_of_very_many_locations_become_one_for_all():
    client = Client()
    for revision in range(1, 5001):
        put(client, ("activity", "loaded")[revision % 2], revision, f"location{revision}")
        assert len(client._pending) <= 256
    found = told(client)
    assert found[-1][2] == 5000
    assert ("loaded", None) in {(kind, location) for kind, location, _ in found}


def test_a_client_that_goes_is_forgotten(hub):
    with serving(hub) as (url, _):
        streams = [Stream(url) for _ in range(5)]
        for stream in streams:
            next(stream.events())
        for stream in streams:
            stream.close()
        assert until(lambda: clients(url) == 0, seconds=10)


def clients(url):
    """Ask how many hear the events."""
    return httpx.get(f"{url}/api/health").json()["data"]["clients"]


def test_a_client_that_never_reads_costs_little_slows_nobody_and_is_dropped(hub, monkeypatch):
    monkeypatch.setattr(events, "PATIENCE", 1.0)
    with serving(hub) as (url, _):
        parts = urlsplit(url)
        dead = socket.socket()
        dead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        dead.connect((parts.hostname, parts.port))
        dead.sendall(REQUEST)
        living = Stream(url)
        found = living.events()
        assert next(found)[0] == "hello"
        assert until(lambda: clients(url) == 2)
        padding = "x" * 200_000
        end = time.monotonic() + 60
        slowest = 0.0
        while clients(url) == 2:
            assert time.monotonic() < end
            began = time.perf_counter()
            revision = change(hub, "findings", None, padding=padding)
            while next(found)[1] < revision:
                pass
            slowest = max(slowest, time.perf_counter() - began)
            time.sleep(0.01)
        assert slowest < 0.9
        change(hub, "loaded", "sales")
        assert next(found)[0] == "loaded"
        dead.settimeout(10)
        with contextlib.suppress(ConnectionError):
            while dead.recv(1 << 20):
                pass
        dead.close()
        living.close()


def test_a_hundred_clients_all_hear_what_changes_and_all_end_with_the_server(hub):
    with serving(hub) as (url, stopping):
        streams = [Stream(url) for _ in range(100)]
        found = [stream.events() for stream in streams]
        assert {next(each)[0] for each in found} == {"hello"}
        assert clients(url) == 100
        revisions = [change(hub, "loaded", f"location{number}") for number in range(20)]
        for each in found:
            heard = []
            while not heard or heard[-1] < revisions[-1]:
                heard.append(next(each)[1])
            assert heard == sorted(heard)
        began = time.monotonic()
        stopping.signalled(2)
        for each, stream in zip(found, streams, strict=True):
            assert list(each) == []
            stream.close()
        assert time.monotonic() - began < 2
    assert time.monotonic() - began < 3


def test_changes_from_many_threads_reach_a_client_in_order(hub):
    with serving(hub) as (url, _):
        stream = Stream(url)
        found = stream.events()
        next(found)
        threads = [
            threading.Thread(target=lambda name=name: [change(hub, "activity", name) for _ in range(200)])
            for name in "abcdefgh"
        ]
        for thread in threads:
            thread.start()
        numbers = []
        while not numbers or numbers[-1] < 1600:
            numbers.append(next(found)[1])
        assert numbers == sorted(set(numbers))
        for thread in threads:
            thread.join()
        stream.close()


def test_who_joins_an_ended_broadcaster_hears_that_at_once(hub):
    async def join():
        broadcaster = Broadcaster(hub)
        first = broadcaster.join()
        broadcaster.close()
        change(hub)
        late = broadcaster.join()
        return first.closed, late.closed, await late.wait(1)

    assert asyncio.run(join()) == (True, True, True)


def test_the_server_of_a_workspace_tells_of_a_reload_and_ends_its_streams(tmp_path):
    write_workspace(tmp_path / "demo", stock=STOCK)
    with DevServer(tmp_path / "demo") as server:
        server.until_settled()
        stream = Stream(server.url)
        found = stream.events()
        assert next(found)[0] == "hello"
        httpx.post(f"{server.url}/api/reload", json={})
        while next(found)[0] != "loaded":
            pass
        began = time.monotonic()
        assert server.stop() == 130
        assert time.monotonic() - began < 3
        list(found)
        stream.close()
