"""Where the graph's nodes are put: right of what they depend on, nothing over anything else, and where they were."""

from __future__ import annotations

import random
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import asset, definitions, external

from atoll_host.server.web.layout.layout import lay_out
from atoll_host.server.web.layout.memory import LayoutMemory
from atoll_host.server.web.layout.scene import COLUMN_PITCH, NODE_WIDTH, Box, Link, Node, Scene
from atoll_host.server.web.layout.view import EVERY, make_view
from atoll_host.workspace.graph.merging import merge


def made(locations, groups, size, *, seed=1, across=0.05):
    """Give a graph of `locations * groups * size` assets, which depend on earlier ones in their group and elsewhere."""
    chance, described, keys = random.Random(seed), {}, []
    for location in range(locations):
        assets = []
        for group in range(groups):
            own = []
            for number in range(size):
                upstream = chance.sample(own, min(len(own), chance.choice([0, 1, 1, 2])))
                if keys and chance.random() < across:
                    upstream.append(chance.choice(keys))
                key = f"l{location}/g{group}/a{number}"
                assets.append(asset(key, *dict.fromkeys(upstream), group=f"g{group}"))
                own.append(key)
            keys += own[-20:]
        described[f"l{location}"] = definitions(assets=assets)
    return described


def assert_sound(scene, layout):
    """No two nodes overlap, boxes hold what is in them and nothing else, edges lead to the right."""
    cells = {}
    for name, place in layout.nodes.items():
        assert place.x == layout.columns[name] * COLUMN_PITCH
        cells.setdefault(layout.columns[name], []).append(place)
    for places in cells.values():
        places.sort(key=lambda place: place.y)
        assert all(above.bottom <= below.y for above, below in pairwise(places))
    parents = {**{node.id: node.parent for node in scene.nodes}, **{box.id: box.parent for box in scene.boxes}}
    everything = {**layout.nodes, **layout.boxes}
    for name, parent in parents.items():
        if parent is not None and name in everything:
            assert contains(layout.boxes[parent], everything[name]), (parent, name)
    for box, place in layout.boxes.items():
        for name, other in everything.items():
            if not is_within(name, box, parents) and not is_within(box, name, parents):
                assert apart(place, other), (box, name)
    for link, route in zip(scene.links, layout.routes, strict=True):
        assert route.backwards == (layout.columns[link.target] <= layout.columns[link.source])


def contains(outer, inner):
    return outer.x <= inner.x and outer.y <= inner.y and inner.right <= outer.right and inner.bottom <= outer.bottom


def apart(one, other):
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def is_within(name, box, parents):
    while name is not None:
        if name == box:
            return True
        name = parents.get(name)
    return False


def hits(layout, link, route):
    """Give the nodes that an edge goes through where it passes columns."""
    return [
        name
        for column, y in route.passes
        for name, place in layout.nodes.items()
        if layout.columns[name] == column and place.y < y < place.bottom
    ]


@pytest.mark.parametrize("seed", range(6))
def test_nothing_overlaps_and_every_node_is_right_of_what_it_depends_on(seed):
    view = make_view(merge(made(4, 3, 8, seed=seed)), opened=[EVERY])
    layout = lay_out(view.scene)
    assert_sound(view.scene, layout)
    assert len(layout.nodes) == 96
    assert not any(route.backwards for route in layout.routes)


@pytest.mark.parametrize("seed", range(4))
def test_no_edge_goes_through_a_node(seed):
    view = make_view(merge(made(4, 3, 10, seed=seed, across=0.2)))
    layout = lay_out(view.scene)
    assert any(route.passes for route in layout.routes)
    for link, route in zip(view.scene.links, layout.routes, strict=True):
        assert not hits(layout, link, route)


scenes = st.integers(1, 14).flatmap(
    lambda size: st.tuples(
        st.lists(st.sampled_from([None, "a", "a/x", "a/y", "b"]), min_size=size, max_size=size),
        st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=30),
    )
)


def scene_of(parents, pairs):
    boxes = (Box("a", None), Box("a/x", "a"), Box("a/y", "a"), Box("b", None))
    nodes = tuple(Node(f"n{number}", parent) for number, parent in enumerate(parents))
    return Scene(nodes, boxes, tuple(Link(f"n{one}", f"n{other}") for one, other in sorted(pairs) if one != other))


@given(scenes)
@settings(max_examples=120, deadline=None)
def test_any_graph_is_laid_out_with_cycles_or_without(drawn):
    scene = scene_of(*drawn)
    assert_sound(scene, lay_out(scene))


@given(scenes, st.data())
@settings(max_examples=80, deadline=None)
def test_any_change_of_a_graph_leaves_a_sound_picture(drawn, data):
    parents, pairs = drawn
    before = lay_out(scene_of(parents, pairs))
    size = len(parents)
    pair = st.tuples(st.integers(0, size), st.integers(0, size))
    more = data.draw(st.sets(pair, max_size=4))
    scene = scene_of([*parents, data.draw(st.sampled_from([None, "a/x", "b"]))], pairs | more)
    assert_sound(scene, lay_out(scene, before))


def test_a_cycle_is_drawn_with_one_edge_that_leads_back():
    view = make_view(merge({"a": definitions(assets=[asset("x", "z"), asset("y", "x"), asset("z", "y")])}))
    layout = lay_out(view.scene)
    assert sum(route.backwards for route in layout.routes) == 1
    assert all(bundle.cyclic for bundle in view.bundles.values())


def test_an_asset_that_depends_on_itself_is_drawn():
    view = make_view(merge({"a": definitions(assets=[asset("x", "x")])}))
    assert lay_out(view.scene).nodes.keys() == {"a:x"}
    assert view.cyclic == {"a:x"}


def test_locations_are_beside_each_other_in_the_order_of_dependency():
    graph = merge(
        {
            "late": definitions(assets=[asset("report", "orders")]),
            "early": definitions(assets=[asset("raw"), asset("orders", "raw")]),
        }
    )
    layout = lay_out(make_view(graph).scene)
    assert layout.boxes["early"].right <= layout.boxes["late"].x


def test_a_chain_is_level():
    names = [f"a{number}" for number in range(6)]
    chain = [asset(name, *names[:number][-1:]) for number, name in enumerate(names)]
    layout = lay_out(make_view(merge({"a": definitions(assets=[*chain, asset("b", "a2"), asset("c", "a2")])})).scene)
    assert len({layout.nodes[f"a:{name}"].y for name in names[:3]}) == 1


def test_many_that_depend_on_one_are_no_line():
    leaves = [asset(f"leaf{number}", "root") for number in range(500)]
    layout = lay_out(make_view(merge({"a": definitions(assets=[asset("root"), *leaves])}), opened=[EVERY]).scene)
    place = layout.boxes["a"]
    assert 0.3 < place.width / place.height < 3


def test_what_hangs_together_with_nothing_fills_the_page():
    described = {f"l{number}": definitions(assets=[asset("x"), asset("y", "x")]) for number in range(40)}
    layout = lay_out(make_view(merge(described)).scene)
    right = max(place.right for place in layout.boxes.values())
    bottom = max(place.bottom for place in layout.boxes.values())
    assert 0.5 < right / bottom < 4


def test_the_same_scene_is_always_laid_out_alike():
    view = make_view(merge(made(3, 3, 10)))
    assert lay_out(view.scene) == lay_out(view.scene)


@pytest.mark.parametrize(
    "added",
    [
        pytest.param(asset("new", "l0/g0/a3", group="g0"), id="leaf"),
        pytest.param(asset("new", group="g1"), id="alone"),
        pytest.param(asset("new", "l0/g0/a1", "l0/g1/a2", group="g1"), id="joins-two-groups"),
    ],
)
def test_the_others_stay_when_an_asset_is_added(added):
    described = made(3, 3, 12, seed=2)
    before = make_view(merge(described))
    known = lay_out(before.scene)
    described["l0"] = definitions(assets=[*described["l0"]["assets"], added])
    after = make_view(merge(described))
    layout = lay_out(after.scene, known)
    assert_sound(after.scene, layout)
    moved = [name for name, place in known.nodes.items() if layout.nodes[name] != place]
    assert len(moved) <= len(known.nodes) * 0.1, moved


def test_a_new_group_makes_room_downwards_and_leaves_everything_else_as_it_was():
    described = made(3, 3, 12, seed=2)
    known = lay_out(make_view(merge(described)).scene)
    described["l0"] = definitions(
        assets=[*described["l0"]["assets"], asset("new", group="more"), asset("newer", "new", group="more")]
    )
    layout = lay_out(make_view(merge(described)).scene, known)
    moved = {
        name: (layout.nodes[name].x - place.x, layout.nodes[name].y - place.y) for name, place in known.nodes.items()
    }
    assert {move for name, move in moved.items() if name.startswith("l0:")} == {(0, 0)}
    assert len(set(moved.values())) <= 3
    assert {x for x, _ in moved.values()} == {0}


def test_nothing_moves_when_an_asset_is_changed_or_removed():
    described = made(3, 3, 12, seed=2)
    known = lay_out(make_view(merge(described)).scene)
    described["l1"] = definitions(assets=described["l1"]["assets"][:-1])
    after = make_view(merge(described))
    layout = lay_out(after.scene, known)
    assert {name: known.nodes[name] for name in layout.nodes} == dict(layout.nodes)


def test_a_new_root_stands_before_what_depends_on_it_and_moves_nothing():
    described = {"a": definitions(assets=[asset("x"), asset("y", "x")])}
    known = lay_out(make_view(merge(described)).scene)
    described["a"] = definitions(assets=[asset("x", "new"), asset("y", "x"), asset("new")])
    layout = lay_out(make_view(merge(described)).scene, known)
    assert layout.nodes["a:x"] == known.nodes["a:x"]
    assert layout.nodes["a:new"].right < layout.nodes["a:x"].x


def test_a_group_opens_where_it_was_and_what_is_above_and_left_of_it_stays():
    graph = merge(made(4, 5, 30, seed=4))
    closed = make_view(graph)
    base = lay_out(closed.scene)
    region = "l1/g2"
    assert region in base.nodes
    opened = make_view(graph, opened=[region])
    layout = lay_out(opened.scene, base)
    assert_sound(opened.scene, layout)
    was, now = base.nodes[region], layout.boxes[region]
    assert now.y == was.y
    assert abs(now.x - was.x) < NODE_WIDTH
    above = [name for name, place in base.nodes.items() if place.bottom < was.y and name != region]
    assert above
    still = [name for name in above if layout.nodes[name].y == base.nodes[name].y]
    assert still == above


def test_large_graphs_are_folded_by_group_then_by_location():
    few = make_view(merge(made(2, 2, 10)))
    assert all(name in few.graph.nodes for name in few.parent)
    grouped = make_view(merge(made(4, 4, 30)))
    assert all(grouped.regions[name].kind == "group" for name in grouped.parent)
    assert len(grouped.parent) == 16
    many = make_view(merge(made(40, 6, 5)))
    assert all(many.regions[name].kind == "location" for name in many.parent)
    assert sum(len(many.regions[name].assets) for name in many.parent) == 1200


def test_folded_regions_have_one_edge_for_all_dependencies_between_them():
    graph = merge(
        {
            "a": definitions(assets=[asset("x", group="g"), asset("y", group="g")]),
            "b": definitions(assets=[asset("p", "x"), asset("q", "x", "y")]),
        }
    )
    view = make_view(graph, closed=["a", "b"])
    assert list(view.bundles) == [("a", "b")]
    assert view.bundles["a", "b"].count == 3
    assert view.bundles["a", "b"].crosses


def test_unknown_and_external_assets_have_their_place():
    graph = merge({"a": definitions(assets=[external("feed"), asset("x", "feed", "nowhere")])})
    view = make_view(graph)
    layout = lay_out(view.scene)
    assert view.parent["nowhere"] == "*"
    assert contains(layout.boxes["a"], layout.nodes["feed"])


@pytest.mark.parametrize("name", ["a/b", "a b", "*", "ü", "a:b", "%2F", "*all"])
def test_names_of_any_kind_are_regions_of_their_own(name):
    view = make_view(
        merge({name: definitions(assets=[asset("x", group=name), asset("y", "z", group="g")]), "a": definitions()})
    )
    assert len(view.regions) == 5
    assert EVERY not in view.regions
    assert {region.location for region in view.regions.values()} == {name, None}
    assert_sound(view.scene, lay_out(view.scene))


def test_layouts_are_remembered_for_each_view():
    memory = LayoutMemory()
    described = made(2, 2, 6)
    scene = make_view(merge(described)).scene
    first = memory.lay_out("all", scene)
    assert memory.lay_out("all", make_view(merge(described)).scene) is first
    described["l0"] = definitions(assets=[asset("new", "l0/g0/a1", group="g0"), *described["l0"]["assets"]])
    changed = memory.lay_out("all", make_view(merge(described)).scene)
    assert changed is not first
    assert changed.nodes["l1:l1/g1/a5"] == first.nodes["l1:l1/g1/a5"]


def test_what_is_gone_for_a_while_comes_back_to_its_place():
    memory = LayoutMemory()
    described = made(2, 2, 6)
    whole = make_view(merge(described)).scene
    before = memory.lay_out("all", whole)
    cut = {**described, "l0": definitions(assets=described["l0"]["assets"][1:])}
    memory.lay_out("all", make_view(merge(cut)).scene)
    assert memory.lay_out("all", whole).nodes == before.nodes


def test_a_picture_does_not_depend_on_which_location_was_loaded_first():
    memory = LayoutMemory()
    described = made(4, 2, 6, across=0.3)
    for names in (["l3"], ["l3", "l1"], ["l3", "l1", "l0"]):
        part = {name: described[name] if name in names else {} for name in described}
        memory.lay_out("all", make_view(merge(part)).scene, settled=False)
    scene = make_view(merge(described)).scene
    assert memory.lay_out("all", scene) == lay_out(scene)


def seconds(graph):
    view = make_view(graph, opened=[EVERY])
    begun = time.process_time()
    lay_out(view.scene)
    return time.process_time() - begun


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda size: made(5, 5, size // 25), id="groups"),
        pytest.param(
            lambda size: {"a": definitions(assets=[asset(f"n{i}", f"n{i - 1}") for i in range(1, size)])}, id="chain"
        ),
        pytest.param(
            lambda size: {"a": definitions(assets=[asset(f"n{i}", f"n{(i + 1) % size}") for i in range(size)])},
            id="cycle",
        ),
        pytest.param(
            lambda size: {"a": definitions(assets=[asset("r"), *(asset(f"n{i}", "r") for i in range(size))])}, id="star"
        ),
    ],
)
def test_ten_times_the_nodes_take_about_ten_times_as_long(shape):
    small, large = merge(shape(1_000)), merge(shape(10_000))
    base = min(seconds(small) for _ in range(3))
    assert seconds(large) < 40 * base + 0.5


def test_boxes_of_one_parent_do_not_overlap():
    view = make_view(merge(made(6, 4, 6, seed=9, across=0.3)))
    layout = lay_out(view.scene)
    locations = [place for name, place in layout.boxes.items() if view.regions[name].kind == "location"]
    assert len(locations) == 6
    assert all(apart(one, other) for one, other in combinations(locations, 2))
