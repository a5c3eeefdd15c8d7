"""The page that launches: what will run, its form, what is wrong with what was filled in, and the run that comes of it."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlencode

import httpx
import lxml.html
import pytest
from file_workspaces import SALES, STOCK, write_workspace
from live_pages import Nothing
from operating import load_operations, wait_for_end

from atoll_host.server.web.application import make_application
from atoll_host.server.web.settings import Settings

TUNED = """
from enum import Enum
from typing import List, Optional
import atoll


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Inner(atoll.Config):
    size: int
    name: str = "inner"


class Options(atoll.Config):
    \"\"\"How it is made.\"\"\"

    limit: int
    ratio: float = 0.5
    mode: Mode = Mode.FAST
    is_dry: bool = False
    tags: List[str] = []
    label: Optional[str] = None
    api_token: Optional[str] = None
    inner: Inner = Inner(size=1)


@atoll.asset
def tuned(config: Options) -> int:
    return config.limit


@atoll.asset(deps=[tuned])
def after() -> int:
    return 1


class Small(atoll.Config):
    count: int


@atoll.op
def tidy(context, config: Small) -> int:
    context.log.info(str(config.count))
    return config.count


@atoll.job(config={"ops": {"tidy": {"config": {"count": 3}}}})
def chore():
    tidy()


defs = atoll.Definitions(assets=[tuned, after], jobs=[chore])
"""


class Site:
    """The application over real operations."""

    def __init__(self, operations):
        self.operations = operations
        self.app = make_application(operations.hub, Nothing(), Settings(), operations)

    def ask(self, method, url, data=None, **more):
        """Ask, and follow no redirect."""

        async def send():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3030") as client:
                headers = {"Origin": "http://localhost:3030"}
                if data is not None:
                    headers["Content-Type"] = "application/x-www-form-urlencoded"
                    more["content"] = urlencode(data)
                return await client.request(method, url, headers=headers, **more)

        return asyncio.run(send())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = write_workspace(tmp_path_factory.mktemp("launch") / "demo", sales=SALES, stock=STOCK, tuned=TUNED)
    operations = load_operations(folder)
    yield Site(operations)
    operations.close()


def page(answer):
    return lxml.html.document_fromstring(answer.text)


def said(element):
    return " ".join(element.text_content().split())


def beside(tree, name):
    """Give what is said to be wrong at an input."""
    field = tree.xpath(f"//*[@name='{name}']")[0]
    ids = field.get("aria-describedby").split()
    return " ".join(said(tree.get_element_by_id(one)) for one in ids if one.endswith("-wrong"))


LIMIT = "ops/tuned/config/limit"


def test_the_plan_says_what_will_run_where(site):
    answer = site.ask("GET", "/launch?selection=" + quote("+after"))
    assert answer.status_code == 200
    plan = page(answer).get_element_by_id("plan")
    assert [link.get("href") for link in plan.xpath(".//a")] == [
        "/locations/tuned",
        "/assets/tuned/tuned",
        "/assets/tuned/after",
    ]
    assert "2 assets in 1 location" in said(plan)


def test_a_form_has_a_field_for_each_value_of_the_schema(site):
    tree = page(site.ask("GET", "/launch?selection=tuned"))
    inputs = {field.get("name"): field for field in tree.xpath("//form[@method='post']//*[@name]")}
    start = "ops/tuned/config/"
    assert {name.removeprefix(start) for name in inputs if name.startswith(start)} == {
        "limit",
        "ratio",
        "mode",
        "is_dry",
        "tags",
        "label",
        "api_token",
        "inner/size",
        "inner/name",
    }
    assert inputs[f"{start}limit"].get("aria-required") == "true"
    assert inputs[f"{start}mode"].tag == "select"
    assert [option.get("value") for option in inputs[f"{start}mode"]] == ["", "fast", "slow"]
    assert inputs[f"{start}tags"].tag == "textarea"
    assert "0.5" in said(tree.get_element_by_id(inputs[f"{start}ratio"].get("aria-describedby")))
    assert all(tree.xpath(f"//label[@for='{field.get('id')}']") for field in inputs.values())


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        pytest.param({}, LIMIT, "needs a value", id="missing"),
        pytest.param({LIMIT: "many"}, LIMIT, 'must be a whole number, not "many"', id="no-number"),
        pytest.param({LIMIT: "1.5"}, LIMIT, "must be a whole number, not 1.5", id="no-whole-number"),
        pytest.param({"ops/tuned/config/mode": "odd"}, "ops/tuned/config/mode", "must be one of", id="enum"),
        pytest.param({"ops/tuned/config/tags": "[1"}, "ops/tuned/config/tags", "must be JSON", id="no-json"),
        pytest.param({"ops/tuned/config/tags": "[1]"}, "ops/tuned/config/tags", "must be a text, not 1", id="in-json"),
        pytest.param(
            {"ops/tuned/config/inner/size": "x"}, "ops/tuned/config/inner/size", "a whole number", id="nested"
        ),
        pytest.param({"ops/tuned/config/inner/name": "x"}, "ops/tuned/config/inner/size", "needs a value", id="within"),
        pytest.param({"ops/tuned/config/api_token": "s e"}, "ops/tuned/config/api_token", "name of an", id="secret"),
        pytest.param({"tags": "team"}, "tags", "not NAME=VALUE", id="tags"),
        pytest.param({"rest": "{"}, "rest", "must be JSON", id="rest"),
        pytest.param({"rest": '{"op": {}}'}, "rest", "there is no part 'op'", id="unknown-part"),
        pytest.param({"rest": '{"ops": {"tuned": {"config": {"x": 1}}}}'}, "rest", "ops.tuned.config.x", id="unknown"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_starts(site, values, name, words):
    answer = site.ask("POST", "/launch?selection=tuned", values)
    assert answer.status_code == 400
    assert words in beside(page(answer), name)
    storage = site.operations.read()
    assert storage is None or not [run for run in storage.runs.list(limit=100).runs if run.selection == "tuned"]


def test_what_was_typed_is_still_there_beside_what_is_wrong(site):
    tree = page(site.ask("POST", "/launch?selection=tuned", {LIMIT: "many", "ops/tuned/config/mode": "slow"}))
    assert tree.xpath(f"//input[@name='{LIMIT}']")[0].get("value") == "many"
    assert tree.xpath("//select[@name='ops/tuned/config/mode']/option[@selected]/@value") == ["slow"]


def test_a_form_launches_a_run_and_leads_to_its_page(site):
    given = {
        LIMIT: "7",
        "ops/tuned/config/mode": "slow",
        "ops/tuned/config/is_dry": "true",
        "ops/tuned/config/tags": '["a"]',
        "tags": "team=sales\nwhy=a=b",
    }
    answer = site.ask("POST", "/launch?selection=tuned%2B", given)
    assert answer.status_code == 303
    run = site.operations.read().runs.find(answer.headers["location"].removeprefix("/runs/"))
    assert run.selection == "tuned+"
    assert run.tags == {"team": "sales", "why": "a=b"}
    config = {"limit": 7, "mode": "slow", "is_dry": True, "tags": ["a"]}
    assert run.config == {"ops": {"tuned": {"config": config}}}
    assert wait_for_end(site.operations, run).status == "succeeded"
    assert site.operations.read().assets.latest("after").run == run.id


def test_a_job_has_its_own_configuration_in_the_form(site):
    tree = page(site.ask("GET", "/launch?job=tuned:chore"))
    assert tree.xpath("//input[@name='ops/tidy/config/count']")[0].get("value") == "3"
    answer = site.ask("POST", "/launch?job=tuned:chore", {"ops/tidy/config/count": "4"})
    assert answer.status_code == 303
    run = site.operations.read().runs.find(answer.headers["location"].removeprefix("/runs/"))
    assert (run.job, run.location, run.config) == ("chore", "tuned", {"ops": {"tidy": {"config": {"count": 4}}}})
    assert wait_for_end(site.operations, run).status == "succeeded"


def test_a_backfill_is_begun_of_some_of_all_and_of_the_missing_partitions(site):
    url = "/launch?selection=sales%2Forders"
    tree = page(site.ask("GET", url))
    keys = [option.get("value") for option in tree.get_element_by_id("partition-keys")][::-1]
    assert [option.get("value") for option in tree.get_element_by_id("way")] == ["run", "backfill", "missing"]

    def begin(**given):
        answer = site.ask("POST", url, given)
        assert answer.status_code == 303, said(page(answer).get_element_by_id("main"))
        number = answer.headers["location"].removeprefix("/backfills/")
        return site.operations.open().backfills.find(number)

    storage = site.operations.open()
    some = begin(partition=keys[0], partition_end=keys[2], way="backfill", tags="team=sales")
    assert [part.partition for part in storage.backfills.partitions(some.id, limit=10_000)] == keys[:3]
    assert (some.selection, dict(some.tags)) == ("sales/orders", {"team": "sales"})
    one = begin(partition=keys[1], way="backfill")
    assert [part.partition for part in storage.backfills.partitions(one.id, limit=10_000)] == keys[1:2]
    every = begin(partition="", way="backfill")
    there = [part.partition for part in storage.backfills.partitions(every.id, limit=10_000)]
    assert there[-len(keys) :] == keys
    assert there[0] == "2024-01-01"
    storage.assets.report("sales/orders", partition=keys[0])
    missing = begin(partition="", way="missing")
    assert [part.partition for part in storage.backfills.partitions(missing.id, limit=10_000)] == [
        key for key in there if key != keys[0]
    ]


def test_a_backfill_that_can_not_be_is_said_at_its_input(site):
    url = "/launch?selection=sales%2Forders"
    keys = [option.get("value") for option in page(site.ask("GET", url)).get_element_by_id("partition-keys")][::-1]
    ends = {"partition": keys[2], "partition_end": keys[0]}
    assert "comes after" in beside(page(site.ask("POST", url, {**ends, "way": "backfill"})), "partition_end")
    assert "there is no 'all'" in beside(page(site.ask("POST", url, {"way": "all"})), "way")
    end = {"partition_end": keys[0], "way": "backfill"}
    assert "the first of several" in beside(page(site.ask("POST", url, end)), "partition")
    answer = page(site.ask("POST", url, {"partition": "1999-01-01", "way": "missing"}))
    assert "There is no partition '1999-01-01'" in beside(answer, "partition")
    assert answer.get_element_by_id("way").value == "missing"


def test_a_partition_is_chosen_of_those_that_there_are(site):
    url = "/launch?selection=" + quote("sales/orders")
    tree = page(site.ask("GET", url))
    keys = tree.xpath("//datalist/option/@value")
    assert tree.get_element_by_id("partition").get("value") == keys[0]
    assert "2024-01-02" not in keys or len(keys) < 500
    assert "There is no partition '1999-01-01'" in beside(
        page(site.ask("POST", url, {"partition": "1999-01-01"})), "partition"
    )
    assert "needs a value" in beside(page(site.ask("POST", url, {"partition": ""})), "partition")
    wrong = site.ask("POST", url, {"partition": "2024-01-05", "partition_end": "2024-01-02"})
    assert "comes after" in beside(page(wrong), "partition_end")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/launch", "Nothing is chosen to run"),
        ("/launch?job=x", "is not LOCATION:JOB"),
        ("/launch?job=tuned:nothing", "There is no job 'nothing'"),
        ("/launch?selection=((", "can't be read"),
        ("/launch?selection=feed", "chooses nothing that can be made"),
    ],
)
def test_what_cannot_run_is_said_on_the_page(site, url, words):
    answer = site.ask("GET", url)
    assert words in said(page(answer))
    assert not page(answer).xpath("//form[@method='post']//button[@class='primary']")


def test_another_site_launches_nothing(site):
    async def send():
        transport = httpx.ASGITransport(site.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3030") as client:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            foreign = {**form, "Origin": "http://evil.example"}
            return [
                (await client.post("/launch?selection=after", content="", headers=headers)).status_code
                for headers in (form, foreign)
            ]

    assert asyncio.run(send()) == [403, 403]


def test_the_api_launches_and_says_what_is_wrong_before_anything_starts(site):
    wrong = site.ask(
        "POST", "/api/launch", json={"selection": "tuned", "config": {"ops": {"tuned": {"config": {"limit": "x"}}}}}
    )
    assert wrong.status_code == 400
    assert wrong.json()["problems"][0]["message"].startswith("ops.tuned.config.limit must be a whole number")
    body = {"job": "tuned:chore", "tags": {"by": "api"}, "config": {"ops": {"tidy": {"config": {"count": 1}}}}}
    answer = site.ask("POST", "/api/launch", json=body)
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert data["url"] == f"/runs/{data['id']}"
    run = wait_for_end(site.operations, site.operations.read().runs.get(data["id"]))
    assert (run.number, run.tags, run.status) == (data["number"], {"by": "api"}, "succeeded")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Nothing is chosen"),
        ([], "no object"),
        ({"selection": "tuned", "job": "tuned:chore"}, "exclude each other"),
        ({"selection": "tuned", "what": 1}, "There is no key 'what'"),
        ({"selection": "tuned", "tags": {"a": 1}}, "no object of texts"),
        ({"selection": "tuned"}, "ops.tuned.config.limit needs a value"),
        ({"selection": "sales/orders"}, "partition needs a value"),
        ({"selection": "sales/orders", "partition": "x"}, "There is no partition 'x'"),
        ({"selection": "tuned", "partition_range": ["a"]}, "no list of the first and the last"),
        ({"job": "tuned:nothing"}, "There is no job"),
        ({"selection": "after", "partition": "x"}, "nothing that is made has partitions"),
    ],
)
def test_the_api_refuses_what_makes_no_sense(site, body, words):
    answer = site.ask("POST", "/api/launch", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["problems"][0]["message"]
