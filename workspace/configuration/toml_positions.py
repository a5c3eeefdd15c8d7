"""Where in a TOML text its tables, keys and list items stand, which `tomllib` doesn't tell.

For texts that `tomllib` has accepted. Syntax: https://toml.io/en/v1.0.0; only what is needed to step over values is
understood here.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys and, for items of lists, their numbers from 0."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^\']|\'(?!\'\'))*\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+|[^\s,\]}#]+")


def find_positions(text: str) -> dict[Path, tuple[int, int]]:
    """Give line and column, both from 1, of every table's header, key and list item.

    A table that has a header of its own stands at its header, any other at the first key that is in it.
    """
    positions: dict[Path, tuple[int, int]] = {}
    line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
    line = 0
    # The scanner goes forward only, so the line is found by going on from the last one.
    for path, offset in sorted(_Scanner(text).scan(), key=lambda found: found[1]):
        while line + 1 < len(line_starts) and line_starts[line + 1] <= offset:
            line += 1
        position = (line + 1, offset - line_starts[line] + 1)
        for length in range(1, len(path) + 1):
            positions.setdefault(path[:length], position)
        if text[offset] == "[":
            positions[path] = position
    return positions


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counts: dict[Path, int] = {}

    def scan(self) -> Iterator[tuple[Path, int]]:
        table: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            start = self.at
            if self.text[self.at] == "[":
                many = self.text.startswith("[[", self.at)
                self.at += 2 if many else 1
                table = self._keys()
                if many:
                    number = self.counts.get(table, 0)
                    self.counts[table] = number + 1
                    table = (*table, number)
                yield table, start
                self._skip_line()
            else:
                yield from self._pair(table)
                if self.at == start:
                    self._skip_line()

    def _pair(self, table: Path) -> Iterator[tuple[Path, int]]:
        start = self.at
        path = (*table, *self._keys())
        if path == table or not self.text.startswith("=", self.at):
            return
        yield path, start
        self.at += 1
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._skip(_SPACE)
        opening = self.text[self.at : self.at + 1]
        if opening in {'"', "'"}:
            self._skip(_STRING)
        elif opening == "[":
            self.at += 1
            yield from self._items(path)
        elif opening == "{":
            self.at += 1
            yield from self._members(path)
        else:
            self._skip(_BARE)

    def _items(self, path: Path) -> Iterator[tuple[Path, int]]:
        number = 0
        while self._before_more("]"):
            start = self.at
            item = (*path, number)
            yield item, start
            yield from self._value(item)
            number += 1
            if self.at == start:
                return

    def _members(self, path: Path) -> Iterator[tuple[Path, int]]:
        while self._before_more("}"):
            start = self.at
            yield from self._pair(path)
            if self.at == start:
                return

    def _before_more(self, closing: str) -> bool:
        self._skip(_BLANK)
        while self.text.startswith(",", self.at):
            self.at += 1
            self._skip(_BLANK)
        if self.at >= len(self.text):
            return False
        if self.text[self.at] == closing:
            self.at += 1
            return False
        return True

    def _keys(self) -> Path:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            found = _KEY.match(self.text, self.at)
            if found is None:
                return tuple(keys)
            self.at = found.end()
            keys.append(_unquote(found[0]))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def _skip_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end + 1


def _unquote(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0"))) if key[0] in "\"'" else key
