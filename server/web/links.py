"""Where things are found: the page of a definition or location, and a place in a file in the user's editor."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal
from urllib.parse import quote

from atoll_host.envs.errors import UsageError

Kind = Literal["asset", "check", "job", "schedule", "sensor", "resource", "location"]

NOWHERE = "-"
"""Stands for the location of an asset that no location has."""
DEFAULT_EDITOR = "vscode"
_PATH = "{scheme}://file/{{file}}:{{line}}:{{column}}"
EDITORS = {
    **{scheme: _PATH.format(scheme=scheme) for scheme in ("vscode", "vscode-insiders", "cursor", "windsurf", "zed")},
    **{scheme: f"{scheme}://open?file={{file}}&line={{line}}&column={{column}}" for scheme in ("idea", "pycharm")},
    "sublime": "subl://open?url=file:///{file}&line={line}&column={column}",
}
"""The form of the links that an editor opens, by the editor's name."""
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_PLACEHOLDERS = ("file", "line", "column")
_SCRIPTS = ("javascript", "data", "vbscript")
"""Schemes of links that would run something in the page."""
_ROOTED = re.compile(r"(?<!:/)/\{file\}")
_DOTS = re.compile(r"~*\.{1,2}")
_ESCAPED_DOTS = re.compile(r"~+\.{1,2}")


def definition_url(kind: str, location: str | None, name: str, asset: str | None = None) -> str:
    """Give the address of a definition's page.

    Args:
        kind: such as `asset`.
        location: name of the location that it is in; None for an asset that no location has.
        name: of the definition; an asset's key.
        asset: key of the asset that a check is of.
    """
    if kind == "location":
        return location_url(name)
    inner = f"{asset}:{name}" if kind == "check" and asset is not None else name
    return f"/{kind}s/{_segment(NOWHERE if location is None else location)}/{_path(inner)}"


def location_url(name: str) -> str:
    """Give the address of a location's page."""
    return f"/locations/{_segment(name)}"


def read_name(path: str) -> str:
    """Give the name that stands, percent-decoded, at the end of an address that `definition_url` gave."""
    return "/".join(part[1:] if _ESCAPED_DOTS.fullmatch(part) else part for part in path.split("/"))


def editor_url(file: str, line: int | None = None, column: int | None = None, *, editor: str = DEFAULT_EDITOR) -> str:
    """Give a link that opens a file in the user's editor.

    Args:
        file: absolute path.
        line: from 1; None for the first.
        column: from 1; None for the first.
        editor: one of `EDITORS`, or the form of a link with `{file}`, `{line}` and `{column}` in it.

    Raises:
        UsageError: there is no such editor.
    """
    form = check_editor(editor)
    windows = "\\" in file and not PurePosixPath(file).is_absolute()
    path = PureWindowsPath(file).as_posix() if windows else file
    if _ROOTED.search(form):
        # The form has the slash that the path begins with, as a path of Windows has none.
        path = path.removeprefix("/")
    values = {"file": _quote(path, safe="/:"), "line": str(line or 1), "column": str(column or 1)}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], form)


def check_editor(editor: str) -> str:
    """Give the form of the links that an editor opens.

    Args:
        editor: one of `EDITORS`, or such a form.

    Raises:
        UsageError: it is neither.
    """
    if editor in EDITORS:
        return EDITORS[editor]
    known = f"use {', '.join(EDITORS)}, or a link such as 'myeditor://open?file={{file}}&line={{line}}'"
    if "{file}" not in editor:
        raise UsageError(f"There is no editor named {editor!r}", hint=known)
    for name in _PLACEHOLDER.findall(editor):
        if name not in _PLACEHOLDERS:
            raise UsageError(f"The editor's link has {{{name}}}, which stands for nothing", hint=known)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", editor)
    if scheme is None or scheme[1].lower() in _SCRIPTS:
        raise UsageError(f"The editor's link {editor!r} has no scheme that could open an editor", hint=known)
    return editor


def _segment(text: str) -> str:
    # Browsers resolve segments of dots, also percent-encoded ones.
    return _quote(f"~{text}" if _DOTS.fullmatch(text) else text, safe="")


def _path(text: str) -> str:
    return "/".join(_quote(f"~{part}" if _DOTS.fullmatch(part) else part, safe=":") for part in text.split("/"))


def _quote(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="replace")
