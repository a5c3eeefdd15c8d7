"""Serve the page over locations made by hand, since a thousand real loads take longer than a test may.

    python large_server.py LOCATIONS ASSETS

serves LOCATIONS locations with ASSETS assets each, one in fifty of them broken, prints the address, and ends with its
standard input. A line there is the name of a location, which is then loaded again.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from live_pages import Nothing
from reports import asset, definitions, report, schedule, source

from atoll_host.envs.errors import Problem
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace, LoadRecord, LocationState
from atoll_host.server.web.application import make_application
from atoll_host.server.web.http import run
from atoll_host.server.web.settings import Settings

BROKEN = 50


def name_of(number: int) -> str:
    """Give the name of a location."""
    return f"location_{number:04}"


def describe(number: int, size: int):
    """Make the definitions of a location; its first asset depends on one of the location before it."""
    keys = [f"{name_of(number)}/asset_{item:03}" for item in range(size)]
    upstream = [f"{name_of(number - 1)}/asset_000"] if number else []
    assets = [
        asset(key, *(upstream if item == 0 else keys[item - 1 : item]), group=f"group_{item // 10}", kinds=["table"])
        for item, key in enumerate(keys)
    ]
    return definitions(assets=assets, schedules=[schedule(f"nightly_{number}")])


def load(number: int, size: int) -> LocationState:
    """Make the state of a location that was loaded just now."""
    name = name_of(number)
    if number % BROKEN == BROKEN - 1:
        problem = Problem("exception", f"ValueError: nothing in {name}", file=source()["file"], line=10)
        made = report(name, status="failed", problems=[problem])
    else:
        made = report(name, describe(number, size), loaded_at=time.time())
    record = LoadRecord(time.time(), made.status, "start", "fresh", 0.25, {"import": 0.1}, len(made.problems))
    return LocationState(made.location, report=made, history=(record,))


def main(locations: int, size: int) -> None:
    """Serve until standard input ends."""
    hub = Hub()
    states = {name_of(number): load(number, size) for number in range(locations)}
    hub.change("loaded", lambda live: LiveWorkspace(states=states))
    app = make_application(hub, Nothing(), Settings(version="test"))
    listener = socket.create_server(("127.0.0.1", 0))

    def change_what_is_named(stop) -> None:
        for line in sys.stdin:
            name = line.strip()
            again = load(int(name.rpartition("_")[2]), size + 1)
            hub.change(
                "loaded", lambda live, again=again: replace(live, states={**live.states, again.name: again}), name
            )
        stop()

    def on_stop(stop) -> None:
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        threading.Thread(target=change_what_is_named, args=(stop,), daemon=True).start()

    run(app, app.state.events, listener, on_stop)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
