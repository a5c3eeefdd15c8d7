"""The folder of generations: what is current, what is wreckage, and what goes when."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from atoll_host.envs.environments import dot_venv, generations
from atoll_host.envs.environments.generations import CURRENT, RECORD, Generations, Record, executable_of
from atoll_host.envs.interpreters.interpreter import Interpreter

PYTHON = Interpreter("/p/python", (3, 11, 1), "3.11.1", "cpython", "/p", "/p", "/p/python", "linux-x86_64", "PATH")


class Clock:
    def __init__(self) -> None:
        self.time = time.time()

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path, clock):
    (tmp_path / "loc").mkdir()
    return Generations(tmp_path / "loc", clock)


def make(folder, fingerprint):
    prefix = folder.free_path(fingerprint)
    packages = prefix / "lib/site-packages"
    (packages / "six-1.dist-info").mkdir(parents=True)
    executable_of(prefix).parent.mkdir()
    executable_of(prefix).write_text("")
    record = Record(
        fingerprint,
        {"a": "b"},
        PYTHON,
        ("/p/python", 1, 2),
        "why",
        "uv",
        str(prefix),
        ("lib/site-packages",),
        ("six-1.dist-info",),
    )
    return folder.finish(prefix, record)


def test_nothing_is_current_at_first(folder):
    assert folder.current() is None
    assert folder.named() is None
    assert Generations(folder.folder / "nowhere").complete() == []


def test_what_was_made_current_is_read_back(folder):
    one = make(folder, "a" * 64)
    folder.make_current(one)
    assert folder.current() == one
    assert folder.named() == "a" * 12


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut-off"),
        pytest.param("[]", id="a-list"),
        pytest.param('{"generation": "../../x"}', id="outside"),
        pytest.param('{"generation": 3}', id="a-number"),
        pytest.param('{"generation": "gone"}', id="gone"),
    ],
)
def test_a_pointer_that_makes_no_sense_is_nothing_current(folder, text):
    (folder.folder / CURRENT).write_text(text)
    assert folder.current() is None


@pytest.mark.parametrize("text", ["", "{}", '{"form": 99}', "[1]"])
def test_a_record_that_makes_no_sense_is_no_generation(folder, text):
    one = make(folder, "a" * 64)
    folder.make_current(one)
    (one.prefix / RECORD).write_text(text)
    assert folder.current() is None
    assert folder.complete() == []


def test_a_new_generation_never_takes_a_name_that_is_there_even_of_wreckage(folder):
    make(folder, "a" * 64)
    (folder.folder / f"{'a' * 12}-1").mkdir()
    assert folder.free_path("a" * 64).name == f"{'a' * 12}-2"


def test_wreckage_and_temporary_files_are_removed(folder):
    one = make(folder, "a" * 64)
    (folder.folder / "wreck/deep").mkdir(parents=True)
    (folder.folder / ".current.json-0-new").write_text("")
    folder.remove_wreckage()
    assert [path.name for path in folder.folder.iterdir()] == [one.prefix.name]


def test_a_generation_is_found_again_unless_something_was_changed_in_it(folder):
    one = make(folder, "a" * 64)
    assert folder.find("a" * 64) == one
    assert folder.find("b" * 64) is None
    (one.prefix / "lib/site-packages/more-1.dist-info").mkdir()
    assert folder.find("a" * 64) is None


def test_the_current_one_the_one_before_and_young_ones_stay(folder, clock):
    made = []
    for letter in "abcd":
        made.append(make(folder, letter * 64))
        folder.make_current(made[-1])
        clock.time += 1
    assert folder.remove_unused() == []
    clock.time += 200_000
    removed = folder.remove_unused()
    assert {path.name[0] for path in removed} == {"a", "b"}
    assert folder.current() == made[3]


def test_where_users_cannot_be_seen_generations_stay_for_a_day(folder, clock, monkeypatch):
    monkeypatch.setattr(generations, "_can_see_users", lambda: False)
    for letter in "abc":
        folder.make_current(make(folder, letter * 64))
    clock.time += 80_000
    assert folder.remove_unused() == []
    clock.time += 10_000
    assert len(folder.remove_unused()) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: needs /proc to see who uses what")
def test_a_generation_that_a_process_uses_stays(folder, clock):
    for letter in "abc":
        folder.make_current(make(folder, letter * 64))
    clock.time += 200_000
    first = folder.folder / ("a" * 12)
    variables = {**os.environ, "VIRTUAL_ENV": str(first)}
    words = [sys.executable, "-c", "print(1, flush=True); input()"]
    with subprocess.Popen(words, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as user:
        user.stdout.readline()
        assert folder.remove_unused() == []
        user.communicate(b"\n", timeout=60)
    assert folder.remove_unused() == [first]


def test_everything_goes_when_that_is_asked_for(folder):
    for letter in "ab":
        folder.make_current(make(folder, letter * 64))
    assert len(folder.remove_unused(current=True, previous=True)) == 2
    assert folder.current() is None


def test_a_pointer_that_cannot_be_written_leaves_the_one_before(folder, monkeypatch):
    one = make(folder, "a" * 64)
    folder.make_current(one)
    other = make(folder, "b" * 64)

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(generations.Path, "write_text", fail)
        with pytest.raises(OSError, match="No space"):
            folder.make_current(other)
    assert folder.current() == one
    assert not [path for path in folder.folder.iterdir() if path.name.startswith(".")]


def test_links_are_replaced_at_once_and_taken_away_only_if_they_are_ours(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    first, second = (tmp_path / ".atoll/envs/loc" / name for name in ("one", "two"))
    for prefix in (first, second):
        prefix.mkdir(parents=True)
    assert dot_venv.can_link(project)
    assert dot_venv.link(project, first) is None
    assert dot_venv.link(project, second) is None
    assert (project / ".venv").resolve() == second.resolve()
    dot_venv.unlink(project, first)
    assert (project / ".venv").is_symlink()
    dot_venv.unlink(project, second)
    assert list(project.iterdir()) == []


def test_a_link_that_was_left_half_made_is_no_obstacle(tmp_path):
    project, prefix = tmp_path / "project", tmp_path / ".atoll/envs/loc/one"
    project.mkdir()
    prefix.mkdir(parents=True)
    (project / ".venv.atoll-new").symlink_to("nowhere")
    assert dot_venv.link(project, prefix) is None
    assert [path.name for path in project.iterdir()] == [".venv"]
