"""Serve the page: the socket first, then everything else, until a signal ends it."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from atoll_host.envs.errors import ToolFailedError, UsageError
from atoll_host.server.web.access import Access, is_loopback, is_wildcard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from atoll_host.server.automating import Automating
    from atoll_host.server.control import Control
    from atoll_host.server.live.hub import Hub
    from atoll_host.server.operations.operations import Operations

DEFAULT_PORT = 3030
_TRIED = 100
"""How many ports are tried from the first one on."""
_BACKLOG = 128
_REST = 0.02
"""Seconds between two templates that are compiled before anybody asks for them."""
_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})
"""Windows gives the second for a port that another process has for itself."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens.

    Attributes:
        socket: whose backlog keeps requests until they are served.
        access: who may use what is served there.
        host: the name by which this machine reaches it.
    """

    socket: socket.socket
    access: Access
    host: str

    @property
    def url(self) -> str:
        """Where this machine finds the page."""
        return self._url(self.host)

    @property
    def shared_url(self) -> str:
        """Where others find the page, the token in it: what is opened, and told to those who may know."""
        host = socket.gethostname() if is_wildcard(self.access.host) else self.host
        return self.with_token(self._url(host))

    def with_token(self, url: str) -> str:
        """Give a URL that lets its reader in."""
        return url if self.access.token is None else f"{url}/?token={quote(self.access.token)}"

    def _url(self, host: str) -> str:
        return f"http://{f'[{host}]' if ':' in host else host}:{self.access.port}"


def listen(host: str, port: int | None, token: str | None) -> Listener:
    """Bind a socket and let it listen.

    Args:
        host: name or address.
        port: None for 3030, or the next one that is free; 0 for any.
        token: what everyone has to know; where others can reach the address and there is none, one is made.

    Raises:
        UsageError: the port is taken, or there is no such address here.
    """
    family, address = _resolve(host)
    if token is None and not is_loopback(address):
        token = secrets.token_urlsafe(24)
    first = DEFAULT_PORT if port is None else port
    bound = _bind(family, address, first)
    if bound is None and port is not None:
        free = _find_free(family, address, port + 1)
        hint = None if free is None else f"--port {free} is free"
        raise UsageError(f"Port {port} is taken", hint=hint)
    for other in range(first + 1, first + _TRIED):
        bound = bound or _bind(family, address, other)
    if bound is None:
        raise UsageError(f"All ports from {first} to {first + _TRIED - 1} are taken", hint="--port 0 takes any")
    name = host.strip("[]")
    reached = ("::1" if family == socket.AF_INET6 else "127.0.0.1") if is_wildcard(address) else name
    return Listener(bound, Access(address if is_wildcard(address) else name, bound.getsockname()[1], token), reached)


def _resolve(host: str) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host.strip("[]") or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no name of a host"
        raise UsageError(f"There is no host {host!r}: {reason}", hint="--host 127.0.0.1 is this machine") from None
    # Names that have both are reached by IPv4 from everywhere.
    family, _, _, _, address = min(found, key=lambda item: item[0] != socket.AF_INET)
    return family, str(address[0])


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket | None:
    """Give a listening socket; None where the port is taken.

    Raises:
        UsageError: the address is none of this machine's, or the port no number of one.
    """
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # Without it, two servers could have the same port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Connections that have just been closed do not keep the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE or (error.errno in _TAKEN and sys.platform == "win32"):
            return None
        if error.errno == errno.EACCES:
            raise UsageError(f"Port {port} is only for administrators", hint=f"--port {DEFAULT_PORT}") from None
        if error.errno == errno.EADDRNOTAVAIL:
            hint = "--host 0.0.0.0 stands for all addresses of this machine"
            raise UsageError(f"{address} is no address of this machine", hint=hint) from None
        raise ToolFailedError(f"{address} port {port} can't be used: {error.strerror or error}") from None
    except OverflowError:
        listener.close()
        raise UsageError(f"{port} is no port", hint="ports go from 1 to 65535") from None
    return listener


def _find_free(family: socket.AddressFamily, address: str, first: int) -> int | None:
    for port in range(first, min(first + _TRIED, 65536)):
        with contextlib.suppress(UsageError, ToolFailedError):
            found = _bind(family, address, port)
            if found is not None:
                found.close()
                return port
    return None


@dataclass
class Stopping:
    """The wish to stop, which a signal expresses.

    Attributes:
        number: of the signal; None while nobody wants to stop.
    """

    number: int | None = None
    _callbacks: list[Callable[[], None]] = field(default_factory=list)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Have a function called when the first signal comes, in the main thread; at once when it has come."""
        self._callbacks.append(callback)
        if self.number is not None:
            callback()

    def signalled(self, number: int) -> None:
        """Take a signal: the first one begins to stop, a second one ends the process at once."""
        if self.number is not None:
            # Workers end with us, as their lifelines do.
            os._exit(128 + number)
        self.number = number
        for callback in self._callbacks:
            callback()


@contextlib.contextmanager
def stopping_by_signals() -> Iterator[Stopping]:
    """Let Ctrl-C, SIGTERM and the closing of the terminal stop the server; what was ignored before stays ignored."""
    stopping = Stopping()

    def handle(number: int, _: FrameType | None) -> None:
        stopping.signalled(number)

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, handle)
    try:
        yield stopping
    finally:
        if stopping.number is None:
            # Otherwise a second signal still ends us at once, whatever is being cleaned up.
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    hub: Hub,
    control: Control,
    listener: Listener,
    stopping: Stopping,
    *,
    editor: str,
    version: str,
    operations: Operations | None = None,
    automating: Automating | None = None,
) -> None:
    """Answer requests until somebody wants to stop. Call it in the main thread.

    Args:
        hub: holds what is known.
        control: asks for reloads.
        listener: where requests come from; it is closed at the end.
        stopping: says when to stop.
        editor: which editor the page opens files in.
        version: of this tool.
        operations: does what can be done with runs; it is closed at the end.
        automating: evaluates schedules and sensors; its owner closes it.
    """
    from atoll_host.server.web.application import make_application  # noqa: PLC0415 — loads begin before
    from atoll_host.server.web.http import run  # noqa: PLC0415 — as above
    from atoll_host.server.web.settings import Settings  # noqa: PLC0415 — as above

    settings = Settings(editor=editor, version=version, access=listener.access)
    app = make_application(hub, control, settings, operations, automating)
    threading.Thread(target=prepare_templates, args=(stopping,), name="atoll-templates", daemon=True).start()
    try:
        run(app, app.state.events, listener.socket, stopping.on_stop)
    finally:
        app.state.run_news.close()
        app.state.operations.close()


def prepare_templates(stopping: Stopping) -> None:
    """Compile the templates of all views, so that the first look at each is as quick as the second.

    Args:
        stopping: when nobody will look any more.
    """
    from atoll_host.server.web.rendering import make_environment  # noqa: PLC0415 — needs what the page needs

    environment = make_environment()
    # What is opened first comes first.
    for name in sorted(environment.list_templates(), key=lambda name: name != "overview.html"):
        if stopping.number is not None:
            return
        environment.get_template(name)
        # Loads and requests go first.
        time.sleep(_REST)


def open_in_browser(url: str) -> None:
    """Open a page in the user's browser, in a thread that nobody waits for."""
    import webbrowser  # noqa: PLC0415 — many do without

    threading.Thread(target=webbrowser.open, args=(url,), name="atoll-browser", daemon=True).start()


def has_browser() -> bool:
    """Tell whether a browser could show a page to the person at this terminal, beside the terminal itself."""
    variables = os.environ
    if variables.get("CI") or variables.get("SSH_CONNECTION") or not sys.stdout.isatty():
        return False
    if variables.get("BROWSER"):
        return True
    # A text browser would take the terminal.
    return sys.platform in {"darwin", "win32"} or bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))
