"""Messages between host and worker: JSON-RPC 2.0, one message a line. The contract is in `envs/protocol.md`."""

from __future__ import annotations

import json
from typing import Any

from atoll_host.envs.errors import Problem

PROTOCOL = 1
"""Version of the wire contract; host and shim travel together, so it is the only one that either speaks."""

CHANNEL_LOST = 87
"""Exit status of a worker whose channel was closed by user code."""

LONGEST_LINE = 512 * 1024 * 1024
"""In bytes. No snapshot comes near; an endless line must not take all memory."""


def request(number: int, method: str, params: dict[str, Any]) -> bytes:
    """Write a request as a line."""
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(message).encode("ascii") + b"\n"


def message(line: bytes) -> dict[str, Any] | None:
    """Read a line; None when it is no message of the protocol, such as a line that a `sitecustomize` printed."""
    if not line.startswith(b"{") or not line.endswith(b"\n"):
        return None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
        return None
    if b"\\ud" in line:
        # Half of a surrogate pair is a string in Python, and nothing that can be printed or kept.
        return {str(name): _without_halves(value) for name, value in data.items()}
    return data


def _without_halves(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_without_halves(item) for item in value]
    if isinstance(value, dict):
        return {_without_halves(key): _without_halves(item) for key, item in value.items()}
    return value


def problems(error: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Give the problems that an error answer carries, as they were sent."""
    data = error.get("data")
    sent = data.get("problems") if isinstance(data, dict) else None
    if not isinstance(sent, list) or not sent:
        return (Problem("protocol", f"The worker answered with an error: {error.get('message')}").to_json(),)
    return tuple(item for item in sent if isinstance(item, dict) and "kind" in item and "message" in item)
