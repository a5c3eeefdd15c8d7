"""`atoll dev` and `atoll reload` as people use them: started, asked, stopped, killed, and started where they can't be."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import httpx
import psutil
import pytest
from dev_server import DevServer
from file_workspaces import BROKEN, SALES, STOCK, write_workspace
from reports import asset, definitions, report
from rich.console import Console
from schemas import complaints, schema_of
from terminals import terminal

from atoll_host.cli.views.dev import News
from atoll_host.envs.errors import Problem
from atoll_host.envs.layout import StateFolder
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LoadRecord, LocationState
from atoll_host.server.running import RunningServer, forget, read_down, write_down
from command_line import ATOLL, Folder
from tests_support import gone, until

POSIX = sys.platform != "win32"
SLOW = "import time\ntime.sleep(600)\n"


@pytest.fixture
def demo(tmp_path):
    """Give a workspace of two locations."""
    return write_workspace(tmp_path / "demo", sales=SALES, stock=STOCK)


@pytest.fixture
def taken():
    """Give a port that something else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def lines_of(server):
    return [line for line in server.output.splitlines() if line.strip()]


def test_it_says_where_the_page_is_and_a_line_for_each_location(tmp_path):
    demo = write_workspace(tmp_path / "demo", sales=SALES, stock=STOCK, reports=BROKEN)
    with DevServer(demo.path) as server:
        server.until_settled()
        server.until(lambda: "hint: " in server.output, "the failure is told")
        lines = lines_of(server)
        assert lines[:2] == [f"  atoll dev  {server.url}", "  3 locations · Ctrl-C stops"]
        assert any(line.startswith("● loaded  stock  4 assets, 1 check  ") for line in lines)
        at = next(number for number, line in enumerate(lines) if line.startswith("✕ failed  reports  "))
        assert lines[at + 1] == "error[ATL301]: ModuleNotFoundError: No module named 'surely_not_there'"
        assert lines[at + 2] == "  --> reports.py:1:8"
        assert httpx.get(server.url).status_code == 200
        assert server.stop() == 130


@pytest.mark.skipif(not POSIX, reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_everything_within_a_second(tmp_path, number):
    demo = write_workspace(tmp_path / "demo", stock=STOCK, slow=SLOW)
    with DevServer(demo.path) as server:
        server.until_settled("stock")
        own = psutil.Process(server.process.pid)
        server.until(lambda: own.children(recursive=True), "a worker runs")
        children = own.children(recursive=True)
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as stream:
            stream.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            stream.recv(1)
            began = time.monotonic()
            server.process.send_signal(number)
            assert server.process.wait(20) == 128 + number
            assert time.monotonic() - began < 2.5
        assert all(gone(child.pid) for child in children)
        assert not (demo.path / ".atoll" / "dev.json").exists()
        assert "Traceback" not in server.output


@pytest.mark.skipif(not POSIX, reason="signals")
def test_what_nohup_ignores_stays_ignored(demo):
    with DevServer(demo.path) as server:
        assert server.process.poll() is None
    script = 'trap "" HUP; exec "$@"'
    log = demo.path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", *ATOLL, "dev", "--no-open", "--port", "0"],
            cwd=demo.path,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            assert until(lambda: read_down(StateFolder(demo.path / ".atoll")) is not None)
            process.send_signal(signal.SIGHUP)
            server = read_down(StateFolder(demo.path / ".atoll"))
            assert server.answers
            assert process.poll() is None
            process.terminate()
            assert process.wait(20) == 143
        finally:
            process.kill()
            process.wait()


@pytest.mark.skipif(not POSIX, reason="signals")
def test_kill_9_leaves_no_process_and_no_socket_and_the_next_server_starts(tmp_path):
    demo = write_workspace(tmp_path / "demo", stock=STOCK, slow=SLOW)
    with DevServer(demo.path) as server:
        server.until_settled("stock")
        own = psutil.Process(server.process.pid)
        server.until(lambda: own.children(recursive=True), "a worker runs")
        children = own.children(recursive=True)
        port = int(server.url.rpartition(":")[2])
        server.process.kill()
        server.process.wait()
        assert until(lambda: all(gone(child.pid) for child in children), seconds=10)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5)
    stale = json.loads((demo.path / ".atoll" / "dev.json").read_text())
    assert stale["pid"] == server.process.pid
    outcome = demo.run("reload").ended(2)
    assert "No `atoll dev` runs for" in outcome.err
    with DevServer(demo.path) as again:
        again.until_settled("stock")
        assert "Another" not in again.output
        assert demo.run("reload", "stock").ended(0)


def test_a_taken_port_is_told_with_one_that_is_free(demo, taken):
    outcome = demo.run("dev", "--no-open", "--port", str(taken)).ended(2)
    assert outcome.out == ""
    first, hint = outcome.err.strip().splitlines()
    assert first == f"error[usage]: Port {taken} is taken"
    free = int(hint.split("--port ")[1].split()[0])
    assert taken < free <= taken + 100


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--port", "99999"), "99999 is no port"),
        (("--port", "-1"), "-1 is no port"),
        (("--host", "203.0.113.7"), "203.0.113.7 is no address of this machine"),
        (("--host", "no such host"), "There is no host 'no such host'"),
        (("--token", "short"), "The token can't stand in a URL, or is too short"),
        (("--token", "has spaces in it"), "The token can't stand in a URL, or is too short"),
        (("--editor", "edlin"), "There is no editor named 'edlin'"),
        (("-l", "nowhere"), "There is no location 'nowhere' in this workspace"),
        (("--debug", "nowhere"), "There is no location 'nowhere' in this workspace"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_makes_no_sense_is_told_before_anything_starts(demo, words, message):
    outcome = demo.run("dev", "--no-open", *words).ended(2)
    assert message in outcome.err
    assert "hint: " in outcome.err
    assert outcome.out == ""


def test_without_a_port_the_next_free_one_is_taken(demo, tmp_path):
    other = write_workspace(tmp_path / "other", stock=STOCK)
    outcomes = []
    for folder in (demo, other):
        log = (folder.path / "log").open("w+")
        process = subprocess.Popen([*ATOLL, "dev", "--no-open"], cwd=folder.path, stdout=log, stderr=log)
        outcomes.append((process, log))
        assert until(lambda folder=folder: read_down(StateFolder(folder.path / ".atoll")) is not None)
    ports = [int(read_down(StateFolder(folder.path / ".atoll")).url.rpartition(":")[2]) for folder in (demo, other)]
    assert ports[0] != ports[1]
    assert all(3030 <= port < 3130 for port in ports)
    for process, log in outcomes:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        log.close()


def test_a_second_server_of_a_workspace_says_that_there_is_one(demo):
    with DevServer(demo.path) as first:
        first.until_settled()
        with DevServer(demo.path) as second:
            assert second.url != first.url
            second.until(lambda: f"serves this workspace at {first.url}" in second.output, "it says so")
            assert first.stop() == 130
            # What the other has written since is not the first one's to remove.
            assert read_down(StateFolder(demo.path / ".atoll")).url == second.url


def test_a_state_folder_that_cannot_be_written_is_told(demo):
    demo.write({".atoll": "a file"})
    outcome = demo.run("dev", "--no-open", "--port", "0").ended(2)
    assert "The operating system refused: File exists" in outcome.err
    assert ".atoll" in outcome.err


def test_without_a_workspace_there_is_nothing_to_serve(tmp_path):
    outcome = Folder(tmp_path).run("dev", "--no-open").ended(1)
    assert "There is no workspace.yaml" in outcome.err


def test_a_workspace_that_cannot_be_read_is_shown_and_not_an_end(tmp_path):
    folder = Folder(tmp_path / "demo").write({"demo.txt": "", "workspace.yaml": "load_form: []\n"})
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(
        [*ATOLL, "dev", "--no-open", "--port", "0"], cwd=folder.path, stdout=log, stderr=log, stdin=subprocess.DEVNULL
    )
    try:
        assert until(
            lambda: "unknown key" in (tmp_path / "log").read_text() and "http://" in (tmp_path / "log").read_text()
        )
        url = (tmp_path / "log").read_text().split("atoll dev  ")[1].split()[0]
        data = httpx.get(f"{url}/api/workspace").json()["data"]
        assert data["root"] is None
        assert "load_form" in data["problems"][0]["message"]
        assert httpx.get(url).status_code == 200
        # Nobody knows yet where the workspace's state would be.
        assert read_down(StateFolder(folder.path / ".atoll")) is None
        write_workspace(folder.path, stock=STOCK)
        assert until(lambda: "● loaded  stock" in (tmp_path / "log").read_text())
        assert until(lambda: read_down(StateFolder(folder.path / ".atoll")) is not None)
        assert folder.run("reload").ended(0).out.startswith("stock")
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(20)
        log.close()
    assert status == 130


def test_a_location_waits_for_an_editor_while_the_others_load(demo):
    pytest.importorskip("debugpy")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with DevServer(demo.path, "--debug", "stock", "--debug-port", str(port)) as server:
        server.until_settled("sales")
        assert f"stock waits for an editor to attach to 127.0.0.1:{port}" in server.output

        def listens():
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return True

        assert server.until(listens, "the debugger listens")
        rows = {row["name"]: row for row in server.get("/api/locations")}
        assert (rows["stock"]["word"], rows["stock"]["activity"]) == ("loading", "loading")
        began = time.monotonic()
        assert server.stop() == 130
        assert time.monotonic() - began < 2.5


def test_without_a_debugger_beside_us_that_is_told(demo):
    script = "import sys; sys.modules['debugpy'] = None; from atoll_host.cli.entry import main; "
    script += "sys.argv = ['atoll', 'dev', '--no-open', '--debug', 'stock']; main()"
    done = subprocess.run([sys.executable, "-c", script], cwd=demo.path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--debug needs debugpy beside atoll" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "inside", "names"),
    [
        (("-l", "stock"), ".", ["stock"]),
        (("-f", "stock.py"), ".", ["stock"]),
        (("-m", "stock"), ".", ["stock"]),
        (("-w", "../workspace.yaml"), "inner", ["sales", "stock"]),
    ],
    ids=["location", "file", "module", "workspace"],
)
def test_it_serves_what_the_command_line_names(demo, words, inside, names):
    demo.write({"inner/empty.txt": ""})
    # A module or a file without a workspace is loaded by the active interpreter.
    variables = {"VIRTUAL_ENV": sys.prefix}
    log = (demo.path / "log").open("w+")
    process = subprocess.Popen(
        [*ATOLL, "dev", "--no-open", "--port", "0", *words],
        cwd=demo.path / inside,
        env={**os.environ, **variables},
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
    )
    try:
        assert until(lambda: (demo.path / "log").read_text().count("● loaded") == len(names)), (
            demo.path / "log"
        ).read_text()
        url = (demo.path / "log").read_text().split("atoll dev  ")[1].split()[0]
        rows = httpx.get(f"{url}/api/locations").json()["data"]
        assert [(row["name"], row["word"]) for row in rows] == [(name, "loaded") for name in names]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        log.close()


def test_a_reload_waits_and_prints_what_came_of_it(demo):
    with DevServer(demo.path) as server:
        server.until_settled()
        outcome = demo.run("reload").ended(0)
        assert [line.split()[:3] for line in outcome.out.splitlines()] == [
            ["sales", "●", "loaded"],
            ["stock", "●", "loaded"],
        ]
        assert outcome.err == ""
        demo.write({"stock.py": BROKEN})
        outcome = demo.run("reload", "stock").ended(1)
        assert outcome.out.split()[:3] == ["stock", "▲", "stale"]
        assert "error[ATL301]: stock: ModuleNotFoundError" in outcome.err
        assert demo.run("reload", "sales").ended(0).out.split()[0] == "sales"


def test_a_reload_speaks_json(demo):
    with DevServer(demo.path) as server:
        server.until_settled()
        demo.write({"stock.py": BROKEN})
        for words, status in ((("--no-wait", "sales"), 0), ((), 1), (("nowhere",), 2)):
            outcome = demo.run("reload", "--json", *words).ended(status)
            assert outcome.err == ""
            assert complaints(schema_of("reload"), outcome.json()) == []
        data = demo.run("reload", "--json", "stock").ended(1).json()
        assert [(row["name"], row["status"]) for row in data["data"]] == [("stock", "stale")]
        assert data["data"][0]["load"]["trigger"] == "asked for"
        assert [problem["code"] for problem in data["problems"]] == ["ATL301"]
        outcome = demo.run("reload", "stok").ended(2)
        assert "There is no location 'stok'" in outcome.err


def test_a_reload_knows_the_token(demo):
    with DevServer(demo.path, "--token", "correct-horse-battery") as server:
        server.until_settled()
        assert httpx.get(f"{server.url}/api/health").status_code == 401
        demo.run("reload", "stock").ended(0)


def test_a_reload_without_a_server_says_what_to_type(demo):
    outcome = demo.run("reload", "--json").ended(2)
    assert complaints(schema_of("reload"), outcome.json()) == []
    assert outcome.problems[0]["message"] == f"No `atoll dev` runs for {demo.path}"
    assert "`atoll dev`" in outcome.problems[0]["hint"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2}', '{"format": 1, "url": 1, "pid": "x"}', "\0", '{"format": 1}', "[" * 100_000],
    ids=["empty", "cut", "list", "newer", "types", "nul", "lacking", "deep"],
)
def test_a_file_of_a_server_that_cannot_be_read_is_none(demo, text):
    demo.write({".atoll/dev.json": text})
    assert read_down(StateFolder(demo.path / ".atoll")) is None


def test_a_file_of_a_server_whose_port_is_another_programs_now_is_none(demo, taken):
    state = StateFolder(demo.path / ".atoll")
    write_down(state, RunningServer(f"http://127.0.0.1:{taken}"))
    with DevServer(demo.path) as server:
        other = RunningServer(server.url, pid=1)
        assert not other.answers
        assert RunningServer(server.url, pid=server.process.pid).answers


def test_what_is_written_down_is_removed_by_its_writer_alone(tmp_path):
    state = StateFolder(tmp_path / ".atoll")
    first, second = RunningServer("http://127.0.0.1:1"), RunningServer("http://127.0.0.1:2", "secret-token")
    write_down(state, first)
    write_down(state, second)
    forget(state, first)
    assert read_down(state) == second
    if POSIX:
        assert (tmp_path / ".atoll" / "dev.json").stat().st_mode & 0o777 == 0o600
    forget(state, second)
    assert read_down(state) is None
    assert [path.name for path in state.path.iterdir()] == [".gitignore"]


@pytest.mark.skipif(not POSIX, reason="terminals")
def test_in_a_terminal_ctrl_c_ends_it(demo):
    with terminal(demo.path, "dev", "--port", "0", variables={"BROWSER": "true"}) as told:
        told.expect("atoll dev  http://127.0.0.1:").expect("Ctrl-C stops").expect("● loaded").expect("● loaded")
        told.type("\x03").ended(130)


@pytest.mark.skipif(not POSIX, reason="terminals")
def test_the_page_is_opened_in_the_browser_which_stays_when_the_server_ends(demo, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\nexec </dev/null >/dev/null 2>&1\nsleep 300 &\necho "$1 $!" > {tmp_path}/opened.new\nmv {tmp_path}/opened.new {tmp_path}/opened\nwait\n'
    )
    browser.chmod(0o755)
    variables = {"BROWSER": f"{browser} %s &", "SSH_CONNECTION": ""}
    with terminal(demo.path, "dev", "--port", "0", variables=variables) as told:
        told.expect("● loaded").expect("● loaded")
        assert until((tmp_path / "opened").exists)
        url, pid = (tmp_path / "opened").read_text().split()
        assert url in told.shown
        told.type("\x03").ended(130)
    try:
        assert not gone(int(pid))
    finally:
        os.kill(int(pid), signal.SIGKILL)


def told_by(*steps):
    """Give what the terminal is told of steps, each an event's kind and how it changes what is known."""
    hub, out = Hub(), io.StringIO()
    hub.change("workspace", steps[0][1])
    news = News(Console(file=out, width=80, highlight=False), hub, lambda: None)
    news.start()
    for kind, how in steps[1:]:
        live = hub.change(kind, how, "sales")
        # What follows at once is told of as one.
        assert until(lambda live=live: news.seen >= live.revision)
    news.close()
    return out.getvalue().splitlines()


def test_the_terminal_is_told_of_builds_loads_and_locations_that_come_and_go():
    found = report("sales", definitions(assets=[asset("orders")]))
    state = LocationState(found.location, activity="waiting", since=1.0)
    syncing, loading = replace(state, activity="syncing", since=2.0), replace(state, activity="loading", since=3.0)
    record = LoadRecord(4.0, "loaded", "uv.lock changed", "fresh", 0.25)
    loaded = replace(state, activity="idle", since=None, report=found, history=(record,))
    other = LocationState(report("stock", definitions()).location)
    wrong = Problem("configuration", "workspace.yaml is empty")

    def states(*these):
        return lambda live: replace(live, states={one.name: one for one in these}, problems=())

    assert told_by(
        ("workspace", states(state)),
        ("activity", states(syncing)),
        ("activity", states(replace(syncing, progress="numpy"))),
        ("activity", states(loading)),
        ("loaded", states(loaded)),
        ("loaded", states(loaded)),
        ("workspace", states(loaded, other)),
        ("workspace", lambda live: replace(live, problems=(wrong,))),
        ("workspace", states(loaded)),
    ) == [
        "◐ syncing  sales",
        "● loaded  sales  1 asset  250 ms  uv.lock changed",
        "+ added  stock",
        "error[ATL101]: workspace.yaml is empty",
        "- removed  stock",
    ]


def test_help_and_version_import_nothing_of_the_server():
    script = "import sys\nfrom atoll_host.cli.app import run\ntry:\n    run(['--help'])\nexcept SystemExit:\n    pass\n"
    script += "heavy = {'uvicorn', 'starlette', 'jinja2', 'watchfiles', 'asyncio'} & set(sys.modules)\n"
    script += "print('heavy:', sorted(heavy), [name for name in sys.modules if name.startswith('atoll_host.server')])\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: [] []"


def test_a_location_whose_entry_has_a_mistake_is_told_of_at_the_start_and_others_are_served(tmp_path):
    demo = write_workspace(tmp_path / "demo", sales=SALES)
    file = demo.path / "workspace.yaml"
    (demo.path / "odd.py").write_text("from atoll import Definitions\n\ndefs = Definitions()\n")
    said = json.loads(file.read_text())
    said["load_from"].append({"python_file": {"relative_path": "odd.py", "atribute": "defs"}})
    file.write_text(json.dumps(said))
    with DevServer(demo.path) as server:
        rows = server.until_settled()
        assert {name: row["word"] for name, row in rows.items()} == {"sales": "loaded", "odd": "failed"}
        server.until(lambda: "unknown key atribute" in server.output, "the mistake is told")
        (finding,) = [one for one in server.get("/api/findings") if one["code"] == "ATL101"]
        assert (finding["location"], finding["kind"]) == ("odd", "configuration")
