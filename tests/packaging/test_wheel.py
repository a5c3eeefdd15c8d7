"""The wheel: everything of the project is in it, nothing else, and it works where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]
ROOMS = ("cli", "server", "runs", "workspace", "envs", "scaffold_templates", "sdk")
NOT_SHIPPED = {"sdk/.gitignore"}


def run(command, folder, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(command, cwd=folder, env={**environment, **variables}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build from a clean copy of what git tracks: the sdist, and the wheel through it."""
    source = tmp_path_factory.mktemp("source")
    tracked = run(["git", "ls-files", "-z"], ROOT).split("\0")[:-1]
    for name in tracked:
        if (ROOT / name).is_file():
            copy = source / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
            copy.chmod((ROOT / name).stat().st_mode)
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--outdir", str(out), str(source)], source)
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    return wheel, sdist, [name for name in tracked if (ROOT / name).is_file()]


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(built):
    wheel, _, tracked = built
    expected = {f"atoll_host/{name}" for name in tracked if name.split("/")[0] in ROOMS and name not in NOT_SHIPPED}
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert found == expected


def test_the_sdist_holds_everything_that_is_needed_to_build_it(built):
    _, sdist, tracked = built
    with tarfile.open(sdist) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in tracked if name.split("/")[0] in ROOMS} <= found


def test_the_sdk_builds_as_a_distribution_without_dependencies(tmp_path):
    source = tmp_path / "sdk"
    for name in run(["git", "ls-files", "-z", "sdk"], ROOT).split("\0")[:-1]:
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    run([sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(source)], tmp_path)
    (wheel,) = (tmp_path / "dist").glob("atoll_sdk-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        assert "Requires-Dist" not in archive.read(metadata).decode()
        assert "atoll/__init__.py" in archive.namelist()


def test_the_wheel_drives_the_example_where_nothing_else_is_installed(built, tmp_path):
    wheel, _, _ = built
    prefix = tmp_path / "clean"
    venv.create(prefix, with_pip=True)
    scripts = prefix / ("Scripts" if os.name == "nt" else "bin")
    run([scripts / "python", "-m", "pip", "install", "--quiet", wheel], tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    shown = run([scripts / "atoll", "create", "workspace", "demo", "--example", "islands"], tmp_path, COLUMNS="120")
    assert shown.count("● loaded") >= 4, shown
    demo = tmp_path / "demo"
    assert "All well" in run([scripts / "atoll", "validate"], demo)
    # The locations do not need this tool: what was built keeps working without it.
    run([scripts / "python", "-m", "pip", "uninstall", "--quiet", "--yes", "atoll"], tmp_path)
    location = next(path for path in sorted((demo / "locations").iterdir()) if (path / ".venv").exists())
    assert "atoll" in run(
        [location / ".venv" / scripts.name / "python", "-c", "import atoll; print(atoll.__name__)"], tmp_path
    )
