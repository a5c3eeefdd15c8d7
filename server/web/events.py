"""The stream of events: what changed, told to every page that is open, as server-sent events.

The hub speaks in the threads that change it; clients are served by the event loop. Each client has the events that it
was not sent yet, one of a kind and location, so that one that reads slowly hears less often and costs no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from atoll_host.server.live.hub import Event, Hub

HEARTBEAT = 15.0
"""Seconds of silence after which a client is told that we are still there."""
PATIENCE = 30.0
"""Seconds that a client may leave us waiting before it is dropped."""
_RETRY = 1000
"""Milliseconds after which a client that lost us tries again."""
_MOST = 256
"""Events that wait for a client; where there are more, they become one of each kind that concerns all locations."""


class Client:
    """One that hears the events.

    Attributes:
        closed: whether it hears no more.
    """

    def __init__(self) -> None:
        self.closed = False
        self._pending: dict[tuple[str, str | None], dict[str, Any]] = {}
        self._woken = asyncio.Event()

    def put(self, event: dict[str, Any]) -> None:
        """Add an event; it replaces one of the same kind and location."""
        key = (event["kind"], event["location"])
        # At the end, so that revisions only grow.
        before = self._pending.pop(key, None)
        self._pending[key] = event if before is None else _merge(before, event)
        if len(self._pending) > _MOST:
            merged = [
                {
                    "kind": item["kind"],
                    "revision": item["revision"],
                    "location": None,
                    "at": item["at"],
                    **({"runs": item["runs"]} if "runs" in item else {}),
                }
                for item in self._pending.values()
            ]
            self._pending = {}
            for item in merged:
                self.put(item)
        self._woken.set()

    def close(self) -> None:
        """Let it hear no more."""
        self.closed = True
        self._woken.set()

    def take(self) -> list[dict[str, Any]]:
        """Give the events that wait, and wait for none of them any more."""
        events = list(self._pending.values())
        self._pending = {}
        if not self.closed:
            self._woken.clear()
        return events

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until there is something to take, or it is closed; tell whether that was in time."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return False
        return True


def _merge(before: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Give what takes the place of two events: of the runs, those of both; none stand for any."""
    if "runs" not in event or "runs" not in before:
        return event
    runs = list(dict.fromkeys([*before["runs"], *event["runs"]])) if before["runs"] and event["runs"] else []
    return {**event, "runs": runs if len(runs) <= _MOST else []}


class Broadcaster:
    """Tells the clients what the hub tells. Its methods are called in the event loop.

    Args:
        hub: whose events are told.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.drop: Callable[[Any], None] = lambda _: None
        """Ends the connection of a client, by its address as ASGI has it, without waiting for it to read the rest."""
        self.on_join: Callable[[], None] = lambda: None
        """Called when a client comes."""
        self.on_leave: Callable[[], None] = lambda: None
        """Called when a client goes."""
        self._clients: set[Client] = set()
        self._closed = False
        self._stop: Callable[[], None] | None = None

    def join(self) -> Client:
        """Add a client, which hears all that changes from now on."""
        if self._stop is None and not self._closed:
            loop = asyncio.get_running_loop()

            def listen(event: Event) -> None:
                # The loop is closed when the last events of an ending server come.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._spread, event)

            self._stop = self.hub.listen(listen)
        client = Client()
        self._clients.add(client)
        self.on_join()
        if self._closed:
            client.close()
        return client

    def leave(self, client: Client) -> None:
        """Remove a client."""
        if client in self._clients:
            self._clients.discard(client)
            self.on_leave()

    def close(self) -> None:
        """End all streams, and those that come."""
        self._closed = True
        if self._stop is not None:
            self._stop()
        for client in self._clients:
            client.close()

    @property
    def clients(self) -> int:
        """How many there are."""
        return len(self._clients)

    def _spread(self, event: Event) -> None:
        told = event.to_json()
        for client in self._clients:
            client.put(told)


class EventStream(Response):
    """The answer that does not end: `hello` with the current revision, then what changes."""

    def __init__(self, broadcaster: Broadcaster) -> None:
        super().__init__(media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._broadcaster = broadcaster

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the client goes, does not read, or the server stops."""
        client = self._broadcaster.join()
        gone = asyncio.ensure_future(_watch(receive, client))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                async with asyncio.timeout(PATIENCE) as limit:
                    await self._stream(client, send, limit)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            self._broadcaster.drop(scope.get("client"))
        finally:
            self._broadcaster.leave(client)
            gone.cancel()

    async def _stream(self, client: Client, send: Send, limit: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        text = f"retry: {_RETRY}\n" + _message("hello", {"revision": self._broadcaster.hub.current.revision})
        while not client.closed:
            limit.reschedule(loop.time() + PATIENCE)
            await send({"type": "http.response.body", "body": text.encode("utf-8", "replace"), "more_body": True})
            limit.reschedule(None)
            if await client.wait(HEARTBEAT):
                text = "".join(_message(event["kind"], event) for event in client.take())
            else:
                text = ": still here\n\n"


async def _watch(receive: Receive, client: Client) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.close()


def _message(name: str, data: dict[str, Any]) -> str:
    return f"id: {data['revision']}\nevent: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


async def events(request: Request) -> Response:
    """Answer with the stream."""
    return EventStream(request.app.state.events)
