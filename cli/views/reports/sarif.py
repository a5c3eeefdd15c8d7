"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as GitHub's code scanning and editors read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from atoll_host.cli.views.reports.places import RepositoryPlace, fingerprints, place_of, repository_path, sentence_of
from atoll_host.workspace.describing.frames import is_library
from atoll_host.workspace.describing.text import clean
from atoll_host.workspace.findings.page import read_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.cli.views.reports.context import Context
    from atoll_host.envs.errors import Frame
    from atoll_host.workspace.findings.codes import Code
    from atoll_host.workspace.findings.finding import Finding
    from atoll_host.workspace.validation import Validation

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
"""What relative addresses are relative to, by the name that most tools give it."""


def sarif(validation: Validation, context: Context) -> str:
    """Give a log of one run: a rule for each code that was found, a result for each finding."""
    codes = sorted({finding.code for finding in validation.findings}, key=lambda code: code.number)
    numbers = {code.number: index for index, code in enumerate(codes)}
    run = {
        "tool": {
            "driver": {
                "name": "Atoll",
                "semanticVersion": context.version,
                "rules": [_rule(code) for code in codes],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_ROOT: {"uri": f"{context.root.as_uri()}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, numbers[finding.code.number], known, validation, context)
            for finding, known in fingerprints(validation, context.root)
        ],
    }
    return f"{json.dumps({'$schema': _SCHEMA, 'version': '2.1.0', 'runs': [run]}, indent=2)}\n"


def _rule(code: Code) -> dict[str, Any]:
    title = f"{code.title[:1].upper()}{code.title[1:]}"
    page = read_page(code)
    return {
        "id": code.number,
        "name": "".join(word.capitalize() for word in code.kind.split("_")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": code.severity},
        "properties": {"tags": [code.group.lower().replace(" ", "-")]},
    }


def _result(finding: Finding, index: int, fingerprint: str, validation: Validation, context: Context) -> dict[str, Any]:
    place = place_of(finding, validation, context.root)
    location: dict[str, Any] = {} if place is None else {"physicalLocation": _physical(place)}
    if finding.location is not None:
        name = clean(finding.location)
        location["logicalLocations"] = [{"name": name, "fullyQualifiedName": name, "kind": "module"}]
    stack = _stack(finding.problem.frames, context)
    return {
        "ruleId": finding.code.number,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": clean(sentence_of(finding))},
        **({"locations": [location]} if location else {}),
        **({"stacks": [{"message": {"text": "the traceback"}, "frames": stack}]} if stack else {}),
        "partialFingerprints": {"atoll/v1": fingerprint},
    }


def _stack(frames: Sequence[Frame], context: Context) -> list[dict[str, Any]]:
    """Give the frames of the repository's own files, the innermost first."""
    stack = []
    for frame in reversed(frames):
        path = None if is_library(frame.file) else repository_path(frame.file, context.root)
        if path is not None:
            location: dict[str, Any] = {"physicalLocation": _physical(RepositoryPlace(path, frame.line or None))}
            location["logicalLocations"] = [{"fullyQualifiedName": clean(frame.function)}]
            stack.append({"location": location})
    return stack


def _physical(place: RepositoryPlace) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _address(place.path), "uriBaseId": _ROOT}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line, **({"startColumn": place.column} if place.column else {})}
    return physical


def _address(path: str) -> str:
    try:
        # The bytes of a file's name, also of one that is no UTF-8.
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(clean(path))
