"""Bodies of requests: of a bounded length, as forms of our own page or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.security import comes_from_own_page

if TYPE_CHECKING:
    from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
_LONGEST = 1024 * 1024
"""In bytes."""


async def read_form_body(request: Request) -> dict[str, str]:
    """Give the values of a form by the names of its inputs, the last of each name.

    Raises:
        HTTPException: it is none, too long, or another site's.
    """
    return dict(await read_form_pairs(request))


async def read_form_pairs(request: Request) -> list[tuple[str, str]]:
    """Give the names and values of a form's inputs, in order.

    Raises:
        HTTPException: it is none, too long, or another site's.
    """
    if read_media_type(request) != FORM:
        raise HTTPException(415, "The body has to be a form")
    check_form(request)
    return parse_qsl((await _read(request)).decode("utf-8", "replace"), keep_blank_values=True)


def check_form(request: Request) -> None:
    """Refuse a form that is another site's.

    Raises:
        HTTPException: it is.
    """
    if not comes_from_own_page(request.headers):
        raise HTTPException(403, "A form may only be sent by the page itself")


async def read_json_body(request: Request, hint: str | None = None) -> Any:
    """Give what a body says; nothing says an empty object.

    Args:
        request: has the body.
        hint: such as an example.

    Raises:
        HTTPException: it is too long, or says that it is no JSON.
        UsageError: it is no JSON.
    """
    if read_media_type(request) != "application/json":
        raise HTTPException(415, "The body has to be JSON, with the header `Content-Type: application/json`")
    body = await _read(request)
    try:
        return json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise UsageError("The body is no JSON", hint=hint) from None


def read_media_type(request: Request) -> str:
    """Give what a body says that it is, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _read(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST:
            raise HTTPException(413, "The body is too long")
    return body
