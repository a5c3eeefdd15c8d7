"""Find the interpreters of this machine, ask each once, and remember what it said."""

from __future__ import annotations

import os
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import NoInterpreterError
from atoll_host.envs.interpreters.interpreter import Interpreter
from atoll_host.envs.interpreters.memory import Memory
from atoll_host.envs.interpreters.places import SOURCES, Candidate, candidates
from atoll_host.envs.interpreters.probing import PROBE, TIMEOUT, Refusal, ask, check_file, is_indirect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.envs.processes import Runner


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that looked like an interpreter and is none that works.

    Attributes:
        path: absolute path.
        reason: a clause that follows the path.
        source: where it was found.
    """

    path: str
    reason: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return asdict(self)


class Discovery:
    """The interpreters of this machine, as far as the caller's environment leads to them.

    Safe to use from several threads, and by several processes on one cache folder.

    Attributes:
        variables: the caller's environment.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        variables: Mapping[str, str],
        cache: Path,
        explicit: Sequence[Path] = (),
        timeout: float = TIMEOUT,
    ) -> None:
        """Start nothing yet.

        Args:
            runner: what starts the interpreters.
            variables: the caller's environment: PATH, HOME, PYENV_ROOT and so on are read from there alone.
            cache: folder of remembered answers; made when needed, and done without where that is impossible.
            explicit: interpreters that the workspace names, which may lie anywhere.
            timeout: seconds for one interpreter to answer.
        """
        self.variables = variables
        self._runner = runner
        self._memory = Memory(cache, PROBE)
        self._explicit = tuple(path.absolute() for path in explicit)
        self._timeout = timeout
        self._guard = threading.Lock()
        self._searching = threading.Lock()
        self._locks: dict[Path, threading.Lock] = {}
        self._answers: dict[str, Interpreter | Refusal] = {}
        self._found: tuple[Interpreter, ...] | None = None
        self._failures: tuple[Failure, ...] = ()

    def all(self) -> tuple[Interpreter, ...]:
        """List the interpreters that work: newest first, then by source, each once, whatever leads to it.

        A virtual environment stands for the interpreter that it was made from. Versions that are too old for code
        locations are in the list.

        Raises:
            RunnerClosedError: the command was interrupted.
        """
        with self._searching:
            if self._found is None:
                self._found, self._failures = self._search()
            return self._found

    def failures(self) -> tuple[Failure, ...]:
        """List the files that look like interpreters and do not work, in the order in which they were found."""
        self.all()
        return self._failures

    def refresh(self) -> None:
        """Search again at the next call of `all`: one was installed meanwhile."""
        with self._searching:
            self._found = None

    def probe(self, path: Path, source: str) -> Interpreter:
        """Ask the interpreter at a path, which may be in a virtual environment, or remember what it said.

        Raises:
            NoInterpreterError: there is none, or it does not work.
            RunnerClosedError: the command was interrupted.
        """
        absolute = path.absolute()
        answer = self._answer(absolute)
        if isinstance(answer, Refusal):
            raise NoInterpreterError(
                f"The interpreter {absolute} {answer.reason}",
                hint=answer.hint or "name another interpreter: `atoll list pythons` shows those that work",
                file=str(absolute),
            )
        return replace(answer, source=source)

    def _search(self) -> tuple[tuple[Interpreter, ...], tuple[Failure, ...]]:
        asked: dict[Path, tuple[Candidate, Interpreter | Refusal]] = {}
        wave = candidates(self.variables, self._explicit)
        while wave:
            questions: dict[Path, Candidate] = {}
            for candidate in wave:
                questions.setdefault(_identity(candidate.path), candidate)
            new = {identity: candidate for identity, candidate in questions.items() if identity not in asked}
            answers = self._answer_each([candidate.path for candidate in new.values()])
            asked.update(
                {
                    identity: (candidate, answer)
                    for (identity, candidate), answer in zip(new.items(), answers, strict=True)
                }
            )
            wave = [
                Candidate(Path(answer.base_executable), candidate.source)
                for candidate, answer in zip(new.values(), answers, strict=True)
                if isinstance(answer, Interpreter) and answer.in_virtual_environment
            ]
        ranked = sorted(asked.values(), key=lambda pair: SOURCES.index(pair[0].source))
        return _distinct(ranked), tuple(
            Failure(str(candidate.path), answer.reason, candidate.source)
            for candidate, answer in ranked
            if isinstance(answer, Refusal)
        )

    def _answer_each(self, paths: list[Path]) -> list[Interpreter | Refusal]:
        """Answer for each path; those that must be started run at the same time."""
        unknown = [path for path in paths if self._recall(path) is None]
        if len(unknown) > 1:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 — a warm cache does without

            pool = ThreadPoolExecutor(min(len(unknown), 2 * (os.cpu_count() or 1), 16))
            try:
                list(pool.map(self._answer, unknown))
            finally:
                # An interruption must not wait for an interpreter that hangs: the runner ends it.
                pool.shutdown(wait=False, cancel_futures=True)
        return [self._answer(path) for path in paths]

    def _answer(self, path: Path) -> Interpreter | Refusal:
        with self._guard:
            lock = self._locks.setdefault(path, threading.Lock())
        with lock:
            return self._recall(path) or self._ask(path)

    def _recall(self, path: Path) -> Interpreter | Refusal | None:
        """Answer without starting anything; None when that is impossible."""
        objection = check_file(path)
        if objection is not None:
            return objection
        key = self._memory.key(path)
        if key is None:
            return None
        known = self._answers.get(key)
        if known is None:
            known = _from_memory(self._memory.read(key), path)
            if known is not None:
                self._answers[key] = known
        return known

    def _ask(self, path: Path) -> Interpreter | Refusal:
        key = self._memory.key(path)
        answer = ask(path, self._runner, self.variables, self._timeout)
        if key is None:
            return answer
        self._answers[key] = answer
        if not is_indirect(path):
            if isinstance(answer, Interpreter):
                self._memory.write(key, {"path": str(path), "interpreter": answer.to_json()})
            elif answer.lasting:
                self._memory.write(key, {"path": str(path), "refusal": asdict(answer)})
        return answer


def _identity(path: Path) -> Path:
    """Give what two paths to the same interpreter have in common. Those of a virtual environment stay apart."""
    if any((folder / "pyvenv.cfg").is_file() for folder in (path.parent.parent, path.parent)):
        return path.parent.resolve() / "python"
    return path.resolve()


def _distinct(ranked: Sequence[tuple[Candidate, Interpreter | Refusal]]) -> tuple[Interpreter, ...]:
    """Keep one interpreter an installation, under its first source; newest first."""
    found: dict[tuple[Path, str, str, bool], Interpreter] = {}
    for candidate, answer in ranked:
        if isinstance(answer, Refusal) or answer.in_virtual_environment:
            continue
        installation = (
            Path(answer.base_prefix).resolve(),
            answer.version_text,
            answer.implementation,
            answer.free_threaded,
        )
        found.setdefault(installation, replace(answer, source=candidate.source))
    return tuple(sorted(found.values(), key=lambda one: (one.version, one.is_final), reverse=True))


def _from_memory(data: dict[str, Any] | None, path: Path) -> Interpreter | Refusal | None:
    if data is None or data.get("path") != str(path):
        return None
    try:
        if "interpreter" in data:
            return Interpreter.from_json(data["interpreter"])
        return Refusal(str(data["refusal"]["reason"]), lasting=True, hint=data["refusal"]["hint"])
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        return None
