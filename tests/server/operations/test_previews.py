"""Previews by a server: several at once, and none that keeps it from ending."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from file_workspaces import write_workspace
from operating import load_operations

from atoll_host.envs.errors import ToolFailedError
from atoll_host.runs.automation.preview import REMEMBERED
from tests_support import gone, until

SLOW = """
import os, pathlib, time
import atoll

HERE = pathlib.Path(__file__).parent

@atoll.asset
def numbers():
    return 1

@atoll.sensor(target=[numbers])
def quick(context):
    return atoll.SkipReason(str(os.getpid()))

@atoll.sensor(target=[numbers])
def endless(context):
    (HERE / "process").write_text(str(os.getpid()))
    time.sleep(600)

defs = atoll.Definitions(assets=[numbers], sensors=[quick, endless])
"""


@pytest.fixture
def operations(tmp_path):
    folder = write_workspace(tmp_path, one=SLOW)
    operations = load_operations(folder)
    operations.folder = folder.path
    yield operations
    operations.close()


def test_many_at_once_are_each_evaluated_in_a_process_of_its_own(operations):
    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(operations.preview, "sensor", "one", "quick", cursor=REMEMBERED) for _ in range(8)]
        processes = {int(one.result().skip_reason) for one in work}
    assert len(processes) == 8
    assert all(map(gone, processes))
    assert operations.read() is None


def test_one_that_goes_on_ends_with_the_server(operations):
    failed = []

    def work():
        try:
            operations.preview("sensor", "one", "endless", cursor=None)
        except ToolFailedError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    file = operations.folder / "process"
    assert until(lambda: file.is_file() and file.read_text())
    began = time.monotonic()
    operations.close()
    thread.join(30)
    assert not thread.is_alive()
    assert time.monotonic() - began < 20
    assert "the server is stopping" in str(failed[0])
    assert until(lambda: gone(int(file.read_text())))
