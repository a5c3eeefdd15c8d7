"""Processes that work on a database at the same time: a `Team` starts them, `main` is what they do.

Each reads a task, says `ready`, waits for a line, works, and prints what the task gave as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path


class Worker:
    """One process, which does one task after the other."""

    def __init__(self) -> None:
        command = [sys.executable, __file__]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, task: str, url: str, *arguments: object) -> None:
        self._say(json.dumps([task, url, *arguments]))

    def wait_ready(self) -> None:
        line = self.process.stdout.readline()
        assert line == "ready\n", line

    def go(self) -> None:
        self._say("go")

    def result(self):
        """Wait for what its task gave."""
        return json.loads(self.process.stdout.readline())

    def kill(self) -> str:
        """Kill it, and give what it had printed."""
        self.process.kill()
        out, _ = self.process.communicate(timeout=60)
        return out

    def _say(self, line: str) -> None:
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


class Team:
    """Several workers, who begin at once."""

    def __init__(self, size: int) -> None:
        self.workers = [Worker() for _ in range(size)]

    def start(self, task: str, argument_lists) -> list[Worker]:
        """Let a worker begin with each list of arguments."""
        chosen = self.workers[: len(argument_lists)]
        for worker, arguments in zip(chosen, argument_lists, strict=True):
            worker.begin(task, *arguments)
        for worker in chosen:
            worker.wait_ready()
        for worker in chosen:
            worker.go()
        return chosen

    def run(self, task: str, argument_lists) -> list:
        """Do the same, and give what each gave."""
        return [worker.result() for worker in self.start(task, argument_lists)]

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()


def _append(storage, run, name, count, size):
    from atoll_host.runs.storage.records import Event

    for first in range(1, int(count) + 1, int(size)):
        batch = range(first, min(first + int(size), int(count) + 1))
        storage.events.append(run, [Event(number, time.time(), "log", payload={"by": name}) for number in batch])
    return storage.events.last(run)


def _append_for_ever(storage, run, first):
    """Append batches, and print the sequence of the last event of each once it is acknowledged."""
    from atoll_host.runs.storage.records import Event

    number = int(first)
    while True:
        batch = []
        for _ in range(7):
            batch.append(Event(number, time.time(), "log", "step", "here", {"number": number}))
            batch.append(
                Event(
                    number + 1,
                    time.time(),
                    "materialization",
                    "step",
                    "here",
                    {"asset": "made", "partition": str(number + 1)},
                )
            )
            number += 2
        storage.events.append(run, batch)
        sys.stdout.write(f"{number - 1}\n")
        sys.stdout.flush()


def _change(storage, run, status):
    return storage.runs.update_status(run, status)


def _take(storage, run, pid):
    from atoll_host.runs.storage.records import Host

    return storage.runs.take(run, Host("machine", int(pid)), lease=60)


def _request(storage, count):
    from atoll_host.runs.storage.records import NewRun, Origin

    origin = Origin("sensor", "here", "files")
    return [storage.runs.create(NewRun(origin=origin, run_key=f"key-{number}")).id for number in range(int(count))]


def _tick(storage, holder, moment):
    from atoll_host.runs.storage.records import NewRun, Origin

    tick = storage.ticks.begin(Origin("schedule", "here", "nightly"), holder=holder, lease=60, scheduled=float(moment))
    if tick is None:
        return None
    result = storage.ticks.finish(tick, "requested", holder=holder, runs=[NewRun(run_key=moment)])
    return [run.id for run in result.runs]


def _acquire(storage, holder, limit):
    return storage.slots.acquire({"pool": int(limit)}, holder, lease=60)


def _launch(storage, backfill, *partitions):
    from atoll_host.runs.storage.records import NewRun

    run = storage.backfills.launch(backfill, partitions, NewRun())
    return None if run is None else run.id


def _observe(storage, asset, count):
    """Make an asset many times, for others to read with a cursor."""
    return [storage.assets.report(asset).number for _ in range(int(count))]


def _open(storage):
    return storage.runs.count()["queued"]


TASKS = {
    "append": _append, "append_for_ever": _append_for_ever, "change": _change, "take": _take, "request": _request,
    "tick": _tick, "acquire": _acquire, "launch": _launch, "observe": _observe, "open": _open,
}  # fmt: skip


def main():
    from atoll_host.runs.storage.store import Storage

    for line in sys.stdin:
        task, url, *arguments = json.loads(line)
        storage = None if task == "open" else Storage.open(url)
        _print("ready")
        sys.stdin.readline()
        storage = storage or Storage.open(url)
        _print(json.dumps(TASKS[task](storage, *arguments)))
        storage.close()


def _print(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # This folder holds modules of tests, which shadow nothing here.
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]
    main()
