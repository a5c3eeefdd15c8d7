"""What can go wrong, as data (`Problem`) and as an exception that carries it (`AtollError`).

Exceptions never print. The command line's entry point alone turns them into text or JSON.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One level of a traceback: where, in which function, and the source text of the line."""

    file: str
    line: int
    function: str
    source: str | None = None


_QUOTING = frozenset({"configuration", "usage"})
"""Kinds of which the messages repeat what somebody wrote."""
_LINE_ENDS = {"\n": "\\n", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: stable identifier, such as `import_error` (all of them are listed in `envs/protocol.md`).
        message: one sentence without a full stop.
        hint: what to type or change next.
        file: absolute path of the file that is wrong.
        line: line in the file, from 1.
        column: column in the line, from 1.
        frames: the traceback, outermost call first, without the frames of this tool.
        detail: further lines, such as the resolver's own explanation or the last output.
        severity: `error`, or `warning` for what does not stop anything.
    """

    kind: str
    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    frames: tuple[Frame, ...] = ()
    detail: str | None = None
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """Keep on one line what is said of files and words that may have any character in them."""
        if self.kind in _QUOTING and any(one in self.message for one in _LINE_ENDS):
            object.__setattr__(self, "message", "".join(_LINE_ENDS.get(one, one) for one in self.message))

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name; frames as a list of objects."""
        data = asdict(self)
        data["frames"] = [asdict(frame) for frame in self.frames]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote, or what a worker sent (missing attributes take their defaults)."""
        known = {name: data[name] for name in cls.__slots__ if data.get(name) is not None and name != "frames"}
        frames = tuple(
            Frame(str(frame["file"]), int(frame["line"]), str(frame["function"]), frame.get("source"))
            for frame in data.get("frames") or ()
        )
        return cls(**known, frames=frames)

    def replaced(self, **changes: Any) -> Problem:
        """Copy with some attributes changed."""
        return replace(self, **changes)


class AtollError(Exception):
    """Something that the user can mend: one problem or several.

    Attributes:
        problems: what is wrong, at least one.
        exit_status: what the command ends with.
    """

    exit_status = 1
    kind = "error"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        kind: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (
            Problem(kind or self.kind, message, hint, file, line, column, detail=detail),
        )

    @classmethod
    def of(cls, problems: tuple[Problem, ...]) -> Self:
        """Make the exception that carries several problems at once."""
        error = cls(problems[0].message)
        error.problems = problems
        return error


class ConfigurationError(AtollError):
    """`workspace.yaml`, a `pyproject.toml` or script metadata says something that cannot be."""

    kind = "configuration"


class EnvironmentFailedError(AtollError):
    """An environment could not be built, or is not what it was."""

    kind = "environment"


class NoInterpreterError(EnvironmentFailedError):
    """No interpreter on this machine fits what was asked for, and none could be downloaded."""

    kind = "no_interpreter"


class UsageError(AtollError):
    """The command line asks for something that makes no sense."""

    exit_status = 2
    kind = "usage"


class ToolFailedError(AtollError):
    """This tool, or one that it needs, failed."""

    exit_status = 2
    kind = "tool"
