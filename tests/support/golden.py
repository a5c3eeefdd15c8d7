"""Compare output with a file that shows it. With ATOLL_UPDATE_GOLDEN=1 the files are written instead."""

from __future__ import annotations

import os
import re
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "cli" / "golden"
_FILTERS = (
    (re.compile(r"\b[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2}\b"), "Day 2000-01-01 00:00"),
    (re.compile(r"\bCES?T\b"), "ZONE"),
)


def check_golden(name: str, text: str) -> None:
    """Fail where the text is not that of the file, moments aside; say which file."""
    for pattern, replacement in _FILTERS:
        text = pattern.sub(replacement, text)
    file = _FOLDER / name
    if os.environ.get("ATOLL_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"not as in {file}"
