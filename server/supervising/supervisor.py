"""Keeps everything that is known of a workspace up to date while its files are edited."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem, UsageError
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace, LocationState
from atoll_host.server.supervising import interests
from atoll_host.server.supervising.changes import make_wish
from atoll_host.server.supervising.clock import Clock
from atoll_host.server.supervising.judging import Judging
from atoll_host.server.supervising.keeper import Keeper
from atoll_host.server.supervising.office import Office
from atoll_host.server.supervising.opening import Opening
from atoll_host.server.supervising.slots import Slots
from atoll_host.server.supervising.storing import Storing
from atoll_host.server.supervising.warming import Warming
from atoll_host.server.supervising.watching import Watching
from atoll_host.server.supervising.wishes import Wish
from atoll_host.workspace.changes.witness import describe_configuration
from atoll_host.workspace.snapshots import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from atoll_host.envs.loading.target import Debug
    from atoll_host.server.supervising.watched import Change
    from atoll_host.workspace.loading import Attempt, Loader, LoadReport
    from atoll_host.workspace.location import Location, Workspace
    from atoll_host.workspace.snapshots import Snapshot

_ENOUGH = 0.1
"""Seconds of reading stored snapshots after which those that were read are shown."""
_CLOSING = 1.0
"""Seconds that everything has to end in."""
_MOST_WARM = 4


class Supervisor:
    """Loads every location of a workspace, and again whenever something changes that shapes it.

    Implements `Control`. Safe to use from several threads.

    Attributes:
        hub: holds what is known.
    """

    def __init__(
        self,
        *,
        open_workspace: Callable[[], Workspace],
        make_loader: Callable[[Workspace], Loader],
        only: Sequence[str] | None = None,
        poll: bool = False,
        watch: bool = True,
        debug: tuple[str, Debug] | None = None,
        most_warm: int = _MOST_WARM,
        idle: float = 300.0,
    ) -> None:
        """Make a supervisor that does nothing yet.

        Args:
            open_workspace: reads the configuration; called again when that changes.
            make_loader: makes what loads; called once, with the first workspace that could be read.
            only: names of the locations to look after; None for all.
            poll: whether files are looked at again and again, where the system tells of no changes.
            watch: whether files are watched; otherwise everything is loaded once, and again when somebody asks.
            debug: a location that is loaded under a debugger, and how.
            most_warm: how many processes are kept that hold third-party imports, where the system can do that.
            idle: seconds after which such a process ends.
        """
        self.hub = Hub()
        self._make_loader = make_loader
        self._only = None if only is None else frozenset(only)
        self._debug = debug
        self._most_warm = most_warm
        self._idle = idle
        self._clock = Clock()
        self._slots = Slots(max(os.cpu_count() or 1, 1), self._clock)
        self._watches = watch
        self._watching = Watching(self._take_changes, self._note_fault, self._clock, poll=poll, still=not watch)
        self._opening = Opening(open_workspace, self._take_workspace, self._take_problems)
        self._lock = threading.RLock()
        self._keepers: dict[str, Keeper] = {}
        self._office: Office | None = None
        self._claims: interests.Claims | None = None
        self._threads: list[threading.Thread] = []
        self._closed = False

    def start(self) -> None:
        """Open the workspace, show what was stored of it, and begin to load; returns when the locations are known.

        Never raises for what is wrong with the workspace: that is in the hub.
        """
        self._watching.start()
        self._opening.open()

    def reload(self, names: Sequence[str] | None = None, trigger: str = "asked for") -> list[str]:
        """Load locations again, all when none is named; a load under way is given up for it.

        Args:
            names: of the locations.
            trigger: what caused it, as it stands in the history.

        Returns:
            The names of those that will be loaded.

        Raises:
            UsageError: there is no location of such a name.
        """
        if not self._watches:
            # Nobody has told of what it consists of now.
            self._opening.reopen(trigger)
        keepers = dict(self._keepers)
        for name in names or ():
            if name not in keepers:
                hint = f"the locations are: {', '.join(keepers)}" if keepers else None
                raise UsageError(f"There is no location {name!r} in this workspace", hint=hint)
        chosen = list(dict.fromkeys(names)) if names else list(keepers)
        for name in chosen:
            keepers[name].ask(Wish(trigger, environment=True, fresh=True, build=True))
        return chosen

    def close(self) -> None:
        """End everything: loads, builds, processes, threads. Nothing that was loaded is lost."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            keepers = list(self._keepers.values())
            office = self._office
        self._opening.close()
        self._watching.close()
        for keeper in keepers:
            keeper.close()
        if office is not None:
            office.loader.runner.close()
            office.warming.close()
        self._slots.close(_CLOSING)
        if office is not None:
            office.storing.close()
            office.judging.close()
        for thread in self._threads:
            thread.join(_CLOSING)
        self._clock.close()

    def wait_until_watching(self, timeout: float) -> bool:
        """Wait until everything is watched that is known to matter; tell whether it is."""
        return self._watching.wait(timeout)

    # What is wrong with the workspace, and what it consists of.

    def _take_problems(self, problems: tuple[Problem, ...], changes: Sequence[Change]) -> None:
        """Show why the workspace cannot be read; what was known of it stays."""
        self.hub.change("workspace", lambda live: replace(live, problems=problems))
        self._watch_workspace(problems)
        self._dispatch(changes)
        if self._office is not None:
            self._office.judging.note_workspace()

    def _take_workspace(self, workspace: Workspace, trigger: str, changes: Sequence[Change]) -> None:
        """Look after the locations that there are now."""
        with self._lock:
            if self._closed:
                return
            office = self._office
            if office is None:
                office = self._office = self._open_office(workspace)
            before, office.workspace = office.workspace, workspace
            self._claims = interests.Claims(workspace)
            locations = [one for one in workspace.locations if self._only is None or one.name in self._only]
            gone = [self._keepers.pop(name) for name in set(self._keepers) - {one.name for one in locations}]
            new = [one for one in locations if one.name not in self._keepers]
            self._keepers |= {one.name: Keeper(one, office) for one in new}
            self._keepers = {one.name: self._keepers[one.name] for one in locations}
            keepers = self._keepers
        self._show_locations(workspace, locations)
        everything = before.env_files != workspace.env_files
        wishes = {one.name: Wish(trigger, environment=True, urgent=trigger != "start") for one in new}
        for location in locations:
            keeper = keepers[location.name]
            known = keeper.location
            if location is not known:
                keeper.move(location)
            if everything or known.problems != location.problems or _is_other(known, location):
                wishes.setdefault(location.name, Wish(trigger, environment=True, fresh=True, build=True))
        self._forget(gone)
        # What the first loads read must not change unnoticed: it is watched from before.
        self._watch_workspace(workspace.problems)
        self._watching.follow({one.name: partial(self._find_interests, one, None) for one in new})
        self._dispatch(changes, wishes)
        stored = threading.Thread(target=self._show_stored, args=(new,), name="atoll-stored", daemon=True)
        self._threads.append(stored)
        stored.start()
        office.judging.note_workspace()

    def _open_office(self, workspace: Workspace) -> Office:
        loader = self._make_loader(workspace)
        return Office(
            self.hub,
            loader,
            workspace,
            self._clock,
            self._slots,
            Storing(loader, self._note_unkept),
            Judging(self.hub, loader),
            Warming(loader.runner, self._clock, self._note_warm, most=self._most_warm, idle=self._idle),
            self._debug,
            self._watch,
        )

    def _show_locations(self, workspace: Workspace, locations: Sequence[Location]) -> None:
        now = time.time()

        def change(live: LiveWorkspace) -> LiveWorkspace:
            states = {
                one.name: live.states.get(one.name) or LocationState(one, activity="waiting", since=now)
                for one in locations
            }
            return replace(live, workspace=workspace, problems=workspace.problems, states=states)

        self.hub.change("workspace", change)

    def _show_stored(self, locations: Sequence[Location]) -> None:
        """Show the snapshots of before, a few at a time where there are many."""
        office = self._office
        assert office is not None  # noqa: S101 — there are locations
        found = {}
        shown = time.monotonic()
        for number, location in enumerate(locations, 1):
            if self._closed:
                return
            snapshot = read_snapshot(office.loader.state, location.name)
            if snapshot is not None:
                found[location.name] = snapshot
            if found and (number == len(locations) or time.monotonic() - shown > _ENOUGH):
                batch, found, shown = found, {}, time.monotonic()

                def change(live: LiveWorkspace, batch: dict[str, Snapshot] = batch) -> LiveWorkspace:
                    stored = {
                        name: replace(live.states[name], stored=snapshot)
                        for name, snapshot in batch.items()
                        if name in live.states
                    }
                    return replace(live, states={**live.states, **stored})

                self.hub.change("workspace", change)

    def _forget(self, keepers: Iterable[Keeper]) -> None:
        office = self._office
        for keeper in keepers:
            keeper.close()
            if office is not None:
                office.storing.forget(keeper.name)
                office.judging.forget(keeper.name)
        self._watching.drop([keeper.name for keeper in keepers])

    # What is watched, and what has changed.

    def _watch_workspace(self, problems: tuple[Problem, ...]) -> None:
        office = self._office
        workspace = None if office is None else office.workspace
        variables: Mapping[str, str] = os.environ if office is None else office.loader.variables
        self._watching.follow({None: partial(interests.of_workspace, workspace, problems, Path.cwd(), variables)})

    def _watch(self, location: Location, report: LoadReport, since: float) -> None:
        self._watching.follow({location.name: partial(self._find_interests, location, report)}, since=since)

    def _find_interests(self, location: Location, report: LoadReport | None) -> interests.Interests:
        office, claims = self._office, self._claims
        assert office is not None  # noqa: S101 — something was loaded
        assert claims is not None  # noqa: S101 — as above
        return interests.of_location(office.workspace, location, office.loader.environments, claims, report)

    def _take_changes(self, changes: list[Change]) -> None:
        if any(change.owner is None for change in changes):
            # Its locations may be others, then the rest concerns those.
            self._opening.ask(changes)
        else:
            self._dispatch(changes)

    def _dispatch(self, changes: Sequence[Change], wishes: Mapping[str, Wish] | None = None) -> None:
        """Have locations loaded that changes concern, and those for which there is a reason anyway."""
        office = self._office
        if office is None:
            return
        by_owner: dict[str, list[Change]] = {}
        for change in changes:
            if change.owner is not None:
                by_owner.setdefault(change.owner, []).append(change)
        wishes = dict(wishes or {})
        for name, some in by_owner.items():
            keeper = self._keepers.get(name)
            if keeper is None:
                continue
            wish = make_wish(some, office.workspace.root)
            if name in wishes:
                wishes[name] = wish.joined(wishes[name])
            else:
                keeper.note(some, wish)
        for name, wish in wishes.items():
            keeper = self._keepers.get(name)
            if keeper is not None:
                keeper.ask(wish)

    # What others tell.

    def _note_fault(self, owner: str | None, problem: Problem) -> None:
        if self._office is not None:
            self._office.judging.note_fault(owner, problem)

    def _note_warm(self, name: str, warm: bool) -> None:
        if self._office is not None:
            self._office.update("activity", name, lambda state: replace(state, warm=warm))

    def _note_unkept(self, name: str, attempt: Attempt, problems: tuple[Problem, ...]) -> None:
        """Show that a snapshot could not be kept."""
        office = self._office
        if office is None:
            return

        def change(state: LocationState) -> LocationState:
            if state.report is not attempt.report:
                return state
            return replace(state, report=replace(state.report, problems=problems))

        office.update("findings", name, change)
        office.judging.note(name)


def _is_other(one: Location, other: Location) -> bool:
    return describe_configuration(one) != describe_configuration(other)
