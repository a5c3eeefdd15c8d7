"""Every code has a page, and an example that yields exactly this code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from finding_bench import example_files, numbers

from atoll_host.envs.environments import building, dot_venv
from atoll_host.envs.environments.conflicts import find_conflicts, package_folders
from atoll_host.envs.environments.describing import list_copies
from atoll_host.envs.environments.failures import Context, explain
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError, Problem, ToolFailedError
from atoll_host.envs.loading.ends import say_excess
from atoll_host.envs.loading.target import LoadRequest, LoadTarget
from atoll_host.envs.processes import Completed
from atoll_host.envs.uv import find_uv
from atoll_host.workspace.findings.codes import CODES, GROUPS, NUMBERS
from atoll_host.workspace.findings.finding import Finding
from atoll_host.workspace.findings.page import read_page
from atoll_host.workspace.validation import Options

SYNCED = {"ATL206": "update", "ATL208": "locked"}
"""Examples whose environments are built first, and how."""
FILES = sorted(number for number in NUMBERS if example_files(number) and number not in {"ATL202", "ATL209"})
"""Codes whose page has the whole example."""
SAID = {
    "ATL210": "error: No solution found when resolving dependencies\n  cause: Because only numpy>=2 is there and your "
    "project depends on numpy<2, we can conclude that your project's requirements are unsatisfiable.",
    "ATL211": "error: No solution found when resolving dependencies\n  cause: Because panads was not found in the package "
    "registry and your project depends on panads, we can conclude that your project's requirements are unsatisfiable.",
    "ATL212": "error: Request failed after 3 retries in 6.8s\n  cause: Failed to fetch:\n         "
    "https://pypi.org/simple/six/\n  cause: dns error\n",
    "ATL213": "error: Failed to fetch: https://pkgs.example.com/x.whl\n  cause: HTTP status (401 Unauthorized)",
    "ATL214": "error: Failed to download `six==1.17.0`\n  cause: Hash mismatch for `six==1.17.0`\n",
    "ATL215": "error: Failed to build `numpy==1.21.0`\n  cause: The build backend returned an error\n\n"
    "         [stderr]\n         fatal: Python.h\n",
    "ATL216": "error: failed to write to file `/x/y`: No space left on device (os error 28)",
}
"""What uv says where a machine cannot easily be brought to it."""

SHOWN: set[str] = set()
"""Codes that tests of their own show."""


def shows(*codes):
    """Note that a test shows these codes."""
    SHOWN.update(codes)
    return lambda test: test


@pytest.mark.parametrize("number", FILES)
def test_the_example_on_the_page_yields_exactly_its_code(bench, number):
    bench.write(example_files(number))
    mode = SYNCED.get(number)
    built = [] if mode is None else bench.sync(mode)
    validation = bench.validate(built=built, options=Options(locked=mode == "locked"))
    assert numbers(validation) == [number], validation.findings
    for finding in validation.findings:
        assert finding.severity == finding.code.severity
        assert finding.problem.message
        assert finding.problem.file is not None or number in {"ATL201", "ATL206"}, finding
        assert finding.problem.column is not None or number[3] not in "145", finding


@pytest.mark.parametrize("number", SAID)
def test_what_a_build_says_gets_its_code(tmp_path, number):
    file = tmp_path / "pyproject.toml"
    file.write_text('[project]\nname = "sales"\ndependencies = ["numpy"]\n')
    problem = explain(Completed(1, "", SAID[number]), Context("sales", file, tmp_path, tmp_path / "uv.lock"))
    assert Finding.of("sales", problem).code.number == number


@shows("ATL102")
def test_a_folder_that_is_in_no_workspace(bench):
    bench.root.mkdir()
    assert numbers(bench.validate()) == ["ATL102"]


def built(bench):
    bench.write(example_files("ATL202"))
    assert bench.sync() == []
    assert numbers(bench.validate()) == []
    (folder,) = (path for path in (bench.root / ".atoll/envs/report").iterdir() if path.is_dir())
    return folder


@shows("ATL202")
def test_an_environment_whose_requirements_changed(bench):
    built(bench)
    bench.write({"requirements.txt": "# what report.py needs, and more\n"})
    assert numbers(bench.validate()) == ["ATL202"]


@shows("ATL203")
def test_an_environment_whose_folder_is_gone(bench):
    shutil.rmtree(built(bench))
    assert numbers(bench.validate()) == ["ATL203"]


@shows("ATL204")
def test_an_environment_that_was_changed_by_hand(bench):
    packages = next(built(bench).glob("lib*/**/site-packages"))
    (packages / "extra-1.0.dist-info").mkdir()
    (packages / "extra-1.0.dist-info/METADATA").write_text("Name: extra\nVersion: 1.0\n")
    assert numbers(bench.validate()) == ["ATL204"]


@shows("ATL205")
def test_an_environment_whose_interpreter_is_gone(bench):
    (built(bench) / "bin/python").unlink()
    assert numbers(bench.validate()) == ["ATL205"]


@shows("ATL209")
def test_a_lock_that_does_not_fit_any_more(bench):
    files = example_files("ATL209")
    bench.write({**files, "report.py": files["report.py"].replace(">=3.8", ">=3.9")})
    assert bench.sync() == []
    assert numbers(bench.validate()) == []
    bench.write(files)
    # Nothing is built anew, so that the lock is all that is said, beside the environment that is older than it.
    assert numbers(bench.validate()) == ["ATL202", "ATL209"]
    assert numbers(bench.validate(built=bench.sync("locked"), options=Options(locked=True))) == ["ATL209"]


@shows("ATL217")
def test_a_uv_that_is_not_the_one_that_is_asked_for(bench):
    with pytest.raises(EnvironmentFailedError) as caught:
        find_uv(bench.runner, {"PATH": ""}, required="==0.4.0")
    assert code_of(caught.value.problems) == "ATL217"


@shows("ATL218")
def test_a_dependency_by_path_that_is_a_copy(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "sales").mkdir()
    (text,) = re.findall(r"```toml\n(.*?)```", read_page(NUMBERS["ATL218"]), re.DOTALL)
    (tmp_path / "sales/pyproject.toml").write_text(text)
    assert code_of(list_copies(EnvironmentSpec("sales", "project", tmp_path / "sales"))) == "ATL218"


@shows("ATL219")
def test_a_venv_that_is_not_ours(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/pyvenv.cfg").touch()
    warning = dot_venv.link(tmp_path, tmp_path / ".atoll/envs/sales/1")
    assert code_of([warning]) == "ATL219"


@shows("ATL220")
def test_a_link_that_cannot_be_made(bench, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(building.dot_venv, "link", refuse)
    monkeypatch.setattr(building.dot_venv, "can_link", lambda _: True)
    bench.write({
        "pyproject.toml": '[project]\nname = "sales"\nversion = "1"\nrequires-python = ">=3.9"\n\n'
        '[tool.atoll]\nmodule = "sales"\n',
        "sales.py": "import atoll\n\ndefs = atoll.Definitions()\n",
    })  # fmt: skip
    assert code_of([problem for _, problem in bench.sync()]) == "ATL220"


@shows("ATL221")
def test_installed_packages_that_do_not_fit(bench, tmp_path):
    metadata = {
        "pandas-2.2.0": "Name: pandas\nVersion: 2.2.0\nRequires-Dist: numpy>=1.22; python_version >= '3'\n"
        "Requires-Dist: pytz; extra == 'zones'\nRequires-Dist: six\n",
        "numpy-1.19.5": "Name: numpy\nVersion: 1.19.5\n",
        "broken-1": "no metadata",
    }
    bench.write({"report.py": "import atoll\n\ndefs = atoll.Definitions()\n"})
    for name, text in metadata.items():
        bench.write({f"{name}.dist-info/METADATA": text})
    environment = bench.environments.inspect(
        EnvironmentSpec("legacy", "interpreter", executable=Path(bench.variables["PYTHON_OF_SALES"]))
    ).environment
    (problem,) = find_conflicts("legacy", [bench.root], environment.interpreter)
    assert code_of([problem]) == "ATL221"
    assert problem.detail.splitlines() == [
        "pandas 2.2.0 needs numpy>=1.22, and numpy 1.19.5 is installed",
        "pandas 2.2.0 needs six, which is not installed",
    ]
    (folder,) = package_folders(environment)
    assert folder.name == "site-packages"
    assert find_conflicts("legacy", [folder], environment.interpreter) == ()


@shows("ATL222")
def test_an_installed_file_that_was_written_to(bench):
    packages = next(built(bench).glob("lib*/**/site-packages"))
    (packages / "extra.py").write_text("changed = True\n")
    (packages / "extra-1.0.dist-info").mkdir()
    (packages / "extra-1.0.dist-info/METADATA").write_text("Name: extra\nVersion: 1.0\n")
    (packages / "extra-1.0.dist-info/RECORD").write_text(f"extra.py,sha256={'A' * 43},0\n")
    # ATL204, because it was not installed by a build either; test_damage.py writes into what was.
    assert numbers(bench.validate()) == ["ATL204", "ATL222"]


@shows("ATL290")
def test_what_the_system_refuses():
    assert code_of(ToolFailedError("no process can be started").problems) == "ATL290"


@shows("ATL311")
def test_a_python_that_is_too_old():
    line = "Python %s is too old: code locations need Python 3.8 or later"
    assert line in Path(building.__file__).parents[1].joinpath("loading/shim.py").read_text("utf-8")
    assert code_of([Problem("python_too_old", line % "3.6.15")]) == "ATL311"


@shows("ATL312")
def test_an_interpreter_that_ends_before_it_loads_anything(bench, tmp_path):
    bench.write(example_files("ATL303"))
    prefix = Path(bench.variables["PYTHON_OF_SALES"]).parents[1]
    shutil.copytree(prefix, tmp_path / "own", symlinks=True)
    (packages,) = (tmp_path / "own").glob("lib/python*/site-packages")
    (packages / "sitecustomize.py").write_text(
        "import os, sys\n\nif 'shim' in ' '.join(getattr(sys, 'orig_argv', [])):\n    os._exit(3)\n"
    )
    bench.variables["PYTHON_OF_SALES"] = str(tmp_path / "own/bin/python")
    assert numbers(bench.validate()) == ["ATL312"]


@shows("ATL314")
def test_a_snapshot_that_cannot_be_kept(bench):
    bench.write({**example_files("ATL303"), "report.py": "import atoll\n\ndefs = atoll.Definitions()\n"})
    bench.write({".atoll/snapshots": "in the way"})
    assert numbers(bench.validate()) == ["ATL314"]


@shows("ATL315", "ATL316", "ATL317")
@pytest.mark.parametrize(("number", "excess"), [("ATL315", "memory"), ("ATL316", "cpu"), ("ATL317", "processes")])
def test_a_location_that_takes_too_much(tmp_path, number, excess):
    target = LoadTarget("module", "sales")
    request = LoadRequest(Path("python"), True, tmp_path, (), {}, tmp_path, target, 60.0)
    assert code_of([say_excess(excess, request)]) == number


@shows("ATL390")
def test_what_this_version_does_not_know():
    assert code_of([Problem("invented_by_a_newer_sdk", "something")]) == "ATL390"


def code_of(problems):
    (problem,) = problems
    return Finding.of("sales", problem).code.number


def test_no_code_lacks_an_example():
    assert sorted(set(NUMBERS) - {*FILES, *SAID, *SHOWN}) == []


def test_no_code_lacks_a_page_and_no_page_a_code():
    folder = Path(building.__file__).parents[2] / "workspace/findings/pages"
    assert {file.stem for file in folder.iterdir()} == set(NUMBERS)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.number)
def test_a_page_says_what_it_means_with_an_example_and_the_fix(code):
    page = read_page(code)
    assert page.startswith(f"# {code.number}: {code.title}\n\nKind `{code.kind}`, ")
    headings = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    assert headings[1::2] == ["What it means", "Example", "Fix"]
    assert all(len(text.strip()) > 20 for text in headings[2::2])
    assert "```" in headings[4]
    assert page.isascii() or "…" in page
    assert all(len(line) <= 130 for line in page.splitlines())


def test_codes_are_numbered_by_group_and_each_once():
    assert len(NUMBERS) == len(CODES)
    assert all(re.fullmatch(r"ATL[1-5]\d\d", number) for number in NUMBERS)
    assert list(NUMBERS) == sorted(NUMBERS)
    assert {code.group for code in CODES.values()} == set(GROUPS.values())
