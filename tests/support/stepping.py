"""A workspace of two locations whose assets take turns, note each step, and make values that a kill could halve."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from run_workspaces import LEDGER, parts, stored, write_locations

from atoll_host.runs.storage.store import Storage
from command_line import Folder

CHAIN = ["a1", "b1", "a2", "b2", "a3"]
SIZE = 20_000
_STEP = """
@asset
def {name}(context{above}) -> list:
    note([context.run_id, "{name}", "begins"])
    time.sleep({seconds})
    note([context.run_id, "{name}", "ends"])
    return [context.run_id] * {size}
"""


def write_chain(path: Path, seconds: float) -> Folder:
    """Write the workspace.

    Args:
        path: its folder.
        seconds: that each step takes.
    """
    files = {}
    for location in "ab":
        names = [name for name in CHAIN if name[0] == location]
        text = LEDGER + "from atoll import Definitions, asset\n"
        for name in names:
            number = CHAIN.index(name)
            above = f", {CHAIN[number - 1]}" if number else ""
            text += _STEP.format(name=name, above=above, seconds=seconds, size=SIZE)
        files[f"{location}.py"] = f"{text}\ndefs = Definitions(assets=[{', '.join(names)}])\n"
    return write_locations(path, files, dict.fromkeys(files, sys.executable))


def read_notes(folder: Folder) -> Counter[tuple[str, str, str]]:
    """Count what steps noted: run, step, and whether it begins or ends."""
    file = folder.path / "ledger.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return Counter(tuple(json.loads(line)[0]) for line in lines)


def check_steps(folder: Folder, storage: Storage) -> None:
    """Fail unless every run has ended and what is remembered of it is what its steps noted, once each."""
    runs = list(storage.runs.iterate())
    assert [run.status for run in runs if not run.is_final] == []
    notes = read_notes(folder)
    assert [note for note, times in notes.items() if times > 1] == []
    assert {run for run, _, _ in notes} <= {run.id for run in runs}
    made = Counter((event.run, event.asset) for event in storage.assets.since(0, limit=100_000))
    assert [item for item, times in made.items() if times > 1] == []
    assert {(run, step, "ends") for run, step in made} <= set(notes)
    for run in runs:
        _check_run(run, storage.steps.list(run.id), set(made), notes)
    _check_values(folder, made)


def _check_run(run, steps, made, notes) -> None:
    assert {step.status for step in steps} <= {"succeeded", "failed", "skipped", "canceled"}, run
    succeeded = {step.key for step in steps if step.status == "succeeded"}
    assert all(notes[run.id, key, "ends"] == 1 and (run.id, key) in made for key in succeeded), (run, steps)
    if run.status == "succeeded":
        assert succeeded == set(CHAIN), (run, steps)
        assert {note for note in notes if note[0] == run.id} == {
            (run.id, key, word) for key in CHAIN for word in ("begins", "ends")
        }


def _check_values(folder: Folder, made) -> None:
    """Every value is whole, and is one that a run says it made."""
    values = stored(folder)
    assert {key for _, key in made} == {Path(name).stem for name in values}
    for name, value in values.items():
        assert len(value) == SIZE, name
        assert len(set(value)) == 1, name
        assert (value[0], Path(name).stem) in made, name
    assert parts(folder) == []
