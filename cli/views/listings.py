"""How the definitions of a workspace look as tables, one table a kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.workspace.describing import wording
from atoll_host.workspace.describing.rows import rows as make_rows
from atoll_host.workspace.describing.text import count, listed, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console
    from rich.text import Text

    from atoll_host.workspace.findings.located import LocatedProblem
    from atoll_host.workspace.loading import LoadReport

    Row = dict[str, Any]

_LOCATION = Column("Location", least=10)
_DESCRIPTION = Column("Description", rank=9, least=16)


@dataclass(frozen=True, slots=True)
class Listing:
    """How one kind of definition is listed.

    Attributes:
        columns: of its table; the name and the location come before them.
        cells: what stands in these columns for a row.
        heading: over the names.
    """

    heading: str
    columns: tuple[Column, ...]
    cells: Callable[[Row], Sequence[str]]


def listing_result(
    kind: str, reports: Sequence[LoadReport], problems: tuple[LocatedProblem, ...], chosen: set[str] | None = None
) -> Result:
    """Make the result of `atoll list KIND`.

    Args:
        kind: such as `assets`.
        reports: what was loaded.
        problems: what is shown beside the table.
        chosen: `location:key` of the assets that are listed; None for everything.
    """
    data = make_rows(kind, reports)
    if chosen is not None:
        data = [row for row in data if f"{row['location']}:{row['name']}" in chosen]

    def view(console: Console) -> None:
        draw_listing(console, kind, data, selected=chosen is not None)

    return Result(f"list {kind}", data, view, problems)


def draw_listing(console: Console, kind: str, data: Sequence[Row], *, selected: bool = False) -> None:
    """Draw the table of one kind of definition."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if not data:
        what = f"The selection chooses no {kind}" if selected else f"No {kind} yet"
        hint = "" if selected else f": `atoll create {kind.removesuffix('s')} NAME --location LOCATION` makes one"
        console.print(Text(what + hint), soft_wrap=True)
        return
    listing = LISTINGS[kind]
    columns = (Column(listing.heading), _LOCATION, *listing.columns, _DESCRIPTION)
    draw_table(
        console,
        columns,
        (
            (
                Text(one_line(row["name"]), style="bold"),
                location_text(row),
                *listing.cells(row),
                _first_sentence(row["description"]),
            )
            for row in data
        ),
    )


def location_text(row: Row) -> Text:
    """Give the name of a row's location, and say when what is known of it is not new."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    name = one_line(row["location"])
    return Text.assemble(name, (" (stale)", "yellow")) if row["stale"] else Text(name)


def _first_sentence(description: str | None) -> str:
    paragraph = (description or "").strip().split("\n\n")[0]
    return one_line(paragraph)


def _asset_cells(row: Row) -> Sequence[str]:
    kinds = row["kinds"] if row["type"] != "external" else ["external", *row["kinds"]]
    return (
        one_line(row["group"] or ""),
        one_line(", ".join(kinds)),
        str(len(row["upstream"]) or ""),
        str(len(row["checks"]) or ""),
        wording.partitions_in_brief(row["partitions"]),
        one_line(", ".join(row["owners"])),
    )


def _check_cells(row: Row) -> Sequence[str]:
    return one_line(row["asset"]), "blocking" if row["blocking"] else ""


def _job_cells(row: Row) -> Sequence[str]:
    only_checks = row["checks"] and not row["assets"]
    makes = count(len(row["checks"]), "check") if only_checks else count(len(row["assets"]), "asset")
    if row["type"] != "asset":
        makes = count(len(row["nodes"]), "op")
    started_by = [one_line(name) for name in (*row["schedules"], *row["sensors"])]
    return makes, listed(started_by, 2), wording.partitions_in_brief(row["partitions"])


def _schedule_cells(row: Row) -> Sequence[str]:
    upcoming = row["next_tick"]
    if upcoming is not None:
        # The zone is in a column of its own, so the moment is told in it.
        upcoming = f"{datetime.fromisoformat(upcoming):%a %Y-%m-%d %H:%M}"
    return (
        one_line(", ".join(row["cron"])),
        wording.target(row["target"]),
        _status(row),
        one_line(row["timezone"] or "UTC"),
        upcoming or "",
    )


def _sensor_cells(row: Row) -> Sequence[str]:
    every = row["minimum_interval_seconds"]
    return (
        wording.targets(row["targets"]),
        one_line(row["asset"] or wording.watched_runs(row)),
        _status(row),
        "" if every is None else wording.interval(every),
    )


def _resource_cells(row: Row) -> Sequence[str]:
    used = len(row["used_by"])
    return (
        one_line((row["type"] or "").rpartition(".")[2]),
        one_line(", ".join(row["environment_variables"])),
        str(used) if used else "",
    )


def _status(row: Row) -> str:
    return str(row["default_status"] or "").lower()


LISTINGS = {
    "assets": Listing(
        "Asset",
        (
            Column("Group", rank=3, least=7),
            Column("Kinds", rank=2, least=8),
            Column("Upstream", "Up", right=True, rank=4),
            Column("Checks", "Chk", right=True, rank=6),
            Column("Partitions", rank=5, least=8),
            Column("Owners", rank=8, least=10),
        ),
        _asset_cells,
    ),
    "checks": Listing("Check", (Column("Asset", rank=1, least=16), Column("Blocking", rank=2)), _check_cells),
    "jobs": Listing(
        "Job",
        (
            Column("Makes", rank=1),
            Column("Started by", rank=2, least=12),
            Column("Partitions", rank=3, least=8),
        ),
        _job_cells,
    ),
    "schedules": Listing(
        "Schedule",
        (
            Column("Cron", rank=1, least=11),
            Column("Starts", rank=2, least=10),
            Column("Default", rank=5),
            Column("Zone", rank=4, least=12),
            Column("Next", rank=3),
        ),
        _schedule_cells,
    ),
    "sensors": Listing(
        "Sensor",
        (
            Column("Starts", rank=1, least=10),
            Column("Watches", rank=2, least=10),
            Column("Default", rank=4),
            Column("Every", right=True, rank=3),
        ),
        _sensor_cells,
    ),
    "resources": Listing(
        "Resource",
        (
            Column("Type", rank=2, least=10),
            Column("Variables", rank=1, least=14),
            Column("Used by", "Used", right=True, rank=3),
        ),
        _resource_cells,
    ),
}
"""By kind, in the order in which kinds are shown everywhere."""
