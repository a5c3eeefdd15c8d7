"""What is known of every location of a workspace at one moment. Nothing in here changes: news are a new state."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.loading import LoadReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.environments.results import Inspection
    from atoll_host.envs.errors import Problem
    from atoll_host.workspace.findings.finding import Finding
    from atoll_host.workspace.graph.graph import AssetGraph
    from atoll_host.workspace.location import Location, Workspace
    from atoll_host.workspace.snapshots import Snapshot

Activity = Literal["idle", "waiting", "syncing", "loading"]
"""What is being done for a location: nothing, waiting for a free slot, building its environment, loading."""
Word = Literal["loaded", "loading", "stale", "failed", "idle"]
"""How a location is called where people look: see `LocationState.word`."""


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One load that has ended, for the history.

    Attributes:
        at: when it ended, in seconds since the epoch.
        status: `loaded` or `failed`.
        trigger: what caused it, such as `start`, `saved src/sales/assets.py`, `uv.lock changed`, `asked for`.
        way: `fresh` (a new process) or `warm` (forked from one that holds the third-party imports).
        seconds: from its start to its end.
        phases: how long each phase took, in seconds, by name.
        problems: number of errors and warnings that it reported.
        delay: seconds from the change that caused it (a file's time of modification) to its end; None where none did.
    """

    at: float
    status: Literal["loaded", "failed"]
    trigger: str
    way: Literal["fresh", "warm"]
    seconds: float
    phases: Mapping[str, float] = field(default_factory=dict)
    problems: int = 0
    delay: float | None = None


@dataclass(frozen=True)
class LocationState:
    """What is known of one location.

    Attributes:
        location: as the workspace names it now.
        activity: what is being done for it.
        since: when that began, in seconds since the epoch; None while idle.
        progress: the module being imported, the phase of a build; None where nothing is said.
        report: of its last load by this server; None before the first has ended.
        stored: its snapshot from before this server began; None where there was none.
        inspection: of its environment, when it was last looked at.
        findings: what is wrong with it by itself.
        history: its loads, the latest first, at most 50.
        warm: whether a process is kept that holds its third-party imports.
        retry_at: when it is loaded again by itself after its worker died, in seconds since the epoch.
    """

    location: Location
    activity: Activity = "idle"
    since: float | None = None
    progress: str | None = None
    report: LoadReport | None = None
    stored: Snapshot | None = None
    inspection: Inspection | None = None
    findings: tuple[Finding, ...] = ()
    history: tuple[LoadRecord, ...] = ()
    warm: bool = False
    retry_at: float | None = None

    @property
    def name(self) -> str:
        """The location's name."""
        return self.location.name

    @cached_property
    def shown(self) -> LoadReport:
        """The report whose definitions are shown: the last one, or the stored snapshot as a stale one."""
        return self.report or LoadReport(self.location, "failed", self.stored)

    @property
    def word(self) -> Word:
        """`loading` until the first load has ended, then `loaded`, `stale` (failed, with an earlier one) or `failed`.

        `idle` where nothing was loaded and nothing is being done. Reloads keep the word: `activity` tells of them.
        """
        if self.report is None:
            return "idle" if self.activity == "idle" else "loading"
        return "stale" if self.report.stale else self.report.status

    @property
    def as_of(self) -> float | None:
        """When the definitions that are shown were loaded, in seconds since the epoch; None where there are none."""
        return None if self.shown.snapshot is None else self.shown.snapshot.loaded_at


@dataclass(frozen=True)
class LiveWorkspace:
    """What is known of the workspace.

    Attributes:
        revision: grows by one with every change.
        workspace: the last one whose configuration could be read; None where none ever could.
        problems: why the configuration can't be read now; empty when it can.
        states: of all locations, by name, in the order of the workspace.
        across: findings that concern several locations together, or none.
    """

    revision: int = 0
    workspace: Workspace | None = None
    problems: tuple[Problem, ...] = ()
    states: Mapping[str, LocationState] = field(default_factory=dict)
    across: tuple[Finding, ...] = ()

    @cached_property
    def reports(self) -> tuple[LoadReport, ...]:
        """What is shown of each location, in order."""
        return tuple(state.shown for state in self.states.values())

    @cached_property
    def graph(self) -> AssetGraph:
        """The merged graph of all locations."""
        return merge_reports(self.reports)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong: those of no location first, then by location, place and code."""
        rank: dict[str | None, int] = {name: number for number, name in enumerate(self.states)}
        own = (finding for state in self.states.values() for finding in state.findings)
        found = dict.fromkeys([*self.across, *own])
        return tuple(sorted(found, key=lambda finding: (rank.get(finding.location, -1), finding.sort_key)))

    def take_over(self, before: LiveWorkspace) -> None:
        """Take over the graph of an earlier moment of the same definitions: merging large ones takes time."""
        if "graph" in vars(before) and self._origins() == before._origins():
            vars(self)["graph"] = before.graph

    def _origins(self) -> list[tuple[str, int, int]]:
        return [(name, id(state.report), id(state.stored)) for name, state in self.states.items()]
