"""Schedules and sensors by the API: their ticks, switches and previews are as the commands give them."""

from __future__ import annotations

import functools

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import write_workspace
from live_pages import Client, hub_of
from reports import definitions, report, schedule

from command_line import Folder

TICKING = """
import atoll

@atoll.asset
def numbers():
    return [1]

@atoll.sensor(target=[numbers], minimum_interval_seconds=1)
def counting(context):
    print("printed")
    context.log.warning("counted")
    position = int(context.cursor or 0)
    context.update_cursor(str(position + 1))
    return atoll.SkipReason(f"at {position}")

@atoll.sensor(target=[numbers])
def asking(context):
    return atoll.RunRequest(run_key=context.cursor or "none")

@atoll.sensor(target=[numbers])
def failing(context):
    raise RuntimeError("not today")

@atoll.schedule("30 2 * * *", target=[numbers], execution_timezone="Europe/Berlin")
def nightly(context):
    return atoll.RunRequest(tags={"at": context.scheduled_execution_time.isoformat()})

defs = atoll.Definitions(assets=[numbers], sensors=[counting, asking, failing], schedules=[nightly])
"""
OWN = {"Content-Type": "application/json"}
TOO_LONG = b" " * 2_000_000
POSTS = [f"/api/{one}/{word}" for one in ("schedules/one/nightly", "sensors/one/asking") for word in ("on", "off")]
POSTS += ["/api/schedules/one/nightly/preview", "/api/sensors/one/asking/preview"]


@pytest.fixture(scope="module")
def ticking(tmp_path_factory):
    folder = write_workspace(tmp_path_factory.mktemp("automation") / "demo", one=TICKING)
    with DevServer(folder.path) as server:
        server.until_settled()
        yield server
        assert "Traceback" not in server.output


@pytest.fixture
def client(ticking):
    with httpx.Client(base_url=ticking.url, timeout=60) as found:
        yield found


@pytest.fixture
def check(client, ask):
    def asked(method, path, **more):
        kind, name = path.split("/")[2], path.split("/")[4]
        template = (
            path.partition("?")[0].replace(f"/one/{name}/", "/{location}/{name}/").replace("/two/", "/{location}/")
        )
        assert kind in {"schedules", "sensors"}
        return ask(client, method, path, template=template, **more)

    return asked


def printed(ticking, *words):
    return Folder(ticking.folder).run(*words, "--json").ended(0).json()["data"]


def test_before_anything_was_remembered_there_are_no_ticks_and_a_look_makes_no_database(ticking, check):
    for kind, name in (("schedule", "nightly"), ("sensor", "asking")):
        data = check("GET", f"/api/{kind}s/one/{name}/ticks")["data"]
        assert data == printed(ticking, kind, "ticks", name)
        assert (data["on"], data["ticks"]) == (False, [])
    previewed = check("POST", "/api/schedules/one/nightly/preview", json={})["data"]
    assert len(previewed["requests"]) == 1
    assert not (ticking.folder / ".atoll" / "runs.db").exists()


def test_one_is_switched_on_and_off_as_the_commands_do(ticking, check):
    for words, body in ((("on",), {}), (("off",), {}), (("off", "--declared"), {"declared": True})):
        for kind, name in (("schedule", "nightly"), ("sensor", "asking")):
            data = check("POST", f"/api/{kind}s/one/{name}/{words[0]}", json=body)["data"]
            assert data["switched"] is (words[-1] != "--declared")
            assert data["on"] is (words == ("on",))
            assert {**data, "last_tick": None} == {**printed(ticking, kind, *words, name)[0], "last_tick": None}


def test_what_is_switched_on_is_evaluated_and_its_ticks_are_as_the_command_prints_them(ticking, check):
    address = "/api/sensors/one/counting"
    check("POST", f"{address}/on", json={})
    ticking.until(lambda: len(ticking.get(f"{address}/ticks?outcome=skipped")["ticks"]) > 2, "it was evaluated")
    check("POST", f"{address}/off", json={})
    last = ticking.until(
        lambda: not ticking.get(f"{address}/ticks?outcome=started")["ticks"] and ticking.get(f"{address}/ticks"),
        "nothing is evaluated",
    )
    assert last == printed(ticking, "sensor", "ticks", "counting", "--limit", "50")
    reasons = [tick["reason"] for tick in last["ticks"]]
    assert reasons == [f"at {number}" for number in reversed(range(len(reasons)))]
    first, second = last["ticks"][:2]
    assert check("GET", f"{address}/ticks?limit=1")["data"]["ticks"] == [first]
    assert check("GET", f"{address}/ticks?limit=1&before={first['number']}")["data"]["ticks"] == [second]
    assert check("GET", f"{address}/ticks?outcome=failed")["data"]["ticks"] == []


def test_a_preview_is_what_the_command_prints_and_changes_nothing(ticking, check):
    moving = {"cpu": 0, "duration": 0}
    at = "2026-03-29T02:30"
    data = check("POST", "/api/schedules/one/nightly/preview", json={"at": at})["data"]
    assert {**data, **moving} == {**printed(ticking, "schedule", "preview", "nightly", "--at", at), **moving}
    assert [request["tags"] for request in data["requests"]] == [{"at": "2026-03-29T03:30:00+02:00"}]
    before = check("GET", "/api/sensors/one/asking/ticks")["data"]
    runs = [run["number"] for run in ticking.get("/api/runs")]
    data = check("POST", "/api/sensors/one/asking/preview", json={"cursor": "41"})["data"]
    assert {**data, **moving} == {**printed(ticking, "sensor", "preview", "asking", "--cursor", "41"), **moving}
    assert [request["run_key"] for request in data["requests"]] == ["41"]
    data = check("POST", "/api/sensors/one/counting/preview", json={"cursor": None})["data"]
    assert (data["skip_reason"], data["cursor"], data["output"].strip()) == ("at 0", "1", "printed")
    assert [record["message"] for record in data["logs"]] == ["counted"]
    assert check("GET", "/api/sensors/one/asking/ticks")["data"] == before
    assert [run["number"] for run in ticking.get("/api/runs")] == runs


def test_a_function_that_fails_is_told_with_its_place(check):
    said = check("POST", "/api/sensors/one/failing/preview", json={}, status=400)
    (problem,) = said["problems"]
    assert "not today" in problem["message"]
    assert problem["file"].endswith("one.py")


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("schedules/one/nightly/preview", {"at": "tomorrow"}, "at 'tomorrow' is no time"),
        ("schedules/one/nightly/preview", {"at": "9999-12-31T23:59"}, "too far away"),
        ("schedules/one/nightly/preview", {"at": 1}, "`at` is no text"),
        ("schedules/one/nightly/preview", {"cursor": "1"}, "no object with the key at"),
        ("sensors/one/asking/preview", {"at": "2026-03-29"}, "no object with the key cursor"),
        ("sensors/one/asking/preview", {"cursor": 1}, "`cursor` is no text"),
        ("sensors/one/asking/preview", [], "no object"),
        ("sensors/one/asking/on", {"declared": True}, "no object with no keys"),
        ("sensors/one/asking/off", {"declared": 1}, "neither true nor false"),
        ("schedules/one/nightly/off", "off", "no object"),
    ],
    ids=str,
)
def test_a_body_that_makes_no_sense_is_refused(check, path, body, words):
    assert words in check("POST", f"/api/{path}", json=body, status=400)["problems"][0]["message"]


@pytest.mark.parametrize(
    ("query", "words"),
    [("limit=many", "limit is no number"), ("before=-1", "before is no number"), ("outcome=x", "no outcome 'x'")],
)
def test_parameters_that_make_no_sense_are_refused(check, query, words):
    assert words in check("GET", f"/api/sensors/one/asking/ticks?{query}", status=400)["problems"][0]["message"]


@pytest.mark.parametrize("word", ["ticks", "on", "off", "preview"])
def test_what_is_not_there_is_told(client, word):
    method, more = ("GET", {}) if word == "ticks" else ("POST", {"json": {}})
    for place, message in (("one/gone", "There is no sensor 'gone' in one"), ("two/asking", "no location 'two'")):
        answer = client.request(method, f"/api/sensors/{place}/{word}", **more)
        assert answer.status_code == 404
        assert message in answer.json()["problems"][0]["message"]


@pytest.mark.parametrize("path", POSTS)
def test_only_programs_and_the_page_itself_may_change_something(client, ticking, path):
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert client.post(path, json={}, headers=headers).status_code == 403
    assert client.get(path).status_code == 405
    assert client.post(path, content=TOO_LONG, headers=OWN).status_code == 413
    assert client.post(path, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post(path, json={}, headers={"host": "evil.example"}).status_code == 421
    assert client.post(path, content=b"{", headers=OWN).status_code == 400
    assert client.post(f"{path.rpartition('/')[0]}/ticks", json={}).status_code == 405
    assert ticking.get(f"{path.rpartition('/')[0]}/ticks")["on"] is False


def test_a_name_may_have_slashes_and_end_as_an_address_does():
    hub = hub_of(report("one", definitions(schedules=[schedule("a/on"), schedule("ticks")])))
    client = Client(hub)
    for name in ("a/on", "ticks"):
        answer = client.get(f"/api/schedules/one/{name}/ticks")
        assert (answer.status_code, answer.json()["data"]["name"]) == (200, name)
        # Without a workspace nothing can be remembered.
        refused = client.post(f"/api/schedules/one/{name}/on", "{}", **OWN)
        assert (refused.status_code, refused.json()["problems"][0]["kind"]) == (400, "no_workspace")
    assert client.get("/api/schedules/one/a/ticks").status_code == 404


def test_a_location_that_is_broken_can_not_be_evaluated(tmp_path, ask):
    folder = write_workspace(tmp_path / "demo", one=TICKING)
    folder.run("list").ended(0)
    folder.write({"one.py": "import surely_not_there\n"})
    with DevServer(folder.path, "--no-automation") as server:
        server.until_settled()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            template = "/api/sensors/{location}/{name}/"
            check = functools.partial(ask, client)
            path = "/api/sensors/one/asking"
            said = check("POST", f"{path}/preview", template=f"{template}preview", status=400, json={})
            assert "one is broken" in said["problems"][0]["message"]
            data = check("POST", f"{path}/on", template=f"{template}on", json={})["data"]
            assert data["on"] is True
            # Nobody evaluates here, and the switch is remembered.
            data = check("GET", f"{path}/ticks", template=f"{template}ticks")["data"]
            assert (data["on"], data["ticks"]) == (True, [])
        assert data == printed(server, "sensor", "ticks", "asking")
