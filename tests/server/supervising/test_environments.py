"""Environments are built from their locks when these change; what cannot be built is said, and costs no definitions."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

import psutil
from small_modules import module

from tests_support import gone, until

PROJECT = '[project]\nname = "one"\nversion = "1"\nrequires-python = ">=3.9"\n{}[tool.atoll]\nmodule = "one"\n'
PACKAGE = '[project]\nname = "{0}"\nversion = "{1}"\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
BACKEND = """
import zipfile

NAME, VERSION = {name!r}, {version!r}


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = f"{{NAME}}-{{VERSION}}-py3-none-any.whl"
    info = f"{{NAME}}-{{VERSION}}.dist-info"
    with zipfile.ZipFile(f"{{folder}}/{{name}}", "w") as wheel:
        wheel.writestr(f"{{NAME}}.py", f"VERSION = 'v{{VERSION}}'\\n")
        wheel.writestr(f"{{info}}/METADATA", f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n")
        wheel.writestr(f"{{info}}/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{{info}}/RECORD", "")
    return name
"""

SLOW = """

import pathlib, time

before = build_wheel


def build_wheel(*arguments, **options):
    while not (pathlib.Path(__file__).parent / "go").exists():
        time.sleep(0.05)
    return before(*arguments, **options)


build_editable = build_wheel
"""


def project(bench, dependencies: str = "", text: str = module("one")) -> None:
    bench.write({"workspace.yaml": "load_from:\n  - project: one\n"})
    bench.write(
        {
            "one/pyproject.toml": PROJECT.format(dependencies),
            "one/src/one/__init__.py": text,
            "one/.python-version": f"{PYTHON}\n",
        }
    )


def lock(bench) -> None:
    bench.run("lock").ended(0)


def test_a_missing_environment_is_built_from_its_lock(bench):
    project(bench)
    lock(bench)
    bench.start()
    assert bench.assets("one") == ["one"]
    assert bench.state("one").inspection.state == "current"
    bench.until(lambda: not bench.live.findings)
    bench.save("one/src/one/__init__.py", module("two"))
    bench.until_assets("one", "two")


def test_without_a_lock_nothing_is_built_and_that_is_said(bench):
    project(bench)
    bench.start()
    assert bench.state("one").word == "failed"
    assert "lock_missing" in [problem.kind for problem in bench.state("one").report.problems]
    assert not (bench.path / "one/uv.lock").exists()
    lock(bench)
    bench.until_assets("one", "one")
    assert bench.history("one")[-1] == ("uv.lock changed", "loaded")


def test_a_changed_lock_builds_a_new_generation_and_loads_it(bench):
    wheels = bench.path / "wheels"
    for version in ("1", "2"):
        bench.write({"packing/backend.py": BACKEND.format(name="tool", version=version)})
        wheels.mkdir(exist_ok=True)
        build = "import sys; sys.path.insert(0, '.'); import backend; backend.build_wheel('../wheels')"
        subprocess.run([sys.executable, "-B", "-c", build], cwd=bench.path / "packing", check=True)
    source = '[tool.uv]\nno-index = true\nfind-links = ["../wheels"]\n'
    text = "import tool, atoll\ndefs = atoll.Definitions(assets=[atoll.AssetSpec(tool.VERSION)])\n"
    project(bench, 'dependencies = ["tool==1"]\n' + source, text)
    lock(bench)
    bench.start()
    assert bench.assets("one") == ["v1"]
    before = bench.state("one").report.environment.prefix
    activities = set()
    bench.supervisor.hub.listen(lambda _: activities.add(bench.state("one").activity))

    file = bench.path / "one/pyproject.toml"
    bench.save("one/pyproject.toml", file.read_text().replace("tool==1", "tool==2"))
    bench.until(lambda: bench.state("one").word == "stale")
    assert "lock_stale" in [problem.kind for problem in bench.state("one").report.problems]
    assert bench.assets("one") == ["v1"]
    bench.until(lambda: "ATL" in "".join(finding.code.number for finding in bench.live.findings))

    lock(bench)
    bench.until_assets("one", "v2")
    assert bench.state("one").report.environment.prefix != before
    assert before.is_dir()
    assert "syncing" in activities
    assert bench.state("one").history[0].way == "fresh"


def test_an_environment_that_somebody_else_builds_is_taken(bench):
    project(bench)
    bench.start()
    assert bench.state("one").word == "failed"
    bench.run("sync").ended(0)
    bench.until_assets("one", "one")


def test_a_project_file_that_is_broken_for_a_moment_costs_nothing(bench):
    project(bench)
    lock(bench)
    bench.start()
    # The load after the first build would read what is broken before anybody was told of it.
    bench.quiet(0.5)
    good = (bench.path / "one/pyproject.toml").read_text()
    bench.save("one/pyproject.toml", good + "[tool.atoll\n")
    bench.until(lambda: bench.state("one").word == "stale")
    bench.settle()
    assert bench.assets("one") == ["one"]
    bench.save("one/pyproject.toml", good)
    bench.until_assets("one", "one")


def test_a_change_that_shapes_no_environment_loads_nothing(bench):
    project(bench)
    lock(bench)
    bench.start()
    bench.quiet(0.5)
    before = bench.history("one")
    good = (bench.path / "one/pyproject.toml").read_text()
    bench.save("one/pyproject.toml", good + "[tool.ruff]\nline-length = 100\n")
    time.sleep(0.8)
    bench.settle()
    assert bench.history("one") == before


def test_a_generation_that_is_deleted_is_built_again_when_asked(bench):
    project(bench)
    lock(bench)
    bench.start()
    # At once, as something may be looking at it.
    (bench.path / ".atoll/envs/one").rename(bench.path / "deleted")
    bench.supervisor.reload(["one"])
    bench.until(lambda: bench.history("one")[-1] == ("asked for", "loaded"))
    bench.settle()


def test_a_script_whose_metadata_change_gets_another_environment(bench):
    text = "# /// script\n# requires-python = '>=3.9'\n# dependencies = []\n# ///\n"
    bench.write({"workspace.yaml": "load_from:\n  - python_file: one.py\n", "one.py": text + module("one")})
    lock(bench)
    bench.start()
    before = bench.state("one").report.environment.fingerprint
    bench.save("one.py", text + module("two"))
    bench.until_assets("one", "two")
    assert bench.state("one").report.environment.fingerprint == before
    bench.save("one.py", text.replace("3.9", "3.10") + module("three"))
    bench.until(lambda: bench.assets("one") == ["three"] or bench.state("one").word == "stale")
    bench.settle()
    lock(bench)
    bench.until_assets("one", "three")
    assert bench.state("one").report.environment.fingerprint != before


def slow_project(bench) -> None:
    """A project whose environment takes until a file is there."""
    needed = 'dependencies = ["tool"]\n[tool.uv.sources]\ntool = { path = "../tool" }\n'
    project(bench, needed, "import tool, atoll\ndefs = atoll.Definitions(assets=[atoll.AssetSpec(tool.VERSION)])\n")
    bench.write(
        {
            "tool/pyproject.toml": PACKAGE.format("tool", "1"),
            "tool/backend.py": BACKEND.format(name="tool", version="1") + SLOW,
        }
    )
    lock(bench)


def builders(bench) -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        # Others end while we look.
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.name().startswith("uv") and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
    return found


def test_a_build_that_is_killed_is_told_and_done_again_when_asked(bench):
    slow_project(bench)
    bench.start(settle=False)
    bench.until(lambda: bench.state("one").activity == "syncing" and builders(bench))

    def killed_and_told() -> bool:
        # The first that is found may only have asked whether the lock fits.
        for builder in builders(bench):
            with contextlib.suppress(psutil.NoSuchProcess):
                builder.kill()
        return bench.state("one").word == "failed"

    assert until(killed_and_told, seconds=20)
    assert bench.state("one").report.problems
    bench.write({"tool/go": ""})
    bench.supervisor.reload(["one"])
    bench.until_assets("one", "v1")


def test_closing_while_an_environment_is_built_ends_that_too(bench):
    # Servers that other tests share are children of this process too.
    others = {child.pid for child in psutil.Process().children(recursive=True)}
    slow_project(bench)
    bench.start(settle=False)
    bench.until(lambda: bench.state("one").activity == "syncing" and builders(bench))
    running = [child.pid for child in psutil.Process().children(recursive=True) if child.pid not in others]
    assert running
    assert bench.close() < 2
    assert until(lambda: all(gone(pid) for pid in running), seconds=5)
