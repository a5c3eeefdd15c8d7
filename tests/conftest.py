"""What every test gets: a HOME of its own, the interpreters of this machine, and a count of those that were used."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

ENOUGH_VERSIONS = 4
hypothesis.settings.register_profile("same", derandomize=True)
if os.environ.get("CI"):
    # What a merge has to pass is the same each time; elsewhere each run looks for something new.
    hypothesis.settings.load_profile("same")
SUPPORTED = [f"3.{minor}" for minor in range(8, 15)]
BASE = "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', None) or sys.executable)"
"""Says the version, and where the interpreter is that a virtual environment was made from."""
_RECORD = pytest.StashKey[Path]()


def interpreters() -> dict[str, str]:
    """Find the CPythons of this machine, one a minor version from 3.6 on: {"3.9": path}."""
    folders = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"]
    candidates = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob("3.*/bin/python"))]
    path_folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for minor in range(6, 15):
        candidates += [
            folder / f"python3.{minor}"
            for folder in path_folders
            if "shims" not in folder.parts and (folder / f"python3.{minor}").is_file()
        ]
    candidates.append(Path(sys.executable))
    found: dict[str, str] = {}
    for path in candidates:
        says = subprocess.run(
            [path, "-I", "-c", BASE],
            capture_output=True,
            text=True,
            check=False,
        )
        version, _, base = says.stdout.strip().partition(" ")
        if says.returncode == 0 and re.fullmatch(r"3\.\d+", version) and (version not in found):
            found[version] = base
    return found


def pytest_configure(config):
    """Find the interpreters once, before the workers start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background of a script: what we start must still be interruptible.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not hasattr(config, "workerinput"):
        os.environ["ATOLL_TEST_INTERPRETERS"] = json.dumps(interpreters())
        config.stash[_RECORD] = record = Path(config.invocation_params.dir) / f".pytest_cache/pythons-{os.getpid()}"
        os.environ["ATOLL_TEST_RECORD"] = str(record)


def pytest_terminal_summary(terminalreporter):
    """Show what went wrong in tests that passed when they were tried once more."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"tried once more: {report.nodeid}", sep="-")
        terminalreporter.write_line(report.longreprtext)


def pytest_sessionfinish(session, exitstatus):
    """Say which Python versions were exercised; in CI, too few on a machine that has them is a failure."""
    config = session.config
    if hasattr(config, "workerinput"):
        return
    record = config.stash[_RECORD]
    used = sorted(set(record.read_text().split()), key=SUPPORTED.index) if record.exists() else []
    record.unlink(missing_ok=True)
    available = [version for version in json.loads(os.environ["ATOLL_TEST_INTERPRETERS"]) if version in SUPPORTED]
    whole = not config.option.keyword and not config.option.markexpr.startswith(("soak", "packaging", "browser"))
    whole = whole and not any("::" in word or word.endswith(".py") for word in config.args)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line("")
    reporter.write_line(f"Python versions exercised: {', '.join(used) or 'none'}")
    if os.environ.get("CI") and whole and len(used) < min(ENOUGH_VERSIONS, len(available)):
        reporter.write_line(f"too few: this machine has {', '.join(available)}", red=True)
        session.exitstatus = 1


def use(version: str) -> str:
    """Give the interpreter of a minor version and note that it was exercised; skip where there is none."""
    found = json.loads(os.environ["ATOLL_TEST_INTERPRETERS"])
    if version not in found:
        pytest.skip(f"platform: no Python {version} on this machine")
    if version in SUPPORTED:
        record = Path(os.environ["ATOLL_TEST_RECORD"])
        record.parent.mkdir(exist_ok=True)
        with record.open("a") as file:
            file.write(f"{version}\n")
    return found[version]


@pytest.fixture(scope="session")
def python():
    """Give a function from a minor version such as "3.9" to its interpreter's path."""
    return use


@pytest.fixture(params=SUPPORTED[:6])
def each_python(request):
    """Every Python from 3.8 to 3.13 that this machine has: (version, path)."""
    return request.param, use(request.param)
