"""Where the parts of a workspace.yaml stand in its text, so that it can be changed by cutting and inserting.

Positions come from PyYAML's events and tokens: unlike nodes, events show aliases, and tokens show the dashes of lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import yaml

from atoll_host.workspace.editing.transaction import EditRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal["scalar", "list", "mapping", "alias"]
_MOST_VALUES = 100_000
"""Values that a file may have once its aliases are followed; more is a bomb, not a workspace."""


@dataclass(slots=True)
class Piece:
    """A part of the text.

    Attributes:
        kind: what it is.
        start: index of its first character, anchor and tag included.
        end: index after its last character; comments and blank lines that follow are not in it.
        flow: whether it is a list or mapping in brackets.
        value: of a scalar; the name of an alias.
        anchor: its name for aliases, if it has one.
        style: of a scalar: `|`, `>`, a quotation mark, or nothing.
        parts: the items of a list; keys and values of a mapping in turn.
    """

    kind: Kind
    start: int
    end: int
    flow: bool = False
    value: str = ""
    anchor: str | None = None
    style: str | None = None
    parts: list[Piece] = field(default_factory=list)

    def members(self) -> Iterator[tuple[Piece, Piece]]:
        """Give the keys and values of a mapping."""
        return zip(self.parts[::2], self.parts[1::2], strict=True)

    def member(self, key: str) -> tuple[Piece, Piece] | None:
        """Give a key of a mapping and its value."""
        return next((pair for pair in self.members() if pair[0].kind == "scalar" and pair[0].value == key), None)

    def walk(self) -> Iterator[Piece]:
        """Give it and everything in it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(slots=True)
class Layout:
    """A workspace.yaml's text and its parts.

    Attributes:
        text: without a byte order mark.
        root: its only document; None when that is empty.
        dashes: indices of the dashes of lists, in order.
        newline: the line ending that the file uses.
    """

    text: str
    root: Piece | None
    dashes: list[int]
    newline: str

    def line_start(self, index: int) -> int:
        """Give the index at which the line begins."""
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """Give the index after the line's end, or that of the text's end."""
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def column(self, index: int) -> int:
        """Give the column, from 0."""
        return index - self.line_start(index)

    def dash(self, sequence: Piece, number: int) -> int:
        """Give the index of the dash of one item of a block list."""
        after = sequence.start if number == 0 else sequence.parts[number - 1].end
        return next(dash for dash in self.dashes if dash >= after)


def lay_out(text: str, file: Path) -> Layout:
    """Find the parts of a text.

    Args:
        text: without a byte order mark.
        file: for errors.

    Raises:
        EditRefusedError: it is not one YAML document.
    """
    try:
        documents = list(_documents(yaml.parse(text, Loader=yaml.SafeLoader), text))
        dashes = [
            _index(token.start_mark)
            for token in yaml.scan(text, Loader=yaml.SafeLoader)
            if isinstance(token, yaml.BlockEntryToken)
        ]
    except (yaml.YAMLError, RecursionError):
        raise EditRefusedError(
            f"{file.name} is not valid YAML, so it was not changed", hint="`atoll list` says where", file=str(file)
        ) from None
    if len(documents) > 1:
        raise EditRefusedError(
            f"{file.name} has {len(documents)} documents, so it was not changed",
            hint="keep one of them",
            file=str(file),
        )
    root = documents[0] if documents else None
    if root is not None and root.kind == "scalar" and not text[root.start : root.end].strip():
        root = None
    return Layout(text, root, dashes, "\r\n" if "\r\n" in text else "\n")


def _documents(events: Iterator[yaml.Event], text: str) -> Iterator[Piece]:
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            yield _piece(event, events, text)


def _piece(event: yaml.Event, events: Iterator[yaml.Event], text: str) -> Piece:
    start, end = _index(event.start_mark), _index(event.end_mark)
    if isinstance(event, yaml.AliasEvent):
        return Piece("alias", start, end, value=event.anchor or "")
    if isinstance(event, yaml.ScalarEvent):
        if event.style in {"|", ">"}:
            end = start + len(text[start:end].rstrip())
        return Piece("scalar", start, end, value=event.value or "", anchor=event.anchor, style=event.style)
    if not isinstance(event, yaml.CollectionStartEvent):
        raise yaml.YAMLError("an end without a beginning")
    is_list = isinstance(event, yaml.SequenceStartEvent)
    piece = Piece("list" if is_list else "mapping", start, end, bool(event.flow_style), anchor=event.anchor)
    for inner in events:
        if isinstance(inner, yaml.CollectionEndEvent):
            # The end of a block collection is where the next thing begins, comments left behind.
            piece.end = _index(inner.end_mark) if piece.flow else max((part.end for part in piece.parts), default=start)
            break
        piece.parts.append(_piece(inner, events, text))
    return piece


def _index(mark: Any) -> int:
    return int(mark.index)


def read_plain(text: str, file: Path) -> dict[str, Any]:
    """Read a text as plain lists, mappings and texts, aliases followed, to compare before and after.

    Raises:
        EditRefusedError: that is not possible.
    """
    try:
        data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 — makes nothing but texts
        plain = _unshare(data, [_MOST_VALUES])
    except (yaml.YAMLError, RecursionError, OverflowError, ValueError):
        plain = None
    if plain in (None, ""):
        return {}
    if not isinstance(plain, dict):
        raise EditRefusedError(f"{file.name} is no mapping, so it was not changed", hint="`atoll list` says where")
    return plain


def _unshare(data: Any, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise OverflowError
    if isinstance(data, dict):
        return {key: _unshare(value, left) for key, value in data.items()}
    if isinstance(data, list):
        return [_unshare(item, left) for item in data]
    return data
