"""Choose the interpreter that an environment asks for, and say in one clause why it is that one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import NoInterpreterError
from atoll_host.envs.interpreters.places import SOURCES, active_environments, commands_on_path, in_shim_folder
from atoll_host.envs.interpreters.wanted import FLOOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.envs.interpreters.discovery import Discovery
    from atoll_host.envs.interpreters.interpreter import Interpreter
    from atoll_host.envs.interpreters.wanted import Asked, Wanted
    from atoll_host.envs.processes import Runner

_FLOOR_TEXT = ".".join(map(str, FLOOR))


@dataclass(frozen=True, slots=True)
class Choice:
    """An interpreter, and one clause that says why this one.

    Attributes:
        interpreter: what was chosen.
        reason: such as `3.9 is asked for by locations/legacy/.python-version`.
    """

    interpreter: Interpreter
    reason: str


def choose(discovery: Discovery, wanted: Wanted, *, runner: Runner, uv: Path | None, allow_download: bool) -> Choice:
    """Choose the interpreter that an environment is built from; where none fits, have uv download one.

    Of several that fit, CPython goes before other implementations (unless one is asked for), a newer release before
    an older one, and then the order of `SOURCES` counts.

    Args:
        discovery: the interpreters of this machine.
        wanted: what the environment asks for.
        runner: what starts uv.
        uv: the uv to download with; None when there is none.
        allow_download: whether the command may download anything.

    Raises:
        NoInterpreterError: none fits, and none could be downloaded.
        RunnerClosedError: the command was interrupted.
    """
    if wanted.pin is not None and wanted.pin.request.path is not None:
        return _named(discovery, wanted, wanted.pin, wanted.pin.request.path)
    choice = _best(discovery.all(), wanted)
    if choice is not None:
        return choice
    _refuse_too_old(wanted)
    from atoll_host.envs.interpreters.downloading import download  # noqa: PLC0415 — seldom needed

    outcome = download(wanted, runner=runner, uv=uv, variables=discovery.variables, allowed=allow_download)
    if outcome.done:
        discovery.refresh()
        choice = _best(discovery.all(), wanted)
        if choice is not None:
            return Choice(choice.interpreter, f"{choice.reason}, downloaded by uv")
    raise _nothing_fits(discovery, wanted, outcome.why_not, outcome.said)


def active(discovery: Discovery) -> Choice:
    """Give the interpreter for what names no environment: the active environment's, else the first `python3` on PATH.

    Raises:
        NoInterpreterError: the active environment has no working interpreter, or none on PATH works.
        RunnerClosedError: the command was interrupted.
    """
    for variable, path in active_environments(discovery.variables):
        what = "conda environment" if variable.startswith("CONDA") else "virtual environment"
        folder = discovery.variables[variable]
        try:
            found = discovery.probe(path, "active environment")
        except NoInterpreterError as error:
            raise NoInterpreterError(
                f"The active {what} {folder} has no interpreter that works: {error}",
                hint=f"make it anew, or deactivate it (it is named by {variable})",
                file=str(path),
            ) from error
        return Choice(found, f"it is the active {what}'s ({variable}={folder})")
    refused: list[str] = []
    for name in ("python3", "python"):
        for path in commands_on_path(name, discovery.variables):
            try:
                found = discovery.probe(path, "PATH")
            except NoInterpreterError as error:
                refused.append(str(error))
                continue
            reason = f"it is the first {name} on PATH that works" if refused else f"it is the first {name} on PATH"
            return Choice(found, f"{reason} ({path})" if in_shim_folder(path) else reason)
    raise NoInterpreterError(
        "No environment is named or active, and no python3 on PATH works",
        hint="activate a virtual environment, or name an interpreter with executable_path",
        detail="\n".join(refused) or None,
    )


def _named(discovery: Discovery, wanted: Wanted, pin: Asked, path: Path) -> Choice:
    """Take the interpreter at a path; a virtual environment stands for the one that it was made from."""
    found = discovery.probe(path, "executable_path")
    if found.in_virtual_environment:
        found = discovery.probe(Path(found.base_executable), "executable_path")
    if found.version < FLOOR:
        raise NoInterpreterError(
            f"{path} is Python {found.version_text}, and code locations need Python {_FLOOR_TEXT} or later",
            hint=_change(pin),
            file=_file(pin),
            line=pin.line,
        )
    for bound in wanted.bounds:
        if not bound.request.fits(found):
            raise NoInterpreterError(
                f"{path} is Python {found.version_text}, but {bound.place}",
                hint="change one of the two",
                file=_file(bound),
                line=bound.line,
            )
    return Choice(found, pin.clause)


def _best(interpreters: Sequence[Interpreter], wanted: Wanted) -> Choice | None:
    fitting = [interpreter for interpreter in interpreters if wanted.fits(interpreter)]
    if not fitting:
        return None
    best = max(
        fitting,
        key=lambda one: (
            one.implementation == "cpython",
            one.version,
            one.is_final,
            one.version_text,
            not one.free_threaded,
            -SOURCES.index(one.source),
        ),
    )
    return Choice(best, _reason(wanted, len(fitting)))


def _reason(wanted: Wanted, count: int) -> str:
    if wanted.pin is not None and wanted.pin.request.specifier is None:
        return wanted.pin.clause
    if not wanted.all:
        return f"newest of {count} found, nothing asks for a version" if count > 1 else "it is the only one found"
    asked = " and ".join(one.origin for one in wanted.all)
    if count == 1:
        return f"the only one that fits {asked}"
    return f"newest of {count} that fit {asked}"


def _refuse_too_old(wanted: Wanted) -> None:
    if wanted.is_possible():
        return
    culprit = next((one for one in wanted.all if not type(wanted)(one).is_possible()), wanted.all[0])
    raise NoInterpreterError(
        f"{_capitalised(culprit.clause)}, and code locations need Python {_FLOOR_TEXT} or later",
        hint=_change(culprit),
        file=_file(culprit),
        line=culprit.line,
    )


def _nothing_fits(discovery: Discovery, wanted: Wanted, why_not: str, said: str) -> NoInterpreterError:
    found = discovery.all()
    lines = [
        f"{one.version_text}{_kind(one)} {one.executable} ({one.source})"
        for one in sorted(found, key=lambda one: (one.version, one.version_text, one.executable))
    ]
    lines += sorted(f"{one.path} {one.reason} ({one.source})" for one in discovery.failures())
    if not found:
        lines.insert(0, "no working interpreter was found")
    if said:
        lines += ["", *said.splitlines()]
    asked = wanted.all
    clauses = " and ".join(one.clause for one in asked) or f"Python {_FLOOR_TEXT} or later is needed"
    culprit = asked[0] if asked else None
    return NoInterpreterError(
        f"{_capitalised(clauses)}, but no interpreter fits, and none was downloaded: {why_not}",
        hint=_hint(wanted, discovery),
        file=None if culprit is None else _file(culprit),
        line=None if culprit is None else culprit.line,
        detail="\n".join(lines),
    )


def _hint(wanted: Wanted, discovery: Discovery) -> str:
    from atoll_host.envs.interpreters.downloading import spell_for_uv  # noqa: PLC0415 — only to complain

    requests = [one.request for one in wanted.all]
    for one in discovery.all():
        if not one.is_final and one.version >= FLOOR and all(request.allows(one.version) for request in requests):
            return f"ask for {one.version_text} to accept the pre-release {one.executable}"
    command = f"uv python install '{spell_for_uv(wanted)}'"
    if not wanted.all:
        return f"type `{command}`"
    return f"type `{command}`, or {_change(wanted.all[0])}"


def _change(asked: Asked) -> str:
    if asked.file is None:
        return "ask for another version"
    return f"change {asked.key or 'the version'} in {asked.by.removeprefix('by ')}"


def _kind(interpreter: Interpreter) -> str:
    words = [] if interpreter.implementation == "cpython" else [interpreter.implementation]
    return "".join(f" {word}" for word in [*words, *(["free-threaded"] if interpreter.free_threaded else [])])


def _capitalised(text: str) -> str:
    return f"Python {text}" if text[:1].isdigit() else text


def _file(asked: Asked) -> str | None:
    return None if asked.file is None else str(asked.file)
