"""Time Atoll's commands as whole processes, side by side, in turn, and print medians and ratios.

    python bench/commands.py [--runs N] [--locations 1,10,100]

Each workspace has locations with a uv-managed environment of its own, and each location 10 assets, a job, a schedule,
a sensor and a resource. Environments are built before anything is timed; nothing that a command finds out is cached
between its runs, except bytecode and what the machine's own disk cache holds. Run it with the interpreter that has
Atoll installed.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uv

from atoll_host.envs.layout import StateFolder
from atoll_host.envs.loading.target import LoadRequest, LoadTarget
from atoll_host.envs.loading.variables import location_variables
from atoll_host.envs.loading.worker import load
from atoll_host.envs.processes import Runner
from atoll_host.envs.sdk_copy import ensure_sdk

if TYPE_CHECKING:
    from collections.abc import Callable

DEFINITIONS = """
from atoll import (
    AssetSelection, ConfigurableResource, Definitions, RunRequest, ScheduleDefinition, asset, define_asset_job, sensor,
)


class Store(ConfigurableResource):
    folder: str = "data"


@asset
def asset_0(store: Store):
    return 0

{assets}

daily = define_asset_job("daily", selection=AssetSelection.all())
every_morning = ScheduleDefinition(name="every_morning", job=daily, cron_schedule="0 6 * * *")


@sensor(job=daily)
def on_arrival():
    yield RunRequest(run_key="one")


defs = Definitions(
    assets=[{names}], jobs=[daily], schedules=[every_morning], sensors=[on_arrival], resources={{"store": Store()}}
)
"""
ASSET = """
@asset
def asset_{number}(asset_{before}):
    return asset_{before}
"""


def write_workspace(folder: Path, count: int) -> None:
    """Write a workspace of `count` projects."""
    folder.mkdir(parents=True)
    (folder / "workspace.yaml").write_text("load_from:\n  - project: locations/*\n")
    assets = "".join(ASSET.format(number=number, before=number - 1) for number in range(1, 10))
    text = DEFINITIONS.format(assets=assets, names=", ".join(f"asset_{number}" for number in range(10)))
    for number in range(count):
        name = f"location_{number:03}"
        project = folder / "locations" / name
        (project / "src" / name).mkdir(parents=True)
        (project / "src" / name / "__init__.py").write_text("")
        (project / "src" / name / "definitions.py").write_text(own(text, number))
        (project / ".python-version").write_text("{}.{}\n".format(*sys.version_info))
        (project / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "0"\nrequires-python = ">=3.8"\ndependencies = []\n\n'
            f'[tool.atoll]\nmodule = "{name}.definitions"\n'
        )


def own(text: str, number: int) -> str:
    """Give a location assets of its own: no two locations make the same one."""
    return re.sub(r"\basset_(\d)", rf"asset_{number:03}_\1", text)


def timed(command: list[str], folder: Path) -> float:
    """Run a command to its end and give the seconds that it took."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def environment() -> dict[str, str]:
    """Give our variables without those that keep bytecode from being written."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def loading(workspace: Path) -> Callable[[], float]:
    """Give a function that loads the first location of a workspace through the shim and gives the seconds."""
    project = workspace / "locations" / "location_000"
    executable = project / ".venv" / "bin" / "python"
    request = LoadRequest(
        executable=executable,
        isolated=True,
        directory=project,
        search_paths=(project, project / "src"),
        variables=location_variables(environment(), prefix=project / ".venv", executable=executable),
        sdk=ensure_sdk(StateFolder(workspace / ".atoll")),
        target=LoadTarget("module", "location_000.definitions"),
    )
    runner = Runner()

    def run() -> float:
        started = time.perf_counter()
        outcome = load(runner, request)
        seconds = time.perf_counter() - started
        if outcome.definitions is None:
            sys.exit(f"the load failed: {outcome.problems}")
        return seconds

    return run


def compare(rows: dict[str, tuple[list[str], Path] | Callable[[], float]], runs: int) -> dict[str, float]:
    """Run the commands in turn, `runs` times each after one that is not counted; give the medians in seconds."""
    times: dict[str, list[float]] = {name: [] for name in rows}
    for run in range(runs + 1):
        for name, row in rows.items():
            seconds = row() if callable(row) else timed(*row)
            if run:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def show(medians: dict[str, float], base: str) -> None:
    """Print a table: median, difference from the base, ratio to the base."""
    width = max(len(name) for name in medians)
    print(f"\n{'':{width}}  {'median':>10}  {'over base':>10}  {'ratio':>6}")
    for name, seconds in medians.items():
        over = (seconds - medians[base]) * 1000
        print(f"{name:{width}}  {seconds * 1000:7.1f} ms  {over:7.1f} ms  {seconds / medians[base]:6.2f}")


def main() -> None:
    """Build the workspaces, time the commands, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--locations", default="1,10,100")
    options = parser.parse_args()
    atoll = [str(Path(sys.executable).with_name("atoll"))]
    uv_command = uv.find_uv_bin()
    with tempfile.TemporaryDirectory(prefix="atoll-bench-") as base:
        root = Path(base)
        folders = {}
        for count in (int(word) for word in options.locations.split(",")):
            folders[count] = root / f"workspace-{count}"
            write_workspace(folders[count], count)
            seconds = timed([*atoll, "sync"], folders[count])
            print(f"built {count} environments in {seconds:.1f} s")
        first = folders[min(folders)]
        project = first / "locations" / "location_000"
        python = str(project / ".venv" / "bin" / "python")
        source = ["-c", "import sys; sys.path[:0] = ['src']; import location_000.definitions"]
        show(
            compare(
                {
                    "python -c pass": ([python, "-I", "-c", "pass"], project),
                    "import of the module": ([python, "-I", *source], project),
                    "one load through the shim": loading(first),
                },
                options.runs,
            ),
            "python -c pass",
        )
        show(
            compare(
                {
                    "python -c pass": ([sys.executable, "-c", "pass"], first),
                    "python -c 'import typer'": ([sys.executable, "-c", "import typer"], first),
                    "atoll --version": ([*atoll, "--version"], first),
                    "atoll --help": ([*atoll, "--help"], first),
                },
                options.runs,
            ),
            "python -c pass",
        )
        rows = {"python -c pass": ([sys.executable, "-c", "pass"], first)}
        for count, folder in folders.items():
            rows[f"atoll list ({count})"] = ([*atoll, "list"], folder)
            rows[f"atoll validate ({count})"] = ([*atoll, "validate"], folder)
            rows[f"atoll sync, nothing to do ({count})"] = ([*atoll, "sync"], folder)
        rows["uv sync, nothing to do (1)"] = ([uv_command, "sync", "--project", str(project)], project)
        show(compare(rows, max(3, options.runs // 2)), "python -c pass")


if __name__ == "__main__":
    main()
