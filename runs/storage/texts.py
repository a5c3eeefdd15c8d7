"""Values on their way into columns and out of them."""

from __future__ import annotations

import json
import re
from typing import Any

_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL has no place for in a text: U+0000, and halves of characters."""


def clean(text: str | None) -> str | None:
    """Replace what no database takes in a text."""
    return None if text is None else _FORBIDDEN.sub("\ufffd", text)


def clean_text(text: str) -> str:
    """Do the same with a text that is there."""
    return _FORBIDDEN.sub("\ufffd", text)


def write_json(value: Any) -> str:
    """Write a value as JSON in plain ASCII, which every database takes."""
    return json.dumps(value, separators=(",", ":"), default=str)


def write_optional_json(value: Any) -> str | None:
    """Write a value as JSON; None stays None."""
    return None if value is None else write_json(value)


def read_json(text: str | None) -> Any:
    """Read what `write_json` wrote; None stays None."""
    return None if text is None else json.loads(text)
