"""The outcome of a validation as data: what `atoll validate --json` has under `data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.workspace.describing.locations import counts

if TYPE_CHECKING:
    from atoll_host.workspace.validation import Validation


def describe_validation(validation: Validation) -> dict[str, Any]:
    """Give what `--json` has under `data`: each location, and how much was found."""
    return {
        "locations": [
            {
                "name": report.location.name,
                "status": report.status,
                "seconds": report.seconds,
                "counts": counts(report) if report.status == "loaded" else None,
            }
            for report in validation.reports
        ],
        "errors": sum(finding.severity == "error" for finding in validation.findings),
        "warnings": sum(finding.severity == "warning" for finding in validation.findings),
        "strict": validation.strict,
        "skipped": [{"name": name, "reason": reason} for name, reason in validation.skipped.items()],
    }
