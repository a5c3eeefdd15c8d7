"""Read what `faulthandler` wrote when a worker was stopped or crashed (the format is that of CPython's traceback.c)."""

from __future__ import annotations

import linecache
import re
from pathlib import Path

from atoll_host.envs.errors import Frame

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<function>.*)$')


def read_frames(text: str, *, leave_out: tuple[Path, ...]) -> tuple[Frame, ...]:
    """Read the frames of the main thread, outermost first.

    Args:
        text: what the worker's faulthandler wrote.
        leave_out: files and folders whose frames are ours, not the user's.
    """
    # One block a thread, the innermost call first; the thread that runs the import is the last block.
    blocks: list[list[Frame]] = [[]]
    current = blocks[0]
    main: list[Frame] | None = None
    for line in text.splitlines():
        if line.startswith(("Thread 0x", "Current thread 0x")):
            current = []
            blocks.append(current)
        elif found := _FRAME.match(line):
            file, number = found["file"], found["line"]
            if file == str(leave_out[0]):
                main = current
            if not number.isdigit() or file.startswith("<") or any(_within(file, folder) for folder in leave_out):
                continue
            source = linecache.getline(file, int(number)).strip() or None
            current.append(Frame(file, int(number), found["function"], source))
    return tuple(reversed(main if main is not None else blocks[-1]))


def own_frame(frames: tuple[Frame, ...], directory: Path, prefixes: tuple[Path, ...]) -> Frame | None:
    """Find the deepest frame of the user's own code: under the directory, or at least outside the environment."""
    for frame in reversed(frames):
        if _within(frame.file, directory) and "site-packages" not in Path(frame.file).parts:
            return frame
    for frame in reversed(frames):
        if not any(_within(frame.file, prefix) for prefix in prefixes):
            return frame
    return frames[-1] if frames else None


def _within(file: str, folder: Path) -> bool:
    return Path(file) == folder or folder in Path(file).parents
