"""The pages of runs, from what is remembered: without a browser, and without running anything."""

from __future__ import annotations

import lxml.html
import pytest
from live_pages import Client, harmless, said

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.records import Event, Host, NewRun, Target
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace
from atoll_host.workspace.location import Workspace

HOST = Host("elsewhere", 1)
TEXT = "<script>alert(1)</script> <img src=x onerror=alert(1)> \u202eabc {{ 7 * 7 }} </td></table>"
PROBLEM = {"kind": "exception", "message": "ValueError: no price", "frames": []}


@pytest.fixture
def hub(tmp_path):
    hub = Hub()
    hub.change("workspace", lambda live: LiveWorkspace(workspace=Workspace(tmp_path, None, ())))
    return hub


@pytest.fixture
def client(hub):
    client = Client(hub)
    yield client
    client.close()


@pytest.fixture
def storage(tmp_path):
    with Instance(StateFolder(tmp_path / ".atoll")).open_storage() as storage:
        yield storage


def begin(storage, steps=("one", "two"), **facts):
    """Remember a run that goes on, with these steps planned."""
    run = storage.runs.create(NewRun(**{"selection": "*", **facts}))
    storage.runs.take(run.id, HOST, lease=3600)
    storage.runs.update_status(run.id, "running")
    planned = [{"key": step, "location": "sales", "stage": 1, "assets": [step], "after": []} for step in steps]
    now = run.created
    storage.events.append(
        run.id, [Event(1, now, "run_started"), Event(2, now, "steps_planned", payload={"steps": planned})]
    )
    return run


def row(html, number):
    (found,) = lxml.html.document_fromstring(html).xpath(f"//tr[@data-key='run-{number}']")
    return " ".join(found.text_content().split())


def test_before_the_first_run_the_command_that_brings_one_is_told_and_nothing_is_made(client, tmp_path):
    page = client.get("/runs")
    assert page.status_code == 200
    assert "atoll materialize '*'" in lxml.html.document_fromstring(page.text).text_content()
    assert client.get("/runs/1").status_code == 404
    assert not (tmp_path / ".atoll").exists()


def test_runs_are_listed_the_newest_first_with_what_started_them(client, storage):
    first = begin(storage, tags={"team": "sales"})
    storage.runs.update_status(first.id, "failed", reason="step 'one' failed")
    storage.runs.create(NewRun(kind="job", job="nightly", location="sales", parent=first.id))
    storage.runs.create(NewRun(selection="daily", partition="2024-01-31"))
    html = client.get("/runs").text
    keys = lxml.html.document_fromstring(html).xpath("//tr/@data-key")
    assert keys == ["run-3", "run-2", "run-1"]
    assert "failed" in row(html, 1)
    assert "team sales" in row(html, 1)
    assert "step 'one' failed" in row(html, 1)
    assert "job nightly" in row(html, 2)
    assert "retry" in row(html, 2)
    assert "daily 2024-01-31 by hand" in row(html, 3)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("status=queued", ["2", "3"]),
        ("status=running", ["1"]),
        ("job=nightly", ["2"]),
        ("location=sales", ["1", "2"]),
        ("asset=raw/orders", ["3"]),
        ("tag=team", ["3"]),
        ("tag=team%3Dstock", []),
    ],
)
def test_filters_are_in_the_address(client, storage, query, numbers):
    begin(storage)
    storage.events.append(storage.runs.find("1").id, [Event(3, 1.0, "step_started", "one", "sales", {"attempt": 1})])
    storage.runs.create(NewRun(kind="job", job="nightly", location="sales"))
    storage.runs.create(NewRun(selection="raw/*", targets=[Target("raw/orders")], tags={"team": "sales"}))
    tree = lxml.html.document_fromstring(client.get(f"/runs?{query}").text)
    assert sorted(key.removeprefix("run-") for key in tree.xpath("//tr/@data-key")) == numbers
    if not numbers:
        assert "No run is like this" in tree.text_content()


def test_a_long_list_is_read_a_page_at_a_time(client, storage):
    for _ in range(60):
        storage.runs.create(NewRun())
    tree = lxml.html.document_fromstring(client.get("/runs").text)
    assert len(tree.xpath("//tr/@data-key")) == 50
    (older,) = tree.xpath("//a[@rel='next']/@href")
    tree = lxml.html.document_fromstring(client.get(older).text)
    assert tree.xpath("//tr/@data-key") == [f"run-{number}" for number in range(10, 0, -1)]


def test_a_wrong_parameter_is_told(client, storage):
    begin(storage)
    for address in ("/runs?status=lost", "/runs?before=x", "/runs/1?level=loud", "/runs/1?after=-1"):
        assert client.get(address).status_code == 400


def test_a_run_shows_what_went_wrong_and_what_can_be_done(client, storage, tmp_path):
    source = tmp_path / "main.py"
    source.write_text("def two():\n    raise ValueError('no price')\n")
    run = begin(storage)
    problem = {**PROBLEM, "file": str(source), "line": 2}
    events = [
        Event(3, run.created, "step_started", "one", "sales", {"attempt": 1}),
        Event(4, run.created + 1, "step_retry", "one", "sales", {"attempt": 1, "delay": 1}),
        Event(5, run.created + 2, "step_started", "one", "sales", {"attempt": 2}),
        Event(6, run.created + 3, "step_failed", "one", "sales", {"attempt": 2, "problem": problem}),
        Event(7, run.created + 3, "step_skipped", "two", "sales", {"reason": "step 'one' failed"}),
    ]
    storage.events.append(run.id, events)
    running = lxml.html.document_fromstring(client.get("/runs/1").text)
    assert running.xpath("//form[@method='post']/@action") == ["/runs/1/cancel"]
    storage.runs.update_status(run.id, "failed", reason="step 'one' failed")
    tree = lxml.html.document_fromstring(client.get("/runs/1").text)
    assert tree.xpath("//form[@method='post']/@action") == ["/runs/1/retry", "/runs/1/retry?all=1"]
    (panel,) = tree.xpath("//article[contains(@class, 'problem')]")
    assert "no price" in panel.text_content()
    assert "raise ValueError" in panel.xpath(".//*[contains(@class, 'marked')]")[0].text_content()
    bars = tree.xpath("//tr[@data-key='step-sales-one']//*[local-name()='rect']/@class")
    assert bars == ["bar bar-failed", "bar bar-failed"]
    assert client.get(f"/runs/{run.id}").text.count("bar-failed") == 2


def test_what_was_made_and_what_checks_found_is_shown_with_its_metadata(client, storage):
    run = begin(storage)
    metadata = {
        "rows": {"type": "int", "value": 11},
        "about": {"type": "markdown", "value": "a **bold** word"},
        "page": {"type": "url", "value": "https://example.org/x"},
        "days": {"type": "table", "value": {"records": [{"day": "Mon", "sum": 3}], "schema": None}},
    }
    facts = {"asset": "orders", "check": "many", "passed": False, "severity": "ERROR", "metadata": {}}
    events = [
        Event(3, 1.0, "materialization", "one", "sales", {"asset": "orders", "partition": "a", "metadata": metadata}),
        Event(4, 1.0, "check_result", "one", "sales", {**facts, "description": "fewer than expected"}),
        Event(5, 1.0, "check_result", "one", "sales", {**facts, "check": "some", "passed": True}),
    ]
    storage.events.append(run.id, events)
    tree = lxml.html.document_fromstring(client.get("/runs/1").text)
    (made,) = tree.xpath("//tr[@data-key='made-3']")
    assert made.xpath(".//strong/text()") == ["bold"]
    assert "https://example.org/x" in made.xpath(".//a/@href")
    assert "Mon" in made.text_content()
    # What did not pass comes first.
    assert tree.xpath("//tr/@data-key[starts-with(., 'check-')]") == ["check-4", "check-5"]


def test_the_log_is_searched_and_read_a_page_at_a_time(client, storage):
    run = begin(storage)
    lines = [
        Event(number, 1.0 + number, "log", "one", "sales", {"level": "info", "message": f"line number {number}"})
        for number in range(3, 2003)
    ]
    lines[500] = Event(503, 2.0, "log", "two", "sales", {"level": "warning", "message": "Beware"})
    storage.events.append(run.id, lines)

    def shown(address):
        tree = lxml.html.document_fromstring(client.get(address).text)
        numbers = [int(key.removeprefix("event-")) for key in tree.xpath("//tr/@data-key[starts-with(., 'event-')]")]
        return numbers, {link.text_content(): link.get("href") for link in tree.xpath("//a[@class='button']")}

    numbers, links = shown("/runs/1")
    assert (numbers[0], numbers[-1], len(numbers)) == (1803, 2002, 200)
    earlier, links = shown(links["Earlier lines"])
    assert (earlier[0], earlier[-1]) == (1603, 1802)
    later, _ = shown(links["Later lines"])
    assert (later[0], later[-1]) == (1803, 2002)
    first, links = shown(links["First lines"])
    assert first[0] == 1
    assert shown("/runs/1?q=BEWARE")[0] == [503]
    assert shown("/runs/1?level=warning")[0] == [503]
    assert shown("/runs/1?step=two")[0] == [503]
    assert shown("/runs/1?q=nowhere")[0] == []
    assert 2 in shown("/runs/1?events=all&after=0")[0]
    assert 2 not in first


def test_long_output_is_shown_from_its_end_and_given_whole(client, storage):
    run = begin(storage)
    data = b"".join(b"line %d\n" % number for number in range(50_000))
    storage.logs.append(run.id, data, start=0, location="sales", step="one")
    tree = lxml.html.document_fromstring(client.get("/runs/1").text)
    (shown,) = tree.xpath("//pre[@class='output']")
    assert shown.text_content().startswith("line 4")
    assert shown.text_content().endswith("line 49999\n")
    assert len(shown.text_content()) < 20_000
    (whole,) = tree.xpath("//details//a/@href")
    answer = client.get(whole)
    assert answer.content == data
    assert answer.headers["content-type"].startswith("text/plain")


def test_hostile_text_stays_text(client, storage):
    run = begin(storage, steps=(TEXT,), selection=TEXT, tags={TEXT: TEXT}, config={TEXT: TEXT}, partition=TEXT)
    metadata = {TEXT: {"type": "markdown", "value": TEXT}, "url": {"type": "url", "value": "javascript:alert(1)"}}
    problem = {**PROBLEM, "message": TEXT, "hint": TEXT, "detail": TEXT}
    events = [
        Event(3, 1.0, "step_started", TEXT, "sales", {"attempt": 1}),
        Event(4, 1.0, "log", TEXT, "sales", {"level": TEXT, "message": TEXT, "file": TEXT, "line": 1}),
        Event(5, 1.0, "materialization", TEXT, "sales", {"asset": TEXT, "partition": TEXT, "metadata": metadata}),
        Event(
            6, 1.0, "check_result", TEXT, "sales", {"asset": TEXT, "check": TEXT, "passed": False, "metadata": metadata}
        ),
        Event(7, 1.0, "step_failed", TEXT, "sales", {"problem": problem}),
    ]
    storage.events.append(run.id, events)
    storage.logs.append(run.id, TEXT.encode(), start=0, location="sales", step=TEXT)
    storage.runs.update_status(run.id, "failed", reason=TEXT)
    for address in ("/runs", "/runs/1", "/runs/1?events=all"):
        page = client.get(address)
        assert page.status_code == 200
        assert harmless(page.text)


def test_a_run_in_the_queue_says_why_it_waits(client, storage):
    storage.runs.create(NewRun(selection="*"))
    assert "it waits in the queue" in said(client.get("/runs/1").text)


def test_many_steps_are_shown_a_page_at_a_time(client, storage):
    run = begin(storage, steps=[f"step_{number:04}" for number in range(600)])
    assert run.number == 1
    tree = lxml.html.document_fromstring(client.get("/runs/1").text)
    assert len(tree.xpath("//tr[starts-with(@data-key, 'step-')]")) == 250
    tree = lxml.html.document_fromstring(client.get("/runs/1?steps=501").text)
    assert len(tree.xpath("//tr[starts-with(@data-key, 'step-')]")) == 100
