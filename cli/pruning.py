"""The body of `atoll prune`: what is old is forgotten, as the instance says or as the command line does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atoll_host.cli.following import open_storage, read_session_instance
from atoll_host.cli.result import Result
from atoll_host.cli.views.runs.summary import write_time
from atoll_host.cli.views.sizes import size
from atoll_host.envs.errors import UsageError
from atoll_host.runs.instance import parse_age
from atoll_host.runs.storage.pruning import Pruned
from atoll_host.workspace.describing.text import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from atoll_host.cli.session import Session


@dataclass(frozen=True, slots=True)
class PruneOptions:
    """What the command line says in place of the instance."""

    runs_before: str | None = None
    ticks_before: str | None = None
    history_before: str | None = None
    keep: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """The moments before which things are forgotten; None where nothing is."""

    runs: float | None
    ticks: float | None
    history: float | None
    keep: int


def perform_prune(session: Session, options: PruneOptions) -> Result:
    """Forget what is old.

    Raises:
        UsageError: a time can't be read.
    """
    instance = read_session_instance(session)
    now = time.time()
    retention = instance.retention
    limits = Limits(
        _choose(options.runs_before, retention.runs, "--runs-before", now),
        _choose(options.ticks_before, retention.ticks, "--ticks-before", now),
        _choose(options.history_before, retention.history, "--history-before", now),
        retention.keep if options.keep is None else options.keep,
    )
    if not instance.has_storage():
        return _make_result(limits, Pruned(0, 0, 0, 0, 0, 0), dry_run=options.dry_run)
    with open_storage(session) as storage:
        given: dict[str, Any] = {
            "runs_before": limits.runs,
            "keep_last": limits.keep,
            "ticks_before": limits.ticks,
            "history_before": limits.history,
        }
        expected = storage.count_old(**given)
        if options.dry_run:
            return _make_result(limits, expected, dry_run=True)
        with session.renderer.progress("Forgetting runs", expected.runs) as advance:
            pruned = storage.prune(**given, on_progress=_step(advance))
    return _make_result(limits, pruned, dry_run=False)


def read_moment(text: str, option: str, now: float) -> float:
    """Read a moment: a date, a date with a time, or an age such as `90 days`.

    Raises:
        UsageError: it is none.
    """
    word = text.strip()
    age = parse_age(word)
    if age is not None:
        return now - age
    try:
        return datetime.fromisoformat(word).timestamp()
    except (ValueError, OverflowError, OSError):
        message = f"{option} {text!r} is no time"
        raise UsageError(message, hint=f"such as {option} 2024-01-31, or an age: {option} '90 days'") from None


def _choose(text: str | None, age: float | None, option: str, now: float) -> float | None:
    if text is not None:
        return None if text.strip() == "never" else read_moment(text, option, now)
    return None if age is None else now - age


def _step(advance: Callable[[], None]) -> Callable[[int], None]:
    done = 0

    def step(total: int) -> None:
        nonlocal done
        while done < total:
            advance()
            done += 1

    return step


def _make_result(limits: Limits, pruned: Pruned, *, dry_run: bool) -> Result:
    data = {
        "dry_run": dry_run,
        "runs_before": limits.runs,
        "ticks_before": limits.ticks,
        "history_before": limits.history,
        "keep": limits.keep,
        "runs": pruned.runs,
        "ticks": pruned.ticks,
        "asset_events": pruned.asset_events,
        "check_results": pruned.check_results,
        "freed": max(pruned.size_before - pruned.size_after, 0),
    }

    def view(console: Console) -> None:
        verb = "would be forgotten" if dry_run else "forgotten"
        rows = (
            (limits.runs, [count(pruned.runs, "run")], "runs"),
            (limits.ticks, [count(pruned.ticks, "tick")], "ticks"),
            (
                limits.history,
                [count(pruned.asset_events, "materialisation"), count(pruned.check_results, "check result")],
                "history",
            ),
        )
        for before, parts, name in rows:
            if before is None:
                console.print(f"{name} are kept for ever" if name != "history" else "history is kept for ever")
            else:
                console.print(f"{' and '.join(parts)} from before {write_time(before)} {verb}", markup=False)
        if data["freed"]:
            console.print(f"{size(data['freed'])} freed", markup=False)

    return Result("prune", data, view)
