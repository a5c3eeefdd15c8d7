"""Where in the user's files something was declared."""

# ruff: noqa: PTH100, PTH110, PTH118, PTH120 -- importing pathlib would cost more than all of the SDK

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Callable


class Source:
    """A place in a user's file: absolute path, line (from 1), and the function declared there, if one was."""

    __slots__ = ("file", "function", "line")

    def __init__(self, file: str, line: int, function: str | None = None) -> None:
        self.file = os.path.abspath(file) if os.path.exists(file) else file
        self.line = line
        self.function = function

    def describe(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "function": self.function}


def find_caller() -> Source:
    """The innermost place on the stack that is not the SDK's own."""
    frame = find_caller_frame()
    return Source(frame.f_code.co_filename, frame.f_lineno or frame.f_code.co_firstlineno)


def find_caller_frame() -> FrameType:
    """The innermost frame that is not the SDK's own."""
    frame = sys._getframe(1)  # noqa: SLF001 -- the only way to a frame that costs nothing
    while frame.f_back is not None and frame.f_code.co_filename.startswith(OWN_FOLDER):
        frame = frame.f_back
    return frame


def find_owner() -> dict[str, Any] | None:
    """The namespace of the module whose top level is running, however deep in calls we are; None outside one."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- as above
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return frame.f_globals
        frame = frame.f_back
    return None


def find_function(function: Callable[..., Any]) -> Source:
    """Where a function was written; for a callable that is not one, where the SDK was called."""
    code = getattr(unwrap_function(function), "__code__", None)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    if code is None:
        caller = find_caller()
        return Source(caller.file, caller.line, name)
    return Source(code.co_filename, code.co_firstlineno, name)


def unwrap_function(function: Any) -> Any:
    """The function behind `functools.wraps` wrappers, partials and bound methods."""
    while True:
        inner = getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)
        if inner is None and type(function).__name__ == "partial":
            inner = function.func
        if inner is None or inner is function:
            return function
        function = inner


OWN_FOLDER = os.path.join(os.path.dirname(find_caller.__code__.co_filename), "")
