"""Tracebacks as people want them: their own lines first, those of libraries folded away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atoll_host.workspace.describing.text import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atoll_host.envs.errors import Frame, Problem

_LIBRARY = re.compile(r"^<|[\\/](?:(?:site|dist)-packages|\.atoll|lib(?:64)?[\\/](?:python|pypy)\d[\d.]*|Lib)(?=[\\/])")
"""What the path of a file has that is not the user's own: installed packages, the standard library, our copies."""
_MOST = 4
"""How many of the user's frames are shown while the rest is folded."""


def short_library(file: str) -> str:
    """Give the path of a library's file without the environment that it is in, which says nothing new."""
    found = list(_LIBRARY.finditer(file))
    return f"…{file[found[-1].start() :]}" if found and found[-1].start() else file


def is_library(file: str) -> bool:
    """Tell whether a file belongs to an installed package, to the standard library, or is none at all."""
    return _LIBRARY.search(file) is not None


def describe_frames(problem: Problem, *, verbose: bool = False) -> Iterator[tuple[str, Frame | None]]:
    """Say what called the place that is shown, the nearest first, and what it called in turn, where that failed.

    Args:
        problem: whose frames they are.
        verbose: whether every frame is given.

    Yields:
        Some words, and the frame that they introduce; None where they stand for frames that are folded away.
    """
    frames = problem.frames
    places = [(frame.file, frame.line) for frame in frames]
    shown = (problem.file, problem.line)
    # The last one, as a recursion passes a place many times.
    position = len(places) - 1 - places[::-1].index(shown) if shown in places else len(places)
    inner, callers = frames[position + 1 :][::-1], frames[:position][::-1]
    way = [("raised in" if number == 0 else "called from", frame) for number, frame in enumerate(inner)]
    way += [("called from", frame) for frame in callers]
    if verbose:
        yield from way
        return
    own = [item for item in way[len(inner) :] if not is_library(item[1].file)]
    kept = [*way[: min(len(inner), 1)], *own[:_MOST]]
    yield from kept
    folded = [frame for words, frame in way if (words, frame) not in kept]
    libraries = sum(is_library(frame.file) for frame in folded)
    counts = (count(libraries, "library frame") if libraries else "", _more(len(folded) - libraries))
    if folded:
        yield f"… {' and '.join(part for part in counts if part)}: `atoll validate --verbose` shows them", None


def _more(number: int) -> str:
    return f"{number} more of yours" if number else ""
