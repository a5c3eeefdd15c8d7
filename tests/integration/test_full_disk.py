"""A disk that is full: what is known is still shown, nothing of before is lost, and all is well when there is room again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import pytest
from dev_server import DevServer

from command_line import Folder
from tests_support import until

MODULE = """from atoll import Definitions, asset


@asset
def {name}(): ...


defs = Definitions(assets=[{name}])
"""
PATTERN = """load_from:
  - python_file:
      relative_path: sales.py
      executable_path: {python}
"""


@pytest.fixture
def folder(tmp_path):
    """A workspace whose `.atoll` is a disk of 8 MiB of its own."""
    if not sys.platform.startswith("linux") or os.getuid() != 0:
        pytest.skip("platform: only root of a Linux machine mounts disks")
    folder = Folder(tmp_path / "shop")
    folder.write({"workspace.yaml": PATTERN.format(python=sys.executable), "sales.py": MODULE.format(name="orders")})
    disk = folder.path / ".atoll"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("platform: this machine lets nobody mount")
    yield folder
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(folder):
    """Write until nothing goes any more."""
    file = folder.path / ".atoll" / "filler"
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 512)
    return file


def names(server):
    return [row["name"] for row in server.get("/api/assets")]


def kinds(server):
    return [finding["kind"] for finding in server.get("/api/findings")]


def test_saved_code_is_shown_while_the_disk_is_full_and_kept_when_there_is_room_again(folder):
    with DevServer(folder.path) as server:
        server.until_settled()
        filler = fill(folder)
        folder.write({"sales.py": MODULE.format(name="customers_with_quite_a_long_name" * 20)})
        server.until(lambda: names(server) != ["orders"], "the edit is shown")
        server.until(lambda: kinds(server) == ["snapshot_not_kept"], "it is said that it is not kept")
        filler.unlink()
        folder.write({"sales.py": MODULE.format(name="invoices")})
        server.until(lambda: names(server) == ["invoices"] and not kinds(server), "all is well again")


def test_a_full_disk_loses_no_snapshot_and_commands_still_answer(folder):
    assert [row["name"] for row in folder.run("list", "assets", "--json").ended(0).json()["data"]] == ["orders"]
    kept = (folder.path / ".atoll/snapshots/sales.json").read_bytes()
    fill(folder)
    folder.write({"sales.py": MODULE.format(name="customers_with_quite_a_long_name" * 20)})
    listed = folder.run("list", "assets", "--json").ended(0)
    assert listed.json()["data"][0]["name"].startswith("customers")
    assert [problem["kind"] for problem in listed.problems] == ["snapshot_not_kept"]
    assert (folder.path / ".atoll/snapshots/sales.json").read_bytes() == kept
    assert not list((folder.path / ".atoll/snapshots").glob(".*"))


GREEDY = """from atoll import Definitions, asset
import time
from pathlib import Path

@asset
def small() -> int: return 1

@asset
def large(small) -> str: return "x" * 16_000_000

@asset
def greedy(context) -> int:
    with open(".atoll/filler", "wb", buffering=0) as file:
        try:
            while True: file.write(b"x" * 512)
        except OSError: pass
    try:
        for number in range(100_000):
            context.log.info("y" * 2000)
            time.sleep(0.001)
    finally:
        Path("interrupted").touch()

defs = Definitions(assets=[small, large, greedy])
"""


def test_a_value_for_which_there_is_no_room_fails_its_step_and_nothing_of_it_is_left(folder):
    folder.write({"sales.py": GREEDY})
    done = folder.run("materialize", "small or large", "--json").ended(1)
    assert [step["status"] for step in done.json()["data"]["steps"]] == ["succeeded", "failed"]
    assert "No space left" in done.problems[0]["message"]
    assert [file.name for file in (folder.path / ".atoll/storage").iterdir()] == ["small.json"]


def test_a_run_of_which_nothing_can_be_remembered_any_more_is_ended_and_fails_when_there_is_room_again(folder):
    folder.write({"sales.py": GREEDY})
    folder.run("materialize", "greedy", "--detach").ended(0)
    assert until((folder.path / "interrupted").exists)
    (folder.path / ".atoll/filler").unlink()

    def status():
        shown = folder.run("runs", "show", "1", "--json")
        return shown.json()["data"]["status"] if shown.status == 0 else None

    assert until(lambda: status() == "failed")
    assert "no room left on the disk" in folder.run("runs", "show", "1", "--json").json()["data"]["reason"]
