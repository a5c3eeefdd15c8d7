"""What a project's pyproject.toml says of its code location: `[tool.atoll]`, and the project's name."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import ConfigurationError, Problem
from atoll_host.workspace.configuration.entries import is_dotted
from atoll_host.workspace.configuration.keys import BACKENDS, MISPLACED_PROJECT_KEYS, PROJECT_KEYS
from atoll_host.workspace.configuration.reader import parse_seconds, parse_size, shorten
from atoll_host.workspace.configuration.sources import read_source, suggest
from atoll_host.workspace.configuration.toml_positions import find_positions
from atoll_host.workspace.configuration.validating import check_table
from atoll_host.workspace.location import Place
from atoll_host.workspace.names import find_location_fault

if TYPE_CHECKING:
    from pathlib import Path

    from atoll_host.workspace.findings.choosing import Choice

_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)$")
_END = re.compile(r" \(at end of document\)$")
_TABLE = ("tool", "atoll")


@dataclass(frozen=True, slots=True)
class Project:
    """What a pyproject.toml says.

    Attributes:
        file: absolute path of the pyproject.toml.
        text: what is in it; empty where it can't be read.
        project_name: `name` of `[project]`.
        has_table: whether there is a `[tool.atoll]`.
        values: the values of `[tool.atoll]` that are right, by key; one text where a list may stand is a list of one.
        problems: what is wrong.
    """

    file: Path
    text: str = ""
    project_name: str | None = None
    has_table: bool = False
    values: dict[str, Any] | None = None
    problems: tuple[Problem, ...] = ()

    def get(self, key: str) -> Any:
        """Give a value of `[tool.atoll]`, or None."""
        return (self.values or {}).get(key)

    def place(self, *path: str | int) -> Place:
        """Give the position of a key below `[tool.atoll]`, or of the nearest thing around it that is there."""
        positions = find_positions(self.text)
        whole = (*_TABLE, *path)
        for length in range(len(whole), 1, -1):
            if whole[:length] in positions:
                return Place(self.file, *positions[whole[:length]])
        return Place(self.file, *positions.get(("project", "name"), (1, 1)))

    def problem(self, message: str, hint: str | None, *path: str | int, detail: str | None = None) -> Problem:
        """Make a problem that points at a key below `[tool.atoll]`."""
        place = self.place(*path)
        return Problem("configuration", message, hint, str(place.file), place.line, place.column, detail=detail)


def read_project(file: Path) -> Project:
    """Read a pyproject.toml. Never raises: what is wrong is in the result."""
    try:
        text = read_source(file)
        data = parse_toml(text, file)
    except ConfigurationError as error:
        return Project(file, problems=error.problems)
    table = data.get("project")
    name = table.get("name") if isinstance(table, dict) else None
    tool = data.get("tool")
    project = Project(file, text, name if isinstance(name, str) and name else None)
    if not isinstance(tool, dict) or "atoll" not in tool:
        return project
    ours = tool["atoll"]
    project = replace(project, has_table=True)
    if not isinstance(ours, dict):
        problem = project.problem("tool.atoll must be a table", "write `[tool.atoll]` and the keys below it")
        return replace(project, problems=(problem,))
    checker = _Checker(project)
    values = checker.check(ours)
    return replace(project, values=values, problems=tuple(checker.problems))


def parse_toml(text: str, file: Path) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        ConfigurationError: it is not TOML, with line and column.
    """
    if text.startswith("\ufeff"):
        raise ConfigurationError(
            f"{file.name} begins with a byte order mark, which TOML has no place for",
            hint="save it as UTF-8 without a byte order mark",
            file=str(file),
            line=1,
            column=1,
        )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigurationError(f"{file.name} is nested too deeply", hint="write it flatter", file=str(file)) from None
    except ValueError as error:
        message = str(error)
        found = _POSITION.search(message)
        line, column = (int(found[1]), int(found[2])) if found else _last_position(text)
        message = _END.sub("", _POSITION.sub("", message))
        raise ConfigurationError(
            f"{file.name} is not valid TOML: {message[:1].lower()}{message[1:]}",
            hint="correct the line",
            file=str(file),
            line=line,
            column=column,
        ) from None


def _last_position(text: str) -> tuple[int, int]:
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return len(lines), len(lines[-1]) + 1


class _Checker:
    """Checks the values of `[tool.atoll]` by their types, and collects what is wrong."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.problems: list[Problem] = []

    def check(self, table: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in PROJECT_KEYS:
                self._unknown(key)
                continue
            checked = self._check(key, value)
            if checked is not None:
                values[key] = checked
        return values

    def _unknown(self, key: str) -> None:
        hint = MISPLACED_PROJECT_KEYS.get(key)
        if hint is None:
            close = suggest(key, PROJECT_KEYS)
            hint = f"did you mean {close}?" if close else "it may have: " + ", ".join(PROJECT_KEYS)
        self._report(f"unknown key {key} in [tool.atoll]", hint, key)

    def _report(self, message: str, hint: str, *path: str | int) -> None:
        self.problems.append(self.project.problem(message, hint, *path))

    def _check(self, key: str, value: Any) -> Any:
        if key in {"timeout", "cpu"}:
            return self._seconds(key, value)
        if key == "memory":
            return self._size(value)
        if key == "validate":
            return self._validate(value)
        if key in {"env-file", "inputs", "tags", "extras", "groups", "search-path"}:
            return self._texts(key, value)
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            self._report(f"{key} in [tool.atoll] must be text, not {_describe(value)}", f'write {key} = "…"', key)
            return None
        return self._text(key, value)

    def _text(self, key: str, value: str) -> str | None:
        if key == "name":
            fault = find_location_fault(value)
            if fault is not None:
                self._report(fault.message, fault.hint, key)
                return None
        elif key == "backend" and value not in BACKENDS:
            self._report(
                f"backend in [tool.atoll] must be {' or '.join(BACKENDS)}, not {shorten(value)}",
                f'write "{BACKENDS[0]}"',
                key,
            )
            return None
        elif key == "module" and not is_dotted(value):
            module, colon, attribute = value.partition(":")
            hint = (
                f'write module = "{module}" and attribute = "{attribute}"'
                if colon
                else 'write module = "package.module"'
            )
            self._report(f"module in [tool.atoll] is {shorten(value)}, which is no module's name", hint, key)
            return None
        elif key == "attribute" and not is_dotted(value, single=True):
            self._report(f"attribute in [tool.atoll] is {shorten(value)}, which is no Python name", 'write "defs"', key)
            return None
        return value

    def _validate(self, value: Any) -> Choice:
        choice, faults = check_table(value)
        for message, hint, path in faults:
            self._report(message, hint, "validate", *path)
        return choice

    def _seconds(self, key: str, value: Any) -> float | None:
        seconds = None if isinstance(value, bool) or not isinstance(value, int | float) else parse_seconds(str(value))
        if seconds is None:
            message = f"{key} in [tool.atoll] must be a number of seconds above 0, not {_describe(value)}"
            self._report(message, f"write {key} = 60", key)
        return seconds

    def _size(self, value: Any) -> int | None:
        size = parse_size(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
        if size is None:
            message = f"memory in [tool.atoll] must be a size from 16 MiB on, not {_describe(value)}"
            self._report(message, 'write memory = "2GiB"', "memory")
        return size

    def _texts(self, key: str, value: Any) -> tuple[str, ...] | None:
        items = value if isinstance(value, list) else [value]
        right = True
        for number, item in enumerate(items):
            if not isinstance(item, str) or not item.strip() or "\0" in item:
                path = (key, number) if isinstance(value, list) else (key,)
                what = f"an item of {key}" if isinstance(value, list) else key
                self._report(
                    f"{what} in [tool.atoll] must be text, not {_describe(item)}", f'write {key} = ["…"]', *path
                )
                right = False
        return tuple(items) if right else None


def _describe(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return shorten(value) if value.strip() else "an empty text"
    if isinstance(value, int | float):
        try:
            return f"the number {value}"
        except ValueError:
            return "a huge number"
    return "a list" if isinstance(value, list) else "a table" if isinstance(value, dict) else "a date"
