"""Find what `atoll validate` finds, after each load, beside everything else."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.envs.processes import RunnerClosedError
from atoll_host.workspace.checks.reports import check_report, check_workspace
from atoll_host.workspace.findings.finding import Finding
from atoll_host.workspace.validation import choose_findings, join_problems, review_location

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atoll_host.server.live.hub import Hub
    from atoll_host.server.live.states import LiveWorkspace, LocationState
    from atoll_host.workspace.loading import Loader

_SHARE = 3
"""How many times longer than comparing locations took nobody compares them again."""


class Judging:
    """Finds what is wrong with locations, and between them, in threads of its own."""

    def __init__(self, hub: Hub, loader: Loader) -> None:
        self._hub = hub
        self._loader = loader
        self._changed = threading.Condition()
        self._waiting: dict[str, None] = {}
        self._unreviewed: dict[str, None] = {}
        self._reviewed: dict[str, tuple[Problem, ...]] = {}
        self._built: dict[str, tuple[Problem, ...]] = {}
        self._faults: dict[str | None, Problem] = {}
        self._across = False
        self._not_before = 0.0
        self._closed = False
        self._threads: list[threading.Thread] = []

    def note(self, name: str, built: tuple[Problem, ...] = ()) -> None:
        """Judge a location whose load has ended.

        Args:
            name: of the location.
            built: why its environment could not be built.
        """
        with self._changed:
            self._waiting[name] = None
            self._built[name] = built
            self._across = True
            if name not in self._reviewed:
                self._unreviewed[name] = None
            self._start()
            self._changed.notify_all()

    def note_environment(self, names: Iterable[str]) -> None:
        """Note that environments may be others now, so that what was said of them has to be found out again."""
        with self._changed:
            for name in names:
                self._reviewed.pop(name, None)

    def note_workspace(self) -> None:
        """Judge everything again: locations came or went, or other findings are wanted."""
        with self._changed:
            self._waiting.update(dict.fromkeys(self._hub.current.states))
            self._across = True
            self._start()
            self._changed.notify_all()

    def note_fault(self, name: str | None, problem: Problem) -> None:
        """Show a fault of ours, which concerns a location or the whole workspace."""
        with self._changed:
            self._faults[name] = problem
            self._across = True
            self._start()
            self._changed.notify_all()

    def forget(self, name: str) -> None:
        """Forget a location that is no more."""
        with self._changed:
            for table in (self._waiting, self._unreviewed, self._reviewed, self._built):
                table.pop(name, None)

    def close(self) -> None:
        """Find nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join(1)

    def _start(self) -> None:
        if not self._threads and not self._closed:
            for target in (self._run, self._review):
                thread = threading.Thread(target=target, name="atoll-judging", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                pause = max(0.0, self._not_before - time.monotonic()) if self._across else None
                if not self._closed and not self._waiting and pause != 0.0:
                    self._changed.wait(pause)
                if self._closed:
                    return
                names = list(self._waiting)
                self._waiting.clear()
                across = self._across and not names and time.monotonic() >= self._not_before
                self._across = self._across and not across
            for name in names:
                self._judge(name)
            if across:
                began = time.monotonic()
                self._judge_across()
                self._not_before = time.monotonic() + _SHARE * (time.monotonic() - began)

    def _judge(self, name: str) -> None:
        live = self._hub.current
        state, workspace = live.states.get(name), live.workspace
        if state is None or workspace is None or state.report is None:
            return
        report = state.report
        with self._changed:
            reviewed, built = self._reviewed.get(name, ()), self._built.get(name, ())
        checked = check_report(workspace, report, self._loader.variables)
        problems = join_problems(built, (*report.problems, *reviewed, *checked))
        findings = choose_findings(workspace, ((name, problem) for problem in problems))
        found = tuple(sorted(findings, key=lambda finding: finding.sort_key))

        def change(live: LiveWorkspace) -> LiveWorkspace:
            now: LocationState | None = live.states.get(name)
            # What has been loaded meanwhile is judged next.
            if now is None or now.report is not report:
                return live
            return replace(live, states={**live.states, name: replace(now, findings=found)})

        if found != state.findings:
            self._hub.change("findings", change, name)

    def _judge_across(self) -> None:
        live = self._hub.current
        workspace = live.workspace
        found = [Finding.of(None, problem) for problem in live.problems]
        found += [Finding.of(name, problem) for name, problem in list(self._faults.items())]
        if workspace is not None:
            reports = [state.report for state in live.states.values()]
            settled = [report for report in reports if report is not None]
            pairs: list[tuple[str | None, Problem]] = [(None, problem) for problem in workspace.problems]
            if len(settled) == len(reports):
                pairs += [pair for pair in check_workspace(workspace, settled) if pair[0] in live.states]
            else:
                found += [finding for finding in live.across if finding.location is not None]
            found += choose_findings(workspace, pairs)
        across = tuple(dict.fromkeys(found))
        if across != live.across:
            self._hub.change("findings", lambda live: replace(live, across=across))

    def _review(self) -> None:
        """Look through environments, which may ask uv."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unreviewed or self._closed)
                if self._closed:
                    return
                name = next(iter(self._unreviewed))
                del self._unreviewed[name]
            state = self._hub.current.states.get(name)
            if state is None:
                continue
            try:
                problems = review_location(self._loader, state.location)
            except RunnerClosedError:
                return
            except Exception as error:  # noqa: BLE001 — a fault of ours is shown, and costs no other location its review
                problems = (Problem("tool", f"Atoll itself failed: {type(error).__name__}: {error}"),)
            with self._changed:
                self._reviewed[name] = problems
                if problems:
                    self._waiting[name] = None
                    self._changed.notify_all()
