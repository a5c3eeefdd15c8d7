"""The hub: one state after another, and everyone told."""

from __future__ import annotations

from dataclasses import replace

from reports import asset, definitions, report

from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LocationState


def with_state(name, *assets, **more):
    known = report(name, definitions(assets=[asset(key) for key in assets]))
    state = LocationState(known.location, report=known, **more)
    return lambda live: replace(live, states={**live.states, name: state})


def test_every_change_is_a_new_revision_and_told_in_order():
    hub, told = Hub(), []
    hub.listen(lambda event: told.append((event.kind, event.revision, event.location)))
    hub.change("workspace", with_state("sales", "orders"))
    hub.change("loaded", with_state("sales", "orders", "customers"), "sales")
    assert told == [("workspace", 1, None), ("loaded", 2, "sales")]
    assert list(hub.current.graph.nodes) == ["sales:orders", "sales:customers"]


def test_who_fails_to_listen_is_told_nothing_any_more_and_others_are(caplog):
    hub, told = Hub(), []
    hub.listen(lambda event: 1 / 0)
    hub.listen(lambda event: told.append(event.revision))
    hub.change("workspace", with_state("sales", "orders"))
    hub.change("workspace", with_state("sales", "orders"))
    assert told == [1, 2]
    assert "a listener failed" in caplog.text


def test_the_graph_is_merged_again_only_where_definitions_are_others():
    hub = Hub()
    hub.change("workspace", with_state("sales", "orders"))
    before = hub.current.graph
    hub.change(
        "activity", lambda live: replace(live, states={"sales": replace(live.states["sales"], activity="loading")})
    )
    assert hub.current.graph is before
    hub.change("loaded", with_state("sales", "orders", "customers"), "sales")
    assert len(hub.current.graph.nodes) == 2
    hub.change("workspace", lambda live: replace(live, states={}))
    assert not hub.current.graph.nodes
