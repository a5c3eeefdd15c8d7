"""Add an element to what stands in brackets in Python source, keeping comments, line breaks and trailing commas."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_LINE = 88
"""Characters, as formatters have it unless told otherwise.

What makes a longer line is put on lines of its own, where nothing speaks against it.
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement.

    Attributes:
        start: offset in the text, in characters.
        end: offset of the first character that stays.
        text: what comes between.
    """

    start: int
    end: int
    text: str


class Source:
    """Python source with the positions of its syntax tree.

    Attributes:
        text: with line feeds as line ends, without a byte order mark.
        tree: its syntax tree.
    """

    def __init__(self, text: str) -> None:
        """Parse.

        Raises:
            SyntaxError: this interpreter's Python can't read it.
        """
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def start(self, node: ast.AST) -> int:
        """Give the offset where a node starts."""
        return self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # every node that is asked for has a place

    def end(self, node: ast.AST) -> int:
        """Give the offset where a node ends."""
        return self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]  # as above

    def line_start(self, line: int) -> int:
        """Give the offset of a line, counted from 1."""
        return self._starts[line - 1]

    def line(self, number: int) -> str:
        """Give a line, counted from 1, without its end."""
        return self._lines[number - 1]

    def segment(self, node: ast.AST) -> str:
        """Give the text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def _offset(self, line: int, column: int) -> int:
        # Columns of the syntax tree count bytes of UTF-8.
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Make all replacements; those at the same place in the order in which they are given."""
    for _, edit in sorted(enumerate(edits), key=lambda item: (item[1].start, item[0]), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def add_element(source: Source, bracketed: ast.AST, elements: Sequence[ast.AST], new: str) -> list[Edit]:
    """Add an element behind the last one.

    Args:
        source: the whole text.
        bracketed: a list, tuple, dictionary or call; its closing bracket is its last character.
        elements: what is in it, in the order of the text; of a dictionary the values.
        new: the text of the new element, such as `orders` or `jobs=[nightly]`.
    """
    closing = source.end(bracketed) - 1
    if not elements:
        return _fill_empty(source, bracketed, closing, new)
    last = elements[-1]
    end, comma, comment_end = _what_follows(source, source.end(last), closing)
    own_line = source.text[: source.start(_first_of(bracketed, last))].rpartition("\n")[2]
    if (
        "\n" in source.text[source.start(elements[0]) : closing]
        and not own_line.strip()
        and "\n" in source.text[end:closing]
    ):
        break_at = comment_end
        edits = [] if comma is not None else [Edit(end, end, ",")]
        return [*edits, Edit(break_at, break_at, f"\n{own_line}{new},")]
    if comma is not None:
        return [Edit(comma + 1, comma + 1, f" {new}{',' if _keeps_comma(bracketed) else ''}")]
    return [Edit(end, end, f", {new}")]


def break_lines(source: Source, bracketed: ast.AST, elements: Sequence[ast.AST]) -> list[Edit]:
    """Put each element on a line of its own, where all of it is one line that is too long; else do nothing."""
    start, end = source.start(bracketed), source.end(bracketed)
    line = source.text[source.text.rfind("\n", 0, start) + 1 :].partition("\n")[0]
    if len(line) <= LONGEST_LINE or "\n" in source.text[start:end] or not elements:
        return []
    opening = source.start(_first_of(bracketed, elements[0])) - 1
    parts = [source.text[source.start(_first_of(bracketed, element)) : source.end(element)] for element in elements]
    if source.text[opening:end] != f"{source.text[opening]}{', '.join(parts)}{source.text[end - 1]}":
        return []  # parentheses, comments or spaces of their own
    indent = " " * (len(line) - len(line.lstrip(" ")))
    inner = "".join(f"\n{indent}    {part}," for part in parts)
    return [Edit(opening + 1, end - 1, f"{inner}\n{indent}")]


def _keeps_comma(bracketed: ast.AST) -> bool:
    return not isinstance(bracketed, ast.Tuple) or len(bracketed.elts) > 1


def _first_of(bracketed: ast.AST, element: ast.AST) -> ast.AST:
    """Give the node that an element's text starts with: of a dictionary's value, its key."""
    if isinstance(bracketed, ast.Dict):
        key = bracketed.keys[bracketed.values.index(element)]  # type: ignore[arg-type]  # a value of a dictionary is an expression
        return element if key is None else key
    return element


def _fill_empty(source: Source, bracketed: ast.AST, closing: int, new: str) -> list[Edit]:
    opening = source.end(bracketed.func) if isinstance(bracketed, ast.Call) else source.start(bracketed)
    opening = source.text.index("(", opening) if isinstance(bracketed, ast.Call) else opening
    inner = source.text[opening + 1 : closing]
    if not inner.strip():
        return [Edit(opening + 1, closing, new)]
    # Only comments are in there.
    line = source.text[:closing].rpartition("\n")[2]
    indent = line if not line.strip() else ""
    at = closing - len(line) if not line.strip() else closing
    return [Edit(at, at, f"{indent}    {new},\n")]


def _what_follows(source: Source, start: int, closing: int) -> tuple[int, int | None, int]:
    """Say what follows the last element: nothing but parentheses around it, a comma, comments and white space.

    Returns:
        Where it ends with the parentheses around it, where its comma is, and where the last line of it ends.
    """
    end, comma, last = start, None, start
    same_line = True
    at = start
    while at < closing:
        character = source.text[at]
        if character == "#":
            stop = source.text.find("\n", at)
            last = stop if same_line else last
            at = stop
            continue
        if character == ")" and comma is None:
            end = last = at + 1
            same_line = True
        elif character == ",":
            comma, last, same_line = at, at + 1, True
        elif character == "\n":
            same_line = False
        at += 1
    return end, comma, last
