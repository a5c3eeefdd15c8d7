"""What pages of assets, checks and jobs show of what is remembered, over a database that tests write themselves."""

from __future__ import annotations

import time

import lxml.html
import pytest
from file_workspaces import SALES, STOCK, write_workspace
from live_pages import Client
from operating import load_operations

from atoll_host.runs.storage.asset_records import PartitionState
from atoll_host.runs.storage.records import Event, Host, NewRun, Target
from atoll_host.server.web.application import make_application
from atoll_host.server.web.remembered.partitions import BARS, describe_partitions
from atoll_host.server.web.remembered.plots import draw_plots, write_number
from atoll_host.server.web.settings import Settings


@pytest.fixture
def operations(tmp_path):
    operations = load_operations(write_workspace(tmp_path / "demo", sales=SALES, stock=STOCK))
    yield operations
    operations.close()


@pytest.fixture
def client(operations):
    client = Client(operations.hub)
    client._application = make_application(operations.hub, None, Settings(), operations)
    return client


def page(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.text)


def said(element):
    return " ".join(" ".join(element.itertext()).split())


def row(tree, key):
    return said(tree.xpath(f"//tr[@data-key='{key}']")[0])


def make(storage, key, partition=None, status="succeeded", **metadata):
    """Remember a run that made an asset, or that failed to."""
    run = storage.runs.create(NewRun(targets=[Target(key, partition)], selection=key))
    described = {name: {"type": "int", "value": value} for name, value in metadata.items()}
    facts = {"asset": key, "partition": partition, "metadata": described}
    assert storage.runs.take(run.id, Host("another machine", 1, 1.0), lease=600)
    storage.runs.update_status(run.id, "running")
    if status == "succeeded":
        storage.events.append(run.id, [Event(1, time.time(), "materialization", key, "sales", facts)])
    if status != "running":
        storage.runs.update_status(run.id, status)
    return run


def test_before_anything_was_made_pages_say_so_and_make_no_database(client, operations):
    assert "never made" in row(page(client, "/assets"), "sales:raw_orders")
    assert "never made" in said(page(client, "/assets/sales/raw_orders"))
    assert "never run" in said(page(client, "/checks"))
    assert operations.read() is None


def test_an_asset_shows_when_and_by_which_run_it_was_made(client, operations):
    run = make(operations.open(), "raw_orders", rows=12)
    tree = page(client, "/assets/sales/raw_orders")
    facts = said(tree.xpath("//dl[@data-key='made']")[0])
    assert "made" in facts
    assert "just now by run" in facts
    assert f"/runs/{run.id}" in tree.xpath("//dl[@data-key='made']//@href")
    assert "rows" in said(tree.get_element_by_id("made-metadata"))
    listed = page(client, "/assets")
    assert "made just now" in row(listed, "sales:raw_orders")


def test_an_asset_is_stale_where_one_upstream_was_made_later_and_says_which(client, operations):
    storage = operations.open()
    make(storage, "sales/orders", "2024-01-01")
    make(storage, "raw_orders")
    tree = page(client, "/assets/sales/sales/orders")
    facts = said(tree.xpath("//dl[@data-key='made']")[0])
    assert "stale" in facts
    assert "raw_orders was made later" in facts
    assert "its code has version 2, and had none" in facts
    assert "stale" in row(page(client, "/assets"), "sales:sales/orders")
    make(storage, "sales/orders", "2024-01-02")
    assert "raw_orders was made later" not in said(page(client, "/assets/sales/sales/orders"))


def test_a_run_that_failed_after_the_last_materialisation_comes_first(client, operations):
    storage = operations.open()
    make(storage, "raw_orders")
    failed = make(storage, "raw_orders", status="failed")
    tree = page(client, "/assets/sales/raw_orders")
    assert f"/runs/{failed.id}" in tree.xpath("//dl[@data-key='made']/div[1]//@href")
    assert "failed" in row(page(client, "/assets"), "sales:raw_orders")
    make(storage, "raw_orders")
    assert "failed" not in row(page(client, "/assets"), "sales:raw_orders")
    make(storage, "raw_orders", status="running")
    assert "running" in row(page(client, "/assets"), "sales:raw_orders")


def test_the_history_has_pages_and_plots(client, operations):
    storage = operations.open()
    for number in range(25):
        make(storage, "raw_orders", rows=number * 1000)
    tree = page(client, "/assets/sales/raw_orders")
    assert len(tree.xpath("//tr[starts-with(@data-key, 'event-')]")) == 20
    plot = tree.xpath("//svg[@class='plot']")[0]
    assert plot.get("role") == "img"
    assert "25 values from 0 to 24 000" in " ".join(plot.get("aria-label").split())
    (older,) = tree.xpath("//a[@rel='next']/@href")
    rest = page(client, older)
    assert len(rest.xpath("//tr[starts-with(@data-key, 'event-')]")) == 5
    assert not rest.xpath("//a[@rel='next']")
    assert rest.xpath("//nav[@class='pages']//a/text()") == ["Newest"]


def test_partitions_are_a_bar_with_the_list_behind_it(client, operations):
    storage = operations.open()
    make(storage, "sales/orders", "2024-01-02")
    make(storage, "sales/orders", "2024-01-03")
    make(storage, "sales/orders", "2024-01-05", status="failed")
    section = page(client, "/assets/sales/sales/orders").get_element_by_id("made-partitions")
    (bar,) = section.xpath(".//svg")
    assert "1 failed" in bar.get("aria-label")
    assert "2 made" in bar.get("aria-label")
    assert len(bar.xpath("./g")) == BARS
    rows = [said(one) for one in section.xpath(".//tbody/tr")]
    assert rows[0].startswith("failed 2024-01-05 1")
    assert any(text.startswith("made 2024-01-02 … 2024-01-03 2") for text in rows)
    links = section.xpath(".//a[starts-with(@href, '/launch')]/@href")
    assert "partition=2024-01-05" in links[0]


def test_check_results_are_on_the_pages_of_checks_and_assets(client, operations):
    storage = operations.open()
    run = storage.runs.create(NewRun(targets=[Target("sales/orders", "2024-01-01")]))
    for number, (passed, severity) in enumerate(((True, "ERROR"), (False, "WARN"), (False, "ERROR")), 1):
        facts = {"asset": "sales/orders", "check": "no_duplicates", "passed": passed, "severity": severity}
        storage.events.append(run.id, [Event(number, time.time(), "check_result", "step", "sales", facts)])
    tree = page(client, "/checks/sales/sales/orders:no_duplicates")
    results = [said(one) for one in tree.get_element_by_id("results").xpath(".//tbody/tr")]
    assert [text.split()[1] for text in results] == ["failed", "warning", "passed"]
    assert "failed" in said(page(client, "/assets/sales/sales/orders").get_element_by_id("checks"))
    assert "failed" in said(page(client, "/checks"))


def test_the_page_of_a_job_has_its_last_runs(client, operations):
    storage = operations.open()
    run = storage.runs.create(NewRun(kind="job", job="refresh", location="sales"))
    storage.runs.create(NewRun(kind="job", job="refresh", location="stock"))
    rows = page(client, "/jobs/sales/refresh").xpath("//section[@id='runs']//tbody/tr")
    assert [one.get("data-key") for one in rows] == [f"run-{run.id}"]


def test_a_database_that_cannot_be_read_leaves_the_rest_of_the_page(client, operations):
    file = operations.instance.state.path / "runs.db"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"surely no database" * 100)
    for url in ("/assets", "/assets/sales/raw_orders", "/checks", "/jobs/sales/refresh"):
        tree = page(client, url)
        assert tree.xpath("//*[@data-key='trouble']"), url


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (12345, "12\N{NARROW NO-BREAK SPACE}345"),
        (0.25, "0.25"),
        (1e300, "1e+300"),
        (-1234567.891, "-1.23457e+06"),
    ],
)
def test_numbers_are_written_as_they_are_read(number, text):
    assert write_number(number) == text


def test_what_is_no_number_is_not_drawn():
    def entry(value, kind="float"):
        return {"type": kind, "value": value}

    history = [
        {
            "a": entry(1.5),
            "t": entry(1.7e9, "timestamp"),
            "n": entry("NaN"),
            "b": entry(True, "bool"),
            "once": entry(1),
        },
        {"a": entry(1.5), "t": entry(1.7e9, "timestamp"), "n": entry(float("nan")), "b": entry(False, "bool")},
    ]
    (plot,) = draw_plots(history)
    assert plot.name == "a"
    assert {point.split(",")[1] for point in plot.line.split()} == {"24.0"}


def test_thousands_of_partitions_are_grouped_and_quickly():
    keys = [f"{number:05}" for number in range(20_000)]
    states = [
        PartitionState(key, "failed" if key.endswith("999") else "materialized", time=1.0) for key in keys[:15_000]
    ]
    started = time.process_time()
    found = describe_partitions(keys, states)
    assert time.process_time() - started < 1
    assert found.counts == {"failed": 15, "in progress": 0, "missing": 5000, "made": 14985}
    assert len(found.pieces) == BARS
    assert [one.status for one in found.ranges[:16]] == ["failed"] * 15 + ["missing"]
    assert sum(one.size for one in found.ranges) == 20_000


def test_partitions_that_the_definition_no_longer_has_are_counted_beside():
    states = [PartitionState("old", "materialized"), PartitionState("new", "materialized")]
    found = describe_partitions(["new", "newer"], states)
    assert (found.total, found.others, found.counts["missing"]) == (2, 1, 1)
