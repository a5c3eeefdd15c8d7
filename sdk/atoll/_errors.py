"""The SDK's exceptions, and the shape of a problem as the host reads it."""

from __future__ import annotations

from ._text import clean_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

    from ._sources import Source


class DefinitionError(ValueError):
    """A definition has the wrong shape; raised from the user's own call.

    `message` says what is wrong in one sentence, `hint` what to change (or is None). A traceback shows the hint below
    the message where Python has notes (3.11 and later).
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint is not None and hasattr(self, "add_note"):
            self.add_note(f"hint: {hint}")


class LoadError(Exception):
    """A location's definitions could not be loaded. `problems` holds every reason, as `describe_problem` makes them."""

    def __init__(self, problems: Iterable[dict[str, Any]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problem["message"] for problem in self.problems))


def describe_problem(
    kind: str, message: str, *, hint: str | None = None, source: Source | None = None
) -> dict[str, Any]:
    """A problem: `{"kind", "message", "hint", "file", "line"}`, file and line being the user's own, or None."""
    return {
        "kind": kind,
        "message": clean_text(message),
        "hint": None if hint is None else clean_text(hint),
        "file": source.file if source else None,
        "line": source.line if source else None,
    }
