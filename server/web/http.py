"""Run the application with uvicorn: silently, on a socket that listens already, waiting for nobody at the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from uvicorn import Config, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from starlette.types import ASGIApp

    from atoll_host.server.web.events import Broadcaster

_KEPT_OPEN = 75
"""Seconds that a connection may be idle: longer than people take from one view to the next."""


def run(app: ASGIApp, events: Broadcaster, listener: socket, on_stop: Callable[[Callable[[], None]], None]) -> None:
    """Answer requests until it is stopped.

    Args:
        app: answers them.
        events: the streams that have to end before anything else can.
        listener: listens already; it is closed at the end.
        on_stop: is given what stops the server, which may be called in a signal handler of this thread.
    """
    _log_faults_only()
    config = Config(
        app,
        access_log=False,
        date_header=False,
        http="h11",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        loop="asyncio",
        server_header=False,
        timeout_graceful_shutdown=0,
        timeout_keep_alive=_KEPT_OPEN,
        ws="none",
    )
    asyncio.run(_Server(config, events, on_stop).serve(sockets=[listener]))


class _Server(Server):
    """uvicorn's, which wakes up only when something happens, and whose signals are ours."""

    def __init__(self, config: Config, events: Broadcaster, on_stop: Callable[[Callable[[], None]], None]) -> None:
        super().__init__(config)
        self._events = events
        self._on_stop = on_stop
        events.drop = self._drop

    async def main_loop(self) -> None:
        """Wait for the end, where uvicorn looks ten times a second."""
        await self.on_tick(0)
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        self._on_stop(lambda: _tell(loop, stopped))
        await stopped.wait()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the streams, then the connections, and wait for no client."""
        self._events.close()
        # One round of the loop, in which the streams say that they end.
        await asyncio.sleep(0.01)
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            _abort(connection)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs us."""
        yield

    def _drop(self, client: Any) -> None:
        for connection in list(self.server_state.connections):
            if client is not None and getattr(connection, "client", None) == tuple(client):
                _abort(connection)


def _tell(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    # A signal may come when the loop is closed already.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stopped.set)


def _abort(connection: Any) -> None:
    """Close a connection without sending the rest, which nobody reads."""
    transport = getattr(connection, "transport", None)
    if transport is not None:
        transport.abort()


class _OnlyFaults(logging.Filter):
    """Lets only records through that say that we failed: not that clients did, nor that streams were cut off."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is shown."""
        error = record.exc_info[1] if record.exc_info else None
        return error is not None and not isinstance(error, asyncio.CancelledError | OSError)


def _log_faults_only() -> None:
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(one, _OnlyFaults) for one in logger.filters):
        logger.addFilter(_OnlyFaults())
    # What a client did that went away is no fault of ours.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
