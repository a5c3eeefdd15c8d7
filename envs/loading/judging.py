"""Say what came of a load: from a worker's answer, or from how it ended without one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.envs.loading import hints, protocol
from atoll_host.envs.loading.ends import explain_end, say_excess
from atoll_host.envs.loading.target import LoadOutcome

if TYPE_CHECKING:
    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes.watch import Excess

SHIM = Path(__file__).with_name("shim.py")
_LONGEST_STACK = 1_000_000
"""Bytes that are read of what a worker wrote of its stack, or what user code wrote there."""


@dataclass(frozen=True, slots=True)
class End:
    """How a worker ended that gave no answer.

    Attributes:
        returncode: its exit status, the negated signal number where a signal ended it.
        by_itself: whether it ended before it was killed.
        excess: what it took too much of.
        has_begun: whether it had answered `initialize`.
        last_module: the last that it said it was importing.
    """

    returncode: int | None
    by_itself: bool
    excess: Excess | None = None
    has_begun: bool = True
    last_module: str | None = None


def judge_answer(request: LoadRequest, answer: dict[str, Any]) -> LoadOutcome:
    """Read a complete answer to `load`."""
    if "error" in answer:
        sent = protocol.problems(answer["error"])
        problems = tuple(_placed(_judged(hints.problem(item, request), request), request) for item in sent)
        trace, read = protocol.shaped(answer["error"].get("data"))
        return LoadOutcome(None, problems, None, trace, read=read)
    result = answer.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("definitions"), dict):
        return LoadOutcome(None, (Problem("protocol", "The worker's answer is not a snapshot"),), None)
    definitions, (trace, read) = result["definitions"], protocol.shaped(result)
    warnings = tuple(
        Problem.from_json({**item, "severity": "warning"})
        for item in protocol.readable(definitions.pop("warnings", None))
    )
    seconds = protocol.numbers(result.get("seconds"))
    return LoadOutcome(definitions, warnings, None, trace, seconds, read=read)


def judge_end(request: LoadRequest, end: End, faults: IO[bytes]) -> Problem:
    """Make the problem of a worker that gave no answer, from what its faulthandler wrote."""
    faults.seek(0)
    problem = explain_end(
        request,
        end.returncode,
        faults.read(_LONGEST_STACK).decode("utf-8", "replace"),
        shim=SHIM,
        ended=end.by_itself,
        excess=end.excess,
        has_begun=end.has_begun,
        last_module=end.last_module,
    )
    return _placed(problem, request)


def source_file(request: LoadRequest) -> Path | None:
    """Find the file of the target without importing anything; None when it is not under the search paths."""
    target = request.target
    if target.file is not None:
        return target.file
    inner = Path(*target.module.split("."))
    for folder in request.search_paths:
        for file in (folder / inner.with_suffix(".py"), folder / inner / "__init__.py"):
            if file.is_file():
                return file
    return None


def _judged(problem: Problem, request: LoadRequest) -> Problem:
    """Recognise what the system's own limit of memory made of it."""
    if request.memory is None or problem.kind != "exception" or not problem.message.startswith("MemoryError"):
        return problem
    said = say_excess("memory", request)
    return problem.replaced(kind=said.kind, message=said.message, hint=said.hint)


def _placed(problem: Problem, request: LoadRequest) -> Problem:
    if problem.file is not None:
        return problem
    file = source_file(request)
    return problem.replaced(file=None if file is None else str(file))
