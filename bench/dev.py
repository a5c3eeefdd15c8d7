"""Time `atoll dev` beside `dagster dev` on generated locations of the same content, in turn, in one run.

    python bench/dev.py [PATH/TO/dagster] [--locations 1,3,10] [--edits 15] [--chromium /usr/bin/chromium]

First, for each number of locations: seconds until all are loaded, processes, memory (PSS), idle CPU, seconds until
everything is gone after Ctrl-C, and what is left a second later. Then, for a location that imports only the SDK and
for one that imports pandas: milliseconds from `os.replace` of a file to the changed DOM in Chromium, which nobody
reloads. Dagster has no such push, so there the reload is asked for, and the time ends when its answer has the change.
Linux only, as it reads /proc. Run it with the interpreter that has Atoll and Playwright installed, on an idle machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from commands import environment, timed, write_workspace
from peers import write_dagster_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 180.0
"""Seconds after which a server that isn't there yet is given up."""
IDLE = 10.0
"""Seconds over which idle processor time is measured, after as many of rest."""
LOADED = (
    "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus locationOrLoadError { __typename } } } } }"
)
RELOAD = 'mutation { reloadRepositoryLocation(repositoryLocationName: "%s") { __typename } }'
DESCRIPTION = "{ assetNodes { assetKey { path } description } }"


@dataclass
class Server:
    """A development server that runs.

    Attributes:
        process: what was started.
        url: where it answers.
        members: every process that was seen below it.
    """

    process: psutil.Popen
    url: str
    members: set[psutil.Process] = field(default_factory=set)

    def look(self) -> list[psutil.Process]:
        """Give the processes that run now, itself included."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.members |= {psutil.Process(self.process.pid), *self.process.children(recursive=True)}
        return [process for process in self.members if process.is_running() and process.status() != "zombie"]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command: list[str], folder: Path, port: int) -> Server:
    """Start a server in a session of its own."""
    process = psutil.Popen(
        command, cwd=folder, env={**environment(), "DAGSTER_HOME": ""}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return Server(process, f"http://127.0.0.1:{port}")


def fetch(url: str, query: str | None = None) -> Any:
    """Get JSON, or ask GraphQL."""
    body = None if query is None else json.dumps({"query": query}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def atoll_is_loaded(server: Server) -> bool:
    """Tell whether every location has its definitions, freshly loaded."""
    rows = fetch(f"{server.url}/api/locations")["data"]
    return bool(rows) and all(row["status"] == "loaded" for row in rows)


def dagster_is_loaded(server: Server) -> bool:
    """Tell whether every location has its definitions."""
    entries = fetch(f"{server.url}/graphql", LOADED)["data"]["workspaceOrError"]["locationEntries"]
    return bool(entries) and all(
        entry["loadStatus"] == "LOADED" and entry["locationOrLoadError"]["__typename"] == "RepositoryLocation"
        for entry in entries
    )


def until(done: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Ask until it is so, and give the seconds that it took."""
    started = time.perf_counter()
    while time.perf_counter() - started < patience:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if done():
                return time.perf_counter() - started
        time.sleep(0.01)
    sys.exit("the server did not come as far as that")


def measure_server(
    command: list[str], folder: Path, port: int, is_loaded: Callable[[Server], bool]
) -> dict[str, float]:
    """Start a server, let it load and rest, and end it."""
    started = time.perf_counter()
    server = start(command, folder, port)
    until(lambda: is_loaded(server))
    loaded = time.perf_counter() - started
    time.sleep(IDLE)
    members = server.look()
    before = sum(sum(process.cpu_times()[:2]) for process in members)
    time.sleep(IDLE)
    after = sum(sum(process.cpu_times()[:2]) for process in members if process.is_running())
    memory = sum(pss(process.pid) for process in server.look())
    count = len(server.look())
    stopping = time.perf_counter()
    server.process.send_signal(signal.SIGINT)
    server.process.wait(60)
    gone = time.perf_counter() - stopping
    left = len(server.look())
    time.sleep(max(0.0, 1.0 - gone))
    lingering = len(server.look())
    for process in server.look():
        process.kill()
    return {
        "until all are loaded, s": loaded,
        "processes": count,
        "memory (PSS), MiB": memory / 1024**2,
        "idle CPU, %": (after - before) / IDLE * 100,
        "until it has ended after Ctrl-C, s": gone,
        "processes left then": left,
        "processes left 1 s after Ctrl-C": lingering,
    }


def pss(pid: int) -> int:
    """Give a process's proportional share of memory in bytes (proc(5), smaps_rollup)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def compare_servers(dagster: str | None, counts: list[int]) -> None:
    """Print a table for each number of locations."""
    atoll = str(Path(sys.executable).with_name("atoll"))
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="atoll-bench-") as base:
            ours, theirs = Path(base) / "atoll", Path(base) / "dagster"
            write_workspace(ours, count)
            write_dagster_workspace(theirs, count)
            timed([atoll, "sync"], ours)
            timed([atoll, "list"], ours)
            port = free_port()
            columns = {
                "atoll dev": measure_server(
                    [atoll, "dev", "--no-open", "--port", str(port)], ours, port, atoll_is_loaded
                )
            }
            if dagster is not None:
                port = free_port()
                words = [dagster, "dev", "-w", "workspace.yaml", "-p", str(port), "-h", "127.0.0.1"]
                columns["dagster dev"] = measure_server(words, theirs, port, dagster_is_loaded)
            print(
                f"\n{count} location{'s' if count > 1 else ''}".ljust(38) + "".join(f"{name:>14}" for name in columns)
            )
            for row in next(iter(columns.values())):
                print(f"{row:38}" + "".join(f"{values[row]:14.2f}" for values in columns.values()))


PLAIN = """from {package} import Definitions, asset


@asset(description="{text}")
def {name}():
    return 1


defs = Definitions(assets=[{name}])
"""
PANDAS = "import pandas\n" + PLAIN


@contextlib.contextmanager
def serve_edited(folder: Path) -> Iterator[Server]:
    """Serve two locations, one with pandas, and end the server."""
    atoll = str(Path(sys.executable).with_name("atoll"))
    for name, text, needs in (("plain", PLAIN, ""), ("frames", PANDAS, '"pandas"')):
        project = folder / "locations" / name
        (project / "src" / name).mkdir(parents=True)
        (project / "src" / name / "__init__.py").write_text("")
        (project / "src" / name / "definitions.py").write_text(
            text.format(package="atoll", name=f"of_{name}", text="edit 0")
        )
        (project / ".python-version").write_text("{}.{}\n".format(*sys.version_info))
        (project / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "0"\nrequires-python = ">=3.8"\ndependencies = [{needs}]\n\n'
            f'[tool.atoll]\nmodule = "{name}.definitions"\n'
        )
    (folder / "workspace.yaml").write_text("load_from:\n  - project: locations/*\n")
    timed([atoll, "sync"], folder)
    timed([atoll, "list"], folder)
    port = free_port()
    server = start([atoll, "dev", "--no-open", "--port", str(port)], folder, port)
    try:
        until(lambda: atoll_is_loaded(server))
        yield server
    finally:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(10)


def replace(file: Path, text: str) -> float:
    """Replace a file in one step; give when that was, in milliseconds since the epoch."""
    temporary = file.with_suffix(".new")
    temporary.write_text(text)
    now = time.time() * 1000
    temporary.replace(file)
    return now


SEEN = """() => {
  window.seen = {};
  const look = () => {
    const found = document.body.textContent.match(/edit \\d+/);
    if (found && !(found[0] in window.seen)) window.seen[found[0]] = Date.now();
    if (document.querySelector("main").textContent.includes("stale")) window.seen.failure ??= Date.now();
    else delete window.seen.failure;
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
  look();
}"""


def wait_for(page: Any, what: str) -> float:
    """Wait until the page has shown something; give when that was, in milliseconds since the epoch."""
    until(lambda: page.evaluate("what => what in window.seen", what), 30.0)
    return float(page.evaluate("what => window.seen[what]", what))


def measure_edits(page: Any, file: Path, text: str, name: str, edits: int) -> dict[str, list[float]]:
    """Edit a location while a page shows it; give milliseconds to the changed DOM by kind of save."""
    found: dict[str, list[float]] = {"first save after idle": [], "later saves": [], "first save after a failure": []}

    def save(number: int) -> float:
        at = replace(file, text.format(package="atoll", name=name, text=f"edit {number}"))
        seen = wait_for(page, f"edit {number}")
        time.sleep(1.0)
        return seen - at

    found["first save after idle"].append(save(1))
    time.sleep(3.0)
    found["later saves"] = [save(2 + number) for number in range(edits)]
    for number in range(max(3, edits // 3)):
        replace(file, "1 / 0\n" + text.format(package="atoll", name=name, text="broken"))
        wait_for(page, "failure")
        time.sleep(1.0)
        found["first save after a failure"].append(save(1000 + number))
    return found


def compare_edits(chromium: str, edits: int, dagster: str | None) -> None:
    """Print how long an edit takes to be seen."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 — the first table does without

    print(f"\n{'edit → visible, ms':44}{'median':>9}{'least':>9}{'most':>9}{'saves':>7}")
    with tempfile.TemporaryDirectory(prefix="atoll-bench-") as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        folder = Path(base)
        with serve_edited(folder) as server:
            for name, text in (("plain", PLAIN), ("frames", PANDAS)):
                page = browser.new_page()
                page.goto(f"{server.url}/assets/{name}/of_{name}")
                page.evaluate(SEEN)
                file = folder / "locations" / name / "src" / name / "definitions.py"
                label = "only the SDK" if name == "plain" else "pandas"
                for kind, times in measure_edits(page, file, text, f"of_{name}", edits).items():
                    print_times(f"atoll, {label}: {kind}", times)
                page.close()
        browser.close()
        if dagster is not None:
            for label, text in (("only the framework", PLAIN), ("pandas", PANDAS)):
                print_times(
                    f"dagster, {label}: reload asked for", measure_dagster(dagster, folder, text, max(3, edits // 3))
                )


def measure_dagster(dagster: str, base: Path, text: str, edits: int) -> list[float]:
    """Edit a location of Dagster's, ask for its reload, and ask until the change is in the answer."""
    folder = Path(tempfile.mkdtemp(dir=base))
    file = folder / "edited.py"
    file.write_text(text.format(package="dagster", name="edited", text="edit 0"))
    port = free_port()
    server = start([dagster, "dev", "-f", "edited.py", "-p", str(port), "-h", "127.0.0.1"], folder, port)
    times = []
    try:
        until(lambda: dagster_is_loaded(server))
        for number in range(1, edits + 1):
            # Two saves of equal size within a second are one to Python, whose bytecode files go by seconds.
            time.sleep(1.5)
            at = replace(file, text.format(package="dagster", name="edited", text=f"edit {number}"))
            fetch(f"{server.url}/graphql", RELOAD % "edited.py")
            until(lambda number=number: f"edit {number}" in json.dumps(fetch(f"{server.url}/graphql", DESCRIPTION)))
            times.append(time.time() * 1000 - at)
    finally:
        members = server.look()
        server.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
            server.process.wait(30)
        for process in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    return times


def print_times(name: str, times: list[float]) -> None:
    """Print a row."""
    print(f"{name:44}{statistics.median(times):9.0f}{min(times):9.0f}{max(times):9.0f}{len(times):7}", flush=True)


def main() -> None:
    """Measure, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dagster", nargs="?")
    parser.add_argument("--locations", default="1,3,10")
    parser.add_argument("--edits", type=int, default=15)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    compare_edits(options.chromium, options.edits, options.dagster)
    compare_servers(options.dagster, [int(word) for word in options.locations.split(",")])


if __name__ == "__main__":
    main()
