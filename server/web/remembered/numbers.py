"""Runs and backfills that somebody looks for by their number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError
from atoll_host.server.web.searching import Entry, Match

if TYPE_CHECKING:
    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.operations.operations import Operations

_NUMBER = re.compile(r"\s*(?:(?P<kind>run|backfill)s?[\s:]*)?#?(?P<number>[0-9]{1,9})\s*", re.IGNORECASE)


def find_numbered(operations: Operations, query: str) -> list[Match]:
    """Find what `12`, `#12`, `run 12` and `backfill:12` mean; nothing for any other query.

    Args:
        operations: know what is remembered.
        query: what was typed.
    """
    asked = _NUMBER.fullmatch(query)
    if asked is None:
        return []
    kind, number = (asked["kind"] or "").lower(), int(asked["number"])
    try:
        storage = operations.read()
        if storage is None:
            return []
        found = [_find_run(storage, number)] if kind != "backfill" else []
        found += [_find_backfill(storage, number)] if kind != "run" else []
    except AtollError:
        # The page of runs says why.
        return []
    return [match for match in found if match is not None]


def _find_run(storage: Storage, number: int) -> Match | None:
    from atoll_host.runs.describing import describe_run, name_target  # noqa: PLC0415 — not before it is asked

    # The newest of those before the next one: a part of an id is no number.
    run = next(iter(storage.runs.list(cursor=number + 1, limit=1).runs), None)
    if run is None or run.number != number:
        return None
    name = f"Run {number}: {name_target(describe_run(run))} ({run.status})"
    return Match(Entry.of("run", name, run.location, f"/runs/{number}"), exact=True)


def _find_backfill(storage: Storage, number: int) -> Match | None:
    from atoll_host.runs.backfilling.describing import describe_backfill, name_backfill  # noqa: PLC0415 — as above

    backfill = next(iter(storage.backfills.list(before=number + 1, limit=1)), None)
    if backfill is None or backfill.number != number:
        return None
    name = f"Backfill {number}: {name_backfill(describe_backfill(backfill))} ({backfill.status})"
    return Match(Entry.of("backfill", name, backfill.location, f"/backfills/{number}"), exact=True)
