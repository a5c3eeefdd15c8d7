"""How the outcome of `atoll validate` looks: in JSON, and to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.views.locations import NONE_YET, status_text
from atoll_host.cli.views.problems import draw_problems
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.cli.views.text import room, wrap
from atoll_host.workspace.describing.locations import COUNTED, counts
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import duration
from atoll_host.workspace.findings.located import count_severities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from atoll_host.workspace.loading import LoadReport
    from atoll_host.workspace.validation import Validation


def describe_skipped(validation: Validation, *, verbose: bool) -> Iterator[str]:
    """Say which locations did not have to be loaded and why; where it is asked for, why the others had to be."""
    for verb, reasons in (("Loaded", validation.affected if verbose else {}), ("Skipped", validation.skipped)):
        for reason in dict.fromkeys(reasons.values()):
            names = [one_line(name) for name, why in reasons.items() if why == reason]
            yield f"{verb} {', '.join(names)}: {one_line(reason)}"


def draw_validation(console: Console, validation: Validation, *, verbose: bool = False) -> None:
    """Draw every finding, then a line for each location, then how much was found."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    findings = validation.findings
    if not findings and not validation.reports:
        why = "Nothing changed that any location is made of" if validation.skipped else NONE_YET
        console.print(Text(f"There is nothing to validate. {why}"), soft_wrap=True)
        return
    if findings:
        draw_problems(console, findings, verbose=verbose)
        console.print()
    columns = (Column(""), Column(""), Column("", rank=1, least=16), Column("", right=True, rank=2))
    draw_table(
        console,
        columns,
        (
            (
                Text(one_line(report.location.name), style="bold"),
                status_text(report.status),
                _definitions(report),
                Text(duration(report.seconds), style="dim"),
            )
            for report in validation.reports
        ),
        headings=False,
    )
    said = count_severities(findings) or f"All well in {count(len(validation.reports), 'location')}"
    errors = any(finding.severity == "error" for finding in findings)
    fails = ", a failure as this is strict" if validation.failed and not errors else ""
    console.print(Text(f"{said}{fails}"), soft_wrap=True)
    if findings:
        more = f"`atoll explain {findings[0].code.number}` tells what a code means and how to mend it"
        for line in wrap(more, room(console)):
            console.print(Text(line, style="dim"), soft_wrap=True)


def _definitions(report: LoadReport) -> str:
    """Say what a location defines, such as `3 assets, 1 job`."""
    found = counts(report) if report.status == "loaded" else None
    return ", ".join(count(found[kind], kind.removesuffix("s")) for kind in COUNTED if found[kind]) if found else ""
