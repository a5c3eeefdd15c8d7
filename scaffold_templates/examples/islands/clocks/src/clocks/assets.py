"""An asset in partitions: one ocean each, made and remade on its own."""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import atoll

oceans = atoll.StaticPartitionsDefinition(["Atlantic", "Indian", "Pacific"])


@atoll.asset(group_name="clocks", kinds={"tsv"})
def time_zones() -> list[dict[str, str]]:
    """The time zones of every country, from the table in the IANA time zone database."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return [{"country": row[0], "zone": row[2]} for row in rows]


@atoll.asset(group_name="clocks", partitions_def=oceans)
def ocean_clocks(
    context: atoll.AssetExecutionContext,
    time_zones: list[dict[str, str]],
    island_countries: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Hours ahead of UTC in January and in July, for the island countries of one ocean."""
    names = {country["code"]: country["name"] for country in island_countries}
    return [
        {
            "zone": row["zone"],
            "country": names[row["country"]],
            "january": hours_ahead(row["zone"], month=1),
            "july": hours_ahead(row["zone"], month=7),
        }
        for row in time_zones
        if row["zone"].startswith(f"{context.partition_key}/") and row["country"] in names
    ]


@atoll.asset_check(asset=time_zones)
def zones_can_be_opened(time_zones: list[dict[str, str]]) -> atoll.AssetCheckResult:
    """A zone in the table that Python can't open would make every clock downstream fail."""
    closed = []
    for row in time_zones:
        try:
            ZoneInfo(row["zone"])
        except KeyError:  # ZoneInfoNotFoundError is one
            closed.append(row["zone"])
    return atoll.AssetCheckResult(passed=not closed, metadata={"closed": closed})


def hours_ahead(zone: str, month: int, year: int = 2025) -> float:
    offset = datetime(year, month, 1, tzinfo=ZoneInfo(zone)).utcoffset()
    return (offset or timedelta()) / timedelta(hours=1)
