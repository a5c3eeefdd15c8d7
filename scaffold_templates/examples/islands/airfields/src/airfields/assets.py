"""An asset with configuration, and one that builds on another location's."""

from collections import Counter
from typing import Any

import airportsdata
import atoll

from .models import Airport, Choice


@atoll.asset(group_name="airfields", kinds={"csv"})
def airports(config: Choice) -> list[dict[str, Any]]:
    """Every airport of the world that `config` lets in."""
    known = (Airport.model_validate(record) for record in airportsdata.load("ICAO").values())
    return [
        airport.model_dump()
        for airport in known
        if airport.elevation <= config.highest and (airport.bookable or not config.bookable_only)
    ]


# `island_countries` is made in the location `registry`, on another Python, with another pydantic.
# Only plain data travels: lists, dicts, numbers, text.
@atoll.asset(group_name="airfields")
def island_airports(
    context: atoll.AssetExecutionContext,
    airports: list[dict[str, Any]],
    island_countries: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """The airports in countries without a land border."""
    names = {country["code"]: country["name"] for country in island_countries}
    found = [{**airport, "country_name": names[airport["country"]]} for airport in airports if airport["country"] in names]
    most = Counter(airport["country_name"] for airport in found).most_common(5)
    context.add_output_metadata({"airports": len(found), "most": dict(most)})
    return found


@atoll.asset_check(asset=island_airports)
def lowest_is_near_the_sea(island_airports: list[dict[str, Any]]) -> atoll.AssetCheckResult:
    """An elevation far below the sea would be an error in the data."""
    lowest = min(airport["elevation"] for airport in island_airports)
    return atoll.AssetCheckResult(
        passed=lowest > -100, severity=atoll.AssetCheckSeverity.WARN, metadata={"lowest": lowest}
    )
