"""What is answered where there is nothing, where a request makes no sense, and where we failed."""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.server.web.api.answers import NOT_FOUND, answer_problems
from atoll_host.server.web.security import HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request


def on_http_error(request: Request, error: Exception) -> Response:
    """Say what is wrong with a request: there is no such page, or not with this method."""
    if not isinstance(error, HTTPException):
        raise error
    message = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and message == HTTPStatus.NOT_FOUND.phrase:
        message = f"There is nothing at {request.url.path}"
    return _answer(request, error.status_code, (Problem(NOT_FOUND, message),), error.headers)


def on_wrong_request(request: Request, error: Exception) -> Response:
    """Say what a request asks for that cannot be given."""
    if not isinstance(error, AtollError):
        raise error
    missing = error.problems[0].kind == NOT_FOUND
    return _answer(request, HTTPStatus.NOT_FOUND if missing else HTTPStatus.BAD_REQUEST, error.problems)


def on_gone_client(_: Request, __: Exception) -> Response:
    """Give up a request whose client went before it had sent all of it."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


def on_fault(request: Request, _: Exception) -> Response:
    """Say that we failed; the traceback goes to the terminal."""
    message = "The server failed to answer this"
    problem = Problem("tool", message, hint="the terminal in which `atoll dev` runs shows why")
    response = _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, (problem,))
    # This is answered outside of the guard, which says so everywhere else.
    response.headers.update(HEADERS)
    return response


HANDLERS: Mapping[Any, Callable[[Request, Exception], Response]] = {
    HTTPException: on_http_error,
    AtollError: on_wrong_request,
    ClientDisconnect: on_gone_client,
    Exception: on_fault,
}


def _answer(
    request: Request, status: int, problems: tuple[Problem, ...], headers: Mapping[str, str] | None = None
) -> Response:
    if request.url.path.startswith("/api/"):
        response: Response = answer_problems(request, problems, status)
    else:
        response = _page(request, status, problems)
    response.status_code = status
    response.headers.update(headers or {})
    return response


def _page(request: Request, status: int, problems: tuple[Problem, ...]) -> Response:
    try:
        from atoll_host.server.web.rendering import render  # noqa: PLC0415 — templates are imported for a page that failed

        problem = problems[0]
        title, hint = problem.message, problem.hint
        return render(request, "missing.html", status_code=status, title=title, message=title, hint=hint)
    except Exception:  # noqa: BLE001 — a page that says what failed must not fail by the same fault
        lines = "".join(f"<p>{html.escape(text)}</p>" for text in (problems[0].message, problems[0].hint or "") if text)
        title = html.escape(problems[0].message)
        return HTMLResponse(f"<!doctype html><html lang=en><title>{title}</title>{lines}<a href=/>Overview</a></html>")
