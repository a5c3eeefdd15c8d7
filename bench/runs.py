"""Time runs: the first line of an asset, the whole command, and the steps of a long graph.

    python bench/runs.py [PATH/TO/dg] [--runs 7] [--steps 1000] [--remembered]

A location that imports only the SDK is loaded by this interpreter. Printed are medians: from the command to the first
line of the asset beside `python -c "import module"`, the whole of `atoll materialize`, and, for a job of many ops that
return nothing, and for assets whose values are stored, what a step costs. With the path of Dagster's `dg`, which is not
among what this project installs, `dg launch --assets one` takes turns with `atoll materialize one`. With --remembered,
100,000 runs are written, and `runs list` is timed and its memory taken before and after. Run it on an idle
machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = """
import os, time
from pathlib import Path
from atoll import Definitions, asset, job, op

def note():
    Path(os.environ["MOMENT"]).write_text(repr(time.time()))

@asset
def one() -> int:
    note()
    return 1

@op
def nothing() -> None: ...

@job
def wide():
    for number in range(STEPS):
        nothing.alias(f"n{number}")()

def make(number):
    @asset(name=f"stored_{number}", group_name="stored")
    def stored() -> int:
        return number
    return stored

defs = Definitions(assets=[one, *map(make, range(STEPS))], jobs=[wide])
"""

DAGSTER = """
from dagster import Definitions, asset

@asset
def one() -> int:
    return 1

defs = Definitions(assets=[one])
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dg", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--remembered", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = {"relative_path": "small.py", "executable_path": sys.executable}
        (folder / "workspace.yaml").write_text(json.dumps({"load_from": [{"python_file": place}]}))
        (folder / "small.py").write_text(TEXT.replace("STEPS", "1"))
        measure_start(folder, options.runs)
        if options.dg is not None:
            compare_launches(folder, options.dg.absolute(), options.runs)
        (folder / "small.py").write_text(TEXT.replace("STEPS", str(options.steps)))
        measure_steps(folder, options.steps)
        if options.remembered:
            measure_list(folder, options.runs, "few")
            # Elsewhere: a process that is started counts the memory of the one that started it as its own.
            writer = multiprocessing.get_context("spawn").Process(target=remember, args=(folder,))
            writer.start()
            writer.join()
            if writer.exitcode:
                raise SystemExit("the runs could not be written")
            measure_list(folder, options.runs, "100,000")


def measure_start(folder: Path, runs: int) -> None:
    """Time the first line and the whole command."""
    moment = folder.parent / f"{folder.name}-moment"
    environment = {"MOMENT": str(moment)}
    atoll(folder, environment, "list")
    time.sleep(2.1)  # bytecode counts when it is older than the last change by two seconds
    atoll(folder, environment, "list")
    first, whole, plain = [], [], []
    for _ in range(runs):
        began = time.time()
        atoll(folder, environment, "materialize", "one")
        whole.append(time.time() - began)
        first.append(float(moment.read_text()) - began)
        code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT / 'sdk')!r}]; import small; small.note()"
        began = time.time()
        subprocess.run([sys.executable, "-c", code], env={**base(), **environment}, check=True)
        plain.append(float(moment.read_text()) - began)
    moment.unlink()
    print(f"python -c 'import module'          {ms(plain)}")
    print(f"to the asset's first line          {ms(first)}")
    print(f"atoll materialize one, altogether  {ms(whole)}")


def compare_launches(folder: Path, dg: Path, runs: int) -> None:
    """Time the whole command beside Dagster's, in turn, with the same asset."""
    theirs = folder / "dagster"
    (theirs / "home").mkdir(parents=True)
    (theirs / "home" / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    (theirs / "small.py").write_text(DAGSTER)
    words = [dg, "launch", "--assets", "one", "-f", "small.py"]
    environment = {
        **base(),
        "DAGSTER_HOME": str(theirs / "home"),
        "PATH": f"{dg.parent}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(words, cwd=theirs, env=environment, capture_output=True, check=True)
    ours, others = [], []
    for _ in range(runs):
        began = time.time()
        atoll(folder, {"MOMENT": os.devnull}, "materialize", "one")
        ours.append(time.time() - began)
        began = time.time()
        subprocess.run(words, cwd=theirs, env=environment, capture_output=True, check=True)
        others.append(time.time() - began)
    ratio = statistics.median(others) / statistics.median(ours)
    print(f"atoll materialize one              {ms(ours)}")
    print(f"dg launch --assets one             {ms(others)}, {ratio:.1f} times as long")


def measure_steps(folder: Path, steps: int) -> None:
    """Time the steps of a long graph."""
    for words, label in (
        (("run", "wide"), "that return nothing"),
        (("materialize", "group:stored"), "that are stored"),
    ):
        atoll(folder, {"MOMENT": os.devnull}, *words)
        data = json.loads(atoll(folder, {"MOMENT": os.devnull}, *words, "--json"))["data"]
        began = min(step["started"] for step in data["steps"])
        ended = max(step["ended"] for step in data["steps"])
        print(f"each of {steps} steps {label:20} {(ended - began) / steps * 1000:.2f} ms")


def remember(folder: Path) -> None:
    """Put a database with very many runs in the place of the workspace's."""
    from storage import fill  # noqa: PLC0415 — only in the process that writes

    database = folder / ".atoll" / "runs.db"
    for file in database.parent.glob("runs.db*"):
        file.unlink()
    fill(f"sqlite:///{database}")


def measure_list(folder: Path, runs: int, label: str) -> None:
    """Time `atoll runs list`, and take the largest memory that it had."""
    seconds, kilobytes = [], []
    for _ in range(runs):
        command = [sys.executable, "-m", "atoll_host.cli", "runs", "list"]
        began = time.time()
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds.append(time.time() - began)
        kilobytes.append(usage.ru_maxrss)
        if process.returncode:
            raise SystemExit(f"atoll runs list ended with status {process.returncode}")
    memory = statistics.median(kilobytes) / 1024
    print(f"runs list, {label + ' runs':24}{ms(seconds)}, {memory:.0f} MB")


def base() -> dict[str, str]:
    """Give the variables of every process."""
    # Some machines write no bytecode, and then every start compiles everything.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def atoll(folder: Path, environment: dict[str, str], *words: str) -> str:
    """Run a command, and give what it printed."""
    command = [sys.executable, "-m", "atoll_host.cli", *words]
    done = subprocess.run(
        command, cwd=folder, env={**base(), **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


def ms(seconds: list[float]) -> str:
    """Write a median in milliseconds."""
    return f"{statistics.median(seconds) * 1000:7.0f} ms"


if __name__ == "__main__":
    main()
