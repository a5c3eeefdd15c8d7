"""Problems with the location that has them, before they are findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from atoll_host.workspace.describing.text import count
from atoll_host.workspace.findings.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.envs.errors import Problem


@dataclass(frozen=True, slots=True)
class LocatedProblem:
    """A problem, and the location that has it.

    Attributes:
        location: name of the location; None when it is nobody's.
        problem: what is wrong.
    """

    location: str | None
    problem: Problem

    def to_json(self) -> dict[str, Any]:
        """Give the problem with its code and its location beside its own attributes."""
        code = CODES.get(self.problem.kind)
        return {"code": code and code.number, "location": self.location, **self.problem.to_json()}


class Located(Protocol):
    """What has a problem and says whose it is: `LocatedProblem`, or a `Finding`."""

    @property
    def location(self) -> str | None:
        """Name of the location; None when it is nobody's."""

    @property
    def problem(self) -> Problem:
        """What is wrong."""

    def to_json(self) -> dict[str, Any]:
        """Give code, location and every attribute of the problem."""


def label(problem: Problem) -> str:
    """Give what a problem is looked up by: its code, or its kind where it has none."""
    code = CODES.get(problem.kind)
    return problem.kind if code is None else code.number


def count_severities(problems: Sequence[Located]) -> str:
    """Say how many errors and warnings there are, such as `2 errors, 1 warning`."""
    errors = sum(item.problem.severity == "error" for item in problems)
    numbers = ((errors, "error"), (len(problems) - errors, "warning"))
    return ", ".join(count(number, word) for number, word in numbers if number)
