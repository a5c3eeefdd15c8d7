"""The process that looks after one run: it owns the workers and writes what happens to the storage.

Started as `python -m atoll_host.runs.host`. The request comes as one line of JSON on standard input; one line of JSON
on standard output says that the run is remembered, or why it can't be; who follows the run is told of its events there
too. After that it needs nobody. Where there is no place for the run it waits in the queue, and has nothing loaded
meanwhile.
SIGTERM and SIGINT cancel the run, and end it at once the second time.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.processes import Runner
from atoll_host.runs.describing import describe_whole_run
from atoll_host.runs.launching.alerting import tell_of_failure
from atoll_host.runs.launching.conductor import Conductor, Outcome
from atoll_host.runs.launching.heart import Heart
from atoll_host.runs.launching.identity import describe_this_process
from atoll_host.runs.launching.leftovers import remove_parts
from atoll_host.runs.launching.pooling import Pools
from atoll_host.runs.launching.recorder import Recorder
from atoll_host.runs.launching.request import RunRequest
from atoll_host.runs.launching.settling import OPTION_DIRECTORY, OPTION_HOST
from atoll_host.runs.launching.streaming import Sender
from atoll_host.runs.launching.telling import Teller
from atoll_host.runs.launching.waiting import Place

if TYPE_CHECKING:
    from types import FrameType

    from atoll_host.runs.storage.records import Host, RunStatus
    from atoll_host.runs.storage.store import Storage

_LEASE = 20.0
"""Seconds after which this process is taken for dead where nobody can look."""
_STARTING: frozenset[RunStatus] = frozenset({"starting"})
OUTDATED = "outdated_plan"
"""Kind of the problem of a run that was planned with definitions which are no more."""
_STUBBORN = 60.0
"""Seconds for which the end of a run is tried to be written: somebody may make room, or start the database again."""


def main() -> int:
    """Read the request, carry the run out, and give the exit status."""
    # The largest part of our start, and nothing that the workers wait for.
    threading.Thread(target=_import_storage, daemon=True).start()
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        # Whoever wanted to ask has ended, or found out that there is nothing to ask for.
        return 0
    request = RunRequest.from_json(json.loads(line))
    sender = Sender(_take_channel())
    run = HostedRun(request, sender)
    try:
        return run.carry_out()
    except AtollError as error:
        sender.answer({"run": request.id, "problems": [problem.to_json() for problem in error.problems]})
        return error.exit_status
    finally:
        sender.close()


def _import_storage() -> None:
    import atoll_host.runs.storage.store  # noqa: F401, PLC0415 — beside other work


def _take_channel() -> int:
    """Give the descriptor of what leads to the one who asked; nothing else writes there."""
    channel = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return channel


class HostedRun:
    """One run in this process.

    Args:
        request: what is to be done.
        sender: tells whoever asked.
    """

    def __init__(self, request: RunRequest, sender: Sender) -> None:
        self._request = request
        self._sender = sender
        self._me: Host = describe_this_process()
        self._runner = Runner(alone=True)
        self._stopping = threading.Event()
        self._problems: tuple[Problem, ...] = ()
        self._make_anew()

    def _make_anew(self) -> None:
        request = self._request
        told = self._sender.tell if request.followed else None
        self._recorder = Recorder(request.id, lambda _: self._cancel(), told)
        self._conductor = Conductor(self._runner, request, self._recorder, dict(os.environ))
        self._started = time.monotonic()
        if self._stopping.is_set():
            self._kill()

    def carry_out(self) -> int:
        """Carry the run out.

        Raises:
            StorageError: it can't be remembered.
        """
        self._handle_signals()
        with self._runner:
            # Locations load while the database is opened.
            preparing = threading.Thread(target=self._prepare, name="prepare")
            preparing.start()
            try:
                from atoll_host.runs.storage.store import Storage  # noqa: PLC0415 — imported meanwhile

                storage = Storage.open(self._request.storage)
            except BaseException:
                self._conductor.cancel(0)
                preparing.join()
                self._conductor.close()
                raise
            with storage:
                return self._carry_out(storage, preparing)

    def _remember(self, storage: Storage, preparing: threading.Thread) -> tuple[Place, bool, bool]:
        """Remember the run, and say so; tell its place, whether we have it, and whether we are to wait for it."""
        request = self._request
        options = {OPTION_HOST: asdict(self._me), OPTION_DIRECTORY: request.directory}
        try:
            new = request.make_new_run(options)
            created = storage.runs.create(new)
            tell = Teller(request.storage, request.alerts, Path.cwd(), os.environ)
            place = Place(storage, new, self._me, _LEASE, request.limit, tell=tell)
            is_ours = created.id == request.id and place.take()
            waits = not is_ours and created.id == request.id and place.is_awaited()
            reason = storage.runs.get(created.id).reason if waits else None
        except AtollError:
            self._conductor.cancel(0)
            preparing.join()
            self._conductor.close()
            raise
        if not is_ours:
            self._conductor.cancel(0)
        self._sender.answer({"run": created.id, "number": created.number, "problems": [], "waits": reason})
        if not request.followed:
            self._sender.close()
        return place, is_ours, waits

    def _carry_out(self, storage: Storage, preparing: threading.Thread) -> int:
        request = self._request
        place, is_ours, waits = self._remember(storage, preparing)
        heart = Heart(storage, request.id, self._me, _LEASE, on_cancel=self._cancel, on_settled=self._kill)
        try:
            preparing.join()
            if waits:
                # What was loaded is given back: a queue of runs is no heap of processes.
                self._conductor.close()
                is_ours = place.wait(self._stopping)
                self._make_anew()
            if not is_ours:
                return 0
            if waits:
                self._prepare()
            if self._conductor.outdated and not self._problems:
                names = ", ".join(self._conductor.outdated)
                message = f"{names}: what is defined now is not what the run was planned with"
                self._problems = (Problem(OUTDATED, message, hint="run the command again"),)
            self._recorder.begin(storage)
            outcome = self._execute(storage)
        finally:
            self._conductor.close()
            heart.stop()
        if outcome.killed:
            remove_parts(request.directory, outcome.killed)
        self._recorder.finish()
        error = self._recorder.error
        if error is not None:
            # It was ended because nothing could be remembered any more: that is what is to be known of it.
            found = tuple(problem.to_json() for problem in error.problems)
            outcome = replace(outcome, status="failed", problems=(*found, *outcome.problems), steps=())
        self._end(storage, outcome)
        self._sender.close()
        if outcome.status == "failed":
            self._tell(storage)
        return 0

    def _tell(self, storage: Storage) -> None:
        """Tell who wants to know of failed runs, and remember what became of that."""
        request = self._request
        for kind, facts in tell_of_failure(self._runner, storage, request.id, request.alerts):
            with contextlib.suppress(AtollError):
                storage.events.append(request.id, [self._recorder.make_last(kind, facts)])

    def _prepare(self) -> None:
        try:
            self._problems = self._conductor.prepare()
        except BaseException as error:  # noqa: BLE001 — the run says it
            self._problems = (Problem("tool", f"The run could not be prepared: {error!r}"),)

    def _execute(self, storage: Storage) -> Outcome:
        request = self._request
        facts = {"job": request.job, "selection": request.selection, "locations": list(request.plan.locations)}
        self._recorder.add("run_started", facts)
        if self._conductor.is_canceled:
            return Outcome("canceled")
        if self._problems:
            return Outcome("failed", tuple(problem.to_json() for problem in self._problems))
        if not self._set_running(storage):
            return Outcome("canceled")
        try:
            with Pools(storage, request.id, request.groups, self._recorder) as pools:
                return self._conductor.carry_out(pools)
        except Exception as error:  # noqa: BLE001 — a fault of ours is no reason to leave the run open
            import traceback  # noqa: PLC0415 — only for a fault

            problem = Problem("tool", f"The run could not be carried out: {error!r}", detail=traceback.format_exc())
            return Outcome("failed", (problem.to_json(),))

    def _set_running(self, storage: Storage) -> bool:
        """Say that the run goes on; tell whether it may."""
        try:
            return storage.runs.update_status(self._request.id, "running", expected=_STARTING)
        except AtollError:
            # Where the connection breaks at the end of a transaction nobody knows whether it was done. Only we do it.
            if storage.runs.get(self._request.id).status == "running":
                return True
            return storage.runs.update_status(self._request.id, "running", expected=_STARTING)

    def _end(self, storage: Storage, outcome: Outcome) -> None:
        """Write the end of the run."""
        facts: dict[str, Any] = {"seconds": time.monotonic() - self._started}
        if outcome.status == "failed":
            facts |= {"steps": list(outcome.steps), "problems": [dict(problem) for problem in outcome.problems]}
        last = self._recorder.make_last(f"run_{outcome.status}", facts)
        problem = outcome.problems[0] if outcome.status == "failed" and outcome.problems else None
        deadline = time.monotonic() + _STUBBORN
        while True:
            try:
                storage.runs.update_status(
                    self._request.id,
                    outcome.status,
                    reason=_say_reason(outcome),
                    problem=problem,
                    events=[last],
                )
            except AtollError as error:
                if time.monotonic() > deadline or error.kind == "no_run":
                    raise
                time.sleep(1)
            else:
                break
        if self._request.followed:
            run = storage.runs.get(self._request.id)
            self._sender.tell([last])
            described = describe_whole_run(run, storage.steps.list(run.id))
            self._sender.end({"run": described, "problem": None if run.problem is None else dict(run.problem)})

    def _handle_signals(self) -> None:
        def handle(_number: int, _frame: FrameType | None) -> None:
            # Not here: a lock that this thread holds would never be given back.
            work = self._kill if self._conductor.is_canceled else self._cancel
            threading.Thread(target=work, daemon=True).start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, handle)

    def _cancel(self) -> None:
        self._stopping.set()
        self._conductor.cancel(self._request.grace)

    def _kill(self) -> None:
        self._stopping.set()
        self._conductor.cancel(0)


def _say_reason(outcome: Outcome) -> str | None:
    if outcome.status != "failed":
        return None
    if outcome.steps:
        names = ", ".join(f"'{step}'" for step in outcome.steps[:3])
        more = f" and {len(outcome.steps) - 3} more" if len(outcome.steps) > 3 else ""  # noqa: PLR2004 — as many as are named
        return f"step{'s' if len(outcome.steps) > 1 else ''} {names}{more} failed"
    return str(outcome.problems[0]["message"]) if outcome.problems else None


if __name__ == "__main__":
    sys.exit(main())
