"""Text that others wrote, made harmless; numbers and names in a sentence."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_JOINERS = "\u200c\u200d"
"""Zero-width joiners: parts of emoji and of words in several scripts, and harmless."""
_WIDE_SPACE = "\u3000"


def clean(text: str) -> str:
    """Make text printable: control characters, which could drive the terminal, are shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_clean_character(character) for character in text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Make text printable on a single line: runs of white space, line ends among them, become a space."""
    return clean(" ".join(text.split()))


def count(number: int, singular: str) -> str:
    """Give a number with its noun, such as `1 job` or `2 jobs`."""
    return f"{number} {singular}" if number == 1 else f"{number} {singular}s"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Give names as an enumeration that leaves out what is beyond the first few, and says so."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _clean_character(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character in _JOINERS or character == _WIDE_SPACE:
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode()
