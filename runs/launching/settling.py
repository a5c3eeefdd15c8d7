"""Ends runs whose host process is gone: done by whoever looks next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.runs.launching.identity import is_gone
from atoll_host.runs.launching.leftovers import remove_parts
from atoll_host.runs.storage.records import ACTIVE, Host, RunFilter, RunStatus

if TYPE_CHECKING:
    from atoll_host.runs.launching.telling import Tell
    from atoll_host.runs.storage.records import Run
    from atoll_host.runs.storage.store import Storage

OPTION_HOST = "host"
"""Option of a run that is started at once: the process that does it."""
OPTION_DIRECTORY = "directory"
"""Option of a run: the folder of values."""
_REASON = "its process ended: nothing looks after it any more"


def settle_lost(storage: Storage, tell: Tell, *, only: str | None = None) -> int:
    """End the runs whose host process has ended, or has not been heard of for longer than it said.

    Args:
        storage: where runs are remembered.
        tell: has whoever wants to know told of those that have failed by that.
        only: id of the one run that is looked at; all by default.

    Returns:
        How many were ended.
    """
    wanted = RunFilter(statuses=("queued", *sorted(ACTIVE)))
    runs = [storage.runs.get(only)] if only is not None else list(storage.runs.iterate(wanted))
    ended = [run for run in runs if not run.is_final and _settle(storage, run)]
    tell([run.id for run in ended if run.status != "canceling"])
    return len(ended)


def _settle(storage: Storage, run: Run) -> bool:
    problem = Problem("lost", "The process that looked after the run ended before the run did").to_json()
    if run.status == "queued":
        if not _has_lost_starter(run):
            return False
        return storage.runs.update_status(
            run.id,
            "failed",
            expected=frozenset[RunStatus]({"queued"}),
            reason="its process ended before it began",
            problem=problem,
        )
    if run.host is None:
        return False
    gone = is_gone(run.host)
    late = run.lease_expires is not None and run.lease_expires < time.time()
    if gone is False or not (gone or late):
        return False
    settled = storage.runs.settle(run, _REASON, problem=problem)
    directory = run.options.get(OPTION_DIRECTORY)
    if settled and gone and isinstance(directory, str):
        events = storage.events.read(run.id, kinds=("stage_started", "worker_started"))
        pids = {event.payload.get("pid") for event in events}
        remove_parts(directory, [pid for pid in pids if isinstance(pid, int)])
    return settled


def _has_lost_starter(run: Run) -> bool:
    """Tell of a queued run whether the process that was to carry it out, or waits to, has ended."""
    if run.host is not None:
        gone = is_gone(run.host)
        return gone is True or (gone is None and run.lease_expires is not None and run.lease_expires < time.time())
    starter = run.options.get(OPTION_HOST)
    return isinstance(starter, dict) and is_gone(Host(**starter)) is True
