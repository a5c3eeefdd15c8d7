"""What people write when they ask for a Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.interpreters.request import PythonRequest


@pytest.mark.parametrize(
    ("text", "fitting", "others"),
    [
        ("3.9", ["3.9.0", "3.9.18", "pypy 3.9.18"], ["3.10.0", "2.7.18"]),
        ("3", ["3.9.0", "3.13.0"], ["2.7.18"]),
        ("3.9.18", ["3.9.18"], ["3.9.1", "3.9.17"]),
        ("312", ["3.12.1"], ["3.1.2"]),
        ("39", ["3.9.1"], ["3.10.1"]),
        (" 3.9 ", ["3.9.1"], []),
        ("cpython-3.9", ["3.9.18"], ["pypy 3.9.18", "3.10.1"]),
        ("cpython@3.9", ["3.9.18"], ["pypy 3.9.18"]),
        ("CPython3.9", ["3.9.18"], ["pypy 3.9.18"]),
        ("cp39", ["3.9.18"], ["pypy 3.9.18"]),
        ("python3.9", ["3.9.18", "pypy 3.9.18"], ["3.10.1"]),
        ("pypy3.10", ["pypy 3.10.14"], ["3.10.14", "pypy 3.9.1"]),
        ("pypy", ["pypy 3.10.14"], ["3.10.14"]),
        (">=3.9,<3.12", ["3.9.0", "3.11.7"], ["3.8.18", "3.12.0"]),
        ("~=3.9.5", ["3.9.18"], ["3.9.4", "3.10.0"]),
        ("==3.7.*", ["3.7.16"], ["3.8.0"]),
        ("!=3.9.1", ["3.9.2"], ["3.9.1"]),
        ("3.14.0rc1", ["3.14.0rc1"], ["3.14.0", "3.14.0rc2"]),
        ("3.13t", ["3.13.0 t"], ["3.13.0"]),
        ("3.13+freethreaded", ["3.13.0 t"], ["3.13.0"]),
        (">=3.13", ["3.13.0", "3.14.0"], ["3.13.0rc1"]),
    ],
)
def test_a_request_fits_what_it_names_and_nothing_else(text, fitting, others, known):
    _, interpreter = known
    request = PythonRequest.parse(text)

    def made(words):
        names = words.split()
        implementation = "pypy" if "pypy" in names else "cpython"
        version = next(name for name in names if name[0].isdigit())
        return interpreter(version, implementation=implementation, free_threaded="t" in names)

    assert [words for words in fitting + others if request.fits(made(words))] == fitting


@pytest.mark.parametrize(
    "text",
    ["", " ", "foo", "system", "3.9.*", "3.x", ">=x", "3.14rc1", "3.9.1.2", "3.13-dev", "pypy3.10-7.3.15", "==", "3,9",
     "99999", "py thon", "3.9 # comment", "naïve"],
)  # fmt: skip
def test_what_is_no_request_is_said_with_file_and_line(text, tmp_path):
    file = tmp_path / ".python-version"
    with pytest.raises(ConfigurationError) as caught:
        PythonRequest.parse(text, file=file, line=7)
    (problem,) = caught.value.problems
    assert problem.message == f"{text.strip()!r} names no Python version and no interpreter"
    assert (problem.file, problem.line) == (str(file), 7)
    assert "3.12" in problem.hint


def test_a_path_is_relative_to_the_file_that_names_it(tmp_path, known):
    _, interpreter = known
    request = PythonRequest.parse("./env/bin/python", file=tmp_path / ".python-version", line=1)
    assert request.path == tmp_path / "env/bin/python"
    assert request.fits(interpreter("3.9.1", executable=str(tmp_path / "env/bin/python")))
    assert not request.fits(interpreter("3.9.1", executable="/usr/bin/python"))


def test_a_path_can_be_absolute():
    assert PythonRequest.parse("/opt/py39/bin/python").path == Path("/opt/py39/bin/python")


def test_a_path_that_begins_with_a_tilde_is_refused():
    with pytest.raises(ConfigurationError, match="is no full path"):
        PythonRequest.parse("~/python/bin/python")


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_request_or_a_configuration_error(text):
    try:
        request = PythonRequest.parse(text)
    except ConfigurationError:
        return
    request.allows((3, 9, 0))
    assert isinstance(request.for_uv, str)
    assert isinstance(request.wants_prerelease, bool)
    assert all(len(version) == 3 for version in request.mentioned)
