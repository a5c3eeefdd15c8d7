"""The public surface as a type checker sees it."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

HAS_MYPY = find_spec("mypy") is not None
MYPY = [sys.executable, "-m", "mypy"] if HAS_MYPY else [sys.executable, "-m", "uv", "tool", "run", "mypy"]


@pytest.fixture(scope="module")
def report(samples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mypy")
    run = subprocess.run(
        [*MYPY, "--strict", "--no-error-summary", "--config-file=", "--hide-error-codes",
         "--cache-dir", str(folder / "cache"), str(samples / "typed.py")],
        capture_output=True, text=True, cwd=folder, check=False,
        env={**os.environ, "MYPYPATH": str(samples.parents[2] / "sdk")},
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    return [line.partition("typed.py:")[2].partition(": ")[2] for line in run.stdout.splitlines() if "typed.py" in line]


def test_a_strict_type_checker_sees_what_each_name_is(report):
    revealed = [line.replace("builtins.", "") for line in report if line.startswith("note: Revealed")]
    assert revealed == [
        'note: Revealed type is "atoll._assets.AssetsDefinition"',
        'note: Revealed type is "atoll._assets.AssetsDefinition"',
        'note: Revealed type is "atoll._graphs.JobDefinition"',
        'note: Revealed type is "typed.Database"',
        'note: Revealed type is "atoll._results.Output[int]"',
    ]


def test_a_strict_type_checker_finds_wrong_fields_and_arguments(report):
    errors = [line for line in report if line.startswith("error")]
    assert errors[0] == 'error: Argument "host" to "Database" has incompatible type "int"; expected "str"'
    assert errors[1] == 'error: Missing named argument "host" for "Database"'
    assert '"asset"' in errors[2]
    assert len(errors) == 3
