"""An exception as a problem: the same structure as the errors of loading."""

# ruff: noqa: PTH100, PTH118 -- importing pathlib would cost more than all of the SDK

from __future__ import annotations

import os
import sys

from .._sources import OWN_FOLDER
from .._text import clean_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAXIMUM_MESSAGE = 10_000
_MAXIMUM_SOURCE = 1000
_MAXIMUM_FRAMES = 100
_MAXIMUM_CAUSES = 5


def make_problem(
    kind: str,
    message: str,
    *,
    hint: str | None = None,
    path: str | None = None,
    file: str | None = None,
    line: int | None = None,
) -> dict[str, Any]:
    """A problem that no exception tells; `path` is where in the run's configuration it is."""
    return {
        "kind": kind,
        "message": shorten(message),
        "hint": None if hint is None else shorten(hint),
        "path": path,
        "file": file,
        "line": line,
        "column": None,
        "frames": [],
        "cause": None,
    }


def describe_exception(error: BaseException, what: str | None = None, depth: int = 0) -> dict[str, Any]:
    """What was raised, the user's own place first; `what` is put before the message."""
    kind = "exited" if isinstance(error, SystemExit) else str(getattr(error, "kind", "exception"))
    own = type(error).__module__.startswith("atoll.") and hasattr(error, "message")
    text = _read_message(error)
    name = type(error).__name__
    if isinstance(error, SystemExit):
        text = f"sys.exit({'' if error.code is None else repr(error.code)}) was called"
    elif not own:
        text = f"{name}: {text}" if text else name
    problem = make_problem(
        kind if own or kind == "exited" else "exception",
        text if what is None else f"{what}: {text}",
        hint=getattr(error, "hint", None) if own else None,
    )
    problem["frames"] = list_frames(error)
    problem["file"], problem["line"] = find_place(problem["frames"])
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _MAXIMUM_CAUSES:
        problem["cause"] = describe_exception(cause, depth=depth + 1)
    return problem


def _read_message(error: BaseException) -> str:
    try:
        return str(getattr(error, "message", None) or error)
    except Exception:  # noqa: BLE001 -- a user's __str__ may raise anything
        return "its message cannot be shown"


def shorten(text: str, most: int = _MAXIMUM_MESSAGE) -> str:
    text = clean_text(str(text))
    return text if len(text) <= most else f"{text[:most]} … ({len(text) - most} more characters)"


def list_frames(error: BaseException) -> list[dict[str, Any]]:
    """The traceback, outermost call first, without the SDK's own frames."""
    import linecache

    levels = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith((OWN_FOLDER, "<frozen ")):
            levels.append((code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    frames = []
    for name, line, function in levels[-_MAXIMUM_FRAMES:]:
        source = linecache.getline(name, line or 0).strip()
        file = name if name.startswith("<") else os.path.abspath(name)
        frames.append(
            {"file": file, "line": line, "function": function, "source": shorten(source, _MAXIMUM_SOURCE) or None}
        )
    return frames


def find_place(frames: list[dict[str, Any]]) -> tuple[str | None, int | None]:
    """The deepest frame in the user's own code: not in the environment, not in the standard library."""
    prefixes = {sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    outside = tuple(os.path.join(prefix, "") for prefix in prefixes)
    packages = f"{os.sep}site-packages{os.sep}"
    for frame in reversed(frames):
        file = frame["file"]
        if not file.startswith(("<", *outside)) and packages not in file:
            return file, frame["line"]
    return (frames[-1]["file"], frames[-1]["line"]) if frames else (None, None)
