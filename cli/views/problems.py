"""How a problem looks: the sentence, where it is, the source line, the user's frames, and what to type."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.cli.views.text import measure, room, wrap
from atoll_host.workspace.describing.excerpts import read_line
from atoll_host.workspace.describing.frames import describe_frames, short_library
from atoll_host.workspace.describing.text import clean, count, one_line
from atoll_host.workspace.findings.located import LocatedProblem, count_severities, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from atoll_host.envs.errors import Frame, Problem
    from atoll_host.workspace.findings.located import Located

_DETAIL = 14
"""How many lines of detail are shown; all of them are in `--json`."""
_INDENT = "  "


def draw_problems(console: Console, problems: Iterable[Located], *, verbose: bool = False) -> None:
    """Draw problems with a blank line between two of them; several of one location stand under its name.

    Args:
        console: where they are drawn.
        problems: those of one location beside each other.
        verbose: whether tracebacks and details are shown whole.
    """
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    for number, (location, group) in enumerate(groupby(problems, key=lambda item: item.location)):
        if number:
            console.print()
        items = list(group)
        if location is None or len(items) == 1:
            _draw_each(console, items, verbose=verbose)
            continue
        name = Text.assemble((clean(location), "bold"), f": {count_severities(items)}")
        console.print(name, soft_wrap=True)
        _draw_each(console, [LocatedProblem(None, item.problem) for item in items], verbose=verbose)


def draw_problem(console: Console, item: Located, *, verbose: bool = False) -> None:
    """Draw one problem in at most a screen, or whole."""
    problem = item.problem
    _draw_head(console, item)
    if problem.file is not None:
        _print(console, f"{_INDENT}--> {clean(place(problem))}", "cyan")
        _draw_source(console, problem)
    for words, frame in describe_frames(problem, verbose=verbose):
        _print(console, f"{_INDENT}    {words}{'' if frame is None else f' {_frame(frame)}'}", "dim")
    if problem.detail:
        lines = clean(problem.detail).expandtabs(4).rstrip().splitlines()
        most = len(lines) if verbose else _DETAIL
        for line in lines[:most]:
            for piece in wrap(line, room(console), f"{_INDENT}| ", f"{_INDENT}|   "):
                _print(console, piece, "dim")
        if len(lines) > most:
            _print(console, f"{_INDENT}| … {count(len(lines) - most, 'more line')}: --json has them all", "dim")
    if problem.hint:
        _draw_hint(console, problem.hint)


def place(problem: Problem) -> str:
    """Give `file:line:column`, the file relative to where the caller stands where that is shorter."""
    return ":".join(
        str(part) for part in (short_path(problem.file or ""), problem.line, problem.column) if part is not None
    )


def short_path(file: str) -> str:
    """Give a path relative to the working directory when it lies below it."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return file


def _draw_each(console: Console, items: Sequence[Located], *, verbose: bool) -> None:
    for number, item in enumerate(items):
        if number:
            console.print()
        draw_problem(console, item, verbose=verbose)


def _draw_head(console: Console, item: Located) -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    problem = item.problem
    colour = "red" if problem.severity == "error" else "yellow"
    lead = f"{problem.severity}[{clean(label(problem))}]: "
    name = "" if item.location is None else f"{clean(item.location)}: "
    lines = wrap(lead + name + clean(problem.message).strip(), room(console), "", _INDENT)
    for number, line in enumerate(lines):
        text = Text(line)
        if number == 0:
            text.stylize(f"bold {colour}", 0, len(problem.severity))
            text.stylize("bold", len(lead), len(lead) + len(name))
        console.print(text, soft_wrap=True)


def _draw_hint(console: Console, hint: str) -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    label = f"{_INDENT}hint: "
    for number, line in enumerate(wrap(clean(hint).strip(), room(console), label, " " * len(label))):
        text = Text(line)
        if number == 0:
            text.stylize("bold", len(_INDENT), len(label) - 1)
        console.print(text, soft_wrap=True)


def _draw_source(console: Console, problem: Problem) -> None:
    source = read_line(problem.file or "", problem.line)
    if source is None:
        return
    column = problem.column if problem.column is not None and problem.column <= len(source) + 1 else None
    start = column - 1 if column is not None else len(source) - len(source.lstrip())
    before, marked = clean(source[:start]).expandtabs(4), clean(source[start:]).expandtabs(4).rstrip()
    offset, length = measure(before), 1 if column is not None else measure(marked)
    text = before + marked
    lead = f"{_INDENT}{problem.line} | "
    width = room(console)
    if width is not None and measure(lead + text) > width:
        text, offset = _cut_around(text, offset, width - measure(lead))
        length = max(1, min(length, measure(text) - offset))
    _print(console, lead + text)
    _print(console, f"{_INDENT}{' ' * len(str(problem.line))} | {' ' * offset}{'^' * length}", "red")


def _cut_around(text: str, offset: int, width: int) -> tuple[str, int]:
    """Cut a long line so that the marked place is in it; give the line, and the place in it in cells."""
    from rich.cells import chop_cells  # noqa: PLC0415 — rich is for terminals

    if offset < width - 1:
        return f"{chop_cells(text, width - 1)[0]}…", offset
    # The marked place comes at about a third of the line.
    skipped, kept = 0, text
    while kept and skipped < offset - width // 3:
        skipped += measure(kept[0])
        kept = kept[1:]
    if measure(kept) > width - 1:
        kept = f"{chop_cells(kept, width - 2)[0]}…"
    return f"…{kept}", offset - skipped + 1


def _frame(frame: Frame) -> str:
    return one_line(f"{short_library(short_path(frame.file))}:{frame.line} in {frame.function}")


def _print(console: Console, line: str, style: str = "") -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    console.print(Text(line, style=style), soft_wrap=True)
