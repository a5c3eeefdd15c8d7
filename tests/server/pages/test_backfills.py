"""The pages of backfills, from what is remembered."""

from __future__ import annotations

import lxml.html
import pytest
from live_pages import Client, harmless

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.backfilling.driving import Backfiller, list_open_runs
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.automation_records import NewBackfill
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace
from atoll_host.workspace.location import Workspace

TEXT = "<script>alert(1)</script> {{ 7 * 7 }} </td></table>"


@pytest.fixture
def client(tmp_path):
    hub = Hub()
    hub.change("workspace", lambda live: LiveWorkspace(workspace=Workspace(tmp_path, None, ())))
    client = Client(hub)
    yield client
    client.close()


@pytest.fixture
def storage(tmp_path):
    with Instance(StateFolder(tmp_path / ".atoll")).open_storage() as storage:
        yield storage


def begin(storage, keys="abcd", **more):
    options = {"batch": 1, "max_runs": 2, "assets": ["orders"]}
    return storage.backfills.create(NewBackfill(list(keys), **{"selection": "orders", "options": options, **more}))


def read(client, address):
    return lxml.html.document_fromstring(client.get(address).text)


def test_before_the_first_backfill_the_command_that_brings_one_is_told(client, tmp_path):
    assert "atoll backfill SELECTION --all" in read(client, "/backfills").text_content()
    assert client.get("/backfills/1").status_code == 404
    assert not (tmp_path / ".atoll").exists()


def test_a_backfill_shows_how_far_it_is(client, storage):
    backfill = begin(storage)
    Backfiller(storage).run_once()
    second, first = list_open_runs(storage, backfill.id)
    storage.runs.update_status(first.id, "failed", reason="no price")
    tree = read(client, "/backfills/1")
    classes = {
        item.text_content().split(":")[0]: item.get("class").split()[-1] for item in tree.xpath("//li[@data-key]")
    }
    assert classes == {"a": "cell-failed", "b": "cell-running", "c": "cell-waiting", "d": "cell-waiting"}
    (label,) = tree.xpath("//svg/@aria-label")
    assert label == "1 failed, 1 running, 2 waiting of 4"
    assert tree.xpath("//form[@method='post']/@action") == ["/backfills/1/cancel"]
    assert tree.xpath("//tr/@data-key") == [f"run-{second.number}", f"run-{first.number}"]
    assert tree.xpath("//li[@data-key='cell-0']/a/@href") == [f"/runs/{first.id}"]
    (row,) = read(client, "/backfills").xpath("//tr[@data-key='backfill-1']")
    assert "1 failed 1 running 2 waiting of 4" in " ".join(row.text_content().split())


def test_what_is_left_of_a_backfill_that_ended_can_be_made_again(client, storage):
    backfill = begin(storage)
    storage.backfills.cancel(backfill.id, "not wanted")
    tree = read(client, f"/backfills/{backfill.id}")
    assert tree.xpath("//form[@method='post']/@action") == ["/backfills/1/retry"]
    assert "not wanted" in tree.text_content()


def test_many_partitions_and_backfills_are_read_a_page_at_a_time(client, storage):
    begin(storage, [f"k{number}" for number in range(1200)])
    tree = read(client, "/backfills/1")
    assert len(tree.xpath("//li[@data-key]")) == 1000
    (address,) = tree.xpath("//nav[@aria-label='Pages of partitions']/a/@href")
    assert len(read(client, address.split("#")[0]).xpath("//li[@data-key]")) == 200
    for _ in range(60):
        begin(storage, "a")
    (older,) = read(client, "/backfills").xpath("//a[@rel='next']/@href")
    assert read(client, older).xpath("//tr/@data-key") == [f"backfill-{number}" for number in range(11, 0, -1)]


def test_what_somebody_wrote_is_shown_as_it_is(client, storage):
    begin(storage, [TEXT, "b"], selection=TEXT)
    for address in ("/backfills", "/backfills/1"):
        html = client.get(address).text
        assert harmless(html)
        assert TEXT in lxml.html.document_fromstring(html).text_content()


@pytest.mark.parametrize("address", ["/backfills?before=x", "/backfills/1?from=-1"])
def test_a_wrong_parameter_is_told(client, storage, address):
    begin(storage)
    assert client.get(address).status_code == 400
