"""An engine of automation in a process of its own, with a clock that is faster: `engine_process.py FOLDER START SPEED`.

START is a moment of the real clock; SPEED says how many seconds pass in one. It goes on until it is ended.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from real_locations import open_workspace

from atoll_host.runs.automation.engine import Automation
from atoll_host.runs.launching.launcher import LocalLauncher


def read_clock(start, speed):
    """The time of the engine now: days behind, so that no time of the storage's clock means anything to it."""
    return start - 5 * 86400 + (time.time() - start) * speed


def main(folder, start, speed):
    """Work until SIGTERM."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    with open_workspace(Path(folder)) as opened, opened.instance.open_storage() as storage:
        assert all(report.status == "loaded" for report in opened.reports)
        instance = replace(opened.instance, concurrency=replace(opened.instance.concurrency, runs=4))
        with LocalLauncher(opened.session.workspace.root, dict(os.environ)) as launcher:
            engine = Automation(
                storage,
                opened.source,
                launcher,
                instance,
                opened.runner,
                clock=lambda: read_clock(start, speed),
                pause=0.05,
            )
            engine.start()
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            ending.wait()
            engine.stop(30)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
