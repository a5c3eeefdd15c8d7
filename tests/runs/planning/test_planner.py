"""Stages: a process for each location and stage, in dependency order, as few as there can be."""

from __future__ import annotations

import random

import pytest

from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.configuring import read_config, split_config
from atoll_host.runs.planning.plan import RunPlan
from atoll_host.runs.planning.planner import Wanted, plan_assets
from atoll_host.workspace.graph.merging import merge


def define(assets, *, subset=()):
    """Describe a location: `{computation: {key: [upstream, …]}}` as far as planning looks."""
    return {
        "assets": [
            {
                "key": key,
                "type": "materializable",
                "computation": name,
                "dependencies": [{"key": above, "argument": None} for above in upstream],
            }
            for name, keys in assets.items()
            for key, upstream in keys.items()
        ],
        "computations": [
            {"name": name, "keys": list(keys), "can_subset": name in subset} for name, keys in assets.items()
        ],
    }


def single(**assets):
    return define({key: {key: upstream} for key, upstream in assets.items()})


def plan(definitions, chosen=None, **wanted):
    graph = merge(definitions)
    ids = set(graph.nodes) if chosen is None else {name for name in graph.nodes if graph.nodes[name].key in chosen}
    return plan_assets(graph, ids, definitions, Wanted(**wanted))


def brief(plan):
    return [(stage.location, set(stage.assets), stage.after) for stage in plan.stages]


def test_an_alternation_of_locations_becomes_a_stage_each():
    found = plan({"A": single(a1=[], a2=["b1"]), "B": single(b1=["a1"])})
    assert brief(found) == [("A", {"a1"}, ()), ("B", {"b1"}, (1,)), ("A", {"a2"}, (2,))]


def test_what_one_location_can_make_at_once_is_one_stage():
    found = plan({"A": single(a1=[], a2=["a1"], a3=["a2"], lone=[]), "B": single(b1=["a1"], b2=["a3"])})
    assert brief(found) == [("A", {"a1", "a2", "a3", "lone"}, ()), ("B", {"b1", "b2"}, (1,))]


def test_locations_that_do_not_need_each_other_do_not_wait_for_each_other():
    found = plan({"A": single(a=[]), "B": single(b=[]), "C": single(c=["a", "b"])})
    assert brief(found) == [("A", {"a"}, ()), ("B", {"b"}, ()), ("C", {"c"}, (1, 2))]


def test_what_is_not_chosen_is_read_as_it_is_stored():
    found = plan({"A": single(a=["feed"]), "B": single(b=["a", "unknown"])}, ["b"])
    assert brief(found) == [("B", {"b"}, ())]
    assert set(found.stored) == {"a", "unknown"}
    assert set(found.stages[0].external) == {"a", "unknown"}


def test_assets_that_are_made_together_are_chosen_together():
    definitions = {"A": define({"both": {"x": [], "y": []}})}
    with pytest.raises(UsageError, match="'x' is chosen without 'y', and 'both' makes both"):
        plan(definitions, ["x"])
    assert brief(plan({"A": define({"both": {"x": [], "y": []}}, subset=["both"])}, ["x"])) == [("A", {"x"}, ())]


def test_a_circle_through_assets_that_are_made_together_is_refused():
    definitions = {"A": define({"both": {"x": [], "y": ["b"]}}), "B": single(b=["x"])}
    with pytest.raises(UsageError, match="in a circle"):
        plan(definitions)
    subset = {"A": define({"both": {"x": [], "y": ["b"]}}, subset=["both"]), "B": single(b=["x"])}
    assert brief(plan(subset)) == [("A", {"x"}, ()), ("B", {"b"}, (1,)), ("A", {"y"}, (2,))]


def test_an_asset_that_two_locations_make_is_made_by_neither_until_one_is_chosen():
    with pytest.raises(UsageError, match="'x' is made by A and B") as caught:
        plan({"A": single(x=[]), "B": single(x=[])})
    assert caught.value.problems[0].hint == "choose one: 'key:x and location:A'"


@pytest.mark.parametrize("seed", range(30))
def test_in_random_graphs_every_asset_is_made_once_and_after_what_it_needs(seed):
    chance = random.Random(seed)
    locations = {name: {} for name in "ABCD"[: chance.randint(1, 4)]}
    home = {}
    for number in range(chance.randint(1, 40)):
        upstream = chance.sample(sorted(home), min(len(home), chance.randint(0, 3)))
        place = chance.choice(sorted(locations))
        locations[place][f"x{number}"] = upstream
        home[f"x{number}"] = place, upstream
    found = plan({name: single(**assets) for name, assets in locations.items() if assets})
    assert sorted(found.assets) == sorted(home)
    stage_of = {key: stage for stage in found.stages for key in stage.assets}
    above = {}
    for stage in found.stages:
        assert max(stage.after, default=0) < stage.number
        above[stage.number] = set(stage.after).union(*(above[number] for number in stage.after))
    for key, (place, upstream) in home.items():
        assert stage_of[key].location == place
        for other in upstream:
            assert stage_of[other] is stage_of[key] or stage_of[other].number in above[stage_of[key].number]
    assert RunPlan.from_json(found.to_json()) == found


def test_partitions_of_two_kinds_do_not_go_into_one_run():
    definitions = {"A": single(a=[], b=[], c=[])}
    first, second, _ = definitions["A"]["assets"]
    first["partitions"] = {"type": "static", "keys": ["x", "y"]}
    second["partitions"] = {"type": "daily", "start": "2024-01-01"}
    with pytest.raises(UsageError, match="a run has partitions of one kind"):
        plan(definitions, partition="x")
    assert plan(definitions, ["a", "c"], partition="x").stages[0].is_partitioned
    with pytest.raises(UsageError, match="no partition is chosen") as caught:
        plan(definitions, ["b"])
    assert caught.value.problems[0].hint == "--partition 2024-01-01"


def test_configuration_is_split_among_locations_and_what_nobody_knows_goes_to_all():
    definitions = {"A": single(a=[]), "B": single(b=[])}
    config = {"ops": {"a": 1, "b": 2, "c": 3}, "loggers": {"x": {}}}
    assert split_config(config, definitions) == {
        "A": {"ops": {"a": 1, "c": 3}, "loggers": {"x": {}}},
        "B": {"ops": {"b": 2, "c": 3}, "loggers": {"x": {}}},
    }
    assert split_config(None, definitions) == {"A": None, "B": None}


def test_configuration_is_read_from_files_of_json_and_yaml_and_from_the_command_line(tmp_path):
    (tmp_path / "run.yaml").write_text("ops:\n  a:\n    config: {day: 2024-01-01}\n")
    (tmp_path / "run.json").write_text('{"resources": {}}')
    assert read_config("run.yaml", tmp_path) == {"ops": {"a": {"config": {"day": "2024-01-01"}}}}
    assert read_config("run.json", tmp_path) == {"resources": {}}
    assert read_config(' {"ops": {}}', tmp_path) == {"ops": {}}
    (tmp_path / "list.yaml").write_text("- 1\n")
    with pytest.raises(UsageError, match="must be a mapping, not list"):
        read_config("list.yaml", tmp_path)
