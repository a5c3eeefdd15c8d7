"""What a location defines already, as its last load says: what new definitions may refer to, which names are taken."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.workspace.loading import LoadReport
    from atoll_host.workspace.scaffolding.definitions import Kind

_SPACES: Mapping[Kind, tuple[str, ...]] = {
    "asset": ("assets",),
    "check": ("checks",),
    "job": ("jobs",),
    "schedule": ("schedules", "sensors"),
    "sensor": ("schedules", "sensors"),
    "resource": ("resources",),
}
"""Within which kinds a name has to be unique."""
_DETAILS = {"asset": ("assets", "asset", "create asset"), "job": ("jobs", "job", "create job")}

_CRON_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Known:
    """The definitions of one location.

    Attributes:
        location: its name.
        definitions: the SDK's snapshot, possibly of an earlier load, or an empty mapping.
        complete: whether the snapshot is of now, so that what is not in it is not there.
    """

    location: str
    definitions: Mapping[str, Any]
    complete: bool

    @classmethod
    def of(cls, report: LoadReport) -> Known:
        """Take what a load reported."""
        return cls(report.location.name, report.definitions, report.status == "loaded")

    def choices(self, kind: str) -> dict[str, str]:
        """Give the names of a kind (`assets`, `jobs`), each with a few words."""
        items = self.definitions.get(kind, ())
        return {item["key" if kind == "assets" else "name"]: _first_line(item.get("description")) for item in items}

    def candidates(self, detail: str) -> dict[str, str]:
        """Give what a new definition may refer to (`asset`, `job`), each with a few words.

        Raises:
            UsageError: there is nothing.
        """
        space, word, command = _DETAILS[detail]
        choices = self.choices(space)
        if self.complete and not choices:
            hint = f"atoll {command} NAME --location {self.location}"
            raise UsageError(f"There is no {word} in {self.location} yet", hint=hint)
        return choices

    def refuse_taken(self, kind: Kind, name: str) -> None:
        """Refuse a name that another definition has.

        Raises:
            UsageError: it is taken.
        """
        for space in _SPACES[kind] if self.complete else ():
            for item in self.definitions.get(space, ()):
                if name == item.get("key", item.get("name")):
                    place = item.get("source") or {}
                    raise UsageError(
                        f"{self.location} has the {space.removesuffix('s')} {name} already",
                        hint=f"it is in {place['file']}:{place['line']}"
                        if place.get("file")
                        else "choose another name",
                        kind="exists",
                    )

    def check_detail(self, kind: Kind, name: str, detail: str, value: str) -> None:
        """Check what a definition refers to, as far as that can be known.

        Raises:
            UsageError: there is no such asset or job, or the cron expression is none.
        """
        if detail == "cron":
            _check_cron(value, name)
        if detail not in _DETAILS or not self.complete:
            return
        space, word, command = _DETAILS[detail]
        names = self.choices(space)
        if value not in names:
            close = difflib.get_close_matches(value, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"atoll {command} {value} --location {self.location}"
            raise UsageError(f"There is no {word} {value!r} in {self.location} for the {kind}", hint=hint)


def _check_cron(text: str, name: str) -> None:
    """Check a cron expression as a load does, the SDK its shape and the host its meaning."""
    from atoll_host.workspace.checks.moments import ALIASES  # noqa: PLC0415 — only for schedules
    from atoll_host.workspace.checks.schedules import check_schedules  # noqa: PLC0415 — as above

    fields = len(text.split())
    if text.lower() not in ALIASES and fields != _CRON_FIELDS:
        raise UsageError(
            f"The cron expression {text!r} has {fields} field{'' if fields == 1 else 's'} instead of {_CRON_FIELDS}",
            hint="minute, hour, day of the month, month, day of the week; '0 6 * * *' is every day at 6:00",
            kind="invalid_cron",
        )
    problems = check_schedules({"schedules": [{"name": name, "cron": [text]}]})
    if problems:
        raise UsageError.of(problems)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
