"""What changes is told, once, to whom it concerns; what only looks like a change is not."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import Counter

import pytest

from atoll_host.server.supervising.clock import Clock
from atoll_host.server.supervising.interests import Interests
from atoll_host.server.supervising.watching import Watching


class Watcher:
    def __init__(self, root, *, poll: bool) -> None:
        self.root = root
        self.poll = poll
        self.told: list = []
        self.faults: list = []
        self.clock = Clock()
        self.changed = threading.Condition()
        self.watching = Watching(self._note, lambda *fault: self.faults.append(fault), self.clock, poll=poll)
        self.watching.start()

    def _note(self, changes) -> None:
        with self.changed:
            self.told += changes
            self.changed.notify_all()

    def follow(self, owner="L", *, since=None, files=(), folders=(), names="code", trees=(), patterns=()) -> None:
        interests = Interests(
            files=frozenset((str(self.root / name), concern) for name, concern in files),
            folders=frozenset((str(self.root / name), names) for name in folders),
            trees=tuple(str(self.root / name) for name in trees),
            patterns=tuple(str(self.root / name) for name in patterns),
            anchor=str(self.root),
        )
        self.watching.follow({owner: lambda: interests}, since=since)
        assert self.watching.wait(20)

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def hears(self, *expected: tuple[str, str], owner="L") -> None:
        """Wait until all of these were told since the last time."""
        with self.changed:

            def said():
                return {(os.path.relpath(one.path, self.root), one.how) for one in self.told if one.owner == owner}

            assert self.changed.wait_for(lambda: said() >= set(expected), 20), (expected, self.told)
        # What follows a change, such as folders that are new, is watched too.
        time.sleep(0.1)
        assert self.watching.wait(20)
        self.told.clear()

    def hears_nothing(self) -> None:
        time.sleep(0.8 if self.poll else 0.3)
        assert self.told == []


@pytest.fixture(params=[pytest.param(False, id="events"), pytest.param(True, id="polling")])
def watcher(request, tmp_path):
    made = Watcher(tmp_path, poll=request.param)
    yield made
    made.watching.close()
    made.clock.close()
    assert not made.faults


def test_a_file_in_place_in_one_step_deleted_and_back(watcher):
    watcher.write("a/one.py", "1")
    watcher.follow(files=[("a/one.py", "code")])
    watcher.write("a/one.py", "2")
    watcher.hears(("a/one.py", "saved"))
    watcher.write("a/.new", "3")
    (watcher.root / "a/.new").replace(watcher.root / "a/one.py")
    watcher.hears(("a/one.py", "saved"))
    (watcher.root / "a/one.py").unlink()
    watcher.hears(("a/one.py", "removed"))
    watcher.write("a/one.py", "3")
    watcher.hears(("a/one.py", "added"))


def test_touches_equal_content_and_strangers_are_no_change(watcher):
    watcher.write("a/one.py", "1")
    watcher.follow(files=[("a/one.py", "code")])
    os.utime(watcher.root / "a/one.py")
    watcher.write("a/one.py", "1")
    (watcher.root / "a/one.py").unlink()
    watcher.write("a/one.py", "1")
    watcher.write("a/two.py", "1")
    (watcher.root / "a/one.py").chmod(0o600)
    watcher.hears_nothing()


def test_a_file_that_is_emptied_for_good(watcher):
    watcher.write("a/one.py", "1")
    watcher.follow(files=[("a/one.py", "code")])
    watcher.write("a/one.py", "")
    watcher.hears(("a/one.py", "saved"))
    watcher.write("a/one.py", "1")
    watcher.hears(("a/one.py", "saved"))


def test_a_file_in_folders_that_do_not_exist_yet(watcher):
    watcher.follow(files=[("deep/er/.env", "variables")])
    watcher.write("deep/er/.env", "A=1")
    watcher.hears(("deep/er/.env", "added"))
    watcher.write("deep/er/.env", "A=2")
    watcher.hears(("deep/er/.env", "saved"))
    shutil.rmtree(watcher.root / "deep")
    watcher.hears(("deep/er/.env", "removed"))
    watcher.write("deep/er/.env", "A=3")
    watcher.hears(("deep/er/.env", "added"))


def test_a_folder_that_is_renamed_and_comes_back(watcher):
    watcher.write("a/in/one.py", "1")
    watcher.follow(files=[("a/in/one.py", "code")])
    for name in ("a", "a/in"):
        (watcher.root / name).rename(watcher.root / "aside")
        watcher.hears(("a/in/one.py", "removed"))
        (watcher.root / "aside").rename(watcher.root / name)
        watcher.hears(("a/in/one.py", "added"))
        watcher.write("a/in/one.py", f"{time.time_ns()}")
        watcher.hears(("a/in/one.py", "saved"))


def test_a_folder_that_is_replaced_by_another(watcher):
    watcher.write("a/one.py", "1")
    watcher.write("b/one.py", "2")
    watcher.follow(files=[("a/one.py", "code")])
    (watcher.root / "a").rename(watcher.root / "old")
    (watcher.root / "b").rename(watcher.root / "a")
    watcher.hears(("a/one.py", "saved"))
    watcher.write("a/one.py", "3")
    watcher.hears(("a/one.py", "saved"))


def test_python_files_that_appear_in_a_tree(watcher):
    watcher.write("a/one.py", "1")
    watcher.write("a/.venv/lib/x.py", "1")
    watcher.follow(trees=["a"])
    watcher.write("a/two.py", "1")
    watcher.hears(("a/two.py", "added"))
    watcher.write("a/new/inner/three.py", "1")
    watcher.hears(("a/new/inner/three.py", "added"))
    watcher.write("a/new/inner/three.py", "2")
    watcher.hears(("a/new/inner/three.py", "saved"))
    watcher.write("a/notes.txt", "1")
    watcher.write("a/.venv/lib/x.py", "2")
    watcher.hears_nothing()


def test_files_that_a_pattern_matches(watcher):
    watcher.write("data/1.csv", "1")
    watcher.follow(patterns=["data/**/*.csv"])
    watcher.write("data/1.csv", "2")
    watcher.hears(("data/1.csv", "saved"))
    watcher.write("data/2.csv", "2")
    watcher.hears(("data/2.csv", "added"))
    watcher.write("data/more/3.csv", "2")
    watcher.hears(("data/more/3.csv", "added"))
    watcher.write("data/4.txt", "2")
    watcher.hears_nothing()


def test_only_what_can_be_imported_counts_in_a_folder_that_modules_are_looked_for_in(watcher):
    watcher.write("a/one.py", "1")
    watcher.follow(folders=["a"], names="search")
    watcher.write("a/table.csv", "1")
    watcher.write("a/plot.png", "1")
    watcher.write("a/two.py", "1")
    watcher.hears(("a/two.py", "added"))
    watcher.write("a/package/__init__.py", "1")
    watcher.hears(("a/package", "added"))
    watcher.write("a/fast.cpython-313-x86_64-linux-gnu.so", "1")
    watcher.hears(("a/fast.cpython-313-x86_64-linux-gnu.so", "added"))
    (watcher.root / "a/two.py").unlink()
    watcher.hears(("a/two.py", "removed"))
    (watcher.root / "a/table.csv").unlink()
    watcher.hears_nothing()


def test_names_in_a_folder_that_is_listed_but_not_what_editors_leave(watcher):
    watcher.write("a/one.sql", "1")
    watcher.follow(folders=["a"])
    watcher.write("a/one.sql", "2")
    watcher.write("a/one.sql~", "2")
    watcher.write("a/4913", "2")
    watcher.write("a/.one.sql.swp", "2")
    (watcher.root / "a/__pycache__").mkdir()
    watcher.hears_nothing()
    watcher.write("a/two.sql", "2")
    watcher.hears(("a/two.sql", "added"))
    (watcher.root / "a/one.sql").unlink()
    watcher.hears(("a/one.sql", "removed"))


def test_each_owner_is_told_of_what_is_its_own(watcher):
    watcher.write("shared.py", "1")
    watcher.write("b.py", "1")
    watcher.follow("A", files=[("shared.py", "code")])
    watcher.follow("B", files=[("shared.py", "code"), ("b.py", "code")])
    watcher.write("shared.py", "2")
    watcher.hears(("shared.py", "saved"), owner="A")
    watcher.write("b.py", "2")
    watcher.hears(("b.py", "saved"), owner="B")
    watcher.watching.drop(["B"])
    assert watcher.watching.wait(20)
    watcher.write("shared.py", "3")
    watcher.hears(("shared.py", "saved"), owner="A")
    watcher.write("b.py", "3")
    watcher.hears_nothing()


def test_what_changed_after_a_load_began_that_told_of_it_is_a_change(watcher):
    since = time.time()
    watcher.write("a/one.py", "1")
    watcher.follow(files=[("a/one.py", "code")], since=since)
    watcher.hears(("a/one.py", "saved"))
    watcher.write("a/two.py", "1")
    time.sleep(0.1)
    watcher.follow(files=[("a/one.py", "code"), ("a/two.py", "code")], since=time.time())
    watcher.hears_nothing()


def test_a_link_to_a_file_elsewhere(watcher, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "real.py"
    elsewhere.write_text("1")
    (watcher.root / "link.py").symlink_to(elsewhere)
    watcher.follow(files=[("link.py", "code")])
    elsewhere.write_text("2")
    with watcher.changed:
        assert watcher.changed.wait_for(lambda: watcher.told, 20)


def test_nothing_is_missed_while_what_is_watched_changes_all_the_time(watcher):
    names = [f"f{number}/one.py" for number in range(30)]
    for name in names:
        watcher.write(name, "0")
    watcher.follow("main", files=[(name, "code") for name in names])
    stop = threading.Event()

    def churn() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            watcher.write(f"other{number % 7}/x{number}.py", "1")
            watcher.follow("other", files=[(f"other{number % 7}/x{number}.py", "code")], trees=[f"other{number % 7}"])

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for turn in range(1, 6):
            for name in names:
                watcher.write(name, str(turn))
                time.sleep(0.002)
            time.sleep(0.7 if watcher.poll else 0.1)
    finally:
        stop.set()
        thread.join()
    time.sleep(1)
    heard = Counter(os.path.relpath(one.path, watcher.root) for one in watcher.told if one.owner == "main")
    assert set(heard) == set(names)
    # Of each file the last write was told: what is known is what is there.
    for name in names:
        watcher.write(name, "5")
    watcher.told.clear()
    watcher.hears_nothing()


def test_a_system_that_watches_no_more_is_looked_at_again_and_again(tmp_path, monkeypatch):
    from atoll_host.server.supervising import watching

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(watching, "Notifier", refuse)
    watcher = Watcher(tmp_path, poll=False)
    try:
        watcher.write("a/one.py", "1")
        watcher.follow(files=[("a/one.py", "code")])
        watcher.write("a/one.py", "2")
        watcher.hears(("a/one.py", "saved"))
        ((owner, problem),) = watcher.faults
        assert owner is None
        assert problem.severity == "warning"
    finally:
        watcher.watching.close()
        watcher.clock.close()
