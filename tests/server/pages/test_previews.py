"""What a schedule or sensor would ask for, on a page: evaluated by its location, without any effect."""

from __future__ import annotations

import lxml.html
import pytest
from file_workspaces import write_workspace
from live_pages import Client, harmless
from operating import load_operations

TEXT = "<script>alert(1)</script> {{ 7 * 7 }}"
ONE = f"""
import atoll

TEXT = {TEXT!r}
colours = atoll.DynamicPartitionsDefinition(name="colours")

@atoll.asset
def numbers():
    return 1

@atoll.asset(partitions_def=colours)
def painted():
    return 1

@atoll.sensor(target=[painted])
def arrived(context):
    print("printed", TEXT)
    context.log.warning("logged " + TEXT)
    context.update_cursor("after " + (context.cursor or "nothing"))
    request = atoll.RunRequest(run_key="key " + TEXT, partition_key="red", tags={{"team": TEXT}})
    return atoll.SensorResult(run_requests=[request], dynamic_partitions_requests=[colours.build_add_request(["red"])])

@atoll.sensor(target=[numbers])
def idle(context):
    return atoll.SkipReason("nothing " + TEXT)

@atoll.sensor(target=[numbers])
def failing(context):
    raise RuntimeError("not today " + TEXT)

@atoll.schedule("30 2 * * *", target=[numbers], execution_timezone="Europe/Berlin")
def nightly(context):
    return atoll.RunRequest(tags={{"at": context.scheduled_execution_time.isoformat()}})

defs = atoll.Definitions(assets=[numbers, painted], sensors=[arrived, idle, failing], schedules=[nightly])
"""
OWN = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    folder = write_workspace(tmp_path_factory.mktemp("previews"), one=ONE)
    operations = load_operations(folder)
    operations.folder = folder
    yield operations
    operations.close()


@pytest.fixture(scope="module")
def client(operations):
    return Client(operations.hub, operations)


def preview(client, address, body="", status=200):
    answer = client.post(f"/preview{address}", body, **OWN)
    assert answer.status_code == status
    assert harmless(answer.text)
    return lxml.html.document_fromstring(answer.text)


@pytest.mark.parametrize("address", ["/schedules/one/nightly", "/sensors/one/arrived"])
def test_the_page_has_a_button_that_leads_there_without_scripts(client, address):
    tree = lxml.html.document_fromstring(client.get(address).text)
    (form,) = [form for form in tree.xpath("//form[@method='post']") if form.get("action") == f"/preview{address}"]
    assert form.xpath(".//button/text()") == ["Preview"]
    shown = lxml.html.document_fromstring(client.get(f"/preview{address}").text)
    assert shown.xpath("//*[@id='outcome']") == []
    assert shown.xpath("//form[@method='post']/@action") == [f"/preview{address}"]


def test_a_schedule_shows_what_it_would_ask_for_at_a_moment(client):
    tree = preview(client, "/schedules/one/nightly", "at=2026-07-01T02:30")
    outcome = " ".join(tree.xpath("//*[@id='outcome']")[0].text_content().split())
    assert "would ask for 1 run" in outcome
    assert tree.xpath("//*[@id='outcome']//time/@datetime") == ["2026-07-01T02:30:00+02:00"]
    assert "2026-07-01T02:30:00+02:00" in tree.xpath("//*[@id='requests']//tbody")[0].text_content()
    assert tree.xpath("//input[@name='at']/@value") == ["2026-07-01T02:30"]


def test_a_sensor_shows_its_runs_partitions_cursor_log_and_output(client, operations):
    tree = preview(client, "/sensors/one/arrived", "cursor=before")
    (row,) = tree.xpath("//*[@id='requests']//tbody/tr")
    assert f"key {TEXT}" in row.text_content()
    assert "red" in row.text_content()
    facts = tree.xpath("//main//dl")[0].text_content()
    assert "after before" in facts
    assert "would add red" in " ".join(facts.split())
    assert f"logged {TEXT}" in tree.xpath("//*[@id='logs']")[0].text_content()
    assert f"printed {TEXT}" in tree.xpath("//*[@id='output']")[0].text_content()
    assert "after nothing" in preview(client, "/sensors/one/arrived").text_content()
    # Nothing came of any of it.
    assert operations.read() is None


def test_what_asks_for_nothing_says_why(client):
    tree = preview(client, "/sensors/one/idle")
    assert f"nothing {TEXT}" in tree.xpath("//*[@id='outcome']")[0].text_content()
    assert tree.xpath("//*[@id='requests']") == []


def test_a_function_that_fails_has_its_problem_on_the_page(client):
    tree = preview(client, "/sensors/one/failing", status=409)
    (problem,) = tree.xpath("//article[contains(@class, 'problem')]")
    assert f"not today {TEXT}" in problem.text_content()
    assert "one.py" in problem.text_content()


def test_a_moment_that_is_none_is_told_and_stays_in_the_form(client):
    tree = preview(client, "/schedules/one/nightly", "at=tomorrow", status=409)
    assert "'tomorrow' is no time" in tree.text_content()
    assert tree.xpath("//input[@name='at']/@value") == ["tomorrow"]


def test_only_the_page_itself_may_ask_and_only_for_what_is_there(client):
    form = {"Content-Type": OWN["Content-Type"]}
    assert client.post("/preview/sensors/one/idle", "", **form).status_code == 403
    assert client.post("/preview/sensors/one/idle", "", **{**OWN, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/preview/sensors/one/idle", "x" * 2_000_000, **OWN).status_code == 413
    for address in ("/sensors/one/gone", "/sensors/two/idle", "/schedules/one/idle"):
        assert client.get(f"/preview{address}").status_code == 404
        assert client.post(f"/preview{address}", "", **OWN).status_code == 404
