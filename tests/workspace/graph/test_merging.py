"""The merged graph: which asset of which location a key means, and what crosses."""

from __future__ import annotations

from reports import asset, definitions, external

from atoll_host.workspace.graph.graph import AssetGraph, AssetNode, Edge
from atoll_host.workspace.graph.merging import merge


def graph(**locations):
    return merge({name: definitions(assets=assets) for name, assets in locations.items()})


def edges(merged):
    return [(edge.upstream, edge.downstream) for edge in merged.edges]


def test_a_key_means_the_locations_own_asset_before_any_other():
    merged = graph(a=[asset("x"), asset("y", "x")], b=[asset("x")])
    assert edges(merged) == [("a:x", "a:y")]
    assert not merged.edges[0].ambiguous


def test_a_key_that_another_location_makes_crosses():
    merged = graph(a=[asset("x")], b=[asset("y", "x")])
    assert merged.edges == (Edge("a:x", "b:y", crosses=True),)


def test_an_external_asset_is_the_one_that_another_location_makes():
    merged = graph(a=[external("x"), asset("y", "x")], b=[asset("x")])
    assert list(merged.nodes) == ["a:y", "b:x"]
    assert merged.nodes["b:x"].declared_in == ("a",)
    assert merged.edges == (Edge("b:x", "a:y", crosses=True),)


def test_an_external_asset_that_nobody_makes_is_one_whoever_declares_it():
    merged = graph(a=[external("x"), asset("y", "x")], b=[external("x"), asset("z", "x")], c=[asset("w", "x")])
    assert merged.nodes["x"].known_in == ("a", "b")
    assert [edge.crosses for edge in merged.edges] == [False, False, True]


def test_a_key_that_nobody_declares_is_unknown_and_no_edge_from_it_crosses():
    merged = graph(a=[asset("y", "x")], b=[asset("z", "x")])
    assert merged.nodes["x"] == AssetNode("x", "x", "unknown", None)
    assert [edge.crosses for edge in merged.edges] == [False, False]


def test_a_key_that_several_others_make_is_ambiguous_and_leads_to_each():
    merged = graph(a=[asset("x")], b=[asset("x")], c=[asset("y", "x")])
    assert edges(merged) == [("a:x", "c:y"), ("b:x", "c:y")]
    assert all(edge.ambiguous and edge.crosses for edge in merged.edges)


def test_a_cycle_across_locations_is_found():
    merged = graph(a=[asset("x", "z"), asset("free")], b=[asset("y", "x")], c=[asset("z", "y"), asset("self", "self")])
    assert merged.cycles == (("a:x", "b:y", "c:z"), ("c:self",))
    assert merged.reach(["a:x"], "up") == merged.reach(["a:x"], "down") == {"a:x", "b:y", "c:z"}


def test_a_location_of_which_nothing_is_known_is_still_named():
    merged = merge({"a": {}, "b": definitions(assets=[asset("x")])}, stale=["b"])
    assert merged.locations == ("a", "b")
    assert merged.nodes["b:x"].stale


def test_a_chain_of_ten_thousand_assets_is_no_trouble():
    merged = graph(a=[asset(f"k{number}", *[f"k{number - 1}"][:number]) for number in range(10_000)])
    assert len(merged.components) == 10_000
    assert merged.cycles == ()
    assert len(merged.reach(["a:k0"], "down")) == 10_000
    assert len(merged.reach(["a:k0"], "down", 3)) == 4


def test_a_part_has_only_the_edges_between_what_is_in_it():
    whole = graph(a=[asset("x"), asset("y", "x"), asset("z", "y")])
    part = whole.restricted({"a:x", "a:y"})
    assert isinstance(part, AssetGraph)
    assert edges(part) == [("a:x", "a:y")]
    assert edges(whole.without_edges_between({"a:x", "a:y"})) == [("a:y", "a:z")]
