# /// script
# requires-python = ">=3.9"
# dependencies = ["tabulate>=0.9,<1"]
# ///
"""A location in one file: the comment above is all the project it needs.

It stands at the end of the graph and joins what the other islands made.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Any

import atoll
from tabulate import tabulate

EARTH = 6371  # kilometres


@atoll.asset(group_name="almanac")
def crossings(island_airports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From each island country, the shortest flight to another one."""
    airports = [airport for airport in island_airports if airport["bookable"]]
    best: dict[str, dict[str, Any]] = {}
    for start in airports:
        for end in airports:
            country = start["country"]
            if country == end["country"]:
                continue
            kilometres = measure(start, end)
            if country not in best or kilometres < best[country]["kilometres"]:
                best[country] = {
                    "country": country,
                    "name": start["name"],
                    "kilometres": kilometres,
                    "to_country": end["country"],
                    "to_name": end["name"],
                }
    return sorted(best.values(), key=lambda crossing: crossing["kilometres"])


@atoll.asset(group_name="almanac", kinds={"markdown"}, deps=["shared_holidays"])
def almanac(island_countries: list[dict[str, Any]], crossings: list[dict[str, Any]]) -> str:
    """A page of all islands: capital, people, and where the next one is."""
    names = {country["code"]: country["name"] for country in island_countries}
    ways = {crossing["country"]: crossing for crossing in crossings}
    rows = []
    for country in island_countries:
        way = ways.get(country["code"], {})
        next_one = names.get(way.get("to_country", ""), "")
        rows.append([country["name"], country["capital"], country["population"], next_one, way.get("kilometres", "")])
    return tabulate(rows, headers=["name", "capital", "population", "next", "kilometres"], tablefmt="github")


def measure(start: dict[str, Any], end: dict[str, Any]) -> int:
    """Great-circle distance in kilometres."""
    lat1, lon1, lat2, lon2 = (radians(place[axis]) for place in (start, end) for axis in ("latitude", "longitude"))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH * asin(sqrt(half)))


defs = atoll.Definitions(
    assets=[crossings, almanac],
    jobs=[atoll.define_asset_job("print_almanac", selection=[crossings, almanac])],
)
