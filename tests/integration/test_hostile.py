"""Locations that harm whatever they can reach cost nobody else anything."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import pytest
from hostile_locations import GOOD_NAMES, HANGING, HOSTILE, mingled, write

from atoll_host.envs.processes.confinement import Confinement
from tests_support import until

LINUX = sys.platform.startswith("linux")
pytestmark = pytest.mark.skipif(not LINUX, reason="platform: limits and escaped descendants are looked after on Linux")
TIMEOUT = 8.0
DEADLY = ("kills_its_parent", "kills_everybody")
"""What nothing but a Landlock scope keeps from ending the host."""


def names():
    return [name for name in mingled() if name not in DEADLY or Confinement().works]


def carriers(mark):
    """List the processes that were started with a variable of this value, or below one that was."""
    found = []
    for status in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (status / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if state != "Z" and mark.encode() in (status / "environ").read_bytes():
                found.append((status.name, (status / "cmdline").read_bytes()))
    return found


def strangers(before):
    """List Python processes that sleep without any variable at all, which is how one of the hostile ones hides."""
    found = []
    for status in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"time.sleep(600)" in (status / "cmdline").read_bytes() and not (status / "environ").read_bytes():
                found.append(status.name)
    return set(found) - before


def without_times(row):
    """Leave out what is another in every run."""
    if isinstance(row, dict):
        return {key: without_times(value) for key, value in row.items() if key not in {"seconds", "loaded_at"}}
    return [without_times(item) for item in row] if isinstance(row, list) else row


def fits(name, kinds):
    """Tell whether what was said of a location is what it did. On a busy machine, any of them may take too long."""
    expected = HOSTILE[name].kinds
    return kinds == ["timeout"] or (not expected and not kinds) or (len(kinds) == 1 and kinds[0] in expected)


class Run:
    """What came of listing good and hostile locations together."""

    def __init__(self, folder, timeout):
        self.folder = write(folder, names(), timeout)
        self.temporary = folder.path / "t"
        self.temporary.mkdir()
        self.mark = f"hostile-{os.getpid()}-{time.monotonic_ns()}"
        variables = {"MARK": self.mark, "TMPDIR": str(self.temporary)}
        before = strangers(set())
        started = time.monotonic()
        self.together = folder.run("list", "--json", variables=variables).ended(1)
        self.seconds = time.monotonic() - started
        self.left = not until(lambda: not carriers(self.mark) and not strangers(before), seconds=20)
        self.processes = carriers(self.mark)
        # The same files and the same place in the same folder, without the others.
        write(folder, GOOD_NAMES, timeout)
        self.alone = folder.run("list", "--json", variables=variables).ended(0)

    def kinds(self, name):
        return [problem["kind"] for problem in self.together.problems if problem["location"] == name]

    def rows(self, outcome):
        return {row["name"]: without_times(row) for row in outcome.json()["data"]}


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 30
    assert len(HANGING) == len(GOOD_NAMES) == 10


def test_hostile_locations_cost_nobody_else_anything(folder):
    """All in one test: with a run for each worker of xdist, hostile locations would meet hostile locations."""
    run = Run(folder, TIMEOUT)
    together, alone = run.rows(run.together), run.rows(run.alone)
    for name in GOOD_NAMES:
        assert json.dumps(together[name]) == json.dumps(alone[name])
    assert not [problem for problem in run.together.problems if problem["location"] in GOOD_NAMES]
    assert not run.left, run.processes
    assert not list(run.temporary.iterdir())
    wrong = {name: kinds for name in names() if name in HOSTILE and not fits(name, kinds := run.kinds(name))}
    assert not wrong
    # Messages are cut to what can be read.
    assert len(run.together.out) < 5_000_000
    assert all(len(problem["message"]) < 20_000 for problem in run.together.problems)
    # One hang after the other takes ten times the timeout. The test below is exact, on a machine that is idle.
    assert run.seconds < 8 * TIMEOUT


@pytest.mark.soak
def test_hanging_locations_among_good_ones_take_at_most_twice_the_timeout(tmp_path):
    """On two cores that nobody else uses, with the timeout that locations have unless they say otherwise."""
    from command_line import Folder

    assert Run(Folder(tmp_path), 60.0).seconds <= 2 * 60
