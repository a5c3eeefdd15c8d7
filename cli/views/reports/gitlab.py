"""Code Quality for GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.reports.places import RepositoryPlace, fingerprints, place_of, sentence_of
from atoll_host.workspace.describing.text import clean

if TYPE_CHECKING:
    from atoll_host.cli.views.reports.context import Context
    from atoll_host.workspace.findings.finding import Finding
    from atoll_host.workspace.validation import Validation

_SEVERITIES = {"error": "major", "warning": "minor"}
_NOWHERE = RepositoryPlace("workspace.yaml")
"""GitLab wants a place in any case; what has none is nobody's in particular."""


def gitlab(validation: Validation, context: Context) -> str:
    """Give a JSON array with an object for each finding."""
    found = [
        _degradation(finding, known, validation, context) for finding, known in fingerprints(validation, context.root)
    ]
    return f"{json.dumps(found, indent=2)}\n"


def _degradation(finding: Finding, fingerprint: str, validation: Validation, context: Context) -> dict[str, Any]:
    place = place_of(finding, validation, context.root) or _NOWHERE
    return {
        "description": clean(f"{finding.code.number}: {sentence_of(finding)}"),
        "check_name": finding.code.number,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": clean(place.path), "lines": {"begin": place.line or 1}},
    }
