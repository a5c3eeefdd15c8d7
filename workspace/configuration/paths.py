"""Paths in configuration files: made absolute, looked for, and what to say of those that lead nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from atoll_host.workspace.configuration.sources import suggest

_EXECUTABLES = ("Scripts/python.exe", "python.exe") if os.name == "nt" else ("bin/python", "bin/python3")


def resolve(text: str, base: Path) -> Path:
    """Make a path absolute. Symbolic links stay: the interpreter of a virtual environment is one."""
    expanded = os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 — Path's raises without a home
    return Path(os.path.normpath(os.path.join(base, expanded)))  # noqa: PTH118 — as above


def say_missing(path: Path, what: str) -> tuple[str, str]:
    """Give message and hint for a path that leads to no file or no folder.

    Args:
        path: absolute.
        what: `file` or `folder`.
    """
    message, hint = _say_missing(path, what)
    return _on_one_line(message), _on_one_line(hint)


def _on_one_line(text: str) -> str:
    """Write what names may have in them, such as line ends, as escapes."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def _say_missing(path: Path, what: str) -> tuple[str, str]:
    if os.path.exists(path):  # noqa: PTH110 — unlike Path.exists, never raises
        other = "folder" if what == "file" else "file"
        return f"{path} is a {other}, not a {what}", f"name a {what}"
    if os.path.islink(path):  # noqa: PTH114 — as above
        return f"{path} is a symbolic link that leads nowhere", "correct the link"
    parent = path.parent
    while not os.path.isdir(parent):  # noqa: PTH112 — as above
        parent, path = parent.parent, parent
    try:
        names = [name for name in os.listdir(parent) if os.path.isdir(parent / name) == (what == "folder")]  # noqa: PTH112, PTH208 — as above
    except OSError:
        names = []
    near = suggest(path.name, tuple(names))
    return f"there is no {path.name} in {parent}", f"did you mean {near}?" if near else "correct the path"


def find_executable(text: str, base: Path) -> Path | tuple[str, str]:
    """Find the interpreter that a path means: a file, or the folder of a virtual environment.

    Returns:
        Its path, or message and hint where there is none.
    """
    path = resolve(text, base)
    if os.path.isdir(path):  # noqa: PTH112 — as above
        for inside in _EXECUTABLES:
            if os.path.isfile(path / inside):  # noqa: PTH113 — as above
                return path / inside
            if os.path.islink(path / inside):  # noqa: PTH114 — as above
                return (
                    f"the interpreter of {path}, {os.path.realpath(path / inside)}, is gone",
                    "build the environment anew, or name another interpreter",
                )
        return f"{path} is a folder without an interpreter in it", f"name one that has {_EXECUTABLES[0]}"
    if not os.path.isfile(path):  # noqa: PTH113 — as above
        if os.sep not in text:
            import shutil  # noqa: PLC0415 — only to complain

            found = shutil.which(text)
            if found is not None:
                return f"there is no {text} in {base}", f"write the whole path: {found}"
        return say_missing(path, "file")
    if not os.access(path, os.X_OK):
        return f"{path} can't be executed", f"name an interpreter, or chmod +x {path}"
    return path
