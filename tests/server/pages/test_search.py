"""What a few letters find."""

import time

import lxml.html
import pytest
from live_pages import Client, hub_of
from reports import asset, definitions, report, schedule

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.automation_records import NewBackfill
from atoll_host.runs.storage.records import NewRun
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace
from atoll_host.server.web.searching import Index, search
from atoll_host.workspace.location import Workspace


@pytest.fixture(scope="module")
def hub():
    checks = [{"name": "not_empty", "asset": "sales/orders"}]
    jobs = [{"name": "refresh", "type": "asset"}, {"name": "reorder", "type": "op"}]
    sales = definitions(
        assets=[asset("sales/orders", group="raw", kinds=["table"]), asset("orders_by_day"), asset("revenue")],
        checks=checks,
        jobs=jobs,
        schedules=[schedule("orders")],
    )
    return hub_of(
        report("sales", sales), report("orders_archive", definitions(assets=[asset("old")])), report("broken", None)
    )


def found(hub, query, most=50):
    return [(match.entry.kind, match.entry.name) for match in search(hub.current, query, most)]


def test_nothing_typed_finds_where_to_go(hub):
    kinds = [kind for kind, _ in found(hub, "")]
    assert kinds[0] == "view"
    assert kinds.count("location") == 3
    assert "asset" not in kinds


@pytest.mark.parametrize(
    ("query", "first"),
    [
        pytest.param("orders", ("schedule", "orders"), id="the-name-itself"),
        pytest.param("orders_arch", ("location", "orders_archive"), id="a-location"),
        pytest.param("by_day", ("asset", "orders_by_day"), id="part-of-a-name"),
        pytest.param("asset:orders", ("asset", "sales/orders"), id="a-kind"),
        pytest.param("rvn", ("asset", "revenue"), id="letters-in-order"),
        pytest.param("REVENUE", ("asset", "revenue"), id="whatever-the-case"),
        pytest.param("sales revenue", ("asset", "revenue"), id="a-name-and-its-location"),
        pytest.param("raw", ("asset", "sales/orders"), id="a-group"),
        pytest.param("not_empty", ("check", "sales/orders: not_empty"), id="a-check"),
        pytest.param("prob", ("view", "Problems"), id="a-view"),
        pytest.param("ATL301", ("code", "ATL301: an import failed"), id="a-code"),
        pytest.param("location:sales reo", ("job", "reorder"), id="in-a-location"),
    ],
)
def test_the_best_comes_first(hub, query, first):
    assert found(hub, query)[0] == first


@pytest.mark.parametrize("query", ["zzzz", "\x00", "asset:", "::", "a" * 10_000, "<script>", "\\", "%", "🏝"])
def test_odd_queries_are_answered(hub, query):
    client = Client(hub)
    answer = client.get("/api/search") if not query else client.get(f"/api/search?{_encode(query)}")
    assert answer.status_code == 200
    assert isinstance(answer.json()["data"], list)
    assert client.get(f"/search?{_encode(query)}").status_code == 200


def _encode(query):
    from urllib.parse import urlencode

    return urlencode({"q": query})


def test_the_palette_gets_what_it_shows(hub):
    answer = Client(hub).get("/api/search?q=revenue").json()
    assert answer["format"] == 1
    first = answer["data"][0]
    assert first == {
        "kind": "asset",
        "name": "revenue",
        "location": "sales",
        "url": "/assets/sales/revenue",
        "exact": True,
        "hue": "hue-0",
    }


def test_without_scripts_there_is_a_page(hub):
    page = lxml.html.document_fromstring(Client(hub).get("/search?q=orders").text)
    links = page.xpath("//table//th/a/@href")
    assert links[0] == "/schedules/sales/orders"
    assert page.xpath("//input[@name='q']/@value") == ["orders"]


def test_every_address_that_is_found_is_there(hub):
    client = Client(hub)
    views = {match.entry.url for match in search(hub.current, "") if match.entry.kind == "view"} - {"/graph"}
    assert {url: client.get(url).status_code for url in views} == dict.fromkeys(views, 200)


def test_what_was_loaded_since_is_found_and_what_is_gone_is_not(hub):
    index = Index()
    assert search(hub.current, "revenue", index=index)
    other = hub_of(report("sales", definitions(assets=[asset("income")])))
    assert not [match for match in search(other.current, "revenue", index=index) if match.entry.kind == "asset"]
    assert search(other.current, "income", index=index)[0].entry.name == "income"


def test_ten_thousand_definitions_are_searched_while_typing():
    reports = [report(f"l{n}", definitions(assets=[asset(f"asset_{n}_{k}") for k in range(100)])) for n in range(100)]
    live, index = hub_of(*reports).current, Index()
    search(live, "x", index=index)
    started = time.process_time()
    for query in ("a", "as", "asset_77", "ast9", "asset_77_3 l77"):
        assert search(live, query, index=index)
    assert (time.process_time() - started) / 5 < 0.25


@pytest.fixture
def remembering(hub, tmp_path):
    """Give a client of a server that remembers two runs and a backfill."""
    other, workspace = Hub(), Workspace(tmp_path, None, ())
    other.change("workspace", lambda _: LiveWorkspace(workspace=workspace, states=hub.current.states))
    with Instance(StateFolder(tmp_path / ".atoll")).open_storage() as storage:
        storage.runs.create(NewRun(selection="sales/orders"))
        storage.runs.create(NewRun("job", job="refresh", location="sales", partition="<b>"))
        storage.backfills.create(NewBackfill(["a"], job="refresh", location="sales"))
    client = Client(other)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("2", [("run", "Run 2: job refresh (<b>) (queued)", "/runs/2")]),
        ("#2", [("run", "Run 2: job refresh (<b>) (queued)", "/runs/2")]),
        (
            "1",
            [
                ("run", "Run 1: sales/orders (queued)", "/runs/1"),
                ("backfill", "Backfill 1: job refresh (running)", "/backfills/1"),
            ],
        ),
        ("run 1", [("run", "Run 1: sales/orders (queued)", "/runs/1")]),
        ("Runs:1", [("run", "Run 1: sales/orders (queued)", "/runs/1")]),
        ("backfill 1", [("backfill", "Backfill 1: job refresh (running)", "/backfills/1")]),
        ("3", []),
        ("0", []),
        ("backfill 2", []),
        ("9" * 40, []),
        ("run", []),
        ("²", []),
    ],
)
def test_runs_and_backfills_are_found_by_their_number(remembering, query, expected):
    found = remembering.get(f"/api/search?{_encode(query)}").json()["data"]
    numbered = [(item["kind"], item["name"], item["url"]) for item in found if item["kind"] in {"run", "backfill"}]
    assert numbered == expected
    assert [item["url"] for item in found[: len(expected)]] == [url for _, _, url in expected]
    page = lxml.html.document_fromstring(remembering.get(f"/search?{_encode(query)}").text)
    links = page.xpath("//main//table//th/a/@href")
    assert links[: len(expected)] == [url for _, _, url in expected]
