"""Text for terminals: measured in cells, wrapped at words, cut where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def measure(text: str) -> int:
    """Count the cells that text takes on a terminal, where CJK and emoji take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 — rich is for terminals

    return cell_len(text)


def room(console: Console) -> int | None:
    """Give the number of cells in a line; None where nobody reads on a terminal, and nothing need fit."""
    return console.width if console.is_terminal else None


def wrap(text: str, width: int | None, first: str = "", rest: str = "") -> list[str]:
    """Break text at white space into lines of at most `width` cells.

    A word that is longer than a line, such as a path, stays whole and goes over the edge.

    Args:
        text: what is wrapped; its own line ends stay.
        width: in cells; None does not break lines.
        first: what the first line begins with.
        rest: what every other line begins with.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lead = first if not lines else rest
        indent = len(paragraph) - len(paragraph.lstrip(" "))
        if width is None or measure(lead) + measure(paragraph) <= width:
            lines.append(f"{lead}{paragraph}".rstrip())
            continue
        current = lead + " " * indent
        used, empty = measure(current), True
        for word in paragraph.split():
            size = measure(word)
            if not empty and used + 1 + size > width:
                lines.append(current)
                current = rest + " " * indent
                used, empty = measure(current), True
            current += word if empty else f" {word}"
            used += size if empty else size + 1
            empty = False
        lines.append(current.rstrip())
    return lines


def cut(text: Text, width: int) -> None:
    """Shorten text in place to so many cells, ending in an ellipsis where something is missing."""
    text.truncate(max(width, 1), overflow="ellipsis")


def cut_middle(text: str, width: int) -> str:
    """Shorten a name to so many cells by leaving out of its middle: its beginning and its end tell it from others."""
    if measure(text) <= width:
        return text
    half = (width - 1) // 2
    head = tail = ""
    for character in text:
        if measure(head + character) > width - 1 - half:
            break
        head += character
    for character in reversed(text):
        if measure(character + tail) > half:
            break
        tail = character + tail
    return f"{head}…{tail}"
