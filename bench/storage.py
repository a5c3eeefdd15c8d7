"""How many events a second the storage takes, and what memory it needs with 100,000 runs: `python bench/storage.py`.

Events come in batches of several sizes from one writer, then from four processes at once, each into a run of its own;
one event of ten is a materialisation. For PostgreSQL give `--postgresql URL` of an empty database. Memory is that of a
process of its own which opens a database with 100,000 runs, lists them all, filters, counts and prunes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.runs.storage.identifiers import make_id
from atoll_host.runs.storage.records import Event, NewRun, RunFilter
from atoll_host.runs.storage.store import Storage
from atoll_host.runs.storage.tables import events, run_tags, runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

EVENTS = 40_000
RUNS = 100_000
PRUNED = 20_000
SIZES = (1, 10, 100, 500)


def make_events(first: int, count: int) -> list[Event]:
    made = []
    for number in range(first, first + count):
        if number % 10:
            facts = {
                "level": "info",
                "message": f"row {number} is as it should be",
                "file": "/a/b/assets.py",
                "line": 17,
            }
            made.append(Event(number, time.time(), "log", "orders", "sales", facts))
        else:
            facts = {"asset": f"sales/{number % 50}", "metadata": {"rows": {"type": "int", "value": number}}}
            made.append(Event(number, time.time(), "materialization", "orders", "sales", facts))
    return made


def write(url: str, count: int, size: int) -> float:
    """Append events to a run; give seconds."""

    with Storage.open(url) as storage:
        run = storage.runs.create(NewRun()).id
        batches = [make_events(first, min(size, count - first + 1)) for first in range(1, count + 1, size)]
        started = time.perf_counter()
        for batch in batches:
            storage.events.append(run, batch)
        return time.perf_counter() - started


def fill(url: str) -> None:
    """Make many runs: fast, below the functions that are for one run each."""

    statuses = ("succeeded", "succeeded", "succeeded", "failed", "canceled")
    with Storage.open(url) as storage:
        for first in range(1, RUNS + 1, 5000):
            numbers = range(first, first + 5000)
            rows = [
                {
                    "number": number, "id": (one := make_id()), "root": one, "kind": "assets",
                    "status": statuses[number % 5], "selection": f"sales/{number % 50}", "options": "{}",
                    "tags": json.dumps({"day": str(number % 30)}), "created": float(number), "ended": number + 1.0,
                }
                for number in numbers
            ]  # fmt: skip
            tags = [{"run": number, "name": "day", "value": str(number % 30)} for number in numbers]
            texts = [
                {"run": number, "sequence": sequence, "time": 1.0, "kind": "log", "payload": '{"message":"some text"}'}
                for number in numbers
                for sequence in range(1, 6)
            ]

            def work(connection: Connection, rows: Any = rows, tags: Any = tags, texts: Any = texts) -> None:
                connection.execute(runs.insert(), rows)
                connection.execute(run_tags.insert(), tags)
                connection.execute(events.insert(), texts)

            storage._database.write(work)  # noqa: SLF001 — the way in below the functions for one run each


def measure(url: str) -> dict[str, float]:
    """Work with many runs; give seconds, and the memory of this process in MB."""

    found: dict[str, float] = {}

    def note(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = work()
        found[name] = time.perf_counter() - started
        return result

    with Storage.open(url) as storage:
        note("page", lambda: storage.runs.list(limit=50))
        found["MB at first"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        note("page by status", lambda: storage.runs.list(RunFilter(statuses=["failed"]), limit=50))
        note("page by tag", lambda: storage.runs.list(RunFilter(tags={"day": "3"}), limit=50))
        note("count by status", storage.runs.count)
        assert note("all of them", lambda: sum(1 for _ in storage.runs.iterate())) == RUNS
        assert note(f"prune {PRUNED:,}", lambda: storage.prune(runs_before=PRUNED + 1.5)).runs == PRUNED
    found["MB at last"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def run_apart(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, __file__, *map(str, words)], stdout=subprocess.PIPE, text=True)


def show(name: str, url: str) -> None:
    print(f"\n## {name}\n\n| writers | events a batch | events a second |\n| ---: | ---: | ---: |")
    for size in SIZES:
        count = EVENTS // 10 if size == 1 else EVENTS
        print(f"| 1 | {size} | {count / write(url, count, size):,.0f} |", flush=True)
    for size in (10, 100):
        workers = [run_apart("--write", url, EVENTS // 4, size) for _ in range(4)]
        seconds = max(float(worker.communicate()[0]) for worker in workers)
        print(f"| 4 | {size} | {EVENTS / seconds:,.0f} |", flush=True)


def show_memory(name: str, url: str) -> None:
    fill(url)
    found = json.loads(run_apart("--measure", url).communicate()[0])
    print(f"\n| {RUNS:,} runs, {name} | |\n| --- | ---: |")
    for what, value in found.items():
        print(f"| {what} | {value:.0f} |" if what.startswith("MB") else f"| {what} | {value * 1000:,.1f} ms |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", metavar="URL")
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        url, count, size = options.write
        print(write(url, int(count), int(size)))
    elif options.measure:
        print(json.dumps(measure(options.measure)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            show("SQLite", f"sqlite:///{Path(folder) / 'events.db'}")
            show_memory("SQLite", f"sqlite:///{Path(folder) / 'runs.db'}")
        if options.postgresql:
            show("PostgreSQL", options.postgresql)


if __name__ == "__main__":
    main()
