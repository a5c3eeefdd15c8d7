"""Parameters of addresses that several lists have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from atoll_host.envs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import QueryParams

T = TypeVar("T", bound=str)
SHOWN = 50
"""Of one page."""
MOST = 500
"""Of one answer of the API."""
_DIGITS = 15


def read_number(query: QueryParams, name: str) -> int | None:
    """Read a number; None where there is none.

    Raises:
        UsageError: it is something else.
    """
    text = query.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise UsageError(f"{name} is no number: {text!r}")
    return int(text)


def read_limit(query: QueryParams) -> int:
    """Read how many are wanted at most.

    Raises:
        UsageError: it is no number.
    """
    limit = read_number(query, "limit")
    return SHOWN if limit is None else min(max(limit, 1), MOST)


def read_words(query: QueryParams, name: str, known: Sequence[T]) -> tuple[T, ...]:
    """Read a parameter that may be there several times, each a word that is known.

    Raises:
        UsageError: one is not.
    """
    found: list[T] = []
    for text in filter(None, query.getlist(name)):
        word = next((word for word in known if word == text), None)
        if word is None:
            raise UsageError(f"There is no {name} {text!r}", hint=f"there are: {', '.join(known)}")
        found.append(word)
    return tuple(found)
