"""Ask for what was left out, where somebody is there to answer; nowhere else.

Questions go to standard error, so that standard output stays data.
"""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

from atoll_host.envs.errors import AtollError, UsageError
from atoll_host.workspace.describing.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from atoll_host.cli.session import Session

_NO = frozenset({"", "0", "false", "no"})
_LOOK = 0.2
"""Seconds between two looks whether Ctrl-C was pressed just before a read began that nothing interrupts any more."""
_LONGEST_LIST = 12
"""Choices that are listed; further ones can be typed all the same."""


class Asker:
    """Asks the user of a session, or refuses where nobody is there.

    Attributes:
        console: where questions are printed.
        can_ask: whether somebody is there to answer.
    """

    def __init__(self, console: Console, *, can_ask: bool, answers: TextIO | None = None) -> None:
        self.console = console
        self.can_ask = can_ask
        self._answers = answers

    @classmethod
    def of(cls, session: Session) -> Asker:
        """Make the asker of a session: it asks at a terminal, unless the output is JSON or this is a CI machine."""
        ci = session.variables.get("CI", "").lower() not in _NO
        terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
        return cls(session.renderer.err, can_ask=terminal and not ci and not session.renderer.as_json)

    def text(
        self,
        question: str,
        *,
        option: str,
        default: str | None = None,
        check: Callable[[str], object] | None = None,
    ) -> str:
        """Ask for a text until it is valid.

        Args:
            question: without a question mark's trimmings, such as `Name of the location`.
            option: how to say it on the command line, for where nobody is there.
            default: what an empty answer means.
            check: raises an AtollError where the answer can't be.

        Raises:
            UsageError: nobody is there to ask.
        """
        self._need(option)
        while True:
            answer = self._read(question, default) or default or ""
            if answer and self._is_valid(answer, check):
                return answer

    def choice(
        self,
        question: str,
        choices: Mapping[str, str],
        *,
        option: str,
        default: str | None = None,
        open_ended: bool = False,
        check: Callable[[str], object] | None = None,
    ) -> str:
        """Ask for one of several, by its number or its name.

        Args:
            question: such as `Template`.
            choices: each with a few words on it, which may be empty.
            option: how to say it on the command line.
            default: what an empty answer means; where there is only one choice, that one.
            open_ended: whether other answers count as well.
            check: raises an AtollError where such an answer can't be.

        Raises:
            UsageError: nobody is there to ask.
        """
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        self._need(option)
        names = list(choices)
        default = names[0] if default is None and len(names) == 1 else default
        width = max((len(name) for name in names), default=0)
        for number, name in enumerate(names[:_LONGEST_LIST], 1):
            line = Text(clean(f"  {number:>2}  {name:<{width}}  {choices[name]}".rstrip()))
            self.console.print(line, no_wrap=True, overflow="ellipsis")
        if len(names) > _LONGEST_LIST:
            self.console.print(f"      … and {len(names) - _LONGEST_LIST} more, by name", markup=False)
        while True:
            answer = self._read(question, default) or default or ""
            if answer.isdecimal() and 1 <= int(answer) <= len(names) and answer not in choices:
                return names[int(answer) - 1]
            if answer in choices or (answer and open_ended and self._is_valid(answer, check)):
                return answer
            if answer and not open_ended:
                self.console.print(f"{answer!r} is none of them: a number from the list, or a name", markup=False)

    def agree(self, question: str, *, default: bool) -> bool:
        """Ask yes or no; where nobody is there, the answer is the default."""
        if not self.can_ask:
            return default
        words = {"y": True, "yes": True, "n": False, "no": False, "": default}
        while True:
            answer = self._read(f"{question} ({'Y/n' if default else 'y/N'})", None).lower()
            if answer in words:
                return words[answer]

    def _need(self, option: str) -> None:
        if not self.can_ask:
            raise UsageError(f"{option} is missing", hint="it is asked for only at a terminal", kind="missing_option")

    def _read(self, question: str, default: str | None) -> str:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        prompt = Text.assemble((question, "bold"), (f" [{default}]" if default else "", "cyan"), ": ")
        try:
            self.console.print(prompt, end="")
            self._wait()
            return self.console.input(stream=self._answers).strip()
        except EOFError:
            self.console.print()
            raise KeyboardInterrupt from None

    def _wait(self) -> None:
        """Wait for an answer at a terminal. Elsewhere than on POSIX, reading itself notices Ctrl-C."""
        if self._answers is None and os.name == "posix":
            while not select.select([sys.stdin], [], [], _LOOK)[0]:
                pass

    def _is_valid(self, answer: str, check: Callable[[str], object] | None) -> bool:
        """Check an answer, and say what is wrong with it."""
        try:
            if check is not None:
                check(answer)
        except AtollError as error:
            self._complain(error)
            return False
        return True

    def _complain(self, error: AtollError) -> None:
        for problem in error.problems:
            self.console.print(problem.message, markup=False, soft_wrap=True)
            if problem.hint:
                self.console.print(f"hint: {problem.hint}", markup=False, soft_wrap=True)
