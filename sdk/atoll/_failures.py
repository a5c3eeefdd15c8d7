"""What a run raises and what user code raises to steer it."""

from __future__ import annotations

from ._arguments import check_bool, check_integer, check_mapping, check_seconds, check_text, refuse_unknown
from ._errors import DefinitionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence


class ExecutionError(Exception):
    """A step did what it must not: a wrong value, a missing output, a value that is not stored.

    `kind` is the kind of problem, `message` says what is wrong in one sentence, `hint` what to change (or is None).
    """

    def __init__(self, message: str, hint: str | None = None, kind: str = "invalid_output") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kind = kind
        if hint is not None and hasattr(self, "add_note"):
            self.add_note(f"hint: {hint}")


class InvalidConfigError(DefinitionError):
    """A run can't start: configuration, resources, partition or selection are wrong.

    `problems` has everything that is wrong, as `{"kind", "message", "hint", "path", …}`.
    """

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        self.problems = [dict(problem) for problem in problems]
        lines = [_write_problem(problem) for problem in self.problems]
        super().__init__("\n".join(lines))


def _write_problem(problem: Mapping[str, Any]) -> str:
    path = problem.get("path")
    text = f"{path}: {problem['message']}" if path else str(problem["message"])
    return f"{text} ({problem['hint']})" if problem.get("hint") else text


class Failure(Exception):  # noqa: N818 -- the name that people know
    """Raise it to fail a step with metadata, and without retries where `allow_retries` is False."""

    @refuse_unknown
    def __init__(
        self,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        allow_retries: bool | None = None,
    ) -> None:
        super().__init__(description or "")
        self.description = check_text(description, "Failure: description")
        self.metadata = check_mapping(metadata, "Failure: metadata")
        self.allow_retries = True if allow_retries is None else check_bool(allow_retries, "Failure: allow_retries")


class RetryRequested(Exception):  # noqa: N818 -- the name that people know
    """Raise it to have the step tried again, at most `max_retries` times, after `seconds_to_wait`."""

    @refuse_unknown
    def __init__(self, max_retries: int = 1, seconds_to_wait: float | None = None) -> None:
        super().__init__(f"a retry was asked for, at most {max_retries}")
        self.max_retries = check_integer(max_retries, "RetryRequested: max_retries", 0)
        self.seconds_to_wait = check_seconds(seconds_to_wait, "RetryRequested: seconds_to_wait")
