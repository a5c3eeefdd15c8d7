"""The pages of schedules and sensors: whether they are on, their switch, and their ticks."""

from __future__ import annotations

from dataclasses import replace

import lxml.html
import pytest
from file_workspaces import write_workspace
from live_pages import Client, load_hub

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.records import NewRun, Origin
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace

TEXT = "<script>alert(1)</script> {{ 7 * 7 }}"
ONE = """
import atoll

@atoll.asset
def numbers():
    return 1

@atoll.sensor(target=[numbers])
def arrived(context):
    return atoll.SkipReason("nothing")

nightly = atoll.ScheduleDefinition("nightly", cron_schedule="0 2 * * *", target=[numbers])
defs = atoll.Definitions(assets=[numbers], sensors=[arrived], schedules=[nightly])
"""
OWN = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = write_workspace(tmp_path_factory.mktemp("ticking"), one=ONE)
    return load_hub(folder.path).current


@pytest.fixture
def client(tmp_path, loaded):
    """Give a client of a workspace with a schedule and a sensor, and with a storage of its own."""
    hub = Hub()
    workspace = replace(loaded.workspace, root=tmp_path)
    hub.change("workspace", lambda live: LiveWorkspace(workspace=workspace, states=loaded.states))
    client = Client(hub)
    yield client
    client.close()


@pytest.fixture
def storage(tmp_path):
    with Instance(StateFolder(tmp_path / ".atoll")).open_storage() as storage:
        yield storage


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.text)


def tick(storage, kind, outcome, *, scheduled=None, **more):
    name = "nightly" if kind == "schedule" else "arrived"
    begun = storage.ticks.begin(Origin(kind, "one", name), holder="test", lease=60, scheduled=scheduled)
    return storage.ticks.finish(begun, outcome, holder="test", **more)


@pytest.mark.parametrize(("kind", "name"), [("schedule", "nightly"), ("sensor", "arrived")])
def test_before_the_first_tick_it_says_how_it_is_switched_on_and_makes_no_database(client, tmp_path, kind, name):
    text = read(client, f"/{kind}s/one/{name}").text_content()
    assert f"atoll {kind} on one:{name}" in text
    assert "as it is declared" in text
    assert not (tmp_path / ".atoll").exists()


@pytest.mark.parametrize(("kind", "name"), [("schedule", "nightly"), ("sensor", "arrived")])
def test_the_switch_switches_and_leads_back(client, storage, kind, name):
    states = storage.schedules if kind == "schedule" else storage.sensors
    for word, expected in (("on", True), ("off", False), ("declared", None)):
        answer = client.post(f"/switch/{kind}s/one/{name}", f"switch={word}", **OWN)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{kind}s/one/{name}")
        assert states.get("one", name).is_on is expected
    client.post(f"/switch/{kind}s/one/{name}", "switch=on", **OWN)
    (button,) = read(client, f"/{kind}s/one/{name}").xpath("//button[@role='switch']")
    assert (button.get("aria-checked"), button.text_content()) == ("true", "Switch off")
    assert "by hand" in read(client, f"/{kind}s/one/{name}").text_content()


def test_only_the_page_itself_may_switch_and_only_what_is_there(client, storage):
    form = {"Content-Type": OWN["Content-Type"]}
    assert client.post("/switch/sensors/one/arrived", "switch=on", **form).status_code == 403
    assert (
        client.post("/switch/sensors/one/arrived", "switch=on", **{**OWN, "Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert client.post("/switch/sensors/one/arrived", "switch=maybe", **OWN).status_code == 400
    assert client.post("/switch/sensors/one/arrived", "switch=on" + "x" * 2_000_000, **OWN).status_code == 413
    assert client.post("/switch/sensors/one/other", "switch=on", **OWN).status_code == 404
    assert storage.sensors.list() == ()


def test_ticks_are_shown_with_what_they_came_to_the_newest_first(client, storage):
    result = tick(storage, "sensor", "requested", runs=[NewRun("assets", run_key="a")], cursor="7", cpu=0.25)
    tick(storage, "sensor", "skipped", reason=TEXT)
    tree = read(client, "/sensors/one/arrived")
    rows = [row.text_content() for row in tree.xpath("//tr[starts-with(@data-key, 'tick-')]")]
    assert ["skipped" in row for row in rows] == [True, False]
    assert TEXT in rows[0]
    assert f"/runs/{result.runs[0].number}" in tree.xpath("//tr//a/@href")
    facts = tree.xpath("//dl")[0].text_content()
    assert "7" in facts
    assert "2 ticks" in facts


def test_what_a_tick_logged_and_printed_is_beside_it(client, storage):
    logs = [{"time": 1.0, "level": "info", "message": TEXT}]
    tick(storage, "sensor", "skipped", reason="nothing", said={"logs": logs, "output": TEXT})
    tick(storage, "sensor", "skipped", reason="nothing")
    (said,) = read(client, "/sensors/one/arrived").xpath("//tr//details")
    assert said.xpath("summary")[0].text_content() == "1 record, output"
    assert said.xpath(".//li")[0].text_content().split(maxsplit=1) == ["info", TEXT]
    assert said.xpath(".//pre")[0].text_content() == TEXT


def test_a_tick_that_failed_last_has_its_problem_in_the_panel(client, storage):
    problem = {"kind": "exception", "message": "the shelf is empty", "severity": "error", "hint": "fill it"}
    tick(storage, "schedule", "failed", scheduled=1_700_000_000.0, problem=problem)
    tree = read(client, "/schedules/one/nightly")
    assert "the shelf is empty" in tree.xpath("//*[@data-key='tick-problem']")[0].text_content()
    tick(storage, "schedule", "skipped", scheduled=1_700_086_400.0)
    assert read(client, "/schedules/one/nightly").xpath("//*[@data-key='tick-problem']") == []


def test_ticks_of_a_broken_location_are_seen_to_wait(client, storage):
    tick(storage, "schedule", "waiting", scheduled=1_700_000_000.0, reason="one is broken")
    text = read(client, "/schedules/one/nightly").text_content()
    assert "waiting" in text
    assert "one is broken" in text


def test_the_list_tells_what_is_on_and_what_the_last_ticks_came_to(client, storage):
    storage.sensors.switch("one", "arrived", True)
    tick(storage, "sensor", "requested", runs=[NewRun("assets")])
    (row,) = read(client, "/automation").xpath("//tr[contains(@data-key, 'arrived')]")
    assert "on" in row.text_content().split() or "●on" in row.text_content()
    assert "requested" in row.text_content()
