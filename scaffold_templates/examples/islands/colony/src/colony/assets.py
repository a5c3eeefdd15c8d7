"""One function that makes two assets, a check inside an asset, and an edge to another location."""

from math import asin, cos, radians, sin, sqrt
from typing import Any

import atoll
import pandas
from palmerpenguins import load_penguins

PALMER_STATION = (-64.774, -64.053)


@atoll.multi_asset(
    group_name="colony",
    outs={
        "penguins": atoll.AssetOut(description="Penguins with all their measurements.", kinds={"pandas"}),
        "incomplete_penguins": atoll.AssetOut(description="Those that got away.", kinds={"pandas"}),
    },
)
def sightings() -> tuple[pandas.DataFrame, pandas.DataFrame]:
    frame = load_penguins()
    complete = frame.notna().all(axis="columns")
    return frame[complete], frame[~complete]


@atoll.asset(group_name="colony", check_specs=[atoll.AssetCheckSpec("three_islands", asset="colonies")])
def colonies(penguins: pandas.DataFrame) -> atoll.MaterializeResult[list[dict[str, Any]]]:
    """Number and mean weight by island and species."""
    table = (
        penguins.groupby(["island", "species"], observed=True)
        .agg(penguins=("body_mass_g", "size"), mean_grams=("body_mass_g", "mean"))
        .round(1)
        .reset_index()
    )
    islands = sorted(table["island"].unique())
    check = atoll.AssetCheckResult(
        check_name="three_islands", passed=islands == ["Biscoe", "Dream", "Torgersen"], metadata={"islands": islands}
    )
    return atoll.MaterializeResult(
        value=table.to_dict("records"), metadata={"penguins": len(penguins)}, check_results=[check]
    )


@atoll.asset(group_name="colony")
def way_to_the_penguins(airports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The five airports nearest to Palmer Station, of those that the location `airfields` knows."""
    frame = pandas.DataFrame(airports)[["name", "country", "latitude", "longitude"]]
    frame["kilometres"] = [
        measure(PALMER_STATION, position) for position in zip(frame["latitude"], frame["longitude"], strict=True)
    ]
    return frame.nsmallest(5, "kilometres")[["name", "country", "kilometres"]].to_dict("records")


def measure(start: tuple[float, float], end: tuple[float, float]) -> int:
    """Great-circle distance in kilometres between two points given as latitude and longitude in degrees."""
    (lat1, lon1), (lat2, lon2) = (map(radians, point) for point in (start, end))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6371 * asin(sqrt(half)))
