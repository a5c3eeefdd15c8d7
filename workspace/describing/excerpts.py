"""Lines of source files, for messages that point at them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

_LONGEST_FILE = 4 * 1024 * 1024
"""In bytes; a longer file is no source."""


def read_line(file: str, line: int | None) -> str | None:
    """Read a line of a source file, without its end; None where there is nothing that should be shown.

    Lines of files with variables in them are never shown, as their values may be secrets.
    """
    if line is None or line < 1 or not Path(file).is_absolute() or ".env" in Path(file).name:
        return None
    try:
        if not Path(file).is_file() or Path(file).stat().st_size > _LONGEST_FILE:
            return None
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            text = next(islice(lines, line - 1, None), "").rstrip("\n")
    except (OSError, ValueError):
        return None
    return text if text.strip() else None
