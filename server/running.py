"""Which server runs for a workspace: written down in its `.atoll/dev.json`, so that others can ask it for something."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from atoll_host.envs.layout import StateFolder

_FORMAT = 1
_FILE = "dev.json"
_WELL = 200
_PATIENCE = 5.0
"""Seconds that a server has to say that it is there."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs, or ran.

    Attributes:
        url: where this machine finds it, without a slash at the end.
        token: what it has to be told; None for nothing.
        pid: its process.
        started: seconds since the epoch.
    """

    url: str
    token: str | None = None
    pid: int = field(default_factory=os.getpid)
    started: float = field(default_factory=time.time)

    def ask(self, path: str, body: Any = None, *, timeout: float | None = None) -> tuple[int, Any]:
        """Ask it for something.

        Args:
            path: such as `/api/health`.
            body: sent as JSON with POST; None to GET.
            timeout: seconds; None for any number.

        Returns:
            The status, and the JSON of the answer.

        Raises:
            OSError: it does not answer, or what answers is none of ours.
        """
        import http.client  # noqa: PLC0415 — the server itself does without
        import urllib.request  # noqa: PLC0415 — as above

        request = urllib.request.Request(  # noqa: S310 — what we wrote down ourselves
            f"{self.url}{path}", headers={"Accept": "application/json"}
        )
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        # Proxies are for other machines.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as response:
                return response.status, json.load(response)
        except urllib.request.HTTPError as error:
            with error:
                return error.code, _read(error.read())
        except (ValueError, http.client.HTTPException) as error:
            raise OSError(str(error)) from None

    @property
    def answers(self) -> bool:
        """Whether it still runs: what answers there is this very process."""
        try:
            status, answer = self.ask("/api/health", timeout=_PATIENCE)
            return status == _WELL and answer["data"]["pid"] == self.pid
        except (OSError, TypeError, KeyError):
            return False


def write_down(state: StateFolder, server: RunningServer) -> None:
    """Write down that a server runs, in one step; only its user may read the token.

    Raises:
        OSError: the folder cannot be written.
    """
    state.make()
    temporary = state.path / f".{_FILE}-{secrets.token_hex(4)}"
    data = {
        "format": _FORMAT,
        "pid": server.pid,
        "url": server.url,
        "started": server.started,
        "token": server.token,
    }
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file)
        temporary.replace(_file(state))
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_down(state: StateFolder) -> RunningServer | None:
    """Give the server that was written down; None where there is none. Whether it still runs, only it can say."""
    try:
        data = json.loads(_file(state).read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            return None
        url, token = str(data["url"]), data["token"]
        server = RunningServer(url, None if token is None else str(token), int(data["pid"]), float(data["started"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return server if url.startswith("http://") else None


def forget(state: StateFolder, server: RunningServer) -> None:
    """Remove what was written down, unless another server has written since."""
    if read_down(state) == server:
        with contextlib.suppress(OSError):
            _file(state).unlink(missing_ok=True)


def _file(state: StateFolder) -> Path:
    return state.path / _FILE


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
