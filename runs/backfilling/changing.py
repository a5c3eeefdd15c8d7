"""What people do with backfills that there are: cancel one, try again what was not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.runs.backfilling.driving import cancel_backfill
from atoll_host.runs.storage.automation_records import OPEN

if TYPE_CHECKING:
    from atoll_host.runs.storage.automation_records import Backfill
    from atoll_host.runs.storage.store import Storage

_SAID = {"canceled": "been canceled"}


def cancel(storage: Storage, text: str, reason: str) -> Backfill:
    """Cancel what waits of a backfill, and its runs. They need a moment to end.

    Args:
        storage: where it is remembered.
        text: its number, or a part of its id.
        reason: who canceled it.

    Raises:
        NoRunError: there is no such backfill.
        UsageError: it has ended.
    """
    found = storage.backfills.find(text)
    if found.status not in OPEN:
        raise UsageError(say_ended(found))
    return cancel_backfill(storage, found.id, reason)


def retry(storage: Storage, text: str) -> Backfill:
    """Let the partitions of a backfill that failed or were canceled be made again.

    Args:
        storage: where it is remembered.
        text: its number, or a part of its id.

    Raises:
        NoRunError: there is no such backfill.
        UsageError: nothing of it failed, or it still goes on.
    """
    found = storage.backfills.find(text)
    if found.status in OPEN:
        raise UsageError(f"Backfill {found.number} still goes on", hint=f"atoll backfill show {found.number}")
    if not found.counts.get("failed") and not found.counts.get("canceled"):
        raise UsageError(f"Nothing of backfill {found.number} failed or was canceled")
    return storage.backfills.retry(found.id)


def say_ended(backfill: Backfill) -> str:
    """Say that a backfill has ended."""
    return f"Backfill {backfill.number} has {_SAID.get(backfill.status, backfill.status)} already"
