"""Staleness: told by what was made when, and by which version of the code."""

import pytest
from reports import asset, definitions, external, report

from atoll_host.runs.staleness import judge
from atoll_host.runs.storage.asset_records import AssetEvent
from atoll_host.workspace.graph.merging import merge_reports

SALES = definitions(assets=[asset("orders", "feed"), asset("totals", "orders", "rates"), external("feed")])
OTHER = definitions(assets=[asset("rates")])


@pytest.fixture(scope="module")
def graph():
    return merge_reports([report("sales", SALES), report("other", OTHER)])


def stand(graph, key, *made, version=None, **versions):
    """Judge an asset after others were made, in this order."""
    latest = {
        name: AssetEvent(number, "materialization", name, None, 0.0, code_version=versions.get(name))
        for number, name in enumerate(made, 1)
    }
    node = next(node for node in graph.nodes.values() if node.key == key)
    return judge(node, graph, latest, version)


def test_what_was_never_made_is_told_so(graph):
    found = stand(graph, "totals", "orders", "rates")
    assert (found.word, [reason.kind for reason in found.reasons]) == ("never", ["never"])


def test_what_was_made_after_all_that_is_upstream_is_current(graph):
    assert stand(graph, "totals", "orders", "rates", "totals").word == "current"
    assert stand(graph, "totals", "totals").word == "current"


@pytest.mark.parametrize("later", ["orders", "rates"])
def test_an_upstream_asset_that_was_made_later_makes_it_stale_also_in_another_location(graph, later):
    found = stand(graph, "totals", "totals", later)
    assert found.word == "stale"
    assert [(reason.kind, reason.key) for reason in found.reasons] == [("upstream", later)]


def test_what_is_further_upstream_does_not(graph):
    assert stand(graph, "totals", "orders", "totals", "feed").word == "current"
    assert stand(graph, "orders", "orders", "totals", "feed").word == "stale"


def test_another_version_of_the_code_makes_it_stale(graph):
    found = stand(graph, "orders", "orders", version="2", orders="1")
    assert (found.word, [reason.kind for reason in found.reasons]) == ("stale", ["code"])
    assert "version 2, and had 1" in found.reasons[0].text
    assert stand(graph, "orders", "orders", version="2", orders="2").word == "current"
    assert "had none" in stand(graph, "orders", "orders", version="2").reasons[0].text


def test_code_that_names_no_version_is_not_compared(graph):
    found = stand(graph, "orders", "orders", orders="1")
    assert (found.word, found.compares_code) == ("current", False)
