"""While a location is edited its third-party imports are held ready; nothing of what was before survives a reload."""

from __future__ import annotations

import sys
import time

import pytest
from small_modules import module

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="warm parents are for Linux")


def edit(bench, name, *assets):
    bench.save(f"{name}/defs.py", module(*assets))
    bench.until_assets(name, *assets)


def test_the_second_edit_is_warm_and_says_so(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    edit(bench, "a", "two")
    assert bench.state("a").history[0].way == "fresh"
    bench.until(lambda: bench.state("a").warm)
    edit(bench, "a", "three")
    assert bench.state("a").history[0].way == "warm"
    assert bench.state("a").report.trace["sources"]


def test_nothing_is_kept_for_locations_that_nobody_edits(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": module("other")})
    bench.start()
    bench.supervisor.reload()
    bench.until(lambda: all(len(state.history) == 2 for state in bench.live.states.values()))
    bench.quiet(0.5)
    assert not any(state.warm for state in bench.live.states.values())


def test_a_changed_variable_ends_what_was_held(bench):
    text = "import os, atoll\ndefs = atoll.Definitions(assets=[atoll.AssetSpec(os.environ['NAME'])])\n"
    bench.locate("a").write({"a/defs.py": text, ".env": "NAME=one\n"})
    bench.save("workspace.yaml", "env_file: .env\n" + (bench.path / "workspace.yaml").read_text())
    bench.start()
    bench.save("a/defs.py", text + "# two\n")
    bench.until(lambda: bench.state("a").warm)
    bench.save(".env", "NAME=two\n")
    bench.until_assets("a", "two")
    assert bench.state("a").history[0].way == "fresh"
    assert not bench.state("a").warm


def test_a_save_that_fails_and_one_that_mends_it_are_warm_too(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    edit(bench, "a", "two")
    bench.until(lambda: bench.state("a").warm)
    bench.save("a/defs.py", "import atoll\n)")
    bench.until(lambda: bench.state("a").word == "stale")
    edit(bench, "a", "three")
    assert [record.way for record in bench.state("a").history[:2]] == ["warm", "warm"]


def test_what_nobody_uses_for_a_while_ends(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start(idle=0.5)
    edit(bench, "a", "two")
    bench.until(lambda: bench.state("a").warm)
    bench.until(lambda: not bench.state("a").warm)
    edit(bench, "a", "three")
    assert bench.state("a").history[0].way == "fresh"


def test_no_more_are_kept_than_there_may_be(bench):
    names = ["a", "b", "c"]
    bench.locate(*names).write({f"{name}/defs.py": module("one") for name in names})
    bench.start(most_warm=2)
    for name in names:
        edit(bench, name, "two")
        bench.until(lambda name=name: bench.state(name).warm)
    bench.until(lambda: not bench.state("a").warm)
    assert bench.state("b").warm
    assert bench.state("c").warm


def test_a_new_third_party_import_is_loaded_fresh_and_then_held(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    edit(bench, "a", "two")
    bench.until(lambda: bench.state("a").warm)
    bench.save("a/defs.py", module("three", before="import sqlite3\n"))
    bench.until_assets("a", "three")
    bench.until(lambda: bench.state("a").warm, seconds=10)
    bench.save("a/defs.py", module("four", before="import sqlite3\n"))
    bench.until_assets("a", "four")
    assert bench.state("a").history[0].way == "warm"


def test_saves_that_come_while_a_parent_is_being_made_are_loaded_at_once(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    for number in range(12):
        edit(bench, "a", f"n{number}")
        time.sleep(0.04 * (number % 6))
    bench.until(lambda: bench.state("a").warm)
