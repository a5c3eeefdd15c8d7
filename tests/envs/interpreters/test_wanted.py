"""Which Python an environment asks for, and wishes that cannot come true together."""

from __future__ import annotations

from pathlib import Path

import pytest

from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.interpreters.wanted import uv_workspace_root, wanted


@pytest.fixture
def write(tmp_path):
    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def pyproject(requires_python=None, more=""):
    line = "" if requires_python is None else f'requires-python = "{requires_python}"\n'
    return f'[project]\nname = "x"\nversion = "0"\n{line}{more}'


def project(root, name="loc", **options):
    return EnvironmentSpec("loc", "project", root / name, **options)


def of(asked, root):
    return asked.request.text, str(asked.file.relative_to(root)), asked.line


def test_a_project_asks_by_its_version_file_and_by_requires_python(write):
    root = write({"loc/pyproject.toml": pyproject(">=3.8"), "loc/.python-version": "# why\n\n  3.9  \n3.12\n"})
    found = wanted(project(root), boundary=root)
    assert of(found.pin, root) == ("3.9", "loc/.python-version", 3)
    assert [of(bound, root) for bound in found.bounds] == [(">=3.8", "loc/pyproject.toml", 4)]
    assert found.pin.clause == "3.9 is asked for by loc/.python-version"
    assert found.bounds[0].clause == "requires-python >=3.8 is asked for by loc/pyproject.toml"
    assert found.request == "3.9; requires-python >=3.8"


def test_a_project_that_asks_for_nothing_asks_for_nothing(write):
    root = write({"loc/pyproject.toml": pyproject()})
    assert wanted(project(root)).all == ()


def test_an_explicit_request_goes_before_the_version_file(write):
    root = write({"loc/pyproject.toml": pyproject(">=3.8"), "loc/.python-version": "3.9\n"})
    found = wanted(project(root, python="3.10"))
    assert found.pin.clause == "3.10 is asked for explicitly"
    assert len(found.bounds) == 1


def test_a_version_file_above_a_lone_project_is_not_its_own_as_with_uv(write):
    root = write({".python-version": "3.12\n", "loc/pyproject.toml": pyproject()})
    assert wanted(project(root), boundary=root).pin is None


def test_a_member_of_a_uv_workspace_is_pinned_by_its_root(write):
    table = '[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/old"]\n'
    root = write(
        {
            ".python-version": "3.13\n",
            "all/pyproject.toml": pyproject(">=3.9", table),
            "all/.python-version": "3.10\n",
            "all/packages/one/pyproject.toml": pyproject(">=3.8"),
            "all/packages/two/pyproject.toml": pyproject("<3.12"),
            "all/packages/old/pyproject.toml": pyproject("<3.5"),
            "all/other/pyproject.toml": pyproject(),
        }
    )
    found = wanted(project(root, "all/packages/one"))
    assert found.pin.request.text == "3.10"
    assert [bound.request.text for bound in found.bounds] == [">=3.8", ">=3.9", "<3.12"]
    assert wanted(project(root, "all")).pin.request.text == "3.10"
    assert wanted(project(root, "all/other")).pin is None
    assert wanted(project(root, "all/packages/old")).pin is None
    assert uv_workspace_root(root / "all/packages/two") == root / "all"
    assert uv_workspace_root(root / "all/packages/old") == root / "all/packages/old"


def test_the_nearest_version_file_of_a_script_counts_up_to_the_boundary(write):
    root = write({"a/.python-version": "3.9\n", "a/b/c/script.py": "", "a/b/c/d/script.py": ""})
    spec = EnvironmentSpec("loc", "script", root / "a/b/c/script.py")
    assert wanted(spec, boundary=root).pin.request.text == "3.9"
    assert wanted(spec, boundary=root / "a").pin.request.text == "3.9"
    assert wanted(spec, boundary=root / "a/b").pin is None
    (root / "a/b/.python-versions").write_text("3.10\n")
    assert wanted(spec, boundary=root).pin.request.text == "3.10"
    (root / "a/b/.python-version").write_text("3.11\n")
    assert wanted(spec, boundary=root).pin.request.text == "3.11"


def test_a_script_asks_by_its_metadata(write):
    root = write({"script.py": '\n# /// script\n# requires-python = ">=3.9,<3.12"\n# ///\n'})
    (bound,) = wanted(EnvironmentSpec("loc", "script", root / "script.py"), boundary=root).bounds
    assert of(bound, root) == (">=3.9,<3.12", "script.py", 3)


def test_requirements_are_pinned_by_the_version_file_beside_them(write):
    root = write({"loc/requirements.txt": "rich\n", "loc/.python-version": "pypy3.10\n"})
    found = wanted(EnvironmentSpec("loc", "requirements", root / "loc/requirements.txt"), boundary=root)
    assert found.pin.request.implementation == "pypy"


def test_an_interpreter_as_it_is_is_its_own_wish():
    found = wanted(EnvironmentSpec("loc", "interpreter", executable=Path("/opt/python"), why="it is named in x"))
    assert found.pin.request.path == Path("/opt/python")


@pytest.mark.parametrize(
    ("pin", "bound"),
    [("3.9", ">=3.10"), ("3.9.4", ">=3.9.5"), (">=3.12", "<3.10"), ("3.14.0rc1", "<3.14"), ("3", "<3"),
     ("cpython-3.12", "==3.11.*")],
)  # fmt: skip
def test_a_version_file_outside_of_requires_python_is_said_with_both_places(write, pin, bound):
    root = write({"loc/pyproject.toml": pyproject(bound), "loc/.python-version": f"{pin}\n"})
    with pytest.raises(ConfigurationError) as caught:
        wanted(project(root), boundary=root)
    (problem,) = caught.value.problems
    assert problem.message == (
        f"loc/.python-version, line 1, asks for {pin}, "
        f"but loc/pyproject.toml, line 4, asks for requires-python {bound}: no Python is both"
    )
    assert (problem.file, problem.line) == (str(root / "loc/.python-version"), 1)


@pytest.mark.parametrize(
    ("pin", "bound"),
    [("3.9", ">=3.9.5"), ("3.9", "<3.9.1"), ("3.9.18", ">=3.8"), ("3", ">=3.9.5,<3.9.7"),
     ("3.14.0rc1", ">=3.9"), ("3.9", "!=3.9.1")],
)  # fmt: skip
def test_a_version_file_that_requires_python_allows_in_part_is_no_contradiction(write, pin, bound):
    root = write({"loc/pyproject.toml": pyproject(bound), "loc/.python-version": f"{pin}\n"})
    assert wanted(project(root)).pin.request.text == pin


def test_an_explicit_request_outside_of_requires_python_is_said(write):
    root = write({"loc/pyproject.toml": pyproject(">=3.10")})
    with pytest.raises(ConfigurationError, match=r"3\.9 is asked for explicitly, but .*, line 4, asks for"):
        wanted(project(root, python="3.9"))


def test_members_that_exclude_each_other_are_both_named(write):
    root = write(
        {
            "pyproject.toml": pyproject(">=3.8", '[tool.uv.workspace]\nmembers = ["a", "b"]\n'),
            "a/pyproject.toml": pyproject("<3.10"),
            "b/pyproject.toml": pyproject(">=3.11"),
        }
    )
    with pytest.raises(ConfigurationError, match=r"^a/pyproject.toml, line 4, .* but b/pyproject.toml, line 4, "):
        wanted(project(root, "a"), boundary=root)


@pytest.mark.parametrize(
    ("files", "file", "line", "message"),
    [
        pytest.param({"loc/.python-version": "\nmy-env\n"}, ".python-version", 2, "'my-env' names no", id="name"),
        pytest.param({"loc/pyproject.toml": "[project\n"}, "pyproject.toml", 1, "This is no valid TOML", id="toml"),
        pytest.param(
            {"loc/pyproject.toml": "[project]\nrequires-python = 3.9\n"},
            "pyproject.toml",
            2,
            "requires-python has to be a text",
            id="number",
        ),
        pytest.param(
            {"loc/pyproject.toml": pyproject("3.9")},
            "pyproject.toml",
            4,
            "requires-python is '3.9', which is no version specifier",
            id="specifier",
        ),
    ],
)
def test_what_cannot_be_understood_is_said_with_file_and_line(write, files, file, line, message):
    root = write({"loc/pyproject.toml": pyproject(), **files})
    with pytest.raises(ConfigurationError) as caught:
        wanted(project(root))
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert (problem.file, problem.line) == (str(root / "loc" / file), line)
    assert problem.hint


def test_a_project_without_a_pyproject_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml cannot be read: No such file"):
        wanted(project(tmp_path))


def test_a_version_file_that_is_no_text_is_said(write):
    root = write({"loc/pyproject.toml": pyproject()})
    (root / "loc/.python-version").write_bytes(b"\xff\xfe3")
    with pytest.raises(ConfigurationError, match=r"\.python-version cannot be read"):
        wanted(project(root))


def test_a_version_file_without_a_version_asks_for_nothing(write):
    root = write({"loc/pyproject.toml": pyproject(), "loc/.python-version": "\ufeff# later\n\n"})
    assert wanted(project(root)).pin is None
