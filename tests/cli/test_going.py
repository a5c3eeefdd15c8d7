"""While a run goes on, a terminal tells what is under way; nothing of that stays, and nothing of it is in a file."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console
from run_workspaces import write_locations

from atoll_host.cli.views.runs.going import Going
from atoll_host.cli.views.runs.progress import ProgressLines
from atoll_host.runs.storage.records import Event

TEXT = """import time
from atoll import *
@asset
def first() -> int:
    time.sleep(2)
    return 1
@asset
def second(first) -> int: return 2
defs = Definitions(assets=[first, second])
"""


@pytest.fixture
def folder(tmp_path):
    return write_locations(tmp_path, {"main.py": TEXT}, {"main.py": sys.executable})


def drawn(going, width=80):
    console = Console(file=io.StringIO(), width=width)
    console.print(going)
    return console.file.getvalue().rstrip("\n")


def event(kind, step=None, **payload):
    return Event(1, 1.0, kind, step, "main", payload)


def test_the_line_tells_what_is_waited_for():
    going = Going(waits=True)
    assert drawn(going).startswith("◐ waiting")
    going.note(event("run_started"))
    assert drawn(going).startswith("◐ loading what it needs")
    going.note(event("steps_planned", steps=[{"name": name} for name in "abcde"]))
    assert drawn(going).startswith("◐ 0 of 5 steps done ")
    for name in "abcd":
        going.note(event("step_started", name))
    assert drawn(going).startswith("◐ 0 of 5 steps done: a, b, c and 1 more ")
    going.note(event("step_succeeded", "b"))
    going.note(event("step_skipped", "e"))
    assert drawn(going).startswith("◐ 2 of 5 steps done: a, c, d ")


def test_the_line_fits_a_narrow_terminal_and_drives_it_nowhere():
    going = Going()
    going.note(event("steps_planned", steps=[{"name": "x"}]))
    going.note(event("step_started", "wide\x1b[2Jname" * 20))
    text = drawn(going, width=40)
    assert (len(text) <= 40, "\x1b" in text, "\n" in text) == (True, False, False)


def test_nobody_is_told_where_nobody_watches():
    console = Console(file=io.StringIO(), force_terminal=False)
    with ProgressLines(console, wanted=True) as lines:
        lines._going.started -= 10
        lines.look()
    assert console.file.getvalue() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="platform: no pseudo-terminals on Windows")
def test_a_terminal_shows_which_step_is_under_way(folder):
    from terminals import terminal

    with terminal(folder.path, "materialize", "*") as shown:
        shown.expect("0 of 2 steps done: first").expect("✓ first").expect("✓ second").expect("2 succeeded").ended(0)


def test_a_file_has_the_lines_of_steps_and_no_more(folder):
    done = folder.run("materialize", "*").ended(0)
    assert "◐" not in done.err
    assert [line.split()[:2] for line in done.err.splitlines()] == [["✓", "first"], ["✓", "second"]]
