"""The same sample on every Python from 3.8 to 3.13 gives the same JSON."""

import json
import os
import subprocess
import sys

import pytest


def run_battery(python, samples, seed):
    sdk = samples.parents[2] / "sdk"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [python, str(samples / "battery.py"), str(sdk), str(samples)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def expected(samples):
    return run_battery(sys.executable, samples, "0")


def test_a_python_gives_the_same_json_as_the_others(each_python, samples, expected):
    _, python = each_python
    found = run_battery(python, samples, "1")
    assert found["value"] == 13
    assert len(found["snapshot"]["errors"]) == 5
    assert found == expected
