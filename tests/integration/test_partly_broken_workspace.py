"""A workspace.yaml that is wrong in places: what is good in it works, and all that is wrong is said at once."""

from __future__ import annotations

import sys

import pytest

ASSETS = "import atoll\n\n\n@atoll.asset\ndef NAME():\n    return 1\n\n\ndefs = atoll.Definitions(assets=[NAME])\n"
NEEDS = "import atoll\n\n\n@atoll.asset(deps=['elsewhere'])\ndef needs():\n    return 1\n\n\ndefs = atoll.Definitions(assets=[needs])\n"
TEXT = f"""\
load_from:
  - python_file: {{relative_path: good.py, executable_path: {sys.executable}}}
  - python_file: {{relative_path: needs.py, executable_path: {sys.executable}}}
  - python_file: {{relative_path: typo.py, executable_path: {sys.executable}, timeot: 3}}
  - python_file: {{relative_path: gone.py, executable_path: {sys.executable}}}
  - python_fiel: other.py
  - python_file: {{relative_path: fails.py, executable_path: {sys.executable}}}
timeout: soon
"""
OF_THE_FILE = [(None, 6), (None, 8)]


@pytest.fixture
def partly(folder):
    files = {name: ASSETS.replace("NAME", name.removesuffix(".py")) for name in ("good.py", "typo.py")}
    return folder.write({"workspace.yaml": TEXT, **files, "needs.py": NEEDS, "fails.py": "import surely_not_there\n"})


def places(outcome):
    return [(problem["location"], problem["line"]) for problem in outcome.problems]


def test_the_good_ones_are_listed_beside_all_that_is_wrong(partly):
    outcome = partly.run("list", "--json").ended(1)
    status = {row["name"]: row["status"] for row in outcome.json()["data"]}
    assert status == {"good": "loaded", "needs": "loaded", "typo": "failed", "gone": "failed", "fails": "failed"}
    assert places(outcome) == [*OF_THE_FILE, ("typo", 4), ("gone", 5), ("fails", 1)]
    shown = partly.run("list").ended(1)
    assert "good" in shown.out
    assert "workspace.yaml:6:5" in shown.err


def test_everything_is_validated_in_one_go(partly):
    outcome = partly.run("validate", "--json").ended(1)
    assert places(outcome) == [*OF_THE_FILE, ("typo", 4), ("gone", 5), ("fails", 1)]
    assert {problem["code"] for problem in outcome.problems} == {"ATL101", "ATL301"}
    shown = partly.run("validate").ended(1).out
    assert shown.count("error[ATL101]") == 4


def test_findings_about_the_file_that_are_not_wanted_hide_no_location(partly):
    """Nobody wants to hear of them, and yet not everything was validated."""
    assert partly.run("validate", "--ignore", "ATL1", "--json").ended(1).problems
    assert places(partly.run("validate", "good", "--json").ended(1)) == OF_THE_FILE


@pytest.mark.parametrize(
    "words", [["show", "location", "good"], ["graph"], ["list", "assets"], ["doctor"], ["env", "good"]]
)
def test_commands_that_read_do_their_work_and_end_with_one(partly, words):
    outcome = partly.run(*words, "--json").ended(1)
    assert outcome.json()["data"] is not None
    assert [place for place in places(outcome) if place[0] is None] == OF_THE_FILE


def test_a_command_runs_in_a_good_location(partly):
    partly.run("exec", "good", "--", "python", "-c", "").ended(0)
    assert "workspace.yaml:6" in partly.run("exec", "--all", "--", "python", "-c", "").ended(1).err


def test_a_location_that_may_be_among_what_cannot_be_read_is_no_wrong_usage(partly):
    assert places(partly.run("validate", "other", "--json").ended(1)) == OF_THE_FILE


@pytest.mark.parametrize(
    "words",
    [["clean"], ["add", "good.py"], ["remove", "good"], ["rename", "good", "better"], ["create", "location", "new"]],
    ids=lambda words: words[0],
)
def test_what_must_know_all_locations_or_change_the_file_does_nothing(partly, words):
    stray = partly.path / ".atoll/envs/other"
    stray.mkdir(parents=True)
    outcome = partly.run(*words, "--json").ended(1)
    assert OF_THE_FILE[0] in places(outcome)
    assert stray.is_dir()
    assert (partly.path / "workspace.yaml").read_text() == TEXT
