"""What the forms on a backfill's page ask for: only from the page itself."""

from __future__ import annotations

import pytest

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.backfilling.driving import Backfiller, list_open_runs
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.automation_records import NewBackfill


@pytest.fixture
def storage(served):
    with Instance(StateFolder(served.folder / ".atoll")).open_storage() as storage:
        yield storage


@pytest.fixture
def own(served):
    return {"Origin": served.url, "Accept": "text/html"}


def test_a_backfill_is_canceled_with_its_runs_and_made_again(client, storage, own):
    backfill = storage.backfills.create(NewBackfill(["a", "b"], selection="*", options={"max_runs": 1}))
    address = f"/backfills/{backfill.number}"
    Backfiller(storage).run_once()
    assert client.post(f"{address}/cancel").status_code == 403
    refused = client.post(f"{address}/retry", headers=own)
    assert (refused.status_code, "still goes on" in refused.text) == (409, True)
    assert len(list_open_runs(storage, backfill.id)) == 1
    answer = client.post(f"{address}/cancel", headers=own)
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert storage.backfills.get(backfill.id).counts == {"canceled": 2}
    assert list_open_runs(storage, backfill.id) == []
    assert client.post(f"{address}/retry", headers=own).status_code == 303
    assert storage.backfills.get(backfill.id).counts == {"waiting": 2}
    assert client.post("/backfills/987654/cancel", headers=own).status_code == 404
