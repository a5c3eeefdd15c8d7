"""What the API says of everything that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.server.web.api.answers import answer, live_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.workspace.findings.finding import Finding


def every(request: Request) -> Response:
    """Give the findings, or those of a severity, of codes that begin so, of locations."""
    live = live_of(request)
    query = request.query_params
    severity, codes, locations = query.get("severity"), query.getlist("code"), query.getlist("location")

    def wanted(finding: Finding) -> bool:
        return (
            (not severity or finding.severity == severity)
            and (not codes or finding.code.number.startswith(tuple(codes)))
            and (not locations or finding.location in locations)
        )

    return answer(live, [finding.to_json() for finding in live.findings if wanted(finding)])
