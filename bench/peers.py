"""Time `atoll validate` beside `dagster definitions validate` on workspaces of the same content, in turn.

    python bench/peers.py PATH/TO/dagster [--runs N] [--locations 1,3,10]

Both load locations of 10 assets, a job, a schedule, a sensor and a resource each. Atoll's locations have environments
of their own; Dagster's share the one that `dagster` is in. Run it with the interpreter that has Atoll installed;
Dagster is not among what this project installs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from commands import ASSET, DEFINITIONS, compare, own, show, timed, write_workspace


def write_dagster_workspace(folder: Path, count: int) -> None:
    """Write a workspace of `count` Python files with the same definitions, declared with Dagster's names."""
    folder.mkdir(parents=True)
    assets = "".join(ASSET.format(number=number, before=number - 1) for number in range(1, 10))
    names = ", ".join(f"asset_{number}" for number in range(10))
    text = DEFINITIONS.format(assets=assets, names=names).replace("from atoll import", "from dagster import")
    entries = []
    for number in range(count):
        name = f"location_{number:03}"
        (folder / f"{name}.py").write_text(own(text, number))
        entries.append(f"  - python_file:\n      relative_path: {name}.py\n      location_name: {name}\n")
    (folder / "workspace.yaml").write_text("load_from:\n" + "".join(entries))


def main() -> None:
    """Write the workspaces, time both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dagster", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--locations", default="1,3,10")
    options = parser.parse_args()
    atoll = str(Path(sys.executable).with_name("atoll"))
    with tempfile.TemporaryDirectory(prefix="atoll-bench-") as base:
        for count in (int(word) for word in options.locations.split(",")):
            ours, theirs = Path(base) / f"atoll-{count}", Path(base) / f"dagster-{count}"
            write_workspace(ours, count)
            write_dagster_workspace(theirs, count)
            timed([atoll, "sync"], ours)
            rows = {
                f"atoll validate ({count})": ([atoll, "validate"], ours),
                f"dagster definitions validate ({count})": (
                    [str(options.dagster), "definitions", "validate", "-w", "workspace.yaml"],
                    theirs,
                ),
            }
            show(compare(rows, options.runs), f"atoll validate ({count})")


if __name__ == "__main__":
    main()
