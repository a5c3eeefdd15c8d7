"""Which runs a list shows: read from its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from atoll_host.runs.storage.records import TRANSITIONS, RunFilter, RunStatus
from atoll_host.server.web.parameters import SHOWN, read_limit, read_number, read_words

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

STATUSES: tuple[RunStatus, ...] = tuple(TRANSITIONS)


@dataclass(frozen=True, slots=True)
class RunChoice:
    """Which runs are asked for. Everything empty asks for all.

    Attributes:
        statuses: any of them.
        job: name of a job.
        asset: key of an asset that they were to make.
        location: in which they have steps.
        tags: as they were written: `NAME` or `NAME=VALUE`.
        before: only runs with smaller numbers.
        limit: how many.
    """

    statuses: tuple[RunStatus, ...] = ()
    job: str = ""
    asset: str = ""
    location: str = ""
    tags: tuple[str, ...] = ()
    before: int | None = None
    limit: int = SHOWN

    @classmethod
    def of(cls, query: QueryParams) -> RunChoice:
        """Read the parameters of an address.

        Raises:
            UsageError: one makes no sense.
        """
        return cls(
            statuses=read_words(query, "status", STATUSES),
            job=query.get("job", "").strip(),
            asset=query.get("asset", "").strip(),
            location=query.get("location", ""),
            tags=tuple(filter(None, (text.strip() for text in query.getlist("tag")))),
            before=read_number(query, "before"),
            limit=read_limit(query),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out any."""
        return bool(self.statuses or self.job or self.asset or self.location or self.tags)

    def to_filter(self) -> RunFilter:
        """Give the same for the storage."""
        tags = {name: value if mark else None for name, mark, value in (text.partition("=") for text in self.tags)}
        return RunFilter(
            statuses=self.statuses,
            job=self.job or None,
            asset=self.asset or None,
            involving=self.location or None,
            tags=tags,
        )

    def url(self, before: int | None = None) -> str:
        """Give the address of these runs, or of those before one."""
        given = [
            *(("status", status) for status in self.statuses),
            *((name, text) for name in ("job", "asset", "location") if (text := getattr(self, name))),
            *(("tag", tag) for tag in self.tags),
            *([] if before is None else [("before", str(before))]),
        ]
        return f"/runs?{urlencode(given)}" if given else "/runs"
