# /// script
# requires-python = ">=3.9"
# dependencies = ["polars>=1.5,<1.10"]
# ///
"""A location in one file: the comment above is all the project it needs.

It stands at the end of the graph and joins what the other islands made.
"""

from __future__ import annotations

from typing import Any

import atoll
import polars as pl

EARTH = 6371  # kilometres


@atoll.asset(group_name="almanac", kinds={"polars"})
def crossings(island_airports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From each island country, the shortest flight to another one."""
    airports = pl.DataFrame(island_airports).filter(pl.col("bookable"))
    airports = airports.select("country", "name", lat=pl.col("latitude").radians(), lon=pl.col("longitude").radians())
    half = (
        ((pl.col("lat_right") - pl.col("lat")) / 2).sin().pow(2)
        + pl.col("lat").cos() * pl.col("lat_right").cos() * ((pl.col("lon_right") - pl.col("lon")) / 2).sin().pow(2)
    )
    pairs = airports.join(airports, how="cross").filter(pl.col("country") != pl.col("country_right"))
    return (
        pairs.with_columns(kilometres=(2 * EARTH * half.sqrt().arcsin()).round().cast(pl.Int64))
        .sort("kilometres", "country", "country_right")
        .group_by("country", maintain_order=True)
        .first()
        .select("country", "name", "kilometres", to_country="country_right", to_name="name_right")
        .to_dicts()
    )


@atoll.asset(group_name="almanac", kinds={"markdown"}, deps=["shared_holidays"])
def almanac(island_countries: list[dict[str, Any]], crossings: list[dict[str, Any]]) -> str:
    """A page of all islands: capital, people, and where the next one is."""
    countries = pl.DataFrame(island_countries, infer_schema_length=None).select("code", "name", "capital", "population")
    ways = pl.DataFrame(crossings).select("country", "to_country", "kilometres")
    names = countries.select(to_country="code", next="name")
    page = (
        countries.join(ways, left_on="code", right_on="country", how="left")
        .join(names, on="to_country", how="left")
        .sort("name")
        .select("name", "capital", "population", "next", pl.col("kilometres").cast(pl.String))
        .fill_null("")
    )
    with pl.Config(
        tbl_formatting="ASCII_MARKDOWN",
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_rows=-1,
        tbl_width_chars=200,
        fmt_str_lengths=60,
    ):
        return str(page)


defs = atoll.Definitions(
    assets=[crossings, almanac],
    jobs=[atoll.define_asset_job("print_almanac", selection=[crossings, almanac])],
)
