"""What the forms on a run's page ask for: only from the page itself, and what can't be done is said there."""

from __future__ import annotations

import pytest

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.records import Host, NewRun


@pytest.fixture
def storage(served):
    with Instance(StateFolder(served.folder / ".atoll")).open_storage() as storage:
        yield storage


@pytest.fixture
def own(served):
    return {"Origin": served.url, "Accept": "text/html"}


def test_a_form_may_only_be_sent_by_the_page_itself(client, storage, own):
    run = storage.runs.create(NewRun(selection="*"))
    assert client.post(f"/runs/{run.id}/cancel").status_code == 403
    assert client.post(f"/runs/{run.id}/cancel", headers={"Origin": "https://example.org"}).status_code == 403
    assert storage.runs.get(run.id).status == "queued"
    answer = client.post(f"/runs/{run.id}/cancel", headers=own)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run.number}")
    assert storage.runs.get(run.id).status == "canceled"


def test_what_cannot_be_done_is_said_on_a_page_with_a_way_back(client, storage, own):
    run = storage.runs.create(NewRun(selection="*"))
    storage.runs.take(run.id, Host("elsewhere", 1), lease=3600)
    answer = client.post(f"/runs/{run.number}/retry", headers=own)
    assert answer.status_code == 409
    assert f"Run {run.number} still goes on" in answer.text
    assert f'href="/runs/{run.number}"' in answer.text
    storage.runs.update_status(run.id, "failed")
    # It was remembered without a plan, so that nothing of it is known.
    answer = client.post(f"/runs/{run.number}/retry", headers=own)
    assert answer.status_code == 409
    answer = client.post(f"/runs/{run.number}/cancel", headers=own)
    assert answer.status_code == 409
    assert "has failed already" in answer.text
    assert client.post("/runs/987654/retry", headers=own).status_code == 404
