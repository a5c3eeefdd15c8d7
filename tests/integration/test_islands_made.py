"""The islands are made end to end, by one command, across all their Pythons; values are held against our own."""

from __future__ import annotations

import math

import pytest
from run_workspaces import read, stored

from command_line import Folder

EARTH = 6371


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("islands"))
    folder.run("create", "workspace", "demo", "--example", "islands").ended(0)
    islands = Folder(folder.path / "demo")
    outcome = islands.run("materialize", "* and not ocean_clocks", "--json").ended(0)
    return (
        islands,
        outcome.json()["data"],
        {path.removesuffix(".json"): value for path, value in stored(islands).items()},
    )


def distance(one, other):
    """The great circle between two airports, by the law of cosines, which the example does not use."""
    (a, b), (c, d) = ((math.radians(place["latitude"]), math.radians(place["longitude"])) for place in (one, other))
    return EARTH * math.acos(min(1, math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)))


def test_every_step_of_every_location_succeeds(made):
    islands, data, _ = made
    assert {step["status"] for step in data["steps"]} == {"succeeded"}
    assert {step["location"] for step in data["steps"]} == {
        *("airfields", "almanac", "census", "clocks", "colony", "festivals", "registry"),
    }
    assert read(islands, "SELECT count(*) FROM check_results WHERE passed = 0") == [(0,)]


def test_values_that_crossed_from_one_python_to_another_are_those_that_we_compute(made):
    _, _, values = made
    islands = {country["code"]: country["name"] for country in values["island_countries"]}
    borders = {record["ISO"]["alpha2"]: record.get("borders") for record in values["countries"] if "ISO" in record}
    assert not any(borders[code] for code in islands)
    expected = [
        {**airport, "country_name": islands[airport["country"]]}
        for airport in values["airports"]
        if airport["country"] in islands
    ]
    assert values["island_airports"] == expected
    assert len(expected) > 500


def test_the_shortest_flights_are_the_shortest(made):
    _, _, values = made
    airports = [airport for airport in values["island_airports"] if airport["booking_code"]]
    for crossing in values["crossings"][:10]:
        own = [airport for airport in airports if airport["country"] == crossing["country"]]
        others = [airport for airport in airports if airport["country"] != crossing["country"]]
        shortest = min(distance(one, other) for one in own for other in others)
        assert crossing["kilometres"] == pytest.approx(shortest, abs=1)
    names = [line.split("|")[1].strip() for line in values["almanac"].splitlines()[2:] if "|" in line]
    assert names == [country["name"] for country in values["island_countries"]]


def test_one_partition_is_made_of_what_has_partitions(made):
    islands, _, _ = made
    islands.run("materialize", "ocean_clocks", "--partition", "Atlantic").ended(0)
    assert read(
        islands, "SELECT targets.partition FROM targets JOIN runs ON runs.number = targets.run WHERE runs.number = 2"
    ) == [("Atlantic",)]
