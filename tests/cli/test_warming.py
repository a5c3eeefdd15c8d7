"""The process of a run is started early, and leaves nothing behind where it was not needed."""

from __future__ import annotations

import sys

import psutil
import pytest

CODE = "from atoll import Definitions, asset\n\n\n@asset\ndef one() -> int:\n    return 1\n\n\ndefs = Definitions(assets=[one])\n"


@pytest.fixture
def shop(folder):
    entry = f"  - python_file:\n      relative_path: shop.py\n      executable_path: {sys.executable}\n"
    return folder.write({"workspace.yaml": f"load_from:\n{entry}", "shop.py": CODE})


def list_hosts(folder):
    """List the processes of runs whose working directory is this one."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words, place = process.info["cmdline"] or [], process.info["cwd"]
        if "atoll_host.runs.host" in words and place == str(folder.path):
            found.append(process)
    return found


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("materialize", "nothing_like_it"), 2),
        (("materialize", "one", "--no-such-option"), 2),
        (("run", "no_such_job"), 2),
        (("runs", "retry", "7"), 1),
        (("materialize", "one", "--dry-run"), 0),
        (("materialize", "one", "--help"), 0),
    ],
)
def test_a_command_that_starts_no_run_leaves_no_process_of_one(shop, words, status):
    shop.run(*words).ended(status)
    psutil.wait_procs(list_hosts(shop), timeout=30)
    assert list_hosts(shop) == []


def test_a_run_is_carried_out_by_the_process_that_was_started_early(shop):
    shop.run("materialize", "one").ended(0)
    psutil.wait_procs(list_hosts(shop), timeout=30)
    assert list_hosts(shop) == []
