"""How what was created looks: which files were written and changed, and what to type next."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.problems import short_path
from atoll_host.workspace.describing.text import clean
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from atoll_host.workspace.findings.located import Located
    from atoll_host.workspace.scaffolding.definitions import NotUnderstoodError

_MOST_FILES = 16
"""Files that are listed one by one; of more, only the folders."""


def created_result(
    command: str,
    headline: str,
    *,
    written: Sequence[Path] = (),
    changed: Sequence[Path] = (),
    next_steps: Mapping[str, str] | None = None,
    data: Mapping[str, Any] | None = None,
    problems: Sequence[Located] = (),
    drawing: Callable[[Console], None] | None = None,
) -> Result:
    """Make the result of a command that writes files.

    Args:
        command: its words.
        headline: what was done, in a line.
        written: new files, absolute.
        changed: files that were there before, absolute.
        next_steps: what to type next, each with what it does.
        data: further data for `--json`.
        problems: what went wrong behind the writing.
        drawing: draws more between the files and the next steps.
    """
    steps = dict(next_steps or {})
    whole = {
        **(data or {}),
        "written": [str(path) for path in written],
        "changed": [str(path) for path in changed],
        "next": list(steps),
    }

    def view(console: Console) -> None:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        console.print(Text(clean(headline), style="bold"))
        for line in _list_files(written, changed):
            console.print(Text(f"  {clean(line)}", style="dim"), soft_wrap=True)
        if drawing is not None:
            console.print()
            drawing(console)
        if steps:
            console.print()
            draw_steps(console, steps)

    return Result(command, whole, view, tuple(problems))


def draw_steps(console: Console, steps: Mapping[str, str]) -> None:
    """Draw what to type next, one command a line with what it does beside it where there is room."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    console.print("Next:")
    width = max(map(len, steps))
    for step, what in steps.items():
        line = Text.assemble("  ", (clean(step), "cyan"))
        if what and width + len(what) + 5 <= console.width:
            line.append(f"{' ' * (width - len(step))}   {what}", style="dim")
        console.print(line, soft_wrap=True)


def _list_files(written: Sequence[Path], changed: Sequence[Path]) -> list[str]:
    lines = [f"+ {short_path(str(path))}" for path in written]
    if len(lines) > _MOST_FILES:
        folders = Counter(_top(path) for path in map(short_path, map(str, written)))
        lines = [f"+ {name}" if count == 1 else f"+ {name}/  ({count} files)" for name, count in folders.items()]
    return [*lines, *(f"~ {short_path(str(path))}" for path in changed)]


def _top(path: str) -> str:
    parts = Path(path).parts
    depth = 3
    return "/".join(parts[:depth]) if len(parts) > depth else "/".join(parts)


def paste_result(command: str, error: NotUnderstoodError, location: str) -> Result:
    """Make the result of a command that could not add to a file: the text to paste there is its data."""
    problems = tuple(LocatedProblem(location, problem) for problem in error.problems)

    def view(console: Console) -> None:
        console.print(error.paste, markup=False, highlight=False, soft_wrap=True, end="")

    return Result(command, {"paste": error.paste, "file": problems[0].problem.file}, view, problems)
