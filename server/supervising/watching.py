"""Watch everything that shapes locations, and tell what has changed."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import Problem
from atoll_host.server.supervising.listening import MODIFIED, identify
from atoll_host.server.supervising.notifying import Notifier
from atoll_host.server.supervising.polling import Poller
from atoll_host.server.supervising.watched import Watched, is_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from atoll_host.server.supervising.clock import Clock
    from atoll_host.server.supervising.interests import Interests
    from atoll_host.server.supervising.listening import Listener
    from atoll_host.server.supervising.watched import Change, Owner

_SETTLING = 0.06
"""Seconds after which the names in a folder are looked at: editors make files beside the one that they save."""
_WRITING = 0.03
"""Seconds within which whoever emptied or removed a file in order to write it has written it, as a rule."""
_TELLING = 0.15
"""Seconds within which a notifier has told of everything that has happened until now."""
_TRIES = 5
_SHARE = 5
"""How many times longer than making a notifier took nobody makes another one."""


class Watching:
    """Watches paths for several owners. Safe to use from several threads.

    Attributes:
        polls: whether the system tells of nothing, so that files are looked at again and again.
    """

    def __init__(
        self,
        on_changes: Callable[[list[Change]], None],
        on_fault: Callable[[Owner, Problem], None],
        clock: Clock,
        *,
        poll: bool = False,
        still: bool = False,
    ) -> None:
        """Make something that watches nothing yet.

        Args:
            on_changes: called with what changed, from several threads; it has to be quick.
            on_fault: called with an owner for whom not everything is watched as it should be, and why.
            clock: for what is looked at a little later.
            poll: whether to look again and again in place of waiting for the system to tell.
            still: whether nothing is ever watched.
        """
        self._still = still
        self.polls = poll
        self._on_changes = on_changes
        self._on_fault = on_fault
        self._clock = clock
        self._watched = Watched()
        self._notifier: Listener | None = None
        self._old: list[Listener] = []
        self._wanted = threading.Condition()
        self._following: dict[Owner, tuple[Callable[[], Interests] | None, float | None]] = {}
        self._moved: set[str] = set()
        self._listings: set[str] = set()
        self._asked = self._done = 0
        self._closed = False
        self._thread = threading.Thread(target=self._plan, name="atoll-watching", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def follow(self, interests: Mapping[Owner, Callable[[], Interests]], *, since: float | None = None) -> None:
        """Watch what owners want to hear of, in place of what each wanted before.

        Args:
            interests: by owner, what is called in our thread to find out.
            since: when the loads began that told of them, in seconds since the epoch: what is new and changed later
                is told as a change.
        """
        if self._still:
            return
        with self._wanted:
            self._following.update({owner: (one, since) for owner, one in interests.items()})
            self._asked += 1
            self._wanted.notify_all()

    def drop(self, owners: Iterable[Owner]) -> None:
        """Watch nothing for some owners any more."""
        if self._still:
            return
        with self._wanted:
            self._following.update(dict.fromkeys(owners, (None, None)))
            self._asked += 1
            self._wanted.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until everything that was asked for is watched; tell whether it is."""
        with self._wanted:
            asked = self._asked
            return self._wanted.wait_for(lambda: self._done >= asked or self._closed, timeout) and not self._closed

    def close(self) -> None:
        """Watch nothing any more."""
        with self._wanted:
            self._closed = True
            self._wanted.notify_all()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(1)

    def _plan(self) -> None:
        """Keep what is watched in step with what is wanted."""
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._following or self._moved or self._closed)
                if self._closed:
                    break
                following, self._following = self._following, {}
                moved, self._moved = self._moved, set()
                asked = self._asked
            changes: list[Change] = []
            for owner, (interests, since) in following.items():
                if interests is None:
                    self._watched.drop(owner)
                    continue
                try:
                    changes += self._watched.follow(owner, interests(), since=since)
                except Exception as error:  # noqa: BLE001 — a fault of ours is told, and costs nobody else anything
                    message = f"Atoll itself failed, and does not watch all files: {type(error).__name__}: {error}"
                    self._on_fault(owner, Problem("tool", message))
            if moved:
                changes += self._watched.renew(moved)
            began = time.monotonic()
            changes += self._renew_notifier(moved)
            self._tell(changes)
            with self._wanted:
                self._done = asked
                self._wanted.notify_all()
                pause = _SHARE * (time.monotonic() - began)
                if pause > _SETTLING:
                    # A thousand locations that settle one after another are not a thousand reasons.
                    self._wanted.wait_for(lambda: self._closed, pause)
        for notifier in [*self._old, self._notifier]:
            if notifier is not None:
                notifier.close()

    def _renew_notifier(self, moved: Collection[str]) -> list[Change]:
        """Watch the folders that have to be watched; give what changed in those that nobody watched until now.

        Args:
            moved: folders that went away; who watches them hears no more of what has their name now, even where they
                came back.
        """
        before = self._notifier
        known = {} if before is None else before.identities
        known = {folder: one for folder, one in known.items() if not (moved and is_inside(folder, moved))}
        changes: list[Change] = []
        for _ in range(_TRIES):
            folders = self._watched.folders
            fresh = {folder for folder in folders if folder not in known or identify(folder) != known[folder]}
            if not fresh:
                return changes
            folders = frozenset(folder for folder in folders if os.path.isdir(folder))  # noqa: PTH112 — for every folder that is watched
            try:
                self._notifier = self._make_notifier(folders)
            except FileNotFoundError:
                changes += self._watched.renew(fresh)
                continue
            except OSError as error:
                if self.polls:
                    return changes
                # The system has no more watches for us (inotify(7): max_user_watches, max_user_instances).
                self.polls = True
                message = f"The system watches no more folders for us ({error.strerror or error})"
                hint = "files are looked at again and again instead; on Linux raise fs.inotify.max_user_watches"
                self._on_fault(None, Problem("tool", message, hint, severity="warning"))
                continue
            changes += self._watched.look_below(fresh, quickly=True)
            # Only now, and only when it has told what happened before the other one began.
            if before is not None:
                self._old = [*(one for one in self._old if one.runs), before]
                self._clock.after(_TELLING, before.retire)
            return changes
        return changes

    def _make_notifier(self, folders: frozenset[str]) -> Listener:
        if not self.polls:
            return Notifier(folders, self._take)
        return Poller(folders, self._take, self._notifier if isinstance(self._notifier, Poller) else None)

    def _take(self, events: set[tuple[int, str]]) -> None:
        """Look at what something happened to."""
        self._tell(self._watched.look({path for _, path in events}))
        notifier = self._notifier
        known = {} if notifier is None else notifier.identities
        moved, listings = set(), set()
        for what, path in events:
            folder = os.path.dirname(path)  # noqa: PTH120 — texts, for thousands at once
            if what == MODIFIED and path not in known:
                continue
            if self._watched.is_listed(folder):
                listings.add(folder)
            if path in known:
                if what != MODIFIED or identify(path) != known[path]:
                    moved.add(path)
            elif os.path.isdir(path):  # noqa: PTH112 — as above
                moved.add(path)
        if moved:
            self._tell(self._watched.look_below(moved))
            with self._wanted:
                self._moved |= moved
                self._wanted.notify_all()
        if listings:
            with self._wanted:
                waiting = bool(self._listings)
                self._listings |= listings
            if not waiting:
                self._clock.after(_SETTLING, self._look_at_listings)

    def _look_at_listings(self) -> None:
        with self._wanted:
            listings, self._listings = self._listings, set()
        self._tell(self._watched.look_at_listings(listings))

    def _tell(self, changes: list[Change]) -> None:
        doubtful = self._watched.take_doubtful()
        if doubtful:
            self._clock.after(_WRITING, lambda: self._tell(self._watched.look(doubtful, sure=True)))
        if changes and not self._closed:
            self._on_changes(changes)
