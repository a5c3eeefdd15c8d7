"""Launching runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.api.answers import answer, live_of
from atoll_host.server.web.bodies import read_json_body
from atoll_host.server.web.launching.orders import Order, check_order
from atoll_host.server.web.launching.prospects import Target, look_ahead

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.launching.launcher import Launched

_KEYS = ("selection", "job", "partition", "partition_range", "config", "tags")
_ENDS = 2


async def launch(request: Request) -> Response:
    """Start a run, and answer as soon as it is remembered: it goes on by itself."""
    target, order = _read(await read_json_body(request))
    launched = await run_in_threadpool(_launch, request.app.state, target, order)
    data = {"id": launched.id, "number": launched.number, "url": f"/runs/{launched.id}"}
    return answer(live_of(request), data, 202)


def _launch(state: Any, target: Target, order: Order) -> Launched:
    check_order(look_ahead(state.hub.current, state.operations, target), order)
    return order.launch(state.operations, target)


def _read(data: Any) -> tuple[Target, Order]:
    if not isinstance(data, dict):
        raise UsageError("The body is no object", hint='such as: {"selection": "+orders"}')
    for name in data:
        if name not in _KEYS:
            raise UsageError(f"There is no key {name!r}", hint=f"there are: {', '.join(_KEYS)}")
    selection, job, partition = (_read_text(data, name) for name in ("selection", "job", "partition"))
    target = Target.read(selection, job)
    config, tags, ends = data.get("config"), data.get("tags"), data.get("partition_range")
    if config is not None and not isinstance(config, dict):
        raise UsageError("`config` is no object", hint='such as {"ops": {"NAME": {"config": {}}}}')
    if tags is not None and not (isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values())):
        raise UsageError("`tags` is no object of texts", hint='such as {"team": "sales"}')
    if ends is None:
        return target, Order(partition, None, tags or {}, config or {})
    if not (isinstance(ends, list) and len(ends) == _ENDS and all(isinstance(end, str) and end for end in ends)):
        raise UsageError("`partition_range` is no list of the first and the last key")
    if partition is not None:
        raise UsageError("`partition` and `partition_range` exclude each other")
    return target, Order(ends[0], ends[1], tags or {}, config or {})


def _read_text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{name}` is no text")
    return value
