"""Assets and checks: what was made last, before that, and of which partitions."""

from __future__ import annotations

from atoll_host.runs.storage.records import Event, RunFilter, Target


def made(sequence, asset, partition=None, **facts):
    return Event(
        sequence, float(sequence), "materialization", "step", "here", {"asset": asset, "partition": partition, **facts}
    )


def checked(sequence, asset, name, **facts):
    return Event(sequence, float(sequence), "check_result", "step", "here", {"asset": asset, "check": name, **facts})


def states(storage, asset):
    return {state.partition: state.status for state in storage.assets.partitions_status(asset)}


def test_what_was_made_comes_back_as_it_was(storage, start):
    run = start()
    facts = {
        "metadata": {"rows": {"type": "int", "value": 3}},
        "tags": {"a": "b"},
        "code_version": "1",
        "data_version": "x",
    }
    storage.events.append(run, [made(1, "sales/orders", "p1", **facts)])
    found = storage.assets.latest("sales/orders")
    assert (found.asset, found.partition, found.run, found.sequence, found.location, found.step) == (
        "sales/orders",
        "p1",
        run,
        1,
        "here",
        "step",
    )
    assert {name: getattr(found, name) for name in facts} == facts
    assert storage.assets.latest("sales/orders", "p2") is None
    assert storage.assets.latest("nothing") is None


def test_the_last_one_counts_and_the_history_goes_back(storage, start):
    run = start()
    storage.events.append(run, [made(number, "a", f"p{number % 2}") for number in range(1, 7)])
    assert storage.assets.latest("a").sequence == 6
    assert storage.assets.latest("a", "p1").sequence == 5
    assert [event.sequence for event in storage.assets.history("a")] == [6, 5, 4, 3, 2, 1]
    first = storage.assets.history("a", partition="p1", limit=2)
    assert [event.sequence for event in first] == [5, 3]
    assert [event.sequence for event in storage.assets.history("a", partition="p1", before=first[-1].number)] == [1]
    assert {key: event.sequence for key, event in storage.assets.latest_partitions("a").items()} == {"p0": 6, "p1": 5}
    assert {key: event.sequence for key, event in storage.assets.latest_partitions("a", ["p1", "p9"]).items()} == {
        "p1": 5
    }


def test_summaries_of_many_assets(storage, start):
    run = start()
    storage.events.append(run, [made(number, f"asset_{number}") for number in range(1, 1201)])
    storage.events.append(run, [made(2000, "asset_1", "p"), made(2001, "asset_1", "q")])
    found = storage.assets.latest_of()
    assert len(found) == 1200
    assert (found["asset_1"].latest.sequence, found["asset_1"].partitions) == (2001, 3)
    assert set(storage.assets.latest_of(["asset_2", "asset_3", "nothing"])) == {"asset_2", "asset_3"}
    assert storage.assets.latest_of([]) == {}


def test_an_event_that_is_sent_again_makes_nothing_twice(storage, start):
    run = start()
    for _ in range(2):
        storage.events.append(run, [made(1, "a"), checked(2, "a", "c", passed=True, partitions=["p", "q"])])
    assert len(storage.assets.history("a")) == 1
    assert len(storage.checks.history("a", "c")) == 2


def test_observations_are_apart(storage, start):
    run = start()
    storage.events.append(
        run, [made(1, "a"), Event(2, 2.0, "observation", payload={"asset": "a", "data_version": "v"})]
    )
    assert storage.assets.latest("a").sequence == 1
    assert storage.assets.latest_observation("a").data_version == "v"
    assert [event.sequence for event in storage.assets.history("a", kind="observation")] == [2]


def test_a_cursor_gives_what_is_new_of_some_assets(storage, start):
    run = start()
    storage.events.append(run, [made(1, "a"), made(2, "b"), made(3, "a")])
    found = storage.assets.since(0, keys=["a"])
    assert [event.sequence for event in found] == [1, 3]
    assert storage.assets.since(found[-1].number) == ()
    storage.events.append(run, [made(4, "b")])
    assert [event.sequence for event in storage.assets.since(found[-1].number)] == [4]


def test_what_was_made_elsewhere_is_reported(storage):
    event = storage.assets.report(
        "a", partition="p", metadata={"n": {"type": "int", "value": 1}}, data_version="v", time=5.0
    )
    assert (event.run, event.time, event.partition) == (None, 5.0, "p")
    assert storage.assets.latest("a") == event
    assert states(storage, "a") == {"p": "materialized"}


def test_partitions_say_what_their_newest_run_came_to(storage, start):
    first = start(targets=[Target("a", key) for key in ("p1", "p2", "p3")])
    assert states(storage, "a") == {"p1": "in_progress", "p2": "in_progress", "p3": "in_progress"}
    storage.events.append(first, [made(1, "a", "p1"), made(2, "a", "p2")])
    assert states(storage, "a") == {"p1": "materialized", "p2": "materialized", "p3": "in_progress"}
    storage.runs.update_status(first, "failed")
    assert states(storage, "a") == {"p1": "materialized", "p2": "materialized", "p3": "failed"}
    second = start(targets=[Target("a", "p1"), Target("a", "p3")])
    assert states(storage, "a") == {"p1": "in_progress", "p2": "materialized", "p3": "in_progress"}
    storage.events.append(second, [made(1, "a", "p3")])
    storage.runs.update_status(second, "failed")
    assert states(storage, "a") == {"p1": "failed", "p2": "materialized", "p3": "materialized"}
    storage.assets.report("a", partition="p1", time=4e9)
    assert states(storage, "a")["p1"] == "materialized"
    assert storage.assets.partitions_status("nothing") == ()


def test_wiping_forgets_what_was_made_and_leaves_the_run(storage, start):
    run = start(targets=[Target("a", "p1")])
    storage.events.append(
        run,
        [made(1, "a", "p1"), made(2, "a", "p2"), made(3, "b"), checked(4, "a", "c", passed=True, partitions=["p1"])],
    )
    storage.runs.update_status(run, "succeeded")
    assert storage.assets.wipe("a", ["p1"]) == 1
    assert states(storage, "a") == {"p2": "materialized"}
    assert storage.checks.latest() == ()
    assert storage.assets.wipe("a") == 1
    assert storage.assets.latest("a") is None
    assert storage.assets.latest("b") is not None
    assert len(storage.events.read(run)) == 4
    assert storage.assets.wipe("a") == storage.assets.wipe("nothing") == 0
    again = start()
    storage.events.append(again, [made(1, "a", "p1")])
    assert states(storage, "a") == {"p1": "materialized"}


def test_checks_say_what_they_found_last(storage, start):
    run = start()
    facts = {
        "severity": "WARN",
        "blocking": True,
        "description": "too few",
        "metadata": {"n": {"type": "int", "value": 0}},
    }
    storage.events.append(
        run,
        [
            checked(1, "a", "c", passed=True),
            checked(2, "a", "c", passed=False, **facts),
            checked(3, "b", "d", passed=True),
        ],
    )
    first, second = storage.checks.latest()
    assert (first.asset, first.name, first.passed, first.severity, first.blocking, first.description, first.run) == (
        "a",
        "c",
        False,
        "WARN",
        True,
        "too few",
        run,
    )
    assert (second.asset, second.severity, second.blocking) == ("b", "ERROR", False)
    assert [result.sequence for result in storage.checks.history("a", "c")] == [2, 1]
    assert [result.sequence for result in storage.checks.of_run(run)] == [1, 2, 3]
    assert [result.asset for result in storage.checks.latest(["b"])] == ["b"]


def test_an_asset_that_is_renamed_keeps_its_history(storage, start):
    run = start(targets=[Target("old", "p")])
    storage.events.append(run, [made(1, "old", "p"), checked(2, "old", "c", passed=True)])
    assert storage.rename_asset("old", "new")
    assert not storage.rename_asset("old", "new")
    assert not storage.rename_asset("new", "new")
    assert storage.assets.latest("new").sequence == 1
    assert storage.assets.latest("old") is None
    assert storage.checks.latest()[0].asset == "new"
    assert [one.id for one in storage.runs.list(RunFilter(asset="new")).runs] == [run]


def test_two_histories_become_one_when_both_names_have_one(storage, start):
    run = start(targets=[Target("old", "p"), Target("new", "p"), Target("old", "q")])
    storage.events.append(run, [made(1, "old", "p"), made(2, "old", "q"), made(3, "new", "p"), made(4, "old", "p")])
    assert storage.rename_asset("old", "new")
    assert [event.sequence for event in storage.assets.history("new")] == [4, 3, 2, 1]
    assert {key: event.sequence for key, event in storage.assets.latest_partitions("new").items()} == {"p": 4, "q": 2}
    assert len(storage.runs.list(RunFilter(asset="new")).runs) == 1


def test_a_location_that_is_renamed_keeps_its_history(storage, start):
    run = start(location="here", job="nightly")
    storage.events.append(run, [Event(1, 1.0, "step_started", "a", "here"), made(2, "x")])
    storage.logs.append(run, b"text", start=0, location="here")
    storage.sensors.set_cursor("here", "files", "17")
    assert storage.rename_location("here", "there")
    assert storage.runs.get(run).location == "there"
    assert [step.location for step in storage.steps.list(run)] == ["there"]
    assert storage.events.read(run, location="there") == storage.events.read(run)
    assert storage.sensors.get("there", "files").cursor == "17"
    assert storage.assets.latest("x").location == "there"
    assert storage.logs.streams(run)[0].location == "there"
    assert not storage.rename_location("nowhere", "there")
