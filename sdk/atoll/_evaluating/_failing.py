"""Why an evaluation came to nothing."""

from __future__ import annotations

from .._running._problems import describe_exception, make_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Sequence

    from .._errors import DefinitionError
    from .._sources import Source

RESULT = "invalid_result"
"""Kind of problem: what the function gave means nothing."""
_MAXIMUM_SHOWN = 10


class EvaluationError(Exception):
    """An evaluation came to nothing; `problems` has every reason, as errors of loading have them."""

    def __init__(self, problems: Sequence[dict[str, Any]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem["message"]) for problem in self.problems))

    @classmethod
    def of(cls, error: BaseException, what: str | None = None) -> EvaluationError:
        """For what user code raised."""
        return cls([describe_exception(error, what)])


def fail(message: str, hint: str | None = None, *, kind: str = RESULT, source: Source | None = None) -> EvaluationError:
    """For one thing that is wrong, at the place in the user's code where it was written."""
    place = (None, None) if source is None else (source.file, source.line)
    return EvaluationError([make_problem(kind, message, hint=hint, file=place[0], line=place[1])])


def of_definition(error: DefinitionError, source: Source | None) -> EvaluationError:
    """For an error of our own, told at a place in the user's code."""
    return fail(error.message, error.hint, source=source)


def suggest_one(name: str, known: Iterable[Any]) -> str:
    """A hint at the name that was probably meant, or at all there are."""
    from .._arguments import suggest

    names = [str(item) for item in known]
    found = suggest(name, names)
    if found:
        return f"did you mean '{found}'?"
    more = " …" if len(names) > _MAXIMUM_SHOWN else ""
    return f"there are: {', '.join(names[:_MAXIMUM_SHOWN]) or 'none'}{more}"
