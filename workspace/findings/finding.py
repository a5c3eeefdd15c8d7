"""A problem that `atoll validate` found, with its code and the location that has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from atoll_host.workspace.findings.codes import code_of

if TYPE_CHECKING:
    from atoll_host.envs.errors import Problem, Severity
    from atoll_host.workspace.findings.codes import Code


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, as CI systems know it.

    Attributes:
        code: the stable name of what is wrong.
        location: name of the location that has it; None when it is nobody's.
        problem: the sentence, the place, the hint.
    """

    code: Code
    location: str | None
    problem: Problem

    @classmethod
    def of(cls, location: str | None, problem: Problem) -> Self:
        """Give a problem its code."""
        return cls(code_of(problem.kind), location, problem)

    @property
    def severity(self) -> Severity:
        """What the problem itself says, which can be milder than its code is as a rule."""
        return self.problem.severity

    @property
    def sort_key(self) -> tuple[str, str, int, int, str, str]:
        """What findings are ordered by: location (nobody's first), place, code, sentence."""
        problem = self.problem
        place = (problem.file or "", problem.line or 0, problem.column or 0)
        return (self.location or "", *place, self.code.number, problem.message)

    def to_json(self) -> dict[str, Any]:
        """Give code, location and every attribute of the problem; frames as a list of objects."""
        return {"code": self.code.number, "location": self.location, **self.problem.to_json()}
