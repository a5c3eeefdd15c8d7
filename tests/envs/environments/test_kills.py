"""A sync that is killed anywhere leaves the old or the new environment current, and both are complete."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from atoll_host.envs.environments.generations import RECORD

from .conftest import installed

DRIVER = Path(__file__).with_name("sync_driver.py")
OLD = ("attrs==23.2.0", "idna==3.7", "iniconfig==2.0.0", "packaging==24.0", "six==1.16.0")
NEW = ("attrs==24.2.0", "idna==3.10", "iniconfig==2.1.0", "packaging==24.2", "six==1.17.0")


def names(requirements) -> set[str]:
    return {requirement.replace("==", "-") for requirement in requirements}


def verify(prefix: Path) -> int:
    """Check every file of every RECORD in an environment against its hash; give how many there were."""
    count = 0
    for record in prefix.glob("lib/*/site-packages/*.dist-info/RECORD"):
        for name, digest, _ in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            file = record.parent.parent / name
            assert file.is_file(), f"{file} is missing"
            count += 1
            if digest:
                kind, _, wanted = digest.partition("=")
                found = base64.urlsafe_b64encode(hashlib.new(kind, file.read_bytes()).digest()).rstrip(b"=").decode()
                assert found == wanted, f"{file} is not what was installed"
    return count


@dataclass
class Victim:
    """A project whose five packages are replaced again and again."""

    bench: object
    spec: object
    states: list[tuple[str, str]]
    seconds: float = 0.0

    def put(self, index: int, *, lock_too: bool) -> None:
        project, lock = self.states[index]
        (self.spec.source / "pyproject.toml").write_text(project)
        if lock_too:
            (self.spec.source / "uv.lock").write_text(lock)

    def start(self, mode: str, days: int) -> subprocess.Popen:
        words = [sys.executable, DRIVER, self.bench.root, self.bench.cache, mode, str(days)]
        return subprocess.Popen(
            words, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, mode: str, days: int) -> None:
        begun = time.monotonic()
        with self.start(mode, days) as process:
            out, _ = process.communicate(timeout=240)
        assert process.returncode == 0, out.decode()
        self.seconds = time.monotonic() - begun

    def kill(self, mode: str, days: int, after: float, *, children: bool = True) -> bool:
        """Kill a sync (and its children) after so many seconds; say whether it was still at work."""
        with self.start(mode, days) as process:
            time.sleep(after)
            alive = process.poll() is None
            if alive and children:
                os.killpg(process.pid, signal.SIGKILL)
            elif alive:
                process.kill()
            process.wait(timeout=60)
        return alive

    def check(self) -> set[str]:
        """Check that what is current is complete, and give its packages."""
        generation = self.bench.environments.generations(self.spec).current()
        assert generation is not None
        found = installed(generation.prefix)
        assert found in (names(OLD), names(NEW))
        assert verify(generation.prefix) > 50
        assert generation.executable.exists()
        assert ((self.spec.source / ".venv").resolve() / RECORD).is_file()
        tomllib.loads((self.spec.source / "uv.lock").read_text())
        inspection = self.bench.inspect(self.spec)
        assert inspection.environment is not None, inspection.reason
        return found


@pytest.fixture
def victim(bench):
    spec = bench.project(*NEW)
    states = []
    for requirements in (OLD, NEW):
        bench.project(*requirements)
        bench.environments.lock(spec)
        texts = [(spec.source / name).read_text() for name in ("pyproject.toml", "uv.lock")]
        states.append(tuple(texts))
    victim = Victim(bench, spec, states)
    for index in (0, 1, 0):
        victim.put(index, lock_too=True)
        victim.run("frozen", 0)
    assert victim.check() == names(OLD)
    return victim


def kill_often(victim: Victim, times: int, seed: int) -> int:
    chance = random.Random(seed)
    killed = 0
    for number in range(times):
        locked_before = number % 4 < 2
        victim.put((number + 1) % 2, lock_too=locked_before)
        mode = "frozen" if locked_before else "update"
        killed += victim.kill(mode, number, chance.uniform(0.05, victim.seconds))
        victim.check()
    victim.put(1, lock_too=False)
    victim.run("update", times)
    assert victim.check() == names(NEW)
    generations = victim.bench.environments.generations(victim.spec)
    assert {path.name for path in victim.bench.generations()} == {one.prefix.name for one in generations.complete()}
    assert not [path for path in generations.folder.iterdir() if path.name.startswith(".")]
    return killed


def test_a_sync_that_is_killed_leaves_a_complete_environment(victim):
    assert kill_often(victim, 6, seed=1) > 0


def test_a_uv_that_outlives_its_killed_sync_does_not_disturb_the_next(victim):
    for number in range(3):
        victim.put((number + 1) % 2, lock_too=True)
        victim.kill("frozen", 0, victim.seconds * 0.5, children=False)
        victim.run("frozen", 0)
        assert victim.check() == (names(NEW), names(OLD))[number % 2]


def test_two_processes_that_sync_at_once_both_end_well(victim):
    victim.put(1, lock_too=True)
    with victim.start("frozen", 0) as one, victim.start("frozen", 0) as other:
        for process in (one, other):
            out, _ = process.communicate(timeout=240)
            assert process.returncode == 0, out.decode()
    assert victim.check() == names(NEW)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_killed_syncs_leave_a_complete_environment_each_time(victim):
    assert kill_often(victim, 100, seed=2) > 50
