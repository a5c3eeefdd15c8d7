"""What breaks is said in one sentence, and what passes by itself is waited for."""

from __future__ import annotations

import concurrent.futures
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from postgresql_server import running_server

from atoll_host.runs.storage.errors import StorageBusyError, StorageError
from atoll_host.runs.storage.records import Event, NewRun
from atoll_host.runs.storage.store import Storage

FILL = """
import sys
from atoll_host.runs.storage.errors import StorageError
from atoll_host.runs.storage.records import Event, NewRun
from atoll_host.runs.storage.store import Storage

storage = Storage.open(sys.argv[1])
run = storage.runs.create(NewRun()).id
number = 0
try:
    while True:
        storage.events.append(run, [Event(number + one, 1.0, "log", payload={"message": "x" * 1000}) for one in range(1, 11)])
        number += 10
        print(number, flush=True)
except StorageError as error:
    print(error, flush=True)
"""


def say(url, patience=0.3):
    with pytest.raises(StorageError) as caught, Storage.open(url, patience=patience) as storage:
        storage.runs.create(NewRun())
    (problem,) = caught.value.problems
    assert "\n" not in problem.message
    assert problem.hint
    return problem.message


@pytest.fixture
def file(tmp_path):
    return tmp_path / "runs.db"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "can't be understood"),
        ("mysql://host/name", "runs can't be remembered in mysql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_that_means_nothing(url, message):
    assert message in say(url)


def test_a_file_that_is_no_database(file):
    file.write_bytes(b"something else altogether, and longer than a header of SQLite would be. " * 20)
    before = file.read_bytes()
    assert "is not a database of SQLite, or it is damaged" in say(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_database_with_a_damaged_page(file):
    with Storage.open(f"sqlite:///{file}") as storage:
        for _ in range(50):
            storage.runs.create(NewRun(selection="x" * 500))
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)
    assert str(file) in say(f"sqlite:///{file}")


def test_a_file_that_another_process_holds(file):
    Storage.open(f"sqlite:///{file}").close()
    with (
        sqlite3.connect(file, isolation_level=None) as other,
        Storage.open(f"sqlite:///{file}", patience=0.2) as storage,
    ):
        other.execute("BEGIN EXCLUSIVE")
        run = NewRun()
        with pytest.raises(StorageBusyError, match="another process has been writing"):
            storage.runs.create(run)
        other.execute("ROLLBACK")
        storage.runs.create(run)
    other.close()


def test_readers_do_not_wait_for_a_writer(file):
    with Storage.open(f"sqlite:///{file}") as storage:
        storage.runs.create(NewRun())
        with sqlite3.connect(file, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            assert storage.runs.count()["queued"] == 1
            assert time.monotonic() - began < 2
        other.close()


def test_a_folder_that_can_not_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    assert "can't be made" in say(f"sqlite:///{tmp_path / 'file' / 'runs.db'}")


def test_a_folder_in_place_of_the_file(file):
    file.mkdir()
    assert str(file) in say(f"sqlite:///{file}")


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_file_that_goes_while_it_is_used_is_noticed(file, how):
    storage = Storage.open(f"sqlite:///{file}")
    run = storage.runs.create(NewRun()).id
    file.unlink()
    if how == "replaced":
        Storage.open(f"sqlite:///{file}").close()
    for call in 2 * [lambda: storage.events.append(run, [Event(1, 1.0, "log")]), lambda: storage.runs.get(run)]:
        with pytest.raises(StorageError, match="was removed or replaced while it was in use"):
            call()
    storage.close()
    with Storage.open(f"sqlite:///{file}") as again:
        again.runs.create(NewRun())


def test_who_waits_for_news_hears_that_the_file_is_gone(file):
    with Storage.open(f"sqlite:///{file}") as storage, storage.watch() as watch:
        watch.wait(0)
        file.unlink()
        with pytest.raises(StorageError, match="was removed"):
            [watch.wait(10) for _ in range(10)]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_said_and_loses_nothing_that_was_acknowledged(file):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    done = subprocess.run(
        [sys.executable, "-c", FILL, f"sqlite:///{file}"],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    *acknowledged, message = done.stdout.splitlines()
    assert str(file) in message
    with Storage.open(f"sqlite:///{file}") as storage:
        (run,) = storage.runs.list().runs
        found = [event.sequence for event in storage.events.read(run.id, limit=100_000)]
        assert found[: int(acknowledged[-1])] == list(range(1, int(acknowledged[-1]) + 1))
        assert storage.events.append(run.id, [Event(len(found) + 1, 1.0, "log")]) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_gets_connections_of_its_own(storage):
    run = storage.runs.create(NewRun()).id
    child = os.fork()
    if child == 0:
        status = 1
        try:
            storage.events.append(run, [Event(1, 1.0, "log")])
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert storage.events.last(run) == 1
    assert storage.events.append(run, [Event(2, 1.0, "log")]) == 1


def test_a_server_that_is_not_there():
    pytest.importorskip("psycopg")
    message = say("postgresql://somebody:secret@127.0.0.1:1/name")
    assert "can't be reached" in message
    assert "secret" not in message


def test_a_database_that_is_not_there(postgresql):
    assert "there is no such database" in say(postgresql.url("nothing"))


@pytest.fixture
def crashing():
    """A server of its own for who kills it."""
    with running_server() as server:
        yield server


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_restart_of_the_server_is_waited_for(crashing, how):
    with Storage.open(crashing.url("postgres")) as storage:
        run = storage.runs.create(NewRun()).id
        storage.events.append(run, [Event(1, 1.0, "log")])
        crashing.stop(how)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            sent = pool.submit(storage.events.append, run, [Event(1, 1.0, "log"), Event(2, 2.0, "log")])
            time.sleep(0.5)  # so that it is tried before the server is there
            crashing.start()
            assert sent.result(30) == 1
        assert storage.events.last(run) == 2


def test_who_waits_for_news_goes_on_after_a_restart_of_the_server(crashing):
    with Storage.open(crashing.url("postgres")) as storage, storage.watch() as watch:
        crashing.stop(signal.SIGQUIT)
        assert watch.wait(20)
        crashing.start()
        assert watch.wait(20)
        while watch.wait(0.5):
            pass
        storage.runs.create(NewRun())
        assert watch.wait(20)
