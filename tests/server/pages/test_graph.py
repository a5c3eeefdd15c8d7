"""The graph's page and what its script fetches: the picture, and what a selection chooses of it."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from urllib.parse import quote

import pytest
from live_pages import Client, hub_of, load_samples, make_stale
from reports import asset, definitions, external, report

from atoll_host.envs.errors import Problem
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LocationState
from atoll_host.server.web.layout.picture import AMBIGUOUS, BACKWARDS, CROSSES, CYCLIC
from atoll_host.workspace.findings.finding import Finding

SALES = definitions(
    assets=[
        asset("raw/orders", group="raw", kinds=["csv"]),
        asset("orders", "raw/orders", group="core", kinds=["table"]),
        asset("customers", "raw/orders", group="core"),
    ]
)
STOCK = definitions(
    assets=[external("feed"), asset("levels", "feed", "nowhere"), asset("forecast", "levels", "orders")]
)


@pytest.fixture
def hub():
    return hub_of(report("sales", SALES), report("stock", STOCK))


@pytest.fixture
def client(hub):
    return Client(hub)


def data(client, query=""):
    answer = client.get(f"/graph/data{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()["data"]


def nodes(picture):
    return {node["id"]: node for node in picture["nodes"]}


def edges(picture):
    names = [node["id"] for node in picture["nodes"]]
    return {(names[source], names[target]): bits for source, target, bits, *_ in picture["edges"]}


def large(locations=10, groups=10, size=100):
    return hub_of(
        *(
            report(
                f"l{place}",
                definitions(
                    assets=[
                        asset(
                            f"l{place}/g{group}/a{number}",
                            *(
                                [f"l{place}/g{group}/a{number - 1}"]
                                if number
                                else [f"l{place - 1}/g{group}/a9"] * (place > 0)
                            ),
                            group=f"g{group}",
                        )
                        for group in range(groups)
                        for number in range(size)
                    ]
                ),
            )
            for place in range(locations)
        )
    )


def test_the_page_has_a_place_to_draw_and_says_what_to_do_without_scripts(client):
    html = client.get("/graph?select=%2Borders").text
    assert "<canvas" in html
    assert '<noscript><div class="empty">' in html
    assert 'href="/assets?select=%2Borders"' in html
    assert 'value="+orders"' in html
    assert "style=" not in html


def test_every_asset_is_in_the_picture_with_what_is_known_of_it(client):
    picture = data(client)
    assert nodes(picture).keys() == {
        "sales:raw/orders",
        "sales:orders",
        "sales:customers",
        "feed",
        "stock:levels",
        "stock:forecast",
        "nowhere",
    }
    orders = nodes(picture)["sales:orders"]
    assert (orders["name"], orders["location"], orders["group"], orders["kinds"]) == (
        "orders",
        "sales",
        "core",
        ["table"],
    )
    assert (orders["state"], orders["up"], orders["down"], orders["url"]) == ("loaded", 1, 1, "/assets/sales/orders")
    assert nodes(picture)["feed"]["type"] == "external"
    assert nodes(picture)["nowhere"]["type"] == "unknown"
    assert nodes(picture)["nowhere"]["url"] == "/assets/-/nowhere"
    assert [box["id"] for box in picture["boxes"]] == ["sales", "sales/core", "stock", "*"]
    assert edges(picture)["sales:orders", "stock:forecast"] == CROSSES
    assert edges(picture)["stock:levels", "stock:forecast"] == 0


def test_ambiguous_and_cyclic_dependencies_are_marked():
    hub = hub_of(
        report("a", definitions(assets=[asset("x")])),
        report("b", definitions(assets=[asset("x")])),
        report("c", definitions(assets=[asset("y", "x"), asset("p", "q"), asset("q", "p")])),
    )
    picture = data(Client(hub))
    assert edges(picture)["a:x", "c:y"] == CROSSES | AMBIGUOUS
    assert edges(picture)["b:x", "c:y"] == CROSSES | AMBIGUOUS
    assert {edges(picture)["c:p", "c:q"], edges(picture)["c:q", "c:p"]} == {CYCLIC, CYCLIC | BACKWARDS}
    assert [name for name, node in nodes(picture).items() if node["cyclic"]] == ["c:p", "c:q"]


def test_a_location_that_failed_is_shown_stale(hub):
    picture = data(Client(make_stale(hub, "stock")))
    assert {node["state"] for node in picture["nodes"] if node["location"] == "stock"} == {"stale"}
    assert {node["state"] for node in picture["nodes"] if node["location"] == "sales"} == {"loaded"}


def test_findings_at_an_asset_are_counted_there(hub):
    place = SALES["assets"][1]["source"]
    problem = Problem("unknown_dependency", "it is wrong", file=place["file"], line=99)
    described = definitions(assets=[SALES["assets"][0], {**SALES["assets"][1], "source": {**place, "line": 99}}])
    hub = hub_of(report("sales", described))
    state = replace(hub.current.states["sales"], findings=(Finding.of("sales", problem),))
    hub.change("findings", lambda live: replace(live, states={"sales": state}))
    found = nodes(data(Client(hub)))
    assert (found["sales:orders"]["errors"], found["sales:raw/orders"]["errors"]) == (1, 0)


def test_a_selection_dims_or_filters(client):
    dimmed = data(client, "?select=%2Borders")
    assert len(dimmed["nodes"]) == 7
    assert dimmed["selection"]["count"] == 2
    assert dimmed["selection"]["matches"] == {"sales:raw/orders": 1, "sales:orders": 1}
    only = data(client, "?select=%2Borders&show=only")
    assert nodes(only).keys() == {"sales:raw/orders", "sales:orders"}
    assert (only["shown"], only["assets"]) == (2, 7)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("group:", 6, 6),
        ("orders and", 10, 10),
        ("grup:raw", 0, 4),
        ("orders or rots(*)", 10, 14),
        ("(orders", 7, 7),
        ("orders )", 7, 8),
        ('key:"orders', 4, 11),
        ("  orders )", 7, 8),
    ],
)
def test_what_is_wrong_with_a_selection_is_said_at_its_place_and_the_graph_stays(client, text, start, end):
    picture = data(client, f"?select={quote(text)}&show=only")
    error = picture["selection"]["error"]
    assert (error["start"], error["end"]) == (start, end)
    assert error["message"].startswith("Selection")
    assert len(picture["nodes"]) == 7


def test_a_selection_is_told_while_it_is_typed(client):
    answer = client.get("/graph/select?q=kind:csv").json()["data"]
    assert answer == {"text": "kind:csv", "count": 1, "matches": {"sales:raw/orders": 1}, "error": None}
    folded = client.get("/graph/select?q=location:sales&close=sales").json()["data"]
    assert folded["matches"] == {"sales": 3}
    assert client.get("/graph/select?q=kind:").json()["data"]["error"]["start"] == 5
    assert client.get("/graph/select?q=").json()["data"] is None


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("focus=stock:levels&way=up", {"feed", "nowhere", "stock:levels"}),
        ("focus=stock:levels&way=down", {"stock:levels", "stock:forecast"}),
        ("focus=stock:forecast&depth=1", {"stock:levels", "stock:forecast", "sales:orders"}),
        ("focus=sales&way=down&depth=0", {"sales:raw/orders", "sales:orders", "sales:customers"}),
        ("focus=sales%2Fcore&way=up", {"sales:raw/orders", "sales:orders", "sales:customers"}),
    ],
)
def test_the_graph_is_shown_around_a_node(client, query, shown):
    assert nodes(data(client, f"?{query}")).keys() == shown


def test_a_focus_that_is_gone_is_named_and_everything_shown(client):
    picture = data(client, "?focus=sales:gone")
    assert picture["missing"] == "sales:gone"
    assert len(picture["nodes"]) == 7


@pytest.mark.parametrize(
    "query", ["?depth=x&focus=orders", "?way=sideways", "?open=%00&close=..%2F", "?select=%F0%9F%8F%9D&focus=%2A"]
)
def test_addresses_that_make_no_sense_show_the_graph(client, query):
    assert data(client, query)["nodes"]
    assert client.get(f"/graph{query}").status_code == 200


def test_hostile_names_are_data_and_nothing_more(tmp_path):
    hub = load_samples(tmp_path)
    answer = Client(hub).get("/graph/data")
    assert json.loads(answer.content)["data"]["nodes"]
    assert "\u202e" not in answer.text


def test_an_empty_workspace_says_so():
    picture = data(Client(Hub()))
    assert (picture["nodes"], picture["boxes"], picture["edges"], picture["assets"]) == ([], [], [], 0)


def test_locations_that_are_being_loaded_are_counted(hub):
    location = hub.current.states["sales"].location
    hub.change("activity", lambda live: replace(live, states={"sales": LocationState(location, "loading", since=1.0)}))
    picture = data(Client(hub))
    assert (picture["assets"], picture["waiting"]) == (0, 1)


def test_ten_thousand_assets_are_folded_and_little_is_sent():
    client = Client(large())
    begun = time.perf_counter()
    answer = client.get("/graph/data", **{"Accept-Encoding": "gzip"})
    assert time.perf_counter() - begun < 2
    picture = answer.json()["data"]
    assert (picture["assets"], len(picture["nodes"])) == (10_000, 100)
    assert len(gzip.compress(answer.content)) < 20_000
    opened = data(client, "?open=l3%2Fg4")
    assert len(opened["nodes"]) == 199
    places = nodes(picture)
    above = [node for node in opened["nodes"] if node["id"] in places and node["location"] in {"l0", "l1"}]
    assert above
    assert all(node["y"] == places[node["id"]]["y"] for node in above)


def test_what_is_not_changed_stays_where_it_was_after_a_reload(hub):
    client = Client(hub)
    before = nodes(data(client))
    described = definitions(assets=[asset("new", "raw/orders", group="core"), *SALES["assets"]])
    states = {
        **hub.current.states,
        "sales": LocationState(hub.current.states["sales"].location, report=report("sales", described)),
    }
    hub.change("loaded", lambda live: replace(live, states=states))
    after = nodes(data(client))
    assert "sales:new" in after
    assert {name: after[name]["x"] for name in before} == {name: node["x"] for name, node in before.items()}
    in_sales = [name for name in before if name.startswith("sales:")]
    assert {name: after[name]["y"] for name in in_sales} == {name: before[name]["y"] for name in in_sales}


def test_a_changed_definition_has_another_version_and_a_moved_one_has_not(hub):
    client = Client(hub)
    before = nodes(data(client))

    def load(changed):
        described = definitions(assets=[changed, *SALES["assets"][1:]])
        state = LocationState(hub.current.states["sales"].location, report=report("sales", described))
        hub.change("loaded", lambda live: replace(live, states={**live.states, "sales": state}))
        return nodes(data(client))["sales:raw/orders"]["version"]

    first = SALES["assets"][0]
    assert (
        load({**first, "source": {"file": "/x.py", "line": 3, "function": None}})
        == before["sales:raw/orders"]["version"]
    )
    assert load({**first, "code_version": "2"}) != before["sales:raw/orders"]["version"]
