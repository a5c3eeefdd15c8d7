"""What the panel of a problem shows: the sentence, the place, the lines around it, the traceback, what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.workspace.describing.frames import is_library, short_library
from atoll_host.workspace.describing.text import clean
from atoll_host.workspace.findings.codes import NUMBERS
from atoll_host.workspace.findings.located import LocatedProblem, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.envs.errors import Frame
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.findings.located import Located

_AROUND = 2
"""How many lines are shown before and after the one that is meant."""
_LONGEST_FILE = 4 * 1024 * 1024
_LONGEST_LINE = 400
_MOST_DETAIL = 24
"""How many lines of detail are shown at once; the others are folded."""
_MOST_FRAMES = 30
"""How many frames are given at most; a recursion has a thousand."""
_COMMANDS = ("atoll ", "uv ", "pip ", "python ", "git ")
_RUN = re.compile(
    r"^(.*?\b(?:run|use|try): )((?:atoll|uv|pip|git|python)\b[^`\n(]*?)((?: \(|, | and |; ).*)?$", re.DOTALL
)
_QUOTED = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an excerpt: its number, its text, and whether it is the one that is meant."""

    number: int
    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of a traceback that stand together.

    Attributes:
        library: whether they are of installed packages or the standard library, and folded.
        frames: in the order of the calls.
    """

    library: bool
    frames: Sequence[Frame]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a hint: words, or something to type."""

    text: str
    typed: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """All that the panel of a problem shows.

    Attributes:
        severity: `error` or `warning`.
        code: such as `ATL301`, or the kind of problem where it has no code.
        explained: whether there is a page about the code.
        title: what the code says, in a few words.
        location: name of the location that has it.
        message: the sentence.
        file: the place that is wrong; None for none.
        line: from 1.
        column: from 1.
        excerpt: lines around the place.
        caret: column of the mark in the marked line, from 1; None for the whole line.
        frames: the traceback.
        own: how many frames of the traceback are the user's.
        detail: the first lines of the details.
        more: the lines after those.
        hint: what to do.
    """

    severity: str
    code: str
    explained: bool
    title: str
    location: str | None
    message: str
    file: str | None
    line: int | None
    column: int | None
    excerpt: Sequence[Line]
    caret: int | None
    frames: Sequence[Frames]
    own: int
    detail: str
    more: str
    hint: Sequence[Part]


def every_problem(live: LiveWorkspace) -> list[Located]:
    """Give everything that is wrong, once: with the workspace's own files first, then by location."""
    found: list[Located] = list(live.findings)
    if live.problems:
        known = {finding.problem for finding in live.across}
        found[:0] = [LocatedProblem(None, problem) for problem in live.problems if problem not in known]
    return found


def describe_problem(item: Located | Problem) -> Panel:
    """Give what the panel of a problem shows.

    Args:
        item: a finding, a problem with its location, or a problem alone.
    """
    problem: Problem = item if isinstance(item, Problem) else item.problem
    code = label(problem)
    known = NUMBERS.get(code)
    excerpt = read_excerpt(problem)
    marked = next((line.text for line in excerpt if line.marked), "")
    lines = clean(problem.detail or "").expandtabs(4).rstrip().splitlines()
    frames = problem.frames
    if len(frames) > _MOST_FRAMES:
        frames = frames[: _MOST_FRAMES // 2] + frames[-_MOST_FRAMES // 2 :]
    return Panel(
        severity=problem.severity,
        code=code,
        explained=known is not None,
        title="" if known is None else known.title,
        location=getattr(item, "location", None),
        message=clean(problem.message).strip(),
        file=problem.file,
        line=problem.line,
        column=problem.column,
        excerpt=excerpt,
        caret=problem.column if problem.column is not None and problem.column <= len(marked) + 1 else None,
        frames=[
            Frames(library, list(group)) for library, group in groupby(frames, key=lambda frame: is_library(frame.file))
        ],
        own=sum(not is_library(frame.file) for frame in problem.frames),
        detail="\n".join(lines[:_MOST_DETAIL]),
        more="\n".join(lines[_MOST_DETAIL:]),
        hint=describe_hint(problem.hint),
    )


def describe_hint(hint: str | None) -> list[Part]:
    """Tell the words of a hint from what it says to type."""
    if not hint:
        return []
    text = clean(hint).strip()
    if text.startswith(_COMMANDS) and "`" not in text and "\n" not in text:
        return [Part(text, typed=True)]
    run = None if "`" in text else _RUN.match(text)
    if run is not None:
        parts = (Part(run[1], typed=False), Part(run[2], typed=True), Part(run[3] or "", typed=False))
        return [part for part in parts if part.text]
    pieces = _QUOTED.split(text)
    return [Part(piece, typed=bool(number % 2)) for number, piece in enumerate(pieces) if piece]


def read_excerpt(problem: Problem) -> list[Line]:
    """Read the lines around the place of a problem; none where there is nothing that should be shown.

    Lines of files with variables in them are never shown, as their values may be secrets. Where the file is another by
    now than the one that was loaded, the line that was loaded stands alone.
    """
    file, line = problem.file, problem.line
    if file is None or line is None or line < 1 or not Path(file).is_absolute() or ".env" in Path(file).name:
        return []
    said = next((frame.source for frame in reversed(problem.frames) if (frame.file, frame.line) == (file, line)), None)
    first = max(line - _AROUND, 1)
    lines = [
        Line(number, text, number == line) for number, text in enumerate(_read(file, first, line + _AROUND), first)
    ]
    marked = next((one.text for one in lines if one.marked), None)
    if said and (marked is None or marked.strip() != _tidy(said).strip()):
        return [Line(line, _tidy(said).strip(), marked=True)]
    if marked is None or not marked.strip():
        return []
    return _dedent(lines)


def describe_frame(frame: Frame) -> str:
    """Give the file of a frame as it is shown, when it is a library's."""
    return short_library(frame.file) if is_library(frame.file) else frame.file


def _read(file: str, first: int, last: int) -> list[str]:
    try:
        if not Path(file).is_file() or Path(file).stat().st_size > _LONGEST_FILE:
            return []
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            return [_tidy(line) for line in islice(lines, first - 1, last)]
    except (OSError, ValueError):
        return []


def _tidy(line: str) -> str:
    # Columns have to stay where they are: a character is shown as one.
    text = "".join(
        one if one == "\t" or one.isprintable() or one in "\u200c\u200d" else "\N{REPLACEMENT CHARACTER}"
        for one in line.rstrip("\r\n")
    )
    return text.replace("\t", " ")[:_LONGEST_LINE].rstrip()


def _dedent(lines: list[Line]) -> list[Line]:
    while lines and not lines[0].text and not lines[0].marked:
        lines = lines[1:]
    while lines and not lines[-1].text and not lines[-1].marked:
        lines = lines[:-1]
    return lines
