"""The shim, on every Python that this machine has."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from atoll_host.envs.loading import protocol
from atoll_host.envs.loading.worker import SHIM
from tests_support import asset_names


def test_a_location_loads_on_every_supported_python(each_python, loading):
    version, python = each_python
    outcome = loading.text(
        "from atoll import Definitions, asset\n\n\n@asset\ndef islands():\n    return 1\n\n\ndefs = Definitions(assets=[islands])\n",
        python=python,
    )
    assert outcome.problems == ()
    assert asset_names(outcome) == ["islands"]
    assert outcome.worker["python"]["version"].startswith(version + ".")
    assert outcome.worker["sdk"]["version"]


@pytest.mark.parametrize("version", ["3.6", "3.7"])
def test_a_python_that_is_too_old_gets_a_sentence(python, loading, version):
    outcome = loading.text("", python=python(version))
    assert [problem.kind for problem in outcome.problems] == ["python_too_old"]
    assert f"Python {version}." in outcome.problems[0].message
    assert "3.8 or later" in outcome.problems[0].message


def test_the_shim_and_the_host_speak_the_same_protocol():
    names = {"PROTOCOL": protocol.PROTOCOL, "CHANNEL_LOST": protocol.CHANNEL_LOST}
    tree = ast.parse(SHIM.read_text())
    found = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    assert {name: found[name] for name in names} == names


def test_the_shim_parses_on_python_3_6():
    ast.parse(SHIM.read_text(), feature_version=(3, 6))


def test_above_its_version_gate_the_shim_imports_sys_alone():
    tree = ast.parse(SHIM.read_text())
    assert [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)] == ["import sys"]


def test_importing_the_shim_does_nothing(each_python):
    _, python = each_python
    said = subprocess.run(
        [python, "-I", "-c", f"import runpy; runpy.run_path({str(SHIM)!r}, run_name='__mp_main__'); print('quiet')"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (said.stdout, said.stderr) == ("quiet\n", "")


def test_a_module_may_use_multiprocessing_with_spawn_while_it_is_imported(loading):
    loading.write("work.py", "def double(number):\n    return number * 2\n")
    outcome = loading.text(
        "import multiprocessing, atoll, work\n"
        "with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "    assert pool.map(work.double, [2]) == [4]\n"
        "defs = atoll.Definitions()\n"
    )
    assert outcome.problems == ()


def test_nothing_of_ours_and_nothing_of_the_caller_is_on_the_path(each_python, loading):
    _, python = each_python
    stray = loading.folder.parent / "stray"
    stray.mkdir()
    outcome = loading.text(
        "import sys, os, json, atoll\n"
        "defs = atoll.Definitions(metadata={'path': json.dumps(sys.path), 'cwd': os.getcwd(), 'argv': json.dumps(sys.argv)})\n",
        python=python,
        variables={"PYTHONPATH": str(stray), "PYTHONHOME": "/nowhere", "PYTHONSTARTUP": str(stray)},
    )
    assert outcome.problems == ()
    metadata = {name: item["value"] for name, item in outcome.definitions["metadata"].items()}
    path = json.loads(metadata["path"])
    assert path[0] == str(loading.folder)
    assert str(stray) not in path
    assert str(SHIM.parent) not in path
    assert [entry for entry in path if entry == str(Path(__file__).parents[3] / "sdk")] == path[-1:]
    assert metadata["cwd"] == str(loading.folder)
    assert json.loads(metadata["argv"]) == [""]


def test_an_interpreter_as_it_is_does_not_get_the_shims_folder_either(loading):
    outcome = loading.text(
        "import sys, json, atoll\ndefs = atoll.Definitions(metadata={'path': json.dumps(sys.path)})\n", isolated=False
    )
    assert str(SHIM.parent) not in json.loads(outcome.definitions["metadata"]["path"]["value"])


def test_bytecode_is_written_whatever_the_caller_set(loading):
    loading.write("helper.py", "x = 1\n")
    loading.text("import atoll, helper\ndefs = atoll.Definitions()\n", variables={"PYTHONDONTWRITEBYTECODE": "1"})
    assert list((loading.folder / "__pycache__").glob("helper.*.pyc"))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("print('said ✓')", id="print"),
        pytest.param("os.write(1, 'said ✓'.encode())", id="os-write"),
        pytest.param("subprocess.run([sys.executable, '-I', '-X', 'utf8', '-c', 'print(\"said ✓\")'])", id="child"),
        pytest.param("sys.stderr.write('said ✓')", id="stderr"),
        pytest.param("os.system('echo said ✓')", id="shell"),
        pytest.param("sys.__stdout__.write('said ✓')", id="original-stdout"),
    ],
)
def test_whatever_a_module_prints_lands_in_its_output(loading, statement):
    outcome = loading.text(f"import os, sys, subprocess, atoll\n{statement}\ndefs = atoll.Definitions()\n")
    assert outcome.problems == ()
    assert "said ✓" in outcome.output.text


def test_a_module_reads_an_empty_standard_input(loading):
    outcome = loading.text("import sys, atoll\nassert sys.stdin.read() == ''\ndefs = atoll.Definitions()\n")
    assert outcome.problems == ()


def test_loading_is_told_by_a_variable(loading):
    outcome = loading.text("import os, atoll\nassert os.environ['ATOLL_LOADING'] == '1'\ndefs = atoll.Definitions()\n")
    assert outcome.problems == ()


def test_the_answer_is_the_same_whether_or_not_anything_was_printed(loading):
    quiet = loading.text("import atoll\ndefs = atoll.Definitions()\n")
    loud = loading.text("import atoll\ndefs = atoll.Definitions(); print('x' * 5000)\n")
    assert quiet.definitions == loud.definitions


def test_a_shim_that_reads_nothing_ends_by_itself():
    ended = subprocess.run(
        [sys.executable, "-I", str(SHIM), "--faults", "/dev/null"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0
