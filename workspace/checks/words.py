"""Words for messages: what a name was meant to be, and lists of names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_ENOUGH_ALIKE = 0.7


def suggest(name: str, known: Collection[str], *, alike: float = _ENOUGH_ALIKE) -> str | None:
    """Give the known name that is most like another: with the same last part, or spelt nearly the same; else None."""
    if name in known:
        return None
    last = name.rpartition("/")[2].casefold()
    beside = sorted(other for other in known if other.rpartition("/")[2].casefold() == last)
    if beside:
        return beside[0]
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=alike)
    return close[0] if close else None


def list_names(names: Sequence[str], most: int = 3) -> str:
    """Write names in quotes, and how many more there are: `'a', 'b' and 3 more`."""
    shown = [repr(name) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "none"
