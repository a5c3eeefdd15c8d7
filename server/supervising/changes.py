"""What a change of files means for a location."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from atoll_host.server.supervising.wishes import Wish

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from atoll_host.server.supervising.watched import Change

_MANY = 10
"""Files that change at once from which on more are likely to follow: a checkout, a formatter."""
_BURST = 0.1
"""Seconds without a change after which such a burst is over."""
_OF_ENVIRONMENT = frozenset({"environment", "variables"})


def make_wish(changes: Sequence[Change], root: Path) -> Wish:
    """Say what is wanted since these changed, and how it is called in the history.

    Args:
        changes: all of one location, at least one.
        root: of the workspace, to which paths are shown relative.
    """
    concerns = {change.concern for change in changes}
    times = [change.at for change in changes if change.at is not None]
    return Wish(
        describe_trigger(changes, root),
        changed=max(times, default=None),
        load=bool(concerns - {"environment"}),
        environment="environment" in concerns,
        fresh=bool(concerns & _OF_ENVIRONMENT),
        edit="code" in concerns,
        settle=_BURST if len(changes) > _MANY else 0.0,
    )


def describe_trigger(changes: Sequence[Change], root: Path) -> str:
    """Name what changed: `saved src/sales/assets.py`, `uv.lock changed`, `.env changed`."""
    first = min(changes, key=_rank)
    name = os.path.basename(first.path)  # noqa: PTH119 — texts
    if first.concern in {"environment", "variables", "configuration", "presence"}:
        text = "the environment was built" if name == "current.json" else f"{name} changed"
    else:
        text = f"{first.how} {_shorten(first.path, str(root))}"
    others = {change.path for change in changes} - {first.path}
    return f"{text} and {len(others)} more" if others and first.concern in {"code", "input"} else text


def _rank(change: Change) -> tuple[bool, bool, str]:
    return change.concern == "environment", change.listed, change.path


def _shorten(path: str, root: str) -> str:
    return path[len(root) + 1 :] if path.startswith(root + os.sep) else path
