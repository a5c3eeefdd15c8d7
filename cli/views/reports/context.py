"""What a report has to know beside the findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Context:
    """What a report has to know beside the findings.

    Attributes:
        root: folder of the repository, which paths are given relative to.
        version: of this tool.
        verbose: whether tracebacks are shown whole, where people read them.
    """

    root: Path
    version: str
    verbose: bool = False
