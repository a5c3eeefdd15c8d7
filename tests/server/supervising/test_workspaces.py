"""Locations come, go and change as the workspace says; while it can't be read, what was known stays."""

from __future__ import annotations

import shutil

from small_modules import module

PROJECT = '[project]\nname = "{0}"\nversion = "1"\nrequires-python = ">=3.9"\n[tool.atoll]\nmodule = "{0}"\n'


def test_what_was_stored_is_shown_before_anything_has_loaded(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.run("list", "--json").ended(0)
    bench.save("a/defs.py", module("two", before="import time\ntime.sleep(1)\n"))
    bench.start(settle=False)
    bench.until(lambda: bench.state("a").stored is not None)
    assert bench.state("a").word == "loading"
    assert bench.assets("a") == ["one"]
    assert bench.state("a").as_of is not None
    bench.until_assets("a", "two")


def test_a_location_that_is_added_appears_and_one_that_is_taken_out_goes(bench):
    bench.locate("a").write({"a/defs.py": module("one"), "b/defs.py": module("other")})
    bench.start()
    bench.locate("b", "a")
    bench.until(lambda: list(bench.live.states) == ["b", "a"])
    bench.until_assets("b", "other")
    assert bench.history("a") == [("start", "loaded")]
    assert bench.history("b") == [("workspace.yaml changed", "loaded")]
    bench.locate("b")
    bench.until(lambda: list(bench.live.states) == ["b"])
    bench.save("b/defs.py", module("another"))
    bench.until_assets("b", "another")


def test_only_a_location_whose_entry_changed_loads_again(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": module("other")})
    bench.start()
    text = (bench.path / "workspace.yaml").read_text()
    bench.save("workspace.yaml", text.replace('"location_name": "b"', '"location_name": "b", "timeout": 30'))
    bench.until(lambda: len(bench.history("b")) == 2)
    bench.settle()
    assert len(bench.history("a")) == 1


def test_a_workspace_that_cannot_be_read_keeps_what_was_known_and_says_why(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    good = (bench.path / "workspace.yaml").read_text()
    bench.save("workspace.yaml", "load_from: [\n")
    bench.until(lambda: bench.live.problems)
    assert bench.assets("a") == ["one"]
    bench.until(lambda: any(finding.location is None for finding in bench.live.findings))
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    bench.save("workspace.yaml", good)
    bench.until(lambda: not bench.live.problems)
    bench.until(lambda: not bench.live.findings)
    assert len(bench.history("a")) == 2


def test_a_workspace_that_cannot_be_read_at_first_loads_when_it_is_mended(bench):
    bench.write({"workspace.yaml": "load_from: [\n", "a/defs.py": module("one")})
    bench.start(settle=False)
    assert bench.live.problems
    assert bench.supervisor.wait_until_watching(20)
    bench.locate("a")
    bench.until_assets("a", "one")
    assert not bench.live.problems


def test_a_project_that_appears_below_a_pattern_is_a_location(bench):
    bench.write({"workspace.yaml": "load_from:\n  - project: locations/*\n"})
    bench.write(
        {"locations/one/pyproject.toml": PROJECT.format("one"), "locations/one/src/one/__init__.py": module("x")}
    )
    bench.start()
    (bench.path / "aside").mkdir()
    bench.write({"aside/two/pyproject.toml": PROJECT.format("two"), "aside/two/src/two/__init__.py": module("y")})
    (bench.path / "aside/two").rename(bench.path / "locations/two")
    bench.until(lambda: list(bench.live.states) == ["one", "two"])
    bench.settle()
    (bench.path / "locations/three").mkdir()
    bench.write({"locations/three/pyproject.toml": PROJECT.format("three")})
    bench.until(lambda: list(bench.live.states) == ["one", "three", "two"])
    shutil.rmtree(bench.path / "locations/two")
    bench.until(lambda: list(bench.live.states) == ["one", "three"])
    bench.settle()


def test_a_location_that_is_deleted_and_restored_comes_back(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": module("other")})
    bench.start()
    (bench.path / "a").rename(bench.path / "gone")
    bench.until(lambda: bench.state("a").word == "stale")
    bench.settle()
    assert bench.assets("a") == ["one"]
    (bench.path / "gone").rename(bench.path / "a")
    bench.until_assets("a", "one")
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    assert len(bench.history("b")) == 1


def test_only_what_is_named_is_loaded_and_shown(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": "raise SystemExit\n"})
    bench.start(only=["a"])
    assert list(bench.live.states) == ["a"]
    bench.until(lambda: bench.live.states["a"].activity == "idle")
    assert not bench.live.findings


def test_findings_are_those_of_validate(bench):
    text = module("one").replace("@atoll.asset\n", "@atoll.asset(deps=['nowhere', 'other'])\n")
    bench.locate("a", "b").write({"a/defs.py": text, "b/defs.py": module("one", "other")})
    bench.start()

    def said():
        return [
            (item["code"], item["location"], item["message"], item["severity"])
            for item in bench.run("validate", "--json").json()["problems"]
        ]

    def shown():
        return [(one.code.number, one.location, one.problem.message, one.severity) for one in bench.live.findings]

    expected = said()
    assert expected
    bench.until(lambda: shown() == expected)
    bench.save("b/defs.py", module("other"))
    bench.until_assets("b", "other")
    expected = said()
    bench.until(lambda: shown() == expected)
    bench.save("a/defs.py", "import atoll\n)")
    bench.until(lambda: bench.state("a").word == "stale")
    expected = said()
    bench.until(lambda: shown() == expected)
