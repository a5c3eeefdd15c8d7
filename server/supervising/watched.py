"""What is watched, what was there when it was looked at last, and what has changed since."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.server.supervising.expanding import expand
from atoll_host.server.supervising.signatures import is_lasting, sign

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Iterable, Iterator

    from atoll_host.server.supervising.interests import Concern, Interests
    from atoll_host.server.supervising.signatures import Signature

Owner = str | None
"""The location that wants to hear of a path; None for the workspace itself."""

_MODULES = frozenset({"py", "pyc", "so", "pyd"})
"""Ends of the names of what can be imported, beside packages."""
_CLOCK = 0.02
"""Seconds by which a file system's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Change:
    """That what is at a path is other than it was.

    Attributes:
        owner: whom it concerns.
        concern: what the path means to them.
        path: absolute.
        how: `saved`, `added` or `removed`.
        at: when, in seconds since the epoch; None where that is not known.
        listed: whether this is a name in a folder whose names count.
    """

    owner: Owner
    concern: Concern
    path: str
    how: str
    at: float | None = None
    listed: bool = False


@dataclass
class _Owned:
    interests: Interests
    files: set[tuple[str, Concern]] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    patterns: list[tuple[re.Pattern[str], set[str]]] = field(default_factory=list)


class Watched:
    """A table of paths. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._owners: dict[Owner, _Owned] = {}
        self._files: defaultdict[str, set[tuple[Owner, Concern]]] = defaultdict(set)
        self._listed: defaultdict[str, set[tuple[Owner, Concern]]] = defaultdict(set)
        self._growing: defaultdict[str, set[Owner]] = defaultdict(set)
        self._signatures: dict[str, Signature] = {}
        self._needed: defaultdict[str, int] = defaultdict(int)
        self._doubtful: set[str] = set()

    @property
    def folders(self) -> frozenset[str]:
        """Folders that have to be watched; each was there when it was found."""
        with self._lock:
            return frozenset(self._needed)

    def follow(self, owner: Owner, interests: Interests, *, since: float | None = None) -> list[Change]:
        """Put what an owner wants to hear of in place of what it wanted before.

        Args:
            owner: who.
            interests: what.
            since: when the load began that told of them, in seconds since the epoch: what is new here and changed
                later is a change, since nobody watched it.

        Returns:
            Such changes.
        """
        owned = _Owned(interests, *expand(interests))
        with self._lock:
            new = self._replace(owner, owned)
            changes: list[Change] = []
            for path in new:
                signature = self._signatures[path] = sign(path)
                if since is not None and signature.changed is not None and signature.changed >= since - _CLOCK:
                    changes += self._tell(path, None, signature, only=owner)
            return [change for change in changes if change.concern != "presence"]

    def drop(self, owner: Owner) -> None:
        """Forget an owner."""
        with self._lock:
            self._replace(owner, None)

    def look(self, paths: Iterable[str], *, sure: bool = False) -> list[Change]:
        """Look at paths that something happened to, and give what changed for whom.

        Args:
            paths: absolute paths.
            sure: whether a file that is empty or gone is meant to be so. Else it is doubtful: many who write a file
                empty or remove it first.
        """
        changes: list[Change] = []
        with self._lock:
            for path in paths:
                changes += self._look_at_file(path, sure=sure)
        return list(dict.fromkeys(changes))

    def take_doubtful(self) -> set[str]:
        """Give the paths that have to be looked at again in a moment, to be sure."""
        with self._lock:
            doubtful, self._doubtful = self._doubtful, set()
        return doubtful

    def look_below(self, folders: Collection[str], *, quickly: bool = False) -> list[Change]:
        """Look at everything that is known at folders and below them.

        Args:
            folders: absolute paths.
            quickly: whether what has the same times is taken to be the same: nothing is known to have happened.
        """
        with self._lock:
            changes: list[Change] = []
            for path in [path for path in self._files if is_inside(path, folders)]:
                before = self._signatures.get(path)
                if not (quickly and before is not None and sign(path, before) is before):
                    changes += self._look_at_file(path, sure=False)
            listed = [path for path in self._listed if is_inside(path, folders)]
        return list(dict.fromkeys(changes)) + self.look_at_listings(listed)

    def look_at_listings(self, folders: Iterable[str]) -> list[Change]:
        """Look at the names in folders, and give what came and went for whom."""
        changes: list[Change] = []
        with self._lock:
            for folder in folders:
                if folder not in self._listed:
                    continue
                key = folder + os.sep
                before = self._signatures.get(key)
                after = self._signatures[key] = sign(folder)
                if before is None or before.content == after.content:
                    continue
                for name, how in _compare(before, after):
                    path = os.path.join(folder, name)  # noqa: PTH118 — as everywhere here, texts
                    # Whoever waits for that very file is told so by itself.
                    told = {owner for owner, _ in self._files.get(path, ())}
                    changes += [
                        Change(owner, "code" if concern == "search" else concern, path, how, after.changed, listed=True)
                        for owner, concern in self._listed[folder]
                        if owner not in told and (concern != "search" or _can_be_imported(name))
                    ]
        return list(dict.fromkeys(changes))

    def is_listed(self, folder: str) -> bool:
        """Tell whether the names in a folder count for anyone."""
        return folder in self._listed

    def is_growing(self, folder: str) -> bool:
        """Tell whether a new folder in a folder would have to be watched."""
        return folder in self._growing

    def renew(self, folders: Collection[str]) -> list[Change]:
        """Find out anew what is in folders that are others now, and which have to be watched; give what is new."""
        changes: list[Change] = []
        with self._lock:
            owners: set[Owner] = set()
            for folder in folders:
                above = folder
                while above not in self._growing and above != (above := os.path.dirname(above)):  # noqa: PTH120 — as above
                    pass
                owners |= self._growing.get(above, set())
            for table in (self._files, self._listed):
                owners |= {owner for place, some in table.items() if is_inside(place, folders) for owner, _ in some}
            for owner in owners:
                old = self._owners.get(owner)
                if old is None:
                    continue
                owned = _Owned(old.interests, *expand(old.interests))
                self._replace(owner, owned, keep=True)
                for path, concern in owned.files - old.files:
                    signature = self._signatures[path]
                    if signature.exists:
                        changes.append(Change(owner, concern, path, "added", signature.changed))
        return changes

    def _look_at_file(self, path: str, *, sure: bool) -> Iterator[Change]:
        if path not in self._files:
            yield from self._find_new(path, sure=sure)
            return
        before = self._signatures[path]
        # An event says that something happened: times are not asked.
        after = sign(path)
        if before.content != after.content and after.size == 0 and not sure:
            self._doubtful.add(path)
            return
        self._signatures[path] = after
        if before.content != after.content:
            yield from self._tell(path, before, after)

    def _find_new(self, path: str, *, sure: bool) -> Iterator[Change]:
        """Find out whether a path that nobody named is one that somebody waits for."""
        folder, name = os.path.split(path)
        if folder not in self._growing or not is_lasting(name):
            return
        signature = None
        for owner in list(self._growing[folder]):
            owned = self._owners[owner]
            concern: Concern | None = None
            if folder in owned.trees and name.endswith(".py"):
                concern = "code"
            elif any(
                folder in places and pattern.fullmatch(path.replace(os.sep, "/")) for pattern, places in owned.patterns
            ):
                concern = "input"
            if concern is None:
                continue
            signature = signature or sign(path)
            if not signature.exists or os.path.isdir(path):  # noqa: PTH112 — as above
                return
            if signature.size == 0 and not sure:
                self._doubtful.add(path)
                return
            owned.files.add((path, concern))
            self._files[path].add((owner, concern))
            self._signatures[path] = signature
            yield Change(owner, concern, path, "added", signature.changed)

    def _tell(
        self, path: str, before: Signature | None, after: Signature, *, only: Owner | bool = False
    ) -> Iterator[Change]:
        how = "saved" if after.exists and (before is None or before.exists) else "added" if after.exists else "removed"
        for owner, concern in self._files[path]:
            if only is not False and owner != only:
                continue
            if concern != "presence" or before is None or before.exists != after.exists:
                yield Change(owner, concern, path, how, after.changed)

    def _replace(self, owner: Owner, owned: _Owned | None, *, keep: bool = False) -> list[str]:
        """Put an owner's paths into the tables; give those that are new there, which have no signature yet."""
        old = self._owners.pop(owner, None)
        if owned is not None:
            self._owners[owner] = owned
            if keep and old is not None:
                # What appeared meanwhile is no news to what follows.
                owned.files |= {(path, concern) for path, concern in old.files if os.path.exists(path)}  # noqa: PTH110 — as above
        new = [] if owned is None else self._add(owner, owned)
        if old is not None:
            self._remove(owner, old, owned)
        return new

    def _add(self, owner: Owner, owned: _Owned) -> list[str]:
        new = []
        for path, concern in owned.files:
            if path not in self._signatures:
                new.append(path)
                self._signatures[path] = sign(path)
            self._files[path].add((owner, concern))
        for folder, concern in owned.interests.folders:
            if folder + os.sep not in self._signatures:
                self._signatures[folder + os.sep] = sign(folder)
            self._listed[folder].add((owner, concern))
        for folder in owned.trees.union(*(places for _, places in owned.patterns)):
            self._growing[folder].add(owner)
        for folder in owned.folders:
            self._needed[folder] += 1
        return new

    def _remove(self, owner: Owner, old: _Owned, owned: _Owned | None) -> None:
        files = set() if owned is None else owned.files
        for path, concern in old.files - files:
            self._files[path].discard((owner, concern))
            if not self._files[path]:
                del self._files[path]
                self._signatures.pop(path, None)
        listed = frozenset() if owned is None else owned.interests.folders
        for folder, concern in old.interests.folders - listed:
            self._listed[folder].discard((owner, concern))
            if not self._listed[folder]:
                del self._listed[folder]
                self._signatures.pop(folder + os.sep, None)
        growing = set() if owned is None else owned.trees.union(*(places for _, places in owned.patterns))
        for folder in old.trees.union(*(places for _, places in old.patterns)) - growing:
            self._growing[folder].discard(owner)
            if not self._growing[folder]:
                del self._growing[folder]
        for folder in old.folders:
            self._needed[folder] -= 1
            if not self._needed[folder]:
                del self._needed[folder]


def is_inside(path: str, folders: Collection[str]) -> bool:
    """Tell whether a path is one of some folders, or below one."""
    while path not in folders:
        above = os.path.dirname(path)  # noqa: PTH120 — as above
        if above == path:
            return False
        path = above
    return True


def _can_be_imported(name: str) -> bool:
    """Tell whether a name in a folder that modules are looked for in can be that of one, or of a package."""
    stem, mark, suffix = name.rpartition(".")
    return suffix in _MODULES if mark and stem else name.isidentifier()


def _compare(before: Signature, after: Signature) -> Iterator[tuple[str, str]]:
    then = before.content if isinstance(before.content, frozenset) else frozenset()
    now = after.content if isinstance(after.content, frozenset) else frozenset()
    yield from ((name, "added") for name in sorted(now - then))
    yield from ((name, "removed") for name in sorted(then - now))
