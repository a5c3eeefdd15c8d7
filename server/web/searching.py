"""Find anything of a workspace by a few letters of its name: what the palette and the page `/search` show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.server.web.links import definition_url, location_url
from atoll_host.workspace.describing.text import one_line
from atoll_host.workspace.findings.codes import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.loading import LoadReport

VIEWS = (
    ("Overview", "/"),
    ("Assets", "/assets"),
    ("Graph", "/graph"),
    ("Checks", "/checks"),
    ("Jobs", "/jobs"),
    ("Automation", "/automation"),
    ("Runs", "/runs"),
    ("Backfills", "/backfills"),
    ("Resources", "/resources"),
    ("Problems", "/problems"),
    ("Locations", "/locations"),
)
"""The views that stand for themselves, with their addresses."""
_KINDS = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
_LONGEST_QUERY = 200
_LOOSEST = 3
"""How many letters may lie between those of a word, for each of them."""
_WORD_STARTS = "/_-.:# "


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found.

    Attributes:
        kind: such as `asset`, `location`, `view` or `problem`.
        name: what it is called.
        location: name of the location that it is in; None for what is in none.
        url: its page.
        folded: what is searched: the name, and more that it may be looked for by, in lower case.
        length: how much of that is the name.
    """

    kind: str
    name: str
    location: str | None
    url: str
    folded: str
    length: int

    @classmethod
    def of(cls, kind: str, name: str, location: str | None, url: str, more: str = "") -> Entry:
        """Make an entry."""
        folded = name.lower()
        return cls(kind, name, location, url, f"{folded} {more.lower()}" if more else folded, len(folded))


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, the best first.

    Attributes:
        entry: it.
        exact: whether it is called exactly as was asked, or its last part is.
    """

    entry: Entry
    exact: bool

    def to_json(self) -> dict[str, Any]:
        """Give what the palette gets."""
        entry = self.entry
        return {
            "kind": entry.kind,
            "name": one_line(entry.name),
            "location": entry.location,
            "url": entry.url,
            "exact": self.exact,
        }


class Index:
    """What can be found, made anew only for what was loaded since. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[LoadReport, tuple[Entry, ...]]] = {}

    def entries(self, live: LiveWorkspace) -> Iterator[Entry]:
        """Give all that can be found, in the order of the workspace."""
        yield from (Entry.of("view", label, None, url) for label, url in VIEWS)
        yield from (Entry.of("location", name, name, location_url(name)) for name in live.states)
        before, known = self._known, {}
        for report in live.reports:
            name = report.location.name
            kept = before.get(name)
            # Reports never change, so that the same one has the same entries.
            known[name] = kept if kept is not None and kept[0] is report else (report, _of_report(report))
        self._known = known
        for _, entries in known.values():
            yield from entries
        for code in {finding.code.number: finding.code for finding in live.findings}.values():
            yield Entry.of("problem", f"{code.number}: {code.title}", None, f"/problems?code={code.number}", code.kind)
        for number, code in NUMBERS.items():
            yield Entry.of("code", f"{number}: {code.title}", None, f"/problems/{number}", code.kind)


def search(live: LiveWorkspace, query: str, most: int = 50, *, index: Index | None = None) -> list[Match]:
    """Find what a query means.

    Every word of it has to be found: at best as the name, or its last part, else at the start of one of the name's
    words, else anywhere in it, else as letters that follow each other in that order. `kind:` in front of a word, such
    as `job:`, narrows to that kind, and `location:NAME` to a location.

    Args:
        live: what is known.
        query: what was typed; with nothing, views and locations are found.
        most: how many are given.
        index: keeps what is searched from one query to the next.
    """
    words, kinds, locations = _read(query)
    entries: Iterable[Entry] = (index or Index()).entries(live)
    if not words and not kinds and not locations:
        entries = (entry for entry in entries if entry.kind in {"view", "location"})
    found: list[tuple[float, int, Entry, bool]] = []
    for number, entry in enumerate(entries):
        if (kinds and entry.kind not in kinds) or (locations and entry.location not in locations):
            continue
        score = _score(entry, words)
        if score is not None:
            found.append((score, number, entry, score < 1 and bool(words)))
    found.sort(key=lambda item: (item[0], item[2].length, item[1]))
    return [Match(entry, exact) for _, _, entry, exact in found[:most]]


def _read(query: str) -> tuple[list[str], set[str], set[str]]:
    words: list[str] = []
    kinds: set[str] = set()
    locations: set[str] = set()
    for word in query[:_LONGEST_QUERY].split():
        kind, mark, rest = word.partition(":")
        if mark and kind.lower() == "location" and rest:
            locations.add(rest)
        elif mark and f"{kind.lower()}s" in _KINDS:
            kinds.add(kind.lower())
            words += [rest.lower()] if rest else []
        else:
            words.append(word.lower())
    return words, kinds, locations


def _of_report(report: LoadReport) -> tuple[Entry, ...]:
    location = report.location.name
    entries = []
    for plural in _KINDS:
        kind = plural[:-1]
        for item in report.definitions.get(plural) or ():
            name, asset = item["key" if kind == "asset" else "name"], item.get("asset") if kind == "check" else None
            shown = f"{asset}: {name}" if asset else name
            url = definition_url(kind, location, name, asset)
            entries.append(Entry.of(kind, shown, location, url, _more(item, location)))
    return tuple(entries)


def _more(item: Any, location: str) -> str:
    group = item.get("group")
    words = [location, str(group or ""), *map(str, item.get("kinds") or ())]
    return " ".join(word for word in words if word and word != "default")


def _score(entry: Entry, words: Sequence[str]) -> float | None:
    """Say how far an entry is from what was asked; None when it is not what was asked."""
    total = 0.0
    for word in words:
        score = _score_word(entry, word)
        if score is None:
            return None
        total += score
    return total


def _score_word(entry: Entry, word: str) -> float | None:
    folded, length = entry.folded, entry.length
    at = folded.find(word)
    if at < 0:
        # Sentences have all letters somewhere.
        return None if entry.kind in {"code", "problem"} else _score_letters(folded[:length], word)
    if at >= length:
        return 6.0
    if length == len(word):
        return 0.0
    if folded.endswith(word, 0, length) and folded[length - len(word) - 1] in _WORD_STARTS:
        return 0.5
    if at == 0:
        return 1.0
    starts = any(f"{start}{word}" in folded for start in _WORD_STARTS)
    return 2.0 if starts else 3.0


def _score_letters(name: str, word: str) -> float | None:
    """Find the letters of a word one after the other; the closer together, the better."""
    if len(word) < 2 or len(word) > len(name):  # noqa: PLR2004 — one letter says nothing
        return None
    at = first = name.find(word[0])
    for letter in word[1:]:
        if at < 0:
            return None
        at = name.find(letter, at + 1)
    between = at - first + 1 - len(word)
    return None if at < 0 or between > _LOOSEST * len(word) else 7.0 + between / 10
