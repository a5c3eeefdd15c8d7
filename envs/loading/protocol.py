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


def notification(method: str) -> bytes:
    """Write a notification as a line."""
    return json.dumps({"jsonrpc": "2.0", "method": method}).encode("ascii") + b"\n"


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
        data = {str(name): _without_halves(value) for name, value in data.items()}
    return _in_shape(data)


def _in_shape(data: dict[str, Any]) -> dict[str, Any] | None:
    """Make a message such that what stands in it is of the types that are agreed on."""
    if "error" in data and not isinstance(data["error"], dict):
        data["error"] = {"message": str(data["error"])}
    if "params" in data and not isinstance(data["params"], dict):
        return None
    module = data.get("params", {}).get("module", "")
    if not isinstance(module, str):
        return None
    result = data.get("result")
    if data.get("id") != 1 or "error" in data:
        return data
    if not isinstance(result, dict) or not isinstance(result.get("python", {}), dict):
        return None
    return data if type(result.get("pid", 0)) is int else None


def numbers(value: Any) -> dict[str, float]:
    """Give what of an object are numbers."""
    items = value.items() if isinstance(value, dict) else ()
    return {name: number for name, number in items if type(number) in (int, float) and number >= 0}


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
    found = readable(data.get("problems") if isinstance(data, dict) else None)
    return found or (Problem("protocol", f"The worker answered with an error: {error.get('message')}").to_json(),)


def shaped(data: Any) -> tuple[dict[str, Any] | None, dict[str, list[int]]]:
    """Give what an answer, or the data of an error, says of what shaped the load: the trace, and sources as read."""
    data = data if isinstance(data, dict) else {}
    trace, read = data.get("trace"), data.get("read")
    read = {path: item for path, item in read.items() if isinstance(item, list)} if isinstance(read, dict) else {}
    return trace if isinstance(trace, dict) else None, read


def readable(sent: Any) -> tuple[dict[str, Any], ...]:
    """Give what `Problem.from_json` reads of what should be a list of problems, without what it cannot read."""
    items = sent if isinstance(sent, list) else []
    return tuple(_readable(item) for item in items if isinstance(item, dict) and _is_problem(item))


def _is_problem(item: dict[str, Any]) -> bool:
    return isinstance(item.get("kind"), str) and isinstance(item.get("message"), str)


def _readable(item: dict[str, Any]) -> dict[str, Any]:
    read = {**item, "severity": "warning" if item.get("severity") == "warning" else "error"}
    for name in ("hint", "file", "detail"):
        read[name] = item[name] if isinstance(item.get(name), str) else None
    for name in ("line", "column"):
        read[name] = item[name] if type(item.get(name)) is int and item[name] >= 1 else None
    frames = item.get("frames")
    read["frames"] = [frame for frame in frames if _is_frame(frame)] if isinstance(frames, list) else []
    return read


def _is_frame(frame: Any) -> bool:
    return (
        isinstance(frame, dict)
        and all(isinstance(frame.get(name), str) for name in ("file", "function"))
        and isinstance(frame.get("source"), str | None)
        and type(frame.get("line")) is int
    )
