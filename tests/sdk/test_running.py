"""Runs in one process, with no host: every case of `running/`, on the oldest and the newest Python here."""

import ast
import json
import os
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "running"
SDK = Path(__file__).resolve().parents[2] / "sdk"
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "helping.py")
SUPPORTED = [f"3.{minor}" for minor in range(8, 14)]
AVAILABLE = [version for version in SUPPORTED if version in json.loads(os.environ["ATOLL_TEST_INTERPRETERS"])]
VERSIONS = sorted({AVAILABLE[0], AVAILABLE[-1]}, key=SUPPORTED.index)


def list_cases(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and not node.decorator_list]
    return [node.name for node in functions if not node.name.startswith("_")]


CASES = [(version, path, case) for path in FILES for version in VERSIONS for case in list_cases(path)]


@pytest.fixture(scope="module")
def run(python):
    """Run a file of cases in a Python, once: the traceback of each case that failed, None of each that passed."""
    done = {}

    def find(version, path):
        if (version, path) not in done:
            done[version, path] = run_file(python(version), path)
        return done[version, path]

    return find


def run_file(python, path):
    command = [python, "-I", "-W", "error", "-X", "utf8", FOLDER.parent / "support" / "run_cases.py", SDK, path]
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)
    answers = [json.loads(line[1:]) for line in ended.stdout.splitlines() if line.startswith("@")]
    return {answer["case"]: answer["error"] for answer in answers}, ended.stderr


@pytest.mark.parametrize(
    ("version", "path", "case"),
    [pytest.param(*case, id=f"{case[0]}-{case[1].stem}-{case[2]}") for case in CASES],
)
def test_a_run_does_what_its_case_says(run, version, path, case):
    answers, errors = run(version, path)
    assert case in answers, f"the case did not end:\n{errors}"
    assert answers[case] is None, answers[case]
