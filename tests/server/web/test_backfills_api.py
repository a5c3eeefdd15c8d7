"""Backfills by the API: asked for, seen through by the server, listed, canceled and tried again."""

from __future__ import annotations

import functools
import json

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import write_workspace

from command_line import Folder

DAYS = """
from atoll import *
import pathlib
HERE = pathlib.Path(__file__).parent
days = DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-05")

class OrdersConfig(Config):
    word: str = "none"

@asset(partitions_def=days)
def orders(context, config: OrdersConfig):
    if (HERE / "bad").exists() and context.partition_key == "2024-01-03":
        raise RuntimeError("a bad day")
    return config.word

@asset
def plain() -> int:
    return 1

@op
def say(context):
    context.log.info(context.partition_key)

@job(partitions_def=StaticPartitionsDefinition(["red", "green"]))
def paint():
    say()

defs = Definitions(assets=[orders, plain], jobs=[paint])
"""
LIST, ONE = "/api/backfills", "/api/backfills/{backfill}"
TOO_LONG = b" " * 2_000_000


def serve(folder, *words):
    server = DevServer(write_workspace(folder / "demo", one=DAYS).path, *words)
    server.until_settled()
    return server


@pytest.fixture(scope="module")
def filling(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("backfills")) as server:
        yield server
        assert "Traceback" not in server.output


@pytest.fixture
def client(filling):
    with httpx.Client(base_url=filling.url, timeout=60) as found:
        yield found


@pytest.fixture
def check(client, ask):
    return functools.partial(ask, client)


def printed(server, *words, status=0):
    return Folder(server.folder).run("backfill", *words, "--json").ended(status).json()["data"]


def wait_for_end(server, number):
    address = f"/api/backfills/{number}"
    return server.until(
        lambda: (found := server.get(address))["status"] not in {"running", "canceling"} and found, "it has ended"
    )


def test_before_anything_was_remembered_there_are_none_and_a_look_makes_no_database(filling, check):
    assert check("GET", LIST)["data"] == []
    said = check("GET", "/api/backfills/1", template=ONE, status=404)
    assert said["problems"][0]["message"] == "There is no backfill 1"
    order = {"selection": "orders", "partition_range": ["2024-01-01", "2024-01-03"], "batch": 2, "dry_run": True}
    words = ("orders", "--partition-range", "2024-01-01...2024-01-03", "--batch", "2", "--dry-run")
    assert check("POST", LIST, json=order)["data"] == printed(filling, *words)
    assert not (filling.folder / ".atoll" / "runs.db").exists()


def test_one_is_seen_through_by_the_server_and_is_as_the_commands_print_it(filling, check):
    (filling.folder / "bad").touch()
    order = {"selection": "orders", "all": True, "max_runs": 2, "tags": {"team": "sales"}}
    order["config"] = {"ops": {"orders": {"config": {"word": "yes"}}}}
    begun = check("POST", LIST, json=order, status=202)["data"]
    assert (begun["total"], begun["max_runs"], begun["launches"]) == (4, 2, True)
    assert begun["url"] == f"/backfills/{begun['number']}"
    ended = wait_for_end(filling, begun["number"])
    assert (ended["status"], ended["counts"]["succeeded"], ended["counts"]["failed"]) == ("failed", 3, 1)
    assert check("GET", f"{LIST}/{begun['id']}", template=ONE)["data"] == ended
    assert ended == printed(filling, "show", str(begun["number"]))
    assert check("GET", LIST)["data"] == printed(filling, "list")
    (filling.folder / "bad").unlink()
    retried = check("POST", f"{LIST}/{begun['number']}/retry", template=f"{ONE}/retry", status=202, json={})["data"]
    assert (retried["status"], retried["counts"]["waiting"] + retried["counts"]["running"]) == ("running", 1)
    assert wait_for_end(filling, begun["number"])["counts"]["succeeded"] == 4
    nothing = check("POST", LIST, json={"selection": "orders", "missing": True})["data"]
    assert (nothing["dry_run"], nothing["total"], nothing["runs"]) == (False, 0, [])
    for word, message in (("retry", "Nothing of backfill"), ("cancel", "has succeeded already")):
        path = f"{LIST}/{begun['number']}/{word}"
        assert message in check("POST", path, template=f"{ONE}/{word}", status=400, json={})["problems"][0]["message"]


def test_a_job_is_backfilled_and_lists_can_be_narrowed(filling, check):
    begun = check("POST", LIST, json={"job": "one:paint", "partitions": ["green"]}, status=202)["data"]
    assert (begun["job"], begun["location"]) == ("paint", "one")
    wait_for_end(filling, begun["number"])

    def numbers(query):
        return [one["number"] for one in check("GET", f"{LIST}?{query}")["data"]]

    assert numbers("job=paint&status=succeeded") == [begun["number"]]
    assert numbers("job=paint&status=failed&status=running") == []
    assert begun["number"] not in numbers(f"before={begun['number']}")
    assert numbers("limit=1") == [begun["number"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "no object"),
        ({"all": True}, "either `selection` or `job`"),
        ({"selection": "orders", "job": "paint", "all": True}, "either `selection` or `job`"),
        ({"selection": "orders"}, "not said which partitions"),
        ({"selection": "orders", "all": True, "partitions": ["a"]}, "exclude each other"),
        ({"selection": "orders", "partitions": []}, "`partitions` is no list of keys"),
        ({"selection": "orders", "partitions": [1]}, "`partitions` is no list of keys"),
        ({"selection": "orders", "partition_range": ["2024-01-01"]}, "the first and the last key"),
        ({"selection": "orders", "all": 1}, "neither true nor false"),
        ({"selection": "orders", "all": True, "batch": 0}, "`batch` is no number between"),
        ({"selection": "orders", "all": True, "batch": 10**30}, "`batch` is no number between"),
        ({"selection": "orders", "all": True, "max_runs": True}, "`max_runs` is no number"),
        ({"selection": "orders", "all": True, "timeout": 10**400}, "`timeout` is no number"),
        ({"selection": "orders", "all": True, "timeout": -1}, "`timeout` is no number"),
        ({"selection": "orders", "all": True, "tags": {"a": 1}}, "`tags` is no object of texts"),
        ({"selection": "orders", "all": True, "config": []}, "`config` is no object"),
        ({"selection": "orders", "all": True, "colour": 1}, "There is no key 'colour'"),
        ({"selection": 1, "all": True}, "`selection` is no text"),
        ({"selection": "orders", "partitions": ["2024-02-30"]}, "2024-02-30"),
        ({"selection": "plain", "all": True}, "has partitions"),
        ({"selection": "nothing", "all": True}, "nothing"),
        ({"selection": "(((", "all": True}, "can't be read"),
        ({"selection": "\ud800", "all": True}, ""),
        ({"job": "gone", "all": True}, "gone"),
        ({"selection": "orders", "all": True, "config": {"ops": {"orders": {"config": {"word": 1}}}}}, "word"),
        ({"selection": "orders", "all": True, "config": {"colours": {}}}, "colours"),
    ],
    ids=lambda value: str(value)[:70],
)
def test_an_order_that_makes_no_sense_is_refused_and_nothing_is_remembered(filling, check, body, words):
    before = filling.get(LIST)
    headers = {"Content-Type": "application/json"}
    said = check("POST", LIST, content=json.dumps(body), headers=headers, status=400)
    assert words in " ".join(problem["message"] for problem in said["problems"])
    assert filling.get(LIST) == before


@pytest.mark.parametrize("query", ["limit=many", "before=-1", "status=lost"])
def test_parameters_that_make_no_sense_are_refused(check, query):
    assert check("GET", f"{LIST}?{query}", status=400)["data"] is None


@pytest.mark.parametrize("path", [LIST, f"{LIST}/987654/cancel", f"{LIST}/987654/retry"])
def test_only_programs_and_the_page_itself_may_change_something(client, filling, path):
    before, own = filling.get(LIST), {"Content-Type": "application/json"}
    order = {"selection": "orders", "all": True} if path == LIST else {}
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert client.post(path, json=order, headers=headers).status_code == 403
    assert client.post(path, json=order, headers={"host": "evil.example"}).status_code == 421
    assert client.post(path, content=TOO_LONG, headers=own).status_code == 413
    assert client.post(path, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post(path, content=b"{", headers=own).status_code == 400
    assert client.delete(path).status_code == 405
    assert filling.get(LIST) == before


@pytest.mark.parametrize("word", ["cancel", "retry"])
def test_what_is_not_there_is_told(client, check, word):
    said = check("POST", f"{LIST}/987654/{word}", template=f"{ONE}/{word}", status=404, json={})
    assert said["problems"][0]["message"] == "There is no backfill 987654"
    assert client.get(f"{LIST}/987654/{word}").status_code == 405
    assert check("POST", f"{LIST}/1/{word}", template=f"{ONE}/{word}", status=400, json={"all": True})["data"] is None


def test_a_server_that_evaluates_nothing_says_that_it_launches_nothing(tmp_path, ask):
    with serve(tmp_path, "--no-automation") as server, httpx.Client(base_url=server.url, timeout=60) as client:
        begun = ask(client, "POST", LIST, json={"selection": "orders", "all": True}, status=202)["data"]
        assert (begun["status"], begun["launches"]) == ("running", False)
        path = f"{LIST}/{begun['number']}"
        retried = ask(client, "POST", f"{path}/retry", template=f"{ONE}/retry", status=400, json={})
        assert "still goes on" in retried["problems"][0]["message"]
        canceled = ask(client, "POST", f"{path}/cancel", template=f"{ONE}/cancel", status=202, json={})["data"]
        assert (canceled["status"], canceled["counts"]["canceled"]) == ("canceled", 4)
        retried = ask(client, "POST", f"{path}/retry", template=f"{ONE}/retry", status=202, json={})["data"]
        assert (retried["counts"]["waiting"], retried["launches"]) == (4, False)
        assert ask(client, "GET", path, template=ONE)["data"]["counts"]["waiting"] == 4
        assert server.get("/api/runs") == []
