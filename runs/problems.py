"""What went wrong in a run, as problems that are shown like all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.envs.loading import protocol
from atoll_host.workspace.findings.codes import CODES
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atoll_host.runs.storage.records import Event, Run
    from atoll_host.runs.storage.store import Storage

_EVERY = 1000
FAILURES = ("step_failed", "resource_failed")
"""Kinds of the events that tell of problems."""


def find_problems(event: Event) -> Iterator[LocatedProblem]:
    """Give the problems that an event of a run tells of: of steps that failed, and of what kept it from going on."""
    payload = event.payload
    if event.kind in FAILURES and isinstance(payload.get("problem"), dict):
        problem = read_problem(payload["problem"])
        if problem.kind in CODES:
            # Its code would speak of loading.
            problem = problem.replaced(kind=f"step_{problem.kind}")
        yield LocatedProblem(event.location, problem)


def find_run_problems(storage: Storage, run: Run, *, most: int = _EVERY) -> list[LocatedProblem]:
    """Give what went wrong in a run: in its steps, or else in the run itself.

    Args:
        storage: where runs are remembered.
        run: it.
        most: how many at most.
    """
    events = storage.events.read(run.id, kinds=FAILURES, limit=most)
    found = [problem for event in events for problem in find_problems(event)]
    if not found and run.problem is not None:
        found.append(LocatedProblem(None, read_problem(run.problem)))
    return found


def read_problem(sent: Any) -> Problem:
    """Read a problem as it was remembered."""
    found = protocol.readable([sent])
    return Problem.from_json(found[0]) if found else Problem("failed", "It failed")
