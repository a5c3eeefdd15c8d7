"""JUnit XML, as the xUnit plugin of Jenkins has it written down (`junit-10.xsd`) and most CI systems read it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only writes

from atoll_host.cli.views.reports.places import place_of, sentence_of
from atoll_host.workspace.describing.text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.cli.views.reports.context import Context
    from atoll_host.workspace.findings.finding import Finding
    from atoll_host.workspace.validation import Validation


def junit(validation: Validation, context: Context) -> str:
    """Give a test suite for each location, with a test case for each code that was found there.

    A location without findings has one test case that passes. What is nobody's is in the suite `workspace`.
    """
    root = ET.Element("testsuites", name="atoll validate")
    names = [report.location.name for report in validation.reports]
    seconds = {report.location.name: report.seconds for report in validation.reports}
    others = {finding.location for finding in validation.findings} - set(names)
    for name in [*sorted(others, key=str), *names]:
        found = [finding for finding in validation.findings if finding.location == name]
        root.append(_suite(name, found, seconds.get(name or "", 0.0), validation, context))
    for attribute in ("tests", "failures"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    root.set("errors", "0")
    ET.indent(root)
    # In ASCII, whatever the encoding of standard output is.
    text = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(
    name: str | None, found: Sequence[Finding], seconds: float, validation: Validation, context: Context
) -> ET.Element:
    named = "workspace" if name is None else one_line(name)
    by_code = groupby(sorted(found, key=lambda item: item.code.number), key=lambda item: item.code)
    cases = [_case(named, list(group), validation, context) for _, group in by_code]
    if not cases:
        cases = [ET.Element("testcase", name="loads", classname=named, time=f"{seconds:.3f}")]
    suite = ET.Element("testsuite", name=named, tests=str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", "0")
    suite.set("skipped", "0")
    # The schema has three digits before the point.
    suite.set("time", f"{min(seconds, 999.999):.3f}")
    suite.extend(cases)
    return suite


def _case(classname: str, found: Sequence[Finding], validation: Validation, context: Context) -> ET.Element:
    code = found[0].code
    case = ET.Element("testcase", name=f"{code.number} {code.kind}", classname=classname, time="0.000")
    text = "\n\n".join(_told(finding, validation, context) for finding in found)
    if any(validation.is_failure(finding) for finding in found):
        first = one_line(found[0].problem.message)
        message = first if len(found) == 1 else f"{first} (and {len(found) - 1} more)"
        ET.SubElement(case, "failure", type=code.number, message=message).text = text
    else:
        # Nothing fails for a warning; it is told with the test that passed.
        ET.SubElement(case, "system-out").text = text
    return case


def _told(finding: Finding, validation: Validation, context: Context) -> str:
    place = place_of(finding, validation, context.root)
    parts = [] if place is None else [place.path, place.line, place.column]
    where = ":".join(str(part) for part in parts if part is not None)
    lines = [f"{finding.severity}: {sentence_of(finding)}", *([f"--> {where}"] if where else [])]
    lines += [f"    {frame.file}:{frame.line} in {frame.function}" for frame in finding.problem.frames]
    if finding.problem.detail:
        lines.append(finding.problem.detail.rstrip())
    return clean("\n".join(lines))
