"""Lists of many things: which of them are asked for, and the part of them that one page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.requests import Request

SIZE = 250
"""Rows of one page."""
_DIGITS = 9
"""No list has as many pages that its number is longer."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a list that one page shows.

    Attributes:
        items: those of this page.
        number: of the page, from 1.
        pages: how many there are, at least one.
        total: how many items are on all pages.
        first: number of the first item of this page, from 1; 0 where there is none.
        path: address of the list.
        parameters: of the address, less the number of the page.
    """

    items: Sequence[Any]
    number: int
    pages: int
    total: int
    first: int
    path: str
    parameters: tuple[tuple[str, str], ...]

    @property
    def last(self) -> int:
        """Number of the last item of this page."""
        return self.first + len(self.items) - 1 if self.items else 0

    def url(self, number: int) -> str:
        """Give the address of a page."""
        given = [*self.parameters, *([("page", str(number))] if number > 1 else [])]
        return f"{self.path}?{urlencode(given)}" if given else self.path

    @property
    def numbers(self) -> Iterator[int | None]:
        """Numbers of the pages to offer: the first, the last and those around this one; None for a gap."""
        before = 0
        for number in range(1, self.pages + 1):
            if number in (1, self.pages) or abs(number - self.number) <= 1:
                if number - before > 1:
                    yield None
                yield number
                before = number


def cut(request: Request, items: Sequence[Any], size: int = SIZE) -> Part:
    """Give the part of a list that a request asks for with its parameter `page`; the nearest where there is no such.

    Args:
        request: for the list.
        items: all that are left after filtering.
        size: of a page.
    """
    pages = max(-(-len(items) // size), 1)
    text = request.query_params.get("page", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 1
    number = min(max(asked, 1), pages)
    start = (number - 1) * size
    given = tuple((name, value) for name, value in request.query_params.multi_items() if name != "page" and value)
    shown = items[start : start + size]
    return Part(shown, number, pages, len(items), start + 1 if shown else 0, request.url.path, given)


def words_of(request: Request, name: str = "q") -> tuple[str, ...]:
    """Give the words of a parameter, as `matches` wants them."""
    return tuple(request.query_params.get(name, "").casefold().split())


def matches(words: Iterable[str], *texts: str | None) -> bool:
    """Tell whether each word is in one of the texts, in whatever case."""
    joined = "\n".join(text for text in texts if text).casefold()
    return all(word in joined for word in words)
