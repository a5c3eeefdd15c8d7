"""Who may ask for what: the host that is asked for, the site that asks, the token, and what browsers are told.

A page of any other site can make the reader's browser send requests to this server, under a name of its own that it
makes lead here (DNS rebinding) or under ours (cross-site requests). So the name that is asked for has to be one that is
served; whatever changes something, or goes on for long, has to come from our own page or from no page at all; and where
other machines can reach the server, everyone has to know the token.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response

from atoll_host.envs.errors import Problem
from atoll_host.server.web.api.answers import FORMAT
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from atoll_host.server.web.access import Access

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every response says: nothing of another site runs in our pages, and none of ours is used in another's."""
STREAM = "/api/events"
HEALTH = "/health"
"""For what looks after processes: it knows neither our name nor the token, and learns nothing but numbers."""
_HARMLESS = frozenset({"GET", "HEAD"})
_YEAR = 365 * 24 * 3600


class Guard:
    """Lets only requests through that may be made, and tells browsers what our pages may do.

    It works on ASGI's own messages, so that nothing collects a stream.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._refuse(scope)
        await (self._app if answer is None else answer)(scope, receive, send_with_headers)

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if scope["path"] == HEALTH and scope["method"] in _HARMLESS:
            return None
        host = headers.get("host", "")
        name = host_name(host)
        if name is None or not self._access.serves(name):
            return refusal(
                scope,
                421,
                f"This server does not answer for the host {host!r}",
                "use http://localhost with its port, or start it with `atoll dev --host NAME`",
            )
        if (scope["method"] not in _HARMLESS or scope["path"] == STREAM) and not is_own(headers, host):
            message = "This request comes from another site, and only the page itself may make it"
            return refusal(scope, 403, message, "type the address yourself, or use the API without a browser")
        return self._ask_for_token(scope, headers)

    def _ask_for_token(self, scope: Scope, headers: Headers) -> Response | None:
        access = self._access
        if access.token is None:
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = next((value for key, value in query if key == "token"), None)
        if given is not None and scope["method"] in _HARMLESS and access.knows(given):
            rest = urlencode([(key, value) for key, value in query if key != "token"])
            # With one slash: two would lead to another host.
            path = "/" + quote(scope["path"].lstrip("/"))
            response = _lead_to(f"{path}?{rest}" if rest else path, headers)
            response.set_cookie(access.cookie, given, max_age=_YEAR, httponly=True, samesite="strict")
            return response
        scheme, _, word = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and access.knows(word.strip()):
            return None
        if any(access.knows(word) for word in _cookies(headers.getlist("cookie"), access.cookie)):
            return None
        answer = refusal(
            scope,
            401,
            "The token is wrong" if given is not None or word else "A token is needed",
            "open the URL that `atoll dev` printed, or send the header `Authorization: Bearer TOKEN`",
        )
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer


def _lead_to(url: str, headers: Headers) -> Response:
    """Lead to one of our pages such that the browser sends the cookie that comes with this."""
    if headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        # A redirect would go on being another site's request, with which a strict cookie is not sent.
        refresh = f'<meta http-equiv="refresh" content="0;url={html.escape(url)}">'
        return HTMLResponse(f"<!doctype html><html lang=en>{refresh}<title>atoll</title></html>")
    return RedirectResponse(url, 303)


def host_name(host: str) -> str | None:
    """Give the name in a Host header, without port and brackets, in lower case; None where it is none."""
    if not host or any(character in host for character in "/\\@?# \t,"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 — refuses what is no number
    except ValueError:
        return None
    return parts.hostname


def is_own(headers: Headers, host: str) -> bool:
    """Tell whether a request comes from our own page, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin.lower() in {f"http://{host}".lower(), f"https://{host}".lower()}


def comes_from_own_page(headers: Headers) -> bool:
    """Tell whether a browser says that our own page makes a request: what a form has to prove."""
    says = headers.get("sec-fetch-site") == "same-origin" or headers.get("origin") is not None
    return says and is_own(headers, headers.get("host", ""))


def refusal(scope: Scope, status: int, message: str, hint: str) -> Response:
    """Say why a request is refused: as JSON to programs, as a plain page to people."""
    accepts = Headers(scope=scope).get("accept", "")
    if scope["path"].startswith("/api/") or "text/html" not in accepts:
        problem = LocatedProblem(None, Problem("refused", message, hint)).to_json()
        body = json.dumps({"format": FORMAT, "revision": None, "data": None, "problems": [problem]})
        return Response(f"{body}\n", status, media_type="application/json")
    text = f"<p>{html.escape(message)}.</p><p>{html.escape(hint[:1].upper() + hint[1:])}.</p>"
    return HTMLResponse(f"<!doctype html><html lang=en><title>Refused</title>{text}</html>", status)


def _cookies(lines: Iterable[str], name: str) -> Iterable[str]:
    """Give the values of all cookies of a name: another server on this machine may have set one too."""
    for line in lines:
        for part in line.split(";"):
            key, mark, value = part.strip().partition("=")
            if mark and key == name:
                yield value.strip('"')
