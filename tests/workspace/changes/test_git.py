"""What git says has changed since a revision."""

from __future__ import annotations

import contextlib
import os

import pytest
from repositories import Repo

from atoll_host.envs.errors import UsageError

ODD = [
    "a b.txt",
    "line\nend.txt",
    'tab\tand "quotes".txt',
    "grüße.txt",
    "back\\slash.txt",
    os.fsdecode(b"not-\xff-utf8.txt"),
]


def statuses(repo, ref="HEAD"):
    repository = repo.repository()
    return dict(repository.changes(repository.resolve(ref)).statuses)


@pytest.fixture
def filled(repo):
    repo.write({"one.txt": "1", "two.txt": "2", "folder/three.txt": "3", ".gitignore": "ignored*\n"})
    repo.commit()
    return repo


def test_committed_staged_unstaged_and_untracked_changes_count_and_ignored_files_do_not(filled):
    filled.git("checkout", "-q", "-b", "work")
    filled.write({"one.txt": "changed"}).commit()
    filled.write({"two.txt": "changed", "ignored.txt": "", "new/file.txt": ""})
    filled.git("add", "two.txt")
    filled.write({"folder/three.txt": None})
    expected = {"one.txt": "M", "two.txt": "M", "folder/three.txt": "D", "new/file.txt": "A"}
    assert statuses(filled, "main") == expected


def test_a_rename_is_two_paths(filled):
    filled.git("mv", "one.txt", "moved.txt")
    assert statuses(filled) == {"one.txt": "D", "moved.txt": "A"}


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_any_path_is_given_as_the_file_system_has_it(filled, name):
    try:
        filled.write({name: "1"})
    except OSError:
        pytest.skip("platform: the file system refuses such a name")
    assert statuses(filled) == {name: "A"}
    filled.commit()
    filled.write({name: "2"})
    assert statuses(filled) == {name: "M"}


def test_work_is_compared_with_where_it_began_and_exactly_where_that_is_asked_for(filled):
    filled.git("checkout", "-q", "-b", "work")
    filled.write({"mine.txt": ""}).commit()
    filled.git("checkout", "-q", "main")
    tip = filled.write({"theirs.txt": ""}).commit()
    filled.git("checkout", "-q", "work")
    assert statuses(filled, "main") == {"mine.txt": "A"}
    repository = filled.repository()
    assert repository.resolve("main", exact=True).commit == tip
    assert repository.resolve("main...", exact=True) == repository.resolve("main")


def test_without_a_common_history_the_revision_itself_counts(filled):
    filled.git("checkout", "-q", "--orphan", "other")
    filled.commit()
    assert statuses(filled, "main") == {}


def test_a_changed_submodule_is_one_path(filled, tmp_path, runner):
    inner = Repo(tmp_path / "inner", runner, tmp_path / "cache")
    inner.write({"file.py": "1"}).commit()
    filled.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "part")
    filled.commit()
    assert statuses(filled) == {}
    filled.write({"part/file.py": "2"})
    assert statuses(filled) == {"part": "M"}
    filled.write({"part/file.py": "1", "part/untracked.py": "2"})
    assert statuses(filled) == {"part": "M"}


def test_a_repository_inside_that_is_no_submodule_is_one_path(filled, runner, tmp_path):
    Repo(filled.path / "inside", runner, tmp_path / "cache").write({"file.py": "1"}).commit()
    assert statuses(filled) == {"inside": "A"}


def test_a_hook_s_variables_do_not_mislead(filled, tmp_path):
    filled.variables |= {"GIT_DIR": str(tmp_path / "nowhere"), "GIT_INDEX_FILE": "gone", "GIT_WORK_TREE": "/"}
    filled_repository = filled.repository()
    (filled.path / "one.txt").write_text("changed")
    assert dict(filled_repository.changes(filled_repository.resolve("HEAD")).statuses) == {"one.txt": "M"}


def test_the_top_is_found_from_a_folder_and_through_a_link(filled, tmp_path):
    repository = type(filled.repository()).find(filled.runner, filled.path / "folder", filled.variables)
    assert repository.top == filled.path
    link = tmp_path / "link"
    link.symlink_to(filled.path)
    assert type(repository).find(filled.runner, link / "folder", filled.variables).top == link


@pytest.mark.parametrize("name", ["", "nothing", "-x", "--all", "HEAD~99", "a b"])
def test_what_is_no_revision_is_refused(filled, name):
    with pytest.raises(UsageError, match="There is no revision"):
        filled.repository().resolve(name)


def test_the_files_of_a_commit_are_checked_out_and_gone_afterwards(filled):
    repository = filled.repository()
    commit = filled.git("rev-parse", "HEAD")
    filled.write({"one.txt": "changed"})
    with contextlib.suppress(ZeroDivisionError), repository.checked_out(commit) as folder:
        assert (folder / "one.txt").read_text() == "1"
        assert folder.name == filled.path.name
        filled.runner.close()
        raise ZeroDivisionError
    assert not folder.parent.exists()
    assert "\n" not in filled.git("worktree", "list")
    assert (filled.path / "one.txt").read_text() == "changed"
