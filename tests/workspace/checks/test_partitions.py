"""Whether partitions go together: the same answers as a location's own SDK gives, and what needs a calendar."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from reports import asset, definitions, external

from atoll_host.workspace.checks.definitions import check_definitions
from atoll_host.workspace.checks.doubts import find_doubts
from atoll_host.workspace.checks.partitions import find_misfit, name_partitions

SDK = Path(__file__).resolve().parents[3] / "sdk"
if str(SDK) not in sys.path:
    sys.path.insert(0, str(SDK))

import atoll  # noqa: E402 — the path is set first

DAYS = atoll.DailyPartitionsDefinition("2024-01-01")
HOURS = atoll.HourlyPartitionsDefinition("2024-01-01-00:00", timezone="Europe/Berlin")
REGIONS = atoll.StaticPartitionsDefinition(["north", "south"])
PARTITIONS = {
    "none": None,
    "days": DAYS,
    "later-days": atoll.DailyPartitionsDefinition("2025-01-01", end_date="2026-01-01"),
    "hours": HOURS,
    "cron": atoll.TimeWindowPartitionsDefinition("2024-01-01", "%Y-%m-%d", cron_schedule="0 0 * * 1-5"),
    "regions": REGIONS,
    "one-region": atoll.StaticPartitionsDefinition(["south"]),
    "colours": atoll.StaticPartitionsDefinition(["red"]),
    "customers": atoll.DynamicPartitionsDefinition(name="customers"),
    "files": atoll.DynamicPartitionsDefinition(name="files"),
    "day-and-region": atoll.MultiPartitionsDefinition({"day": DAYS, "region": REGIONS}),
    "hour-and-region": atoll.MultiPartitionsDefinition({"day": HOURS, "region": REGIONS}),
    "day-and-colour": atoll.MultiPartitionsDefinition({"day": DAYS, "colour": atoll.StaticPartitionsDefinition(["red"])}),
    "day-and-day": atoll.MultiPartitionsDefinition({"day": DAYS, "other": DAYS}),
}  # fmt: skip
IDENTITY = atoll.IdentityPartitionMapping()
MAPPINGS = {
    "none": None,
    "all": atoll.AllPartitionMapping(),
    "last": atoll.LastPartitionMapping(),
    "specific": atoll.SpecificPartitionsPartitionMapping(["south"]),
    "identity": IDENTITY,
    "window": atoll.TimeWindowPartitionMapping(-1, -1),
    "table": atoll.StaticPartitionMapping({"north": "south", "south": ["south"]}),
    "dimension": atoll.MultiToSingleDimensionPartitionMapping("day"),
    "dimension-by": atoll.MultiToSingleDimensionPartitionMapping("region", atoll.AllPartitionMapping()),
    "any-dimension": atoll.MultiToSingleDimensionPartitionMapping(),
    "dimensions": atoll.MultiPartitionMapping({"day": atoll.DimensionPartitionMapping("day", IDENTITY)}),
    "other-dimensions": atoll.MultiPartitionMapping({"hour": atoll.DimensionPartitionMapping("day", IDENTITY)}),
}


def ask_sdk(above, below, mapping):
    """Give what the SDK says of two assets of one location."""
    from atoll._partitions._fit import find_default_misfit

    if mapping is not None:
        return mapping.find_misfit(above, below)
    return None if above is None or below is None or above == below else find_default_misfit(above, below)


def describe(item):
    return None if item is None else item.describe()


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_the_answer_is_that_of_the_sdk(mapping):
    for above, below in itertools.product(PARTITIONS, repeat=2):
        given = PARTITIONS[above], PARTITIONS[below], MAPPINGS[mapping]
        ours, theirs = find_misfit(*map(describe, given)), ask_sdk(*given)
        if mapping == "specific" and theirs is None:
            continue  # we know more of what partitions there are
        assert (ours is None) == (theirs is None), (above, below, ours, theirs)


@pytest.mark.parametrize(
    ("partitions", "there", "not_there"),
    [
        ("days", ["2024-01-01", "2030-12-31"], ["2023-12-31", "01.01.2024", "2024-02-30"]),
        ("later-days", ["2025-12-31"], ["2026-01-01", "2024-12-31"]),
        ("hours", ["2024-01-01-00:00"], ["2023-12-31-23:00", "2024-01-01"]),
        ("regions", ["north"], ["west"]),
        ("customers", ["anybody"], []),
        ("day-and-region", ["2024-01-01|north"], ["north|2024-01-01", "2024-01-01", "2023-01-01|north"]),
    ],
)
def test_a_mapping_to_a_partition_that_cannot_be_is_found(partitions, there, not_there):
    above = describe(PARTITIONS[partitions])
    for keys, fits in (*((key, True) for key in there), *((key, False) for key in not_there)):
        misfit = find_misfit(above, None, {"type": "specific", "keys": [keys]})
        assert (misfit is None) == fits, (keys, misfit)
        assert misfit is None or repr(keys) in misfit


def test_partitions_that_are_the_same_are_never_in_doubt():
    for one, mapping in itertools.product(map(describe, PARTITIONS.values()), map(describe, MAPPINGS.values())):
        assert find_doubts(one, one, mapping) == []


DAY, HOUR, REGION = describe(DAYS), describe(HOURS), describe(REGIONS)
DOUBTS = {
    "finer": (DAY, {**HOUR, "timezone": None}, None, "each of its hourly partitions waits for a whole day of the other"),
    "finer-said": (DAY, {**HOUR, "timezone": None}, {"type": "time_window"}, None),
    "coarser": ({**HOUR, "timezone": None}, DAY, None, None),
    "zones": (DAY, {**DAY, "timezone": "Europe/London"}, None, "follow the time of Europe/London, the other's that of UTC"),
    "zones-said": (DAY, {**DAY, "timezone": "Europe/London"}, {"type": "identity"}, None),
    "unknown-zone": (DAY, {**DAY, "timezone": "Mars"}, None, None),
    "earlier": (DAY, {**DAY, "start": "2023-12-31"}, None, "it begins at 2023-12-31, the other only at 2024-01-01"),
    "earlier-by-identity": (DAY, {**DAY, "start": "2023-12-31"}, {"type": "identity"}, "it begins at 2023-12-31"),
    "earlier-by-offset": (DAY, {**DAY, "start": "2023-12-31"}, {"type": "time_window", "start_offset": 1}, None),
    "later": (DAY, {**DAY, "start": "2024-01-02"}, None, None),
    "ends": ({**DAY, "end": "2024-02-01"}, DAY, None, "the other ends at 2024-02-01, and it goes on"),
    "ends-earlier": ({**DAY, "end": "2024-02-01"}, {**DAY, "end": "2024-02-02"}, None, "the other ends at 2024-02-01"),
    "ends-later": ({**DAY, "end": "2024-02-01"}, {**DAY, "end": "2024-01-31"}, None, None),
    "lists": ({**REGION, "keys": ["north"]}, REGION, None, "the other has no partition 'south'"),
    "longer-lists": ({**REGION, "keys": ["a"]}, {**REGION, "keys": ["a", "b", "c"]}, None, "'b' (nor 1 more)"),
    "shorter-lists": (REGION, {**REGION, "keys": ["north"]}, None, None),
    "lists-said": ({**REGION, "keys": ["north"]}, REGION, {"type": "static"}, None),
    "no-time-in-it": ({**DAY, "start": "soon"}, {**DAY, "start": "now"}, None, None),
    "no-cron-in-it": (DAY, {**DAY, "start": "2023-01-01", "cron": "nonsense"}, None, None),
    "dimension": (
        describe(PARTITIONS["day-and-region"]),
        describe(atoll.MultiPartitionsDefinition({"day": DAYS, "region": atoll.StaticPartitionsDefinition(["north", "west"])})),
        None,
        "the other has no partition 'west'",
    ),
    "one-dimension": (describe(PARTITIONS["day-and-region"]), {**DAY, "start": "2023-01-01"}, None, "it begins at 2023-01-01"),
    "into-one-dimension": (DAY, describe(PARTITIONS["hour-and-region"]), None, "waits for a whole day"),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTS)
def test_what_is_hardly_meant_is_said(case):
    above, below, mapping, said = DOUBTS[case]
    doubts = find_doubts(above, below, mapping)
    assert (said in "; ".join(doubts)) if said else doubts == []


@pytest.mark.parametrize(
    ("partitions", "text"),
    [
        ("none", "no partitions"),
        ("days", "daily partitions from 2024-01-01 (UTC)"),
        ("later-days", "daily partitions from 2025-01-01 to 2026-01-01 (UTC)"),
        ("hours", "hourly partitions from 2024-01-01-00:00 (Europe/Berlin)"),
        ("cron", "partitions by '0 0 * * 1-5' from 2024-01-01 (UTC)"),
        ("regions", "static partitions 'north' and 'south'"),
        ("customers", "dynamic partitions 'customers'"),
        ("day-and-region", "partitions by 'day' and 'region'"),
    ],
)
def test_partitions_are_named_for_people(partitions, text):
    assert name_partitions(describe(PARTITIONS[partitions])) == text


def test_edges_within_a_location_are_looked_at_too():
    def depend(key, upstream, mapping=None, **more):
        made = asset(key, upstream, **more)
        made["dependencies"][0]["partition_mapping"] = mapping
        return made

    found = check_definitions(
        definitions(
            assets=[
                external("x", partitions=DAY),
                depend("fine", "x", partitions=DAY),
                depend("wrong", "x", {"type": "specific", "keys": ["yesterday"]}),
                depend("doubtful", "x", partitions={**DAY, "start": "2020-01-01"}),
                depend("x2", "x2", partitions=DAY),
                depend("across", "elsewhere", partitions=DAY),
            ]
        )
    )
    assert [(problem.kind, problem.severity) for problem in found] == [
        ("partition_mapping", "error"),
        ("doubtful_partitions", "warning"),
    ]
