"""How a problem looks: the sentence, where it is, the source line, the user's frames, and what to type."""

from __future__ import annotations

import linecache
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from atoll_host.envs.errors import Frame, Problem

_FRAMES = 4
"""How many frames are shown; the whole traceback is in `--json`."""
_DETAIL = 14
"""How many lines of detail are shown; all of them are in `--json`."""


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
        """Give the problem with its location beside its own attributes."""
        return {"location": self.location, **self.problem.to_json()}


def draw_problems(console: Console, problems: Iterable[LocatedProblem]) -> None:
    """Draw problems, a blank line between two of them."""
    for number, item in enumerate(problems):
        if number:
            console.print()
        draw_problem(console, item)


def draw_problem(console: Console, item: LocatedProblem) -> None:
    """Draw one problem in at most a screen."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    problem = item.problem
    colour = "red" if problem.severity == "error" else "yellow"
    head = Text.assemble((problem.severity, f"bold {colour}"), f"[{problem.kind}]", ": ")
    if item.location is not None:
        head.append(f"{item.location}: ", style="bold")
    head.append(clean(problem.message))
    console.print(head, soft_wrap=True)
    if problem.file is not None:
        console.print(Text(f"  --> {place(problem)}", style="cyan"), soft_wrap=True)
        _draw_source(console, problem)
    frames = problem.frames[:-1][-_FRAMES:] if problem.frames else ()
    for frame in frames:
        if (frame.file, frame.line) != (problem.file, problem.line):
            console.print(Text(f"      {_frame(frame)}", style="dim"), soft_wrap=True)
    if problem.detail:
        lines = clean(problem.detail).rstrip().splitlines()
        for line in lines[:_DETAIL]:
            console.print(Text(f"  | {line}", style="dim"), soft_wrap=True)
        if len(lines) > _DETAIL:
            console.print(Text(f"  | … {len(lines) - _DETAIL} more lines: --json has them all", style="dim"))
    if problem.hint:
        console.print(Text.assemble(("  hint: ", "bold"), clean(problem.hint)), soft_wrap=True)


def place(problem: Problem) -> str:
    """Give `file:line:column`, the file relative to where the caller stands where that is shorter."""
    parts = [short_path(problem.file or ""), problem.line, problem.column]
    return ":".join(str(part) for part in parts if part is not None)


def short_path(file: str) -> str:
    """Give a path relative to the working directory when it lies below it."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file


def clean(text: str) -> str:
    """Make text printable: control characters, which could drive the terminal, are shown as escapes."""
    return "".join(
        character if character in "\n\t" or (character.isprintable()) else character.encode("unicode_escape").decode()
        for character in text
    )


def _draw_source(console: Console, problem: Problem) -> None:
    from rich.text import Text  # noqa: PLC0415

    if problem.line is None or problem.file is None or not os.path.isabs(problem.file):
        return
    source = clean(linecache.getline(problem.file, problem.line).rstrip("\n")).expandtabs(4)
    if not source.strip():
        return
    number = str(problem.line)
    console.print(Text(f"  {number} | {source}"), soft_wrap=True)
    start = (problem.column or len(source) - len(source.lstrip()) + 1) - 1
    length = 1 if problem.column else len(source.strip())
    console.print(Text(f"  {' ' * len(number)} | {' ' * start}{'^' * length}", style="red"), soft_wrap=True)


def _frame(frame: Frame) -> str:
    return f"{short_path(frame.file)}:{frame.line} in {frame.function}"
