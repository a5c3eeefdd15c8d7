"""The overview: each state of a location, failures first, with the line that is wrong; quick with a thousand of them."""

import gzip
import time
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from file_workspaces import BROKEN, SALES, STOCK, write_workspace
from live_pages import Client, hub_of, load_hub
from reports import asset, definitions, report

from atoll_host.envs.environments.results import Inspection
from atoll_host.envs.errors import Frame, Problem
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace, LoadRecord, LocationState
from atoll_host.server.web.loads import WIDTH, describe_time
from atoll_host.workspace.location import Workspace

RECORD = LoadRecord(1.0, "loaded", "saved sales.py", "warm", 0.2, {"total": 0.15, "import": 0.1, "describe": 0.01})


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    path = tmp_path_factory.mktemp("overview") / "demo"
    raises = "import json\n\ndef read(text):\n    return json.loads(text)\n\nread('{')\n"
    write_workspace(path, sales=SALES, broken=BROKEN, raises=raises, stock=STOCK)
    return load_hub(path)


@pytest.fixture(scope="module")
def page(hub):
    answer = Client(hub).get("/")
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.text)


def rows(page):
    return [
        row.get("data-key") for row in page.xpath("//table[contains(@class, 'overview')]/tbody/tr[not(@data-attached)]")
    ]


def row_of(hub, name="sales"):
    text = Client(hub).get("/").text
    return lxml.html.document_fromstring(text).xpath(f"//tr[@data-key='{name}']")[0]


def changed(hub, name, **changes):
    other = Hub()
    states = {**hub.current.states, name: replace(hub.current.states[name], **changes)}
    other.change("activity", lambda _: replace(hub.current, states=states))
    return other


def test_failures_come_first_and_the_others_in_the_order_of_the_workspace(page):
    assert rows(page) == ["broken", "raises", "sales", "stock"]


def test_every_state_has_its_word_beside_its_sign(page):
    assert [row.get("data-word") for row in page.xpath("//tr[@data-word]")] == ["failed", "failed", "loaded", "loaded"]
    for row in page.xpath("//tr[@data-word]"):
        assert row.get("data-word") in row.xpath("td[1]")[0].text_content()
        assert row.xpath("td[1]//*[@aria-hidden='true']")


def test_a_failed_location_shows_message_place_line_and_traceback(page):
    (panel,) = page.xpath("//tr[@data-key='raises problems']//article")
    text = panel.text_content()
    assert "JSONDecodeError" in text
    assert "raises.py:4" in text
    (marked,) = panel.xpath(".//*[contains(@class, 'marked')]")
    assert "return json.loads(text)" in marked.text_content()
    assert [
        frame.text_content().split()[0] for frame in panel.xpath(".//details[@class='traceback']/ol/li[@class='frame']")
    ] == [
        "raises.py:6",
        "raises.py:4",
    ]
    assert panel.xpath(".//a[@href='/problems/ATL303']")


def test_counts_are_those_of_the_snapshot(hub, page):
    numbers = [
        cell.text_content().strip() for cell in page.xpath("//tr[@data-key='sales']/td[contains(@class, 'count')]")
    ]
    shown = hub.current.states["sales"].shown.definitions
    kinds = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
    assert numbers == [str(len(shown[kind])) for kind in kinds]
    assert {cell.text_content() for cell in page.xpath("//tr[@data-key='broken']/td[contains(@class, 'count')]")} == {
        "–"
    }


def test_a_load_says_when_why_and_where_its_time_went(hub):
    row = row_of(changed(hub, "sales", history=(RECORD,)))
    assert "saved sales.py" in row.text_content()
    assert "warm" in row.text_content()
    assert "200 ms" in row.text_content()
    assert row.xpath(".//*[@role='img']/@aria-label") == [
        "200 ms: environment 50 ms, start 40 ms, import 100 ms, describe 10 ms"
    ]


def test_the_parts_of_a_load_fill_the_bar():
    parts = describe_time(0.2, RECORD.phases).parts
    assert [part.name for part in parts] == ["environment", "start", "import", "describe"]
    assert sum(part.width for part in parts) == pytest.approx(WIDTH, abs=3)
    assert describe_time(0.2, {}).parts == ()
    assert describe_time(0.0, {"total": 0, "import": 0, "describe": 0}).parts


def test_what_is_being_done_is_said_and_the_state_stays(hub):
    row = row_of(changed(hub, "sales", activity="loading", since=1.0, progress="pandas.core"))
    assert row.get("data-word") == "loaded"
    assert "importing pandas.core" in " ".join(row.text_content().split())


def test_a_stored_snapshot_is_shown_with_its_time_until_the_first_load_has_ended(hub):
    stored = hub.current.states["sales"].report.snapshot
    row = row_of(changed(hub, "sales", report=None, stored=stored, activity="loading"))
    assert row.get("data-word") == "loading"
    assert "as of" in row.text_content()
    assert "3" in row.xpath("td[contains(@class, 'count')]")[0].text_content()


def test_a_stale_location_shows_what_it_had_and_why_it_fails(hub):
    problem = Problem("exception", "RuntimeError: no", "`atoll sync sales`")
    failed = replace(hub.current.states["sales"].report, status="failed", problems=(problem,))
    other = changed(hub, "sales", report=failed)
    text = Client(other).get("/").text
    page = lxml.html.document_fromstring(text)
    assert rows(page)[:3] == ["broken", "raises", "sales"]
    row = row_of(other)
    assert "stale" in row.text_content()
    assert "as of" in row.text_content()
    (panel,) = page.xpath("//tr[@data-key='sales problems']//article")
    assert "RuntimeError: no" in panel.text_content()
    assert panel.xpath(".//button/@data-copy") == ["atoll sync sales"]


def test_a_dying_worker_says_when_it_is_tried_again(hub):
    row = row_of(changed(hub, "broken", retry_at=time.time() + 30), "broken")
    assert "again in" in " ".join(row.text_content().split())


def test_an_environment_out_of_step_is_said_with_its_reason(hub):
    row = row_of(changed(hub, "sales", inspection=Inspection("stale", None, reason="changed since: uv.lock")))
    assert row.xpath(".//*[@title='changed since: uv.lock']")


def test_problems_of_the_workspace_itself_come_before_everything(hub):
    other = Hub()
    problem = Problem("configuration", "'proect' is no key", "did you mean project?", "/w/workspace.yaml", 3, 5)
    other.change("workspace", lambda _: replace(hub.current, problems=(problem,)))
    page = lxml.html.document_fromstring(Client(other).get("/").text)
    first = page.xpath("//main//article")[0]
    assert "'proect' is no key" in first.text_content()
    assert "workspace.yaml:3:5" in first.text_content()
    assert rows(page) == ["broken", "raises", "sales", "stock"]


def test_an_empty_workspace_says_what_to_type():
    hub = Hub()
    hub.change("workspace", lambda live: replace(live, workspace=Workspace(Path("/w"), Path("/w/workspace.yaml"), ())))
    page = lxml.html.document_fromstring(Client(hub).get("/").text)
    assert page.xpath("//main//button/@data-copy") == ["atoll create location NAME"]


def test_a_workspace_that_cannot_be_read_says_why():
    hub = Hub()
    hub.change("workspace", lambda live: replace(live, problems=(Problem("configuration", "it is no YAML"),)))
    text = Client(hub).get("/").text
    assert "it is no YAML" in text


def test_texts_of_others_do_no_harm():
    name = "x" * 80
    evil = "<script>alert(1)</script>\x1b[31m\u202e"
    hub = hub_of(
        report(
            name,
            status="failed",
            problems=(Problem("exception", evil, evil, detail=evil, frames=(Frame("/a.py", 1, evil, evil),)),),
        ),
        report("rtl", status="failed", problems=(Problem("exception", "שלום עולם 🏝️"),)),
    )
    text = Client(hub).get("/").text
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    page = lxml.html.document_fromstring(text)
    assert page.xpath("//p[@class='message']/@dir") == ["auto", "auto"]
    assert page.xpath(f"//th/a[@title='{name}']")


def test_many_errors_of_one_location_are_a_few_panels_and_a_link():
    problems = tuple(Problem("invalid_definition", f"problem {number}") for number in range(40))
    page = lxml.html.document_fromstring(
        Client(hub_of(report("sales", status="failed", problems=problems))).get("/").text
    )
    assert len(page.xpath("//main//article")) == 3
    assert "37 more errors" in page.get_element_by_id("content").text_content()


def test_where_everything_fails_the_first_ones_are_explained_and_the_others_are_lines():
    reports = [report(f"l{number}", status="failed", problems=(Problem("exception", "no"),)) for number in range(60)]
    page = lxml.html.document_fromstring(Client(hub_of(*reports)).get("/").text)
    assert len(page.xpath("//main//article")) == 20
    assert len(page.xpath("//p[@class='brief']")) == 40


def test_a_thousand_locations_are_rendered_in_time_and_only_what_changed_is_rendered_again():
    reports = [
        report(
            f"location_{number:04}",
            definitions(assets=[asset(f"asset_{number}")]),
            status="failed" if number % 20 == 0 else "loaded",
            problems=(Problem("exception", "no", file=__file__, line=10),) if number % 20 == 0 else (),
        )
        for number in range(1000)
    ]
    hub = Hub()
    states = {one.location.name: LocationState(one.location, report=one, history=(RECORD,)) for one in reports}
    hub.change("loaded", lambda _: LiveWorkspace(states=states))
    client = Client(hub)
    started = time.perf_counter()
    first = client.get("/")
    whole = time.perf_counter() - started
    assert len(rows(lxml.html.document_fromstring(first.text))) == 1000
    assert len(gzip.compress(first.content, 3)) < 150_000
    state = replace(states["location_0007"], activity="loading")
    hub.change("activity", lambda live: replace(live, states={**live.states, "location_0007": state}))
    again = min(_time(client) for _ in range(3))
    # In time, and not in absolute numbers: the machine may be busy.
    assert again < whole / 3, (again, whole)


def _time(client):
    started = time.perf_counter()
    client.get("/")
    return time.perf_counter() - started


def test_a_browser_gets_again_only_the_rows_that_changed(hub):
    client = Client(hub)
    whole = client.get("/").text
    page = lxml.html.document_fromstring(whole)
    (name,) = page.xpath("//table/@data-rows")
    revision = hub.current.revision
    states = {**hub.current.states, "sales": replace(hub.current.states["sales"], activity="loading")}
    later = hub.change("activity", lambda live: replace(live, states=states), "sales")
    try:
        text = client.get("/", **{"X-Has": f"{name}:{revision}"}).text
        page = lxml.html.document_fromstring(text)
        assert page.xpath("//tr[@data-word]/@data-key") == ["sales"]
        assert page.xpath("//tr[@data-same]/@data-key") == [
            "broken",
            "broken problems",
            "raises",
            "raises problems",
            "stock",
        ]
        assert len(text) < len(whole)
        for other in (f"{name}:", "", f"0000-assets:{revision}", f"{name}:{'9' * 4}x", "x" * 5000):
            assert "data-same" not in client.get("/", **{"X-Has": other}).text
        assert "data-same" not in client.get("/").text
    finally:
        del later
        hub.change(
            "activity",
            lambda live: replace(live, states={**states, "sales": replace(states["sales"], activity="idle")}),
        )


def test_a_browser_of_an_earlier_server_gets_everything(hub):
    name = lxml.html.document_fromstring(Client(hub).get("/").text).xpath("//table/@data-rows")[0]
    assert "data-same" not in Client(hub).get("/", **{"X-Has": f"{name}:{hub.current.revision + 5}"}).text
