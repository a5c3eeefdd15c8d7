"""Change `[tool.atoll]` in a pyproject.toml's text with tomlkit, and leave the rest as it is."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from atoll_host.workspace.configuration.toml_positions import find_positions
from atoll_host.workspace.editing.transaction import EditRefusedError

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(r"[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*atoll[ \t]*\][ \t]*(?:#.*)?\r?\n?\Z")


def set_project_value(text: str, key: str, value: str, file: Path) -> str:
    """Give a key of `[tool.atoll]` a value, with the table where there is none.

    Raises:
        EditRefusedError: the text is not TOML, or more than that would change.
    """
    import tomlkit  # noqa: PLC0415 — 30 ms, and only for those who change a file
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 — as above

    expected = _parse(text, file)
    tool = expected.setdefault("tool", {})
    ours = tool.setdefault("atoll", {}) if isinstance(tool, dict) else None
    if not isinstance(ours, dict):
        raise _refuse(file, "[tool.atoll] is not a table")
    newline = "\r\n" if "\r\n" in text else "\n"
    before = dict(ours)
    ours[key] = value
    line = f"{key} = {tomlkit.item(value).as_string()}"
    header = _find_header_end(text)
    if not before and "atoll" not in _parse(text, file).get("tool", {}):
        # At the end, where no other table is torn apart.
        gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
        new = f"{text}{gap}[tool.atoll]{newline}{line}{newline}"
    elif header is not None and key not in before:
        # Directly below the header: at the table's end, tomlkit would part a comment from what it is about.
        new = f"{text[:header]}{line}{newline}{text[header:]}"
    else:
        try:
            document = tomlkit.parse(text)
            table: Any = document["tool"]["atoll"]
            table[key] = value
            new = tomlkit.dumps(document)
        except (TOMLKitError, KeyError, TypeError, ValueError):
            raise _refuse(file, f"{key} can't be written below [tool.atoll]") from None
        if "\n" not in text.replace("\r\n", ""):
            # tomlkit ends the lines that it writes in its own way.
            new = new.replace("\r\n", "\n").replace("\n", newline)
    if _parse(new, file) != expected:
        raise _refuse(file, "the change would alter more than it should")
    return new


def _find_header_end(text: str) -> int | None:
    """Give the index after the line `[tool.atoll]`; None where the table is written in another way."""
    line, _ = find_positions(text).get(("tool", "atoll"), (0, 0))
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    if not line or _HEADER.match(lines[line - 1]) is None or not lines[line - 1].endswith("\n"):
        return None
    return sum(map(len, lines[:line]))


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        raise _refuse(file, "it is not valid TOML") from None


def _refuse(file: Path, why: str) -> EditRefusedError:
    return EditRefusedError(f"{file} was not changed: {why}", hint="change the file by hand", file=str(file))
