"""Annotations for GitHub Actions: a workflow command for each finding.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, and for what is escaped
https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.views.reports.places import place_of, sentence_of
from atoll_host.workspace.describing.text import clean, one_line

if TYPE_CHECKING:
    from atoll_host.cli.views.reports.context import Context
    from atoll_host.workspace.findings.finding import Finding
    from atoll_host.workspace.validation import Validation


def github(validation: Validation, context: Context) -> str:
    """Give a line for each finding, which GitHub shows at the place in the pull request."""
    return "".join(f"{_command(finding, validation, context)}\n" for finding in validation.findings)


def _command(finding: Finding, validation: Validation, context: Context) -> str:
    place = place_of(finding, validation, context.root)
    properties: dict[str, object] = {}
    if place is not None:
        properties = {"file": clean(place.path), "line": place.line, "col": place.column}
    properties["title"] = one_line(f"{finding.code.number} {finding.code.title}")
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::{finding.severity} {told}::{_data(clean(sentence_of(finding)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
