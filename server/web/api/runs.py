"""What the API says of runs, and what is done with them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from atoll_host.envs.errors import UsageError
from atoll_host.runs.describing import describe_event, describe_run, describe_whole_run
from atoll_host.server.web.api.answers import answer, live_of
from atoll_host.server.web.bodies import read_json_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.storage.records import Run
    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.operations.operations import Operations

T = TypeVar("T")


def every(request: Request) -> Response:
    """Give the runs that are asked for, the newest first."""
    from atoll_host.server.web.runs.filtering import RunChoice  # noqa: PLC0415 — not before it is asked

    live, choice = live_of(request), RunChoice.of(request.query_params)
    storage = _operations(request).read()
    if storage is None:
        return answer(live, [])
    found = storage.runs.list(choice.to_filter(), cursor=choice.before, limit=choice.limit)
    return answer(live, [describe_run(run) for run in found.runs])


def one(request: Request) -> Response:
    """Give a run with its steps, and what went wrong."""
    from atoll_host.runs.problems import find_run_problems  # noqa: PLC0415 — not before it is asked

    live = live_of(request)
    storage, run = find_run(request)
    data = describe_whole_run(run, storage.steps.list(run.id))
    data["problems"] = [problem.to_json() for problem in find_run_problems(storage, run)]
    return answer(live, data)


def events(request: Request) -> Response:
    """Give what happened in a run: the last events, or those before or after one."""
    from atoll_host.server.web.runs.logs import MOST, LogChoice  # noqa: PLC0415 — not before it is asked

    live = live_of(request)
    storage, run = find_run(request)
    choice = LogChoice.of(request.query_params, every=True)
    return answer(live, [describe_event(event) for event in choice.read(storage, run.id, MOST)])


def logs(request: Request) -> Response:
    """Give the end of what a run's steps printed."""
    from atoll_host.server.web.runs.logs import read_outputs  # noqa: PLC0415 — not before it is asked

    live = live_of(request)
    storage, run = find_run(request)
    outputs, _ = read_outputs(storage, run, request.query_params.get("step", ""))
    data = [
        {
            "location": output.stream.location,
            "step": output.stream.step or None,
            "size": output.stream.size,
            "start": output.cut,
            "text": output.text,
        }
        for output in outputs
    ]
    return answer(live, data)


async def cancel(request: Request) -> Response:
    """Ask for the end of a run, and give it as it is then."""
    read_options(await read_json_body(request))

    def work() -> Run:
        storage, run = find_run(request)
        _operations(request).cancel(run.id)
        return storage.runs.get(run.id)

    run = await run_in_threadpool(work)
    return answer(live_of(request), describe_run(run), 202)


async def retry(request: Request) -> Response:
    """Do what is left of a run, or all of it, in a new one."""
    every = read_options(await read_json_body(request), "all").get("all", False)

    def work() -> dict[str, Any]:
        _, run = find_run(request)
        launched = _operations(request).retry(run.id, from_failure=not every)
        return {"id": launched.id, "number": launched.number}

    return answer(live_of(request), await run_in_threadpool(work), 202)


def find_run(request: Request) -> tuple[Storage, Run]:
    """Give the run that an address names by its number or a part of its id, and where it is remembered.

    Raises:
        HTTPException: there is none.
    """
    return find_remembered(request, "run", lambda storage, text: storage.runs.find(text))


def find_remembered(request: Request, what: str, find: Callable[[Storage, str], T]) -> tuple[Storage, T]:
    """Give what an address names, and where it is remembered.

    Args:
        request: has the name in its path.
        what: how that part of the path is called.
        find: looks for it.

    Raises:
        HTTPException: there is none.
    """
    from atoll_host.runs.storage.errors import NoRunError  # noqa: PLC0415 — not before it is asked

    text = request.path_params[what]
    storage = _operations(request).read()
    if storage is not None:
        with contextlib.suppress(NoRunError):
            return storage, find(storage, text)
    raise HTTPException(404, f"There is no {what} {text}")


def read_options(data: Any, *names: str) -> dict[str, bool]:
    """Read a body whose keys are switches.

    Raises:
        UsageError: it is something else.
    """
    if not isinstance(data, dict) or not set(data) <= set(names):
        known = f"the key {' and '.join(names)}" if names else "no keys"
        raise UsageError(f"The body is no object with {known}", hint="{} says nothing more")
    for name, value in data.items():
        if not isinstance(value, bool):
            raise UsageError(f"`{name}` is neither true nor false")
    return data


def _operations(request: Request) -> Operations:
    operations: Operations = request.app.state.operations
    return operations
