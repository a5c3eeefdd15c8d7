"""Locations that harm whatever they can reach, in forks of a parent: nothing is left of them, and nobody else notices."""

from __future__ import annotations

import dataclasses

import pytest
from hostile_locations import HOSTILE

from atoll_host.envs.loading.warm import SUPPORTED
from atoll_host.envs.processes.table import list_adopted
from tests_support import gone, until

pytestmark = [
    pytest.mark.skipif(not SUPPORTED, reason="platform: warm parents are Linux's own"),
    pytest.mark.soak,
]
PLAIN = "import os, sys, time, signal, subprocess, tempfile, threading\nimport atoll\ndefs = atoll.Definitions()\n"
MEMORY = 256 * 1024**2


UNKNOWN = {"hands_itself_on", "daemonises_without_variables"}
"""What is left of these shows only where every process below ours is a worker's: see `Runner.alone`."""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_fork_leaves_nothing(warm, loading, name):
    hostile = HOSTILE[name]
    before = set(list_adopted())
    one = warm(PLAIN, timeout=30)
    one.runner.alone = name in UNKNOWN
    parent = one.parent.pid
    loading.write("module.py", hostile.text)
    limits = {"memory": MEMORY if "memory" in hostile.limits else None, "cpu": 1.0 if "cpu" in hostile.limits else None}
    outcome = one.parent.load(dataclasses.replace(one.request(), **limits))
    if outcome is not None and outcome.definitions is None:
        assert {problem.kind for problem in outcome.problems} <= {*hostile.kinds}
    # What it started has ended with it.
    assert until(lambda: set(list_adopted()) - before <= {parent}, seconds=10)
    if one.parent.usable(one.request()):
        loading.write("module.py", PLAIN)
        assert one.load().problems == ()
    else:
        assert until(lambda: gone(parent))
    one.parent.close()
    assert until(lambda: set(list_adopted()) - before == set(), seconds=10)
