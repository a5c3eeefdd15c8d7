"""Read the inline metadata of a single-file script (PEP 723), with every error at the script's own line.

Format: https://packaging.python.org/en/latest/specifications/inline-script-metadata/
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.specifiers import SpecifierSet

_OPENING = "# /// script"
_CLOSING = "# ///"
_KEYS = ("requires-python", "dependencies", "tool")
_ENCODING = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BOM = b"\xef\xbb\xbf"
_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class ScriptMetadata:
    """What a script says of the environment that it needs.

    Attributes:
        dependencies: requirements, as they are written.
        requires_python: a version specifier, as it is written; None where it is left out.
        tool: the table `tool`, such as `{"uv": {...}}`.
        line: of the opening `# /// script`, from 1.
        raw: the TOML text, without the comment signs.
        lines: the line of each top-level key in the script, from 1.
    """

    dependencies: tuple[str, ...]
    requires_python: str | None
    tool: dict[str, Any]
    line: int
    raw: str
    lines: dict[str, int] = field(default_factory=dict)


def read(path: Path) -> ScriptMetadata | None:
    """Read the metadata block of a script; None where it has none.

    Raises:
        ConfigurationError: the script cannot be read, or its block is no metadata.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The script cannot be read: {error.strerror or error}", hint="check the path", file=str(path)
        ) from error
    if _OPENING.encode() not in data:
        return None
    lines = _decode(data, path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    openings = [number for number, line in enumerate(lines, 1) if line == _OPENING]
    if not openings:
        return None
    if len(openings) > 1:
        raise ConfigurationError(
            f"There are two script metadata blocks, at line {openings[0]} and line {openings[1]}",
            hint="keep one `# /// script` block",
            file=str(path),
            line=openings[1],
            column=1,
        )
    content = _content(lines, openings[0], path)
    return _interpret(content, openings[0], path)


def parse_requires_python(
    text: str, *, file: Path | None = None, line: int | None = None, column: int | None = None
) -> SpecifierSet:
    """Parse a version specifier such as `>=3.9,<3.12`.

    Raises:
        ConfigurationError: it is none; at the given place.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 — 10 ms

    try:
        return SpecifierSet(text)
    except InvalidSpecifier as error:
        raise ConfigurationError(
            f"requires-python is {text!r}, which is no version specifier",
            hint='write one such as requires-python = ">=3.9"',
            file=None if file is None else str(file),
            line=line,
            column=column,
        ) from error


def load_toml(text: str, file: Path, *, first_line: int = 1, indents: tuple[int, ...] = ()) -> dict[str, Any]:
    """Parse TOML that is (a part of) a file.

    Args:
        text: the TOML.
        file: for the error.
        first_line: the file's line on which the text begins.
        indents: for each line of the text, how many characters stand before it in the file.

    Raises:
        ConfigurationError: it is no TOML; at the file's line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        match = _POSITION.search(said)
        if match is None:
            # "at end of document"
            row, column = text.rstrip("\n").count("\n") + 1, None
        else:
            row, column = int(match[1]), int(match[2])
        if column is not None and row <= len(indents):
            column += indents[row - 1]
        raise ConfigurationError(
            f"This is no valid TOML: {_POSITION.sub('', said)}",
            hint="mend the TOML at this place",
            file=str(file),
            line=first_line + row - 1,
            column=column,
        ) from error


def key_line(text: str, key: str, *, table: str | None = None) -> int | None:
    """Find the line, from 1, on which TOML text sets a key: at the top or in a table such as `project`.

    The text has been parsed before, so this reads it superficially: `tomllib` keeps no positions.
    """
    current: str | None = None
    wanted = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*(?:=|\.)""")
    header = re.compile(r"""\s*\[\s*["']?([^\[\]"']+?)["']?\s*\]\s*(?:#.*)?""")
    dotted = re.compile(rf"""\s*{re.escape(table or "")}\s*\.\s*["']?{re.escape(key)}["']?\s*=""")
    for number, line in enumerate(text.split("\n"), 1):
        match = header.fullmatch(line)
        if match is not None:
            current = match[1]
            if table is None and current.split(".")[0] == key:
                return number
        elif (current == table and wanted.match(line)) or (table and current is None and dotted.match(line)):
            return number
    return None


def _decode(data: bytes, path: Path) -> str:
    """Decode a Python source file by its byte order mark or its encoding declaration (PEP 263)."""
    encoding, line = "utf-8", None
    body = data.removeprefix(_BOM)
    for number, start in enumerate(re.split(rb"\r\n|\r|\n", body, maxsplit=2)[:2], 1):
        match = _ENCODING.match(start)
        if match is not None:
            encoding, line = match[1].decode("ascii"), number
            break
        if start.strip() and not start.lstrip().startswith(b"#"):
            break
    try:
        return body.decode(encoding)
    except LookupError as error:
        raise ConfigurationError(
            f"The script declares the encoding {encoding!r}, which is unknown",
            hint="save it as UTF-8 and remove the declaration",
            file=str(path),
            line=line,
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"The script is no {encoding} text",
            hint="save it as UTF-8, or declare its encoding in the first line",
            file=str(path),
            line=body.count(b"\n", 0, error.start) + 1,
        ) from error


def _content(lines: list[str], opening: int, path: Path) -> list[str]:
    """Give the commented lines between the opening line and the last closing one of the same comment."""
    comment = []
    for line in lines[opening:]:
        if line != "#" and not line.startswith("# "):
            break
        comment.append(line)
    closings = [index for index, line in enumerate(comment) if line == _CLOSING]
    if not closings:
        raise ConfigurationError(
            "The script metadata block is never closed",
            hint="end it with a line `# ///`; every line between has to begin with `# `",
            file=str(path),
            line=min(opening + len(comment) + 1, len(lines)),
            column=1,
        )
    return comment[: closings[-1]]


def _interpret(content: list[str], opening: int, path: Path) -> ScriptMetadata:
    raw = "".join(line[2:] + "\n" for line in content)
    indents = tuple(min(len(line), 2) for line in content)
    data = load_toml(raw, path, first_line=opening + 1, indents=indents)
    lines = {key: opening + (key_line(raw, key) or 1) for key in data}

    def refuse(key: str, message: str, hint: str) -> ConfigurationError:
        return ConfigurationError(message, hint=hint, file=str(path), line=lines[key], column=3)

    for key in data:
        if key not in _KEYS:
            raise refuse(key, f"Script metadata has no key {key!r}", f"the keys are: {', '.join(_KEYS)}")
    dependencies = data.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(one, str) for one in dependencies):
        raise refuse("dependencies", "dependencies has to be a list of texts", 'write dependencies = ["pandas>=2"]')
    requires_python = data.get("requires-python")
    if requires_python is not None and not isinstance(requires_python, str):
        raise refuse("requires-python", "requires-python has to be a text", 'write requires-python = ">=3.9"')
    if requires_python is not None:
        parse_requires_python(requires_python, file=path, line=lines["requires-python"], column=3)
    tool = data.get("tool", {})
    if not isinstance(tool, dict):
        raise refuse("tool", "tool has to be a table", "write [tool.uv] and the settings below it")
    return ScriptMetadata(tuple(dependencies), requires_python, tool, opening, raw, lines)
