"""Which uv is used, with which variables, and that nothing secret is repeated."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from atoll_host.envs.errors import EnvironmentFailedError
from atoll_host.envs.processes import Runner
from atoll_host.envs.uv import find_uv, redact, variables_for_uv


@pytest.fixture
def runner():
    with Runner() as runner:
        yield runner


def fake_uv(folder, version):
    """Make a program that says it is a uv of that version."""
    folder.mkdir(parents=True)
    path = folder / "uv"
    path.write_text(f"#!/bin/sh\necho 'uv {version} (somewhere 2026-01-01)'\n")
    path.chmod(0o755)
    return path


def test_the_uv_that_came_with_us_is_used(runner):
    uv = find_uv(runner, dict(os.environ))
    assert uv.source == "brought by this tool"
    assert uv.executable.is_absolute()
    said = subprocess.run([uv.executable, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("uv ")


def test_many_threads_find_it_at_once_in_a_process_that_has_just_begun():
    """`uv.find_uv_bin` asks sysconfig, whose first answer is not safe from threads."""
    code = (
        "import os, sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from atoll_host.envs.processes import Runner\n"
        "from atoll_host.envs.uv import find_uv\n"
        "sys.setswitchinterval(1e-6)\n"
        "with Runner() as runner, ThreadPoolExecutor(16) as pool:\n"
        "    print(*{uv.source for uv in pool.map(lambda _: find_uv(runner, os.environ), range(64))}, sep='|')\n"
    )
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
        assert done.stdout == "brought by this tool\n", done.stderr


def test_a_version_that_the_project_requires_is_looked_for_on_path(runner, tmp_path):
    fake_uv(tmp_path / "old", "0.1.0")
    fitting = fake_uv(tmp_path / "new", "99.1.0")
    path = os.pathsep.join([str(tmp_path / "old"), str(tmp_path / "new")])
    uv = find_uv(runner, {"PATH": path}, required=">=99")
    assert (uv.executable, uv.source) == (fitting, "PATH")
    assert find_uv(runner, {"PATH": path}, required=">=0.2,<99").source == "brought by this tool"
    assert find_uv(runner, {"PATH": path}, required="0.1.0").executable == tmp_path / "old/uv"


def test_where_none_fits_the_versions_that_are_there_are_named(runner, tmp_path):
    fake_uv(tmp_path / "old", "0.1.0")
    with pytest.raises(EnvironmentFailedError, match=r"asks for uv >=99, and here is [\d.]+ and 0\.1\.0") as caught:
        find_uv(runner, {"PATH": str(tmp_path / "old")}, required=">=99")
    assert caught.value.problems[0].kind == "uv_version"
    assert "ATOLL_UV" in caught.value.problems[0].hint


def test_a_setting_goes_before_everything(runner, tmp_path):
    chosen = fake_uv(tmp_path / "chosen", "0.0.1")
    uv = find_uv(runner, {"ATOLL_UV": str(chosen), "PATH": os.defpath}, required=">=99")
    assert (uv.executable, uv.source) == (chosen, "ATOLL_UV")


def test_a_setting_that_names_nothing_is_said(runner, tmp_path):
    with pytest.raises(EnvironmentFailedError, match="which is no program"):
        find_uv(runner, {"ATOLL_UV": str(tmp_path / "nowhere"), "PATH": os.defpath})


def test_variables_that_would_misdirect_uv_are_dropped_and_its_own_are_kept():
    kept = {
        "HOME": "/home/me",
        "HTTPS_PROXY": "http://proxy:3128",
        "UV_CACHE_DIR": "/cache",
        "UV_INDEX_URL": "https://index/simple",
        "UV_INDEX_PRIVATE_PASSWORD": "geheim",
        "UV_PYTHON_INSTALL_DIR": "/pythons",
    }
    dropped = {
        "CONDA_PREFIX": "/conda",
        "PYTHONHOME": "/x",
        "PYTHONPATH": "/x",
        "UV_FROZEN": "1",
        "UV_PROJECT": "/x",
        "UV_PROJECT_ENVIRONMENT": "/x",
        "UV_PYTHON": "3.7",
        "UV_SYSTEM_PYTHON": "1",
        "UV_WORKING_DIR": "/x",
        "UV_WORKING_DIRECTORY": "/x",
        "VIRTUAL_ENV": "/x",
    }
    ours = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    assert variables_for_uv({**kept, **dropped}) == {**kept, **ours}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Failed to fetch: https://me:hunter22@index/simple/", id="url"),
        pytest.param("https://hunter22@index/", id="user-only"),
        pytest.param("the password is hunter22", id="variable"),
        pytest.param("token=tok-12345", id="token"),
    ],
)
def test_secrets_are_taken_out(text):
    variables = {"UV_INDEX_URL": "https://me:hunter22@index/simple", "UV_PUBLISH_TOKEN": "tok-12345"}
    cleaned = redact(text, variables)
    assert "hunter22" not in cleaned
    assert "tok-12345" not in cleaned


def test_what_uv_writes_is_passed_on_line_by_line_without_secrets(runner, tmp_path):
    program = tmp_path / "uv"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint('out https://a:geheim@x/')\nsys.stderr.write('err https://a:geheim@x/\\n')\n"
    )
    program.chmod(0o755)
    uv = find_uv(runner, {"ATOLL_UV": str(program), "PATH": os.defpath})
    lines = []
    done = uv.run(runner, ["lock"], directory=tmp_path, on_line=lines.append)
    assert lines == ["err https://***@x/"]
    assert (done.stdout, done.stderr) == ("out https://***@x/\n", "err https://***@x/\n")
