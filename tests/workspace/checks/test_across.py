"""Locations against one another, from what they say of themselves."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import ROOT, asset, definitions, external, report

from atoll_host.workspace.checks.across import check_across
from atoll_host.workspace.checks.reports import check_report, check_workspace
from atoll_host.workspace.location import Workspace

DAILY = {
    "type": "daily", "start": "2024-01-01", "end": None, "timezone": None, "format": "%Y-%m-%d", "cron": "0 0 * * *",
    "schedule_type": "DAILY",
}  # fmt: skip
HOURLY = {**DAILY, "type": "hourly", "start": "2024-01-01-00:00", "format": "%Y-%m-%d-%H:%M", "cron": "0 * * * *"}
NORTH = {"type": "static", "keys": ["north"]}
SOUTH = {"type": "static", "keys": ["south"]}


def check(*, complete=True, **locations):
    described = {
        name: items if isinstance(items, dict) else definitions(assets=items) for name, items in locations.items()
    }
    return check_across(described, complete=complete)


def kinds(found):
    return [(location, problem.kind) for location, problem in found]


def mapped(key, upstream, mapping, **more):
    """Describe an asset that depends on another by way of a partition mapping."""
    made = asset(key, upstream, **more)
    made["dependencies"][0]["partition_mapping"] = mapping
    return made


def check_of(key, name="good", *upstream):
    return {"name": name, "asset": key, "dependencies": asset(key, *upstream)["dependencies"], "source": {}}


FINE = {
    "one-makes-what-another-needs": {"a": [asset("x")], "b": [asset("y", "x")]},
    "one-makes-what-two-declare": {"a": [asset("x")], "b": [external("x"), asset("y", "x")], "c": [external("x")]},
    "external-is-enough": {"a": [external("x")], "b": [asset("y", "x")]},
    "two-say-that-it-is-made-elsewhere": {"a": [external("x")], "b": [external("x")]},
    "a-check-of-another-locations-asset": {"a": [asset("x")], "b": definitions(checks=[check_of("x")])},
    "a-check-of-an-external-asset": {"a": [external("x")], "b": definitions(checks=[check_of("x", "good", "x")])},
    "a-sensor-on-another-locations-asset": {
        "a": [asset("x")],
        "b": definitions(sensors=[{"name": "s", "asset": "x", "source": {}}, {"name": "t", "asset": None}]),
    },
    "the-same-job-and-resource": {
        "a": definitions(jobs=[{"name": "j"}], resources=[{"name": "r"}]),
        "b": definitions(jobs=[{"name": "j"}], resources=[{"name": "r"}]),
    },
    "an-asset-on-its-own-past": {"a": [asset("x", "x")], "b": [asset("y", "x")]},
    "a-fork-and-a-join": {"a": [asset("x"), asset("z", "y", "w")], "b": [asset("y", "x")], "c": [asset("w", "x")]},
    "the-same-days": {"a": [asset("x", partitions=DAILY)], "b": [asset("y", "x", partitions=dict(DAILY))]},
    "partitioned-above-only": {"a": [asset("x", partitions=DAILY)], "b": [asset("y", "x")]},
    "days-from-hours": {"a": [asset("x", partitions=HOURLY)], "b": [asset("y", "x", partitions=DAILY)]},
    "hours-from-days-on-purpose": {
        "a": [asset("x", partitions=DAILY)],
        "b": [mapped("y", "x", {"type": "time_window", "start_offset": 0, "end_offset": 0}, partitions=HOURLY)],
    },
    "later-is-fine": {
        "a": [asset("x", partitions=DAILY)],
        "b": [asset("y", "x", partitions={**DAILY, "start": "2025-01-01"})],
    },
    "earlier-on-purpose": {
        "a": [asset("x", partitions={**DAILY, "start": "2025-01-01"})],
        "b": [mapped("y", "x", {"type": "time_window", "allow_nonexistent_upstream_partitions": True}, partitions=DAILY)],
    },
    "an-hour-is-an-hour-in-every-zone": {
        "a": [asset("x", partitions=HOURLY)],
        "b": [asset("y", "x", partitions={**HOURLY, "timezone": "Etc/UTC"})],
    },
    "two-names-of-one-zone": {
        "a": [asset("x", partitions=DAILY)],
        "b": [asset("y", "x", partitions={**DAILY, "timezone": "Etc/UTC"})],
    },
    "the-first-of-the-month-in-the-middle": {
        "a": [asset("x", partitions={**DAILY, "start": "2024-01-15"})],
        "b": [asset("y", "x", partitions={**DAILY, "type": "monthly", "cron": "0 0 1 * *"})],
    },
    "a-spec-that-says-nothing-of-partitions": {
        "a": [asset("x", partitions=DAILY)],
        "b": [external("x"), asset("y", "x", partitions=DAILY)],
    },
    "a-spec-that-says-what-is-so": {"a": [asset("x", partitions=DAILY)], "b": [external("x", partitions=dict(DAILY))]},
    "a-circle-within-a-location-is-said-there": {"a": [asset("p", "q"), asset("q", "p")], "b": [asset("r", "p")]},
    "nothing": {"a": {}, "b": definitions()},
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_what_goes_together_has_no_finding(case):
    assert check(**FINE[case]) == ()


WRONG = {
    "duplicate": ({"a": [asset("x")], "b": [asset("x")]}, [("a", "duplicate_asset"), ("b", "duplicate_asset")]),
    "unknown": ({"a": [asset("y", "x")]}, [("a", "unknown_upstream")]),
    "unknown-to-an-external-asset": ({"a": [external("y", "x")]}, [("a", "unknown_upstream")]),
    "unknown-to-a-check": (
        {"a": [asset("x")], "b": definitions(checks=[check_of("x", "c", "z")])},
        [("b", "unknown_upstream")],
    ),
    "unknown-check": ({"b": definitions(checks=[check_of("x", "c", "x")])}, [("b", "unknown_checked_asset")]),
    "unknown-watched": ({"b": definitions(sensors=[{"name": "s", "asset": "x"}])}, [("b", "unknown_watched_asset")]),
    "cycle-of-two": (
        {"a": [asset("x", "y")], "b": [asset("y", "x")]},
        [("a", "cycle_across"), ("b", "cycle_across")],
    ),
    "cycle-of-three": (
        {"a": [asset("x", "z")], "b": [asset("y", "x")], "c": [asset("z", "y"), asset("w", "z")]},
        [("a", "cycle_across"), ("b", "cycle_across"), ("c", "cycle_across")],
    ),
    "no-key-in-common": (
        {"a": [asset("x", partitions=NORTH)], "b": [asset("y", "x", partitions=SOUTH)]},
        [("b", "partitions_misfit")],
    ),
    "days-and-regions": (
        {"a": [asset("x", partitions=DAILY)], "b": [asset("y", "x", partitions=SOUTH)]},
        [("b", "partitions_misfit")],
    ),
    "an-external-asset-with-partitions": (
        {"a": [external("x", partitions=DAILY)], "b": [asset("y", "x", partitions=SOUTH)]},
        [("b", "partitions_misfit")],
    ),
    "a-mapping-that-cannot-be": (
        {"a": [asset("x")], "b": [mapped("y", "x", {"type": "all"})]},
        [("b", "partitions_misfit")],
    ),
    "a-spec-that-says-otherwise": (
        {"a": [asset("x", partitions=DAILY)], "b": [external("x", partitions=NORTH), asset("y", "x", partitions=NORTH)]},
        [("b", "partitions_misfit")],
    ),
    "one-key-too-many": (
        {"a": [asset("x", partitions=NORTH)], "b": [asset("y", "x", partitions={**NORTH, "keys": ["north", "south"]})]},
        [("b", "partitions_differ")],
    ),
    "hours-from-days": (
        {"a": [asset("x", partitions=DAILY)], "b": [asset("y", "x", partitions=HOURLY)]},
        [("b", "partitions_differ")],
    ),
    "days-of-another-zone": (
        {"a": [asset("x", partitions=DAILY)], "b": [asset("y", "x", partitions={**DAILY, "timezone": "Asia/Tokyo"})]},
        [("b", "partitions_differ")],
    ),
    "before-the-beginning": (
        {"a": [asset("x", partitions=DAILY)], "b": [asset("y", "x", partitions={**DAILY, "start": "2023-12-31"})]},
        [("b", "partitions_differ")],
    ),
    "after-the-end": (
        {"a": [asset("x", partitions={**DAILY, "end": "2024-02-01"})], "b": [asset("y", "x", partitions=DAILY)]},
        [("b", "partitions_differ")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_go_together_is_found_where_it_can_be_mended(case):
    locations, expected = WRONG[case]
    assert kinds(check(**locations)) == expected


def test_a_duplicate_in_three_locations_names_both_others():
    found = check(a=[asset("x")], b=[asset("x")], c=[asset("x")])
    assert [location for location, _ in found] == ["a", "b", "c"]
    assert all(problem.message.count("location ") == 2 for _, problem in found)


def test_the_circle_is_shown_in_the_direction_of_the_work():
    found = check(a=[asset("x", "z")], b=[asset("y", "x")], c=[asset("z", "y")])
    (message,) = {problem.message for _, problem in found}
    assert message.endswith("'x' (a) → 'y' (b) → 'z' (c) → 'x' (a)")
    assert "'x' on 'z'" in found[0][1].hint
    assert found[0][1].detail.count("\n") == 2


def test_of_several_circles_the_shortest_is_shown():
    long = [asset(f"k{number}", f"k{number - 1}") for number in range(1, 20)]
    found = check(a=[asset("k0", "k19", "m"), *long], b=[asset("m", "k0", "k19")])
    assert {problem.message.rpartition(": ")[2] for _, problem in found} == {"'k0' (a) → 'm' (b) → 'k0' (a)"}


def test_a_long_circle_is_shown_in_part():
    locations = {f"l{number:02}": [asset(f"k{number}", f"k{(number - 1) % 30}")] for number in range(30)}
    found = check(**locations)
    assert len(found) == 30
    assert "… 20 more …" in found[0][1].message


def test_two_circles_that_hold_together_nowhere_are_both_found():
    found = check(a=[asset("p", "q"), asset("x", "y")], b=[asset("q", "p"), asset("y", "x")])
    assert len({problem.message for _, problem in found}) == 2


def test_a_key_that_two_locations_make_closes_no_circle():
    found = check(a=[asset("x", "y")], b=[asset("y", "x")], c=[asset("x")], d=[asset("y")])
    assert {problem.kind for _, problem in found} == {"duplicate_asset"}


def test_what_may_be_in_a_location_that_is_not_there_is_not_said_to_be_nowhere():
    locations = {
        "a": [asset("y", "x"), asset("both")],
        "b": definitions(assets=[asset("both")], checks=[check_of("z")], sensors=[{"name": "s", "asset": "w"}]),
    }
    assert {problem.kind for _, problem in check(**locations, complete=False)} == {"duplicate_asset"}
    assert len(check(**locations)) == 5


def test_a_similar_key_is_named_with_its_location():
    found = check(
        a=[asset("sales/orders")], b=[asset("x", "orders"), asset("y", "sales/order"), asset("z", "far/away")]
    )
    hints = [problem.hint for _, problem in found]
    assert hints[:2] == ["did you mean 'sales/orders' of location 'a'?"] * 2
    assert "AssetSpec('far/away')" in hints[2]


def workspace(*reports):
    return Workspace(ROOT, None, tuple(one.location for one in reports))


def test_what_a_failed_location_once_defined_proves_nothing():
    stale = report("a", definitions(assets=[asset("x", "y"), asset("both")]), status="failed")
    fresh = report("b", definitions(assets=[asset("y", "x", "nowhere"), asset("both")]))
    assert check_workspace(workspace(stale, fresh), [stale, fresh]) == ()
    assert check_report(workspace(stale), stale, {}) == ()


def test_a_location_that_was_not_asked_for_may_have_what_is_missing():
    one, other = report("a", definitions(assets=[asset("x", "y")])), report("b", definitions())
    assert check_workspace(workspace(one, other), [one]) == ()
    assert kinds(check_workspace(workspace(one, other), [one, other])) == [("a", "unknown_upstream")]


def test_places_in_messages_are_relative_to_the_workspace():
    both = [report(name, definitions(assets=[asset("x")])) for name in "ab"]
    (_, first), _ = check_workspace(workspace(*both), both)
    assert "(sales/definitions.py:10)" in first.message


keys = st.sampled_from(["x", "y", "z", "stock/x", "nowhere"])
partitions = st.sampled_from([None, DAILY, HOURLY, NORTH, SOUTH, {**DAILY, "timezone": "Asia/Tokyo"}])
assets = st.builds(
    lambda make, key, upstream, parts: make(key, *upstream, partitions=parts),
    st.sampled_from([asset, external]), keys, st.lists(keys, max_size=3, unique=True), partitions,
)  # fmt: skip
locations = st.dictionaries(
    st.sampled_from(list("abcde")),
    st.builds(
        lambda made, checked: definitions(assets=made, checks=[check_of(key) for key in checked]),
        st.lists(assets, max_size=4, unique_by=lambda one: one["key"]),
        st.lists(keys, max_size=2),
    ),
    max_size=5,
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(locations, st.randoms(use_true_random=False))
def test_the_order_of_locations_changes_nothing(described, chance):
    names = list(described)
    chance.shuffle(names)
    shuffled = {name: described[name] for name in names}
    assert check_across(shuffled, complete=True) == check_across(described, complete=True)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(locations)
def test_a_location_more_takes_no_certain_finding_away(described):
    without = {problem for problem in check_across(described, complete=False) if problem[1].kind == "duplicate_asset"}
    more = {**described, "zzz": definitions(assets=[asset("alone")])}
    assert without <= set(check_across(more, complete=False))


def test_a_hundred_locations_take_a_moment():
    described = {}
    for number in range(100):
        made = [asset(f"l{number}/k{i}", f"l{number}/k{i - 1}" if i else f"l{number - 1}/k9", partitions=DAILY) for i in range(10)]  # fmt: skip
        described[f"l{number}"] = definitions(assets=made)
    names = list(described)
    random.Random(7).shuffle(names)
    started = time.process_time()
    found = check_across({name: described[name] for name in names}, complete=True)
    # It takes 10 ms; what grows with the square would take much longer than this.
    assert time.process_time() - started < 2
    assert kinds(found) == [("l0", "unknown_upstream")]
