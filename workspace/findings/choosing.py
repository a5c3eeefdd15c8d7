"""Which findings are wanted: codes and beginnings of codes that are selected or ignored, as ruff does it.

`ATL3` means every code that begins so, `ALL` every code. Within one place the longest beginning that matches a code
decides, and of two equally long ones `ignore`. A nearer place (workspace.yaml, then the location, then the command
line) that selects starts anew; one that only ignores takes away from what was wanted before.
(https://docs.astral.sh/ruff/linter/#rule-selection)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.workspace.findings.codes import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Choice:
    """What one place says of the codes that are wanted there.

    Attributes:
        select: codes or their beginnings, or `ALL`; None where it does not select.
        ignore: the same, of what is not wanted.
        strict: whether warnings fail; None where it does not say.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    strict: bool | None = None

    def keeps(self, number: str, *, before: bool) -> bool:
        """Tell whether a code is wanted.

        Args:
            number: such as `ATL301`.
            before: whether it was wanted before this place had its say.
        """
        ignored = _longest(self.ignore, number)
        if self.select is None:
            return before and ignored is None
        selected = _longest(self.select, number)
        return selected is not None and (ignored is None or selected > ignored)


def is_chosen(number: str, choices: Iterable[Choice]) -> bool:
    """Tell whether a code is wanted, by what several places say of it, the farthest first."""
    wanted = True
    for choice in choices:
        wanted = choice.keeps(number, before=wanted)
    return wanted


def is_strict(choices: Iterable[Choice]) -> bool:
    """Tell whether warnings fail, by what several places say of it, the farthest first."""
    said = [choice.strict for choice in choices if choice.strict is not None]
    return bool(said) and said[-1]


def split_words(words: Iterable[str]) -> tuple[str, ...]:
    """Give the codes of a command line's words, each of which may hold several with commas between them."""
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())


def find_unknown(word: str) -> tuple[str, str] | None:
    """Say what is wrong with a word that should begin some code, and what to write; None where it does begin one."""
    if word == _ALL or any(number.startswith(word) for number in NUMBERS):
        return None
    return f"{word!r} is no code, and no code begins so", suggest_code(word)


def suggest_code(word: str) -> str:
    """Give a hint to the code that a word is likely meant to be: a number, or the kind of a problem."""
    import difflib  # noqa: PLC0415 — only to complain

    by_kind = {code.kind: code.number for code in NUMBERS.values()}
    folded = word.strip().upper()
    if folded != word and any(number.startswith(folded) for number in NUMBERS):
        return f"did you mean {folded}?"
    if folded.lower().replace("-", "_") in by_kind:
        return f"did you mean {by_kind[folded.lower().replace('-', '_')]}?"
    whole = next((number for number in NUMBERS if folded.startswith(number)), None)
    if whole is not None:
        return f"did you mean {whole}?"
    close = difflib.get_close_matches(folded, NUMBERS, 1, cutoff=0.7) or [
        by_kind[kind] for kind in difflib.get_close_matches(word.lower(), by_kind, 1)
    ]
    return f"did you mean {close[0]}?" if close else "`atoll explain` lists all codes"


def _longest(words: Iterable[str], number: str) -> int | None:
    """Give the length of the longest beginning that matches; None when none does."""
    lengths = (0 if word == _ALL else len(word) for word in words if word == _ALL or number.startswith(word))
    return max(lengths, default=None)
