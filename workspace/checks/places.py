"""Where in a user's source a definition says something: file, line and column, for messages that point at it."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINES_SEARCHED = 60
"""How far below the first line of a declaration its texts are looked for."""
_LAST_LINE = 10_000_000
"""No source has more lines; a worker may say any number."""
_FUNCTION = re.compile(r"(?:async\s+)?def\s")
_NAME = re.compile(r"^\s*(?:async\s+def|def|class)\s+(\w+)")
_BODY = re.compile(r"\)\s*(?:->[^:]*)?:")
"""The end of a signature."""
_CLOSING = ")]}"


class Spot(NamedTuple):
    """A place as `Problem` has it: each None where it is not known."""

    file: str | None
    line: int | None
    column: int | None = None


def find_spot(item: Mapping[str, Any], *texts: str, argument: str | None = None) -> Spot:
    """Give the place in a definition's source where a text stands in quotes, or a name without them.

    Args:
        item: a definition as the SDK describes it.
        texts: what is looked for, the first that is found counts.
        argument: name of a parameter or of a variable that is handed over, looked for where no text is found.

    Returns:
        The place of the definition itself, without a column, when none of them is there.
    """
    spot = get_spot(item)
    if spot.file is None or spot.line is None or not (texts or argument):
        return spot
    lines = list(_declaration(spot.file, spot.line))
    quoted = [re.compile(rf"([\"']){re.escape(text)}\1") for text in texts]
    named = [re.compile(rf"(?<=[(\[,\s]){re.escape(argument)}(?=\s*[:,)\]=])")] if argument else []
    for pattern in quoted + named:
        for number, line in enumerate(lines, spot.line):
            found = pattern.search(line)
            if found is not None:
                return Spot(spot.file, number, found.start() + 1)
    return spot


def find_dependency(item: Mapping[str, Any], dependency: Mapping[str, Any]) -> Spot:
    """Give the place where a definition names what it depends on: by its key, a parameter or a variable."""
    key = dependency["key"]
    return find_spot(item, key, argument=dependency.get("argument") or key.rpartition("/")[2])


def find_name(item: Mapping[str, Any], name: str, *, assigned: bool = False) -> Spot:
    """Give the place where a definition gets its name: where that stands in quotes, else that of its function.

    Args:
        item: a definition as the SDK describes it.
        name: what is looked for.
        assigned: whether the name is a variable's, which is the function or what stands before a `=`.
    """
    spot = get_spot(item) if assigned else find_spot(item, name)
    function = str((item.get("source") or {}).get("function") or "").rpartition(".")[2]
    if spot.column is not None or spot.file is None or spot.line is None or not function:
        return spot
    pattern = re.compile(
        rf"(?<=def ){re.escape(function)}\b" + (rf"|^{re.escape(name)}(?=\s*[:=])" if assigned else "")
    )
    for number, line in enumerate(_declaration(spot.file, spot.line), spot.line):
        found = pattern.search(line)
        if found is not None:
            return Spot(spot.file, number, found.start() + 1)
    return spot


def find_start(file: str, line: int) -> Spot:
    """Give the place of a declaration: the name of its function or class, else where its first line begins."""
    lines = list(_declaration(file, line))
    for number, text in enumerate(lines, line):
        found = _NAME.search(text)
        if found is not None:
            return Spot(file, number, found.start(1) + 1)
    first = lines[0] if lines else ""
    return Spot(file, line, len(first) - len(first.lstrip()) + 1 if first.strip() else None)


def find_import(file: str, line: int, module: str) -> Spot:
    """Give the place in a line where a module or what is imported of one is named; else no column."""
    text = next(islice(_read(file), line - 1, line), "") if 1 <= line <= _LAST_LINE else ""
    parts = module.split(".")
    # `from a import b` names both parts of a.b, and `from .b import c` only the last.
    for words in (parts, parts[-1:], parts[:1]):
        found = re.search(rf"(?<!\w){re.escape('.'.join(words))}(?!\w)", text)
        if found is not None:
            return Spot(file, line, found.start() + 1)
    return Spot(file, line)


def find_variable(file: str, name: str) -> Spot | None:
    """Give the first place in a file where an environment variable is named by `EnvVar`; None when there is none."""
    pattern = re.compile(rf"\bEnvVar(?:\.int)?\(\s*([\"']){re.escape(name)}\1")
    for number, line in enumerate(_read(file), 1):
        found = pattern.search(line)
        if found is not None:
            return Spot(file, number, found.start() + 1)
    return None


def get_spot(item: Mapping[str, Any]) -> Spot:
    """Give the place of a definition."""
    source = item.get("source") or {}
    return Spot(source.get("file"), source.get("line"))


def name_place(item: Mapping[str, Any], root: Path | None) -> str:
    """Write the place of a definition as `file:line`, the file relative to a folder when it is in it."""
    file, line, _ = get_spot(item)
    if file is None:
        return "a place that is not known"
    path = Path(file)
    if root is not None and path.is_relative_to(root):
        file = path.relative_to(root).as_posix()
    return f"{file}:{line}" if line is not None else file


def _declaration(file: str, first: int) -> Iterator[str]:
    """Give the lines of a declaration: of a call, or of a function with its decorators, without a body."""
    margin: int | None = None
    is_function = seen_function = False
    if not 1 <= first <= _LAST_LINE:
        return
    for line in islice(_read(file), first - 1, first - 1 + _LINES_SEARCHED):
        text = line.lstrip()
        indent = len(line) - len(text)
        if margin is None:
            margin, is_function = indent, text.startswith("@") or _FUNCTION.match(text) is not None
        elif text and indent <= margin and text[0] not in _CLOSING:
            goes_on = is_function and not seen_function and (text[0] in "@#" or _FUNCTION.match(text) is not None)
            if not goes_on:
                return
        seen_function = seen_function or _FUNCTION.match(text) is not None
        yield line
        if seen_function and _BODY.search(line):
            return


def _read(file: str) -> Iterator[str]:
    try:
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            yield from lines
    except (OSError, ValueError):
        return
