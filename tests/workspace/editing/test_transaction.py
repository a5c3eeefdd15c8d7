"""Files are written all together or not at all, and never outside of the folder that is meant."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap

import pytest

from atoll_host.envs.errors import ToolFailedError, UsageError
from atoll_host.workspace.editing import transaction as module
from atoll_host.workspace.editing.transaction import EditRefusedError, Transaction


def contents(folder):
    """Give every path below a folder with what is in it."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def change(tmp_path):
    """A transaction of every kind of change, on a folder that has two files."""
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "other").write_bytes(b"other")
    transaction = Transaction(tmp_path)
    transaction.create(tmp_path / "a/b/new.py", "new")
    transaction.create(tmp_path / "a/run", b"#!", executable=True)
    transaction.make_folder(tmp_path / "a/empty")
    transaction.create(tmp_path / "single", "single")
    transaction.replace(tmp_path / "old", "OLD", expected=b"old")
    transaction.replace(tmp_path / "other", "OTHER", expected=b"other")
    return transaction


def test_everything_is_written(change, tmp_path):
    written = change.commit()

    assert contents(tmp_path) == {
        "a": None,
        "a/b": None,
        "a/b/new.py": b"new",
        "a/empty": None,
        "a/run": b"#!",
        "old": b"OLD",
        "other": b"OTHER",
        "single": b"single",
    }
    assert [path.name for path in written] == ["empty", "new.py", "run", "single", "old", "other"]
    assert os.access(tmp_path / "a/run", os.X_OK)
    assert not os.access(tmp_path / "a/b/new.py", os.X_OK)


def test_a_replaced_file_keeps_its_mode(tmp_path):
    (tmp_path / "x").write_bytes(b"1")
    (tmp_path / "x").chmod(0o640)
    transaction = Transaction(tmp_path)
    transaction.replace(tmp_path / "x", "2", expected=b"1")

    transaction.commit()

    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"]
)
def test_a_failure_anywhere_leaves_everything_as_it_was(change, tmp_path, monkeypatch, number, error):
    before = contents(tmp_path)
    count = iter(range(100))

    def failing(original):
        def move(*arguments):
            if next(count) == number:
                raise error
            return original(*arguments)

        return move

    monkeypatch.setattr(module, "_move_new", failing(module._move_new))
    monkeypatch.setattr(module, "_move_over", failing(module._move_over))
    if number == 4:
        change.commit()
        return
    with pytest.raises(ToolFailedError if isinstance(error, OSError) else KeyboardInterrupt):
        change.commit()

    assert contents(tmp_path) == before


def test_a_full_disk_while_writing_leaves_everything_as_it_was(change, tmp_path, monkeypatch):
    before = contents(tmp_path)
    write = module._write

    def full(path, content, mode, **options):
        if content == b"OTHER":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, content, mode, **options)

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(ToolFailedError, match=r"Nothing was changed: .*No space left") as error:
        change.commit()

    assert error.value.problems[0].hint == "make room and run the command again"
    assert contents(tmp_path) == before


def test_ctrl_c_between_the_moves_waits_and_then_takes_everything_back(change, tmp_path, monkeypatch):
    before = contents(tmp_path)
    move = module._move_over

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        return move(*arguments)

    monkeypatch.setattr(module, "_move_over", interrupted)
    with pytest.raises(KeyboardInterrupt):
        change.commit()

    assert contents(tmp_path) == before


@pytest.mark.parametrize("moves", range(5))
def test_a_kill_leaves_each_file_old_or_new_and_the_same_command_finishes(tmp_path, moves):
    (tmp_path / "old").write_bytes(b"old")
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from atoll_host.workspace.editing import transaction as module
        root, moves = Path(sys.argv[1]), int(sys.argv[2])
        done = iter(range(1, 100))
        def killing(original):
            def move(*arguments):
                if moves == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                undo = original(*arguments)
                if next(done) == moves:
                    os.kill(os.getpid(), signal.SIGKILL)
                return undo
            return move
        if moves < 4:
            module._move_new = killing(module._move_new)
            module._move_over = killing(module._move_over)
        change = module.Transaction(root)
        change.create(root / "a/b", "b")
        change.create(root / "a/c", "c")
        change.create(root / "d", "d")
        change.replace(root / "old", "new", expected=(root / "old").read_bytes())
        change.commit()
    """)
    command = [sys.executable, "-c", script, str(tmp_path)]

    killed = subprocess.run([*command, str(moves)], check=False, capture_output=True, text=True)
    assert killed.returncode == (-signal.SIGKILL if moves < 4 else 0), killed.stderr
    seen = {name: content for name, content in contents(tmp_path).items() if ".atoll-new-" not in name}
    assert seen["old"] in {b"old", b"new"}
    assert seen.keys() in [{"old"}, {"old", "a", "a/b", "a/c"}, {"old", "a", "a/b", "a/c", "d"}]

    again = subprocess.run([*command, "9"], check=False, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert contents(tmp_path) == {"a": None, "a/b": b"b", "a/c": b"c", "d": b"d", "old": b"new"}


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "x").write_text("mine")
    transaction = Transaction(tmp_path)
    transaction.create(tmp_path / "x", "yours")
    transaction.create(tmp_path / "y", "y")

    with pytest.raises(UsageError, match="x exists already"):
        transaction.commit()

    assert contents(tmp_path) == {"x": b"mine"}


def test_a_file_that_is_there_with_that_very_content_is_no_obstacle(tmp_path):
    (tmp_path / "x").write_text("same")
    transaction = Transaction(tmp_path)
    transaction.create(tmp_path / "x", "same")

    assert transaction.commit() == ()


@pytest.mark.parametrize("kind", ["folder", "broken-link"])
def test_anything_else_in_the_place_of_a_file_is_an_obstacle(tmp_path, kind):
    if kind == "folder":
        (tmp_path / "x").mkdir()
        where = tmp_path / "x"
    else:
        (tmp_path / "x").symlink_to(tmp_path / "nowhere")
        (tmp_path / "nowhere").mkdir()
        where = tmp_path / "nowhere"
    transaction = Transaction(tmp_path)
    transaction.create(where, "x")

    with pytest.raises(UsageError, match="exists already"):
        transaction.commit()


def test_a_file_in_the_place_of_a_folder_is_an_obstacle(tmp_path):
    (tmp_path / "x").write_text("x")
    transaction = Transaction(tmp_path)
    transaction.create(tmp_path / "x/y", "y")

    with pytest.raises(UsageError, match="is a file, and a folder is needed there"):
        transaction.commit()

    assert contents(tmp_path) == {"x": b"x"}


def test_what_somebody_else_has_changed_meanwhile_is_left_alone(tmp_path):
    (tmp_path / "x").write_text("theirs")
    transaction = Transaction(tmp_path)
    transaction.replace(tmp_path / "x", "ours", expected=b"as read")

    with pytest.raises(EditRefusedError, match="x was changed by somebody else in the meantime"):
        transaction.commit()

    assert (tmp_path / "x").read_text() == "theirs"


def test_a_new_file_that_appears_at_the_last_moment_is_left_alone(tmp_path, monkeypatch):
    transaction = Transaction(tmp_path)
    transaction.create(tmp_path / "x", "ours")
    move = module._move_new

    def late(hidden, path):
        path.write_text("theirs")
        return move(hidden, path)

    monkeypatch.setattr(module, "_move_new", late)
    with pytest.raises(UsageError, match="exists already"):
        transaction.commit()

    assert contents(tmp_path) == {"x": b"theirs"}


@pytest.mark.parametrize("path", ["../x", "/elsewhere/x", "link/x", "file-link"])
def test_nothing_outside_of_the_root_is_written(tmp_path, path):
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "file").write_text("x")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "file-link").symlink_to(tmp_path / "file")
    transaction = Transaction(root)

    with pytest.raises(UsageError, match="leads out of"):
        transaction.create(root / path, "x")
    with pytest.raises(UsageError, match="leads out of"):
        transaction.replace(root / path, "x", expected=b"x")
    with pytest.raises(UsageError, match="leads out of"):
        transaction.make_folder(root / path)
    assert transaction.is_empty


def test_a_link_inside_of_the_root_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real")
    transaction = Transaction(tmp_path)
    transaction.replace(tmp_path / "link", "2", expected=b"1")

    transaction.commit()

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"2"


def test_a_file_system_without_links_is_written_to_all_the_same(change, tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    change.commit()

    assert (tmp_path / "single").read_bytes() == b"single"
    assert not [name for name in contents(tmp_path) if ".atoll-new-" in name]
