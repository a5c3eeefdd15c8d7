"""The one renderer: a result becomes a terminal view or JSON. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from atoll_host.cli.result import Result


class Renderer:
    """Prints for one command.

    Attributes:
        as_json: whether the result is printed as JSON.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            # A terminal without Unicode shows question marks where there would be no output at all.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")

    @cached_property
    def out(self) -> Console:
        """Standard output."""
        from rich.console import Console  # noqa: PLC0415 — JSON output does without

        return Console(highlight=False, soft_wrap=False, **_colours())

    @cached_property
    def err(self) -> Console:
        """Standard error: progress, problems, notes."""
        from rich.console import Console  # noqa: PLC0415 — JSON output does without

        return Console(stderr=True, highlight=False, **_colours())

    def note(self, text: str) -> None:
        """Say something beside the data, as plain text."""
        self.err.print(text, markup=False, highlight=False)

    @contextlib.contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Show how many of `total` are done, where somebody watches; give what is called when one more is."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 — rich is for terminals

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.err, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)

    def show(self, result: Result) -> None:
        """Print a result."""
        if self.as_json:
            whole = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
            text = json.dumps(result.to_json(), indent=2, ensure_ascii=not whole)
            sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")
            return
        if result.view is not None:
            result.view(self.out)
        if result.problems and not result.problems_in_view:
            from atoll_host.cli.views.problems import draw_problems  # noqa: PLC0415 — only where there are problems

            if result.view is not None and self.err.is_terminal:
                self.err.print()
            draw_problems(self.err, result.problems)


def _colours() -> dict[str, Any]:
    """Give what a console is made with: NO_COLOR (no-color.org) means no escape sequences at all, bold included."""
    return {"color_system": None} if os.environ.get("NO_COLOR") else {}
