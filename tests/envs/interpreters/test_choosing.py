"""Which of several interpreters is chosen, why, and what is said where none fits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import NoInterpreterError
from atoll_host.envs.interpreters.choosing import active, choose
from atoll_host.envs.interpreters.request import PythonRequest
from atoll_host.envs.interpreters.wanted import Asked, Wanted, wanted


def wish(pin=None, bound=None):
    """Make what is wanted as if a `.python-version` and a pyproject.toml said so."""
    file, project = Path("/w/loc/.python-version"), Path("/w/loc/pyproject.toml")
    pins = None if pin is None else Asked(PythonRequest.parse(pin), "by loc/.python-version", file, 1)
    bounds = ()
    if bound is not None:
        request = PythonRequest(bound, specifier=bound)
        bounds = (Asked(request, "by loc/pyproject.toml", project, 4, key="requires-python"),)
    return Wanted(pins, bounds)


def pick(discovery, wanted):
    return choose(discovery, wanted, runner=None, uv=None, allow_download=True)


def refusal(discovery, wanted):
    with pytest.raises(NoInterpreterError) as caught:
        pick(discovery, wanted)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("pin", "bound", "version", "reason"),
    [
        (None, None, "3.13.0", "newest of 6 found, nothing asks for a version"),
        ("3.9", None, "3.9.18", "3.9 is asked for by loc/.python-version"),
        ("3.9.2", None, "3.9.2", "3.9.2 is asked for by loc/.python-version"),
        (None, "<3.12", "3.11.7", "newest of 4 that fit requires-python <3.12 of loc/pyproject.toml"),
        (None, "<3.9", "3.8.18", "the only one that fits requires-python <3.9 of loc/pyproject.toml"),
        ("3.9", "<3.9.5", "3.9.2", "3.9 is asked for by loc/.python-version"),
        (
            ">=3.9",
            "<3.12",
            "3.11.7",
            "newest of 3 that fit >=3.9 of loc/.python-version and requires-python <3.12 of loc/pyproject.toml",
        ),
        ("3.14.0rc1", None, "3.14.0rc1", "3.14.0rc1 is asked for by loc/.python-version"),
        (None, ">=3.14.0a1", "3.14.0rc1", "the only one that fits requires-python >=3.14.0a1 of loc/pyproject.toml"),
    ],
)
def test_the_newest_final_release_that_fits_is_chosen(known, pin, bound, version, reason):
    discovery, interpreter = known
    versions = ["3.7.16", "3.8.18", "3.9.2", "3.9.18", "3.11.7", "3.12.1", "3.13.0", "3.14.0rc1"]
    choice = pick(discovery(*map(interpreter, versions)), wish(pin, bound))
    assert (choice.interpreter.version_text, choice.reason) == (version, reason)


def test_cpython_goes_before_others_unless_they_are_asked_for(known):
    discovery, interpreter = known
    both = discovery(interpreter("3.11.9", implementation="pypy"), interpreter("3.10.1"))
    assert pick(both, wish()).interpreter.implementation == "cpython"
    assert pick(both, wish("pypy")).interpreter.implementation == "pypy"
    assert pick(both, wish("3.11")).interpreter.implementation == "pypy"
    assert pick(both, wish("3.11")).reason == "3.11 is asked for by loc/.python-version"


def test_a_free_threaded_build_is_chosen_only_when_it_is_asked_for(known):
    discovery, interpreter = known
    both = discovery(interpreter("3.13.1", free_threaded=True), interpreter("3.12.1"))
    assert pick(both, wish()).interpreter.minor == "3.12"
    assert pick(both, wish("3.13t")).interpreter.free_threaded


@pytest.mark.parametrize("order", [("uv", "PATH"), ("PATH", "pyenv"), ("pyenv", "asdf"), ("asdf", "mise")])
def test_among_equals_the_order_of_the_sources_counts(known, order):
    discovery, interpreter = known
    first, second = (interpreter("3.11.7", source) for source in order)
    assert pick(discovery(second, first), wish()).interpreter.source == order[0]
    assert pick(discovery(first, second), wish()).interpreter.source == order[0]


def test_a_virtual_environment_is_not_built_from(known):
    discovery, interpreter = known
    inside = interpreter("3.12.1", prefix="/w/.venv")
    assert pick(discovery(inside, interpreter("3.11.7")), wish()).interpreter.minor == "3.11"


@pytest.mark.parametrize(
    ("wished", "what", "key", "file"),
    [
        (wish("3.7", None), "Python 3.7", "the version", "loc/.python-version"),
        (wish("2.7", None), "Python 2.7", "the version", "loc/.python-version"),
        (wish(None, "==3.7.*"), "requires-python ==3.7.*", "requires-python", "loc/pyproject.toml"),
        (wish(None, "<3.8"), "requires-python <3.8", "requires-python", "loc/pyproject.toml"),
        (wish("3", "<3.8"), "requires-python <3.8", "requires-python", "loc/pyproject.toml"),
    ],
)
def test_a_python_that_is_too_old_for_code_locations_is_said_to_be(known, wished, what, key, file):
    discovery, interpreter = known
    problem = refusal(discovery(interpreter("3.7.16"), interpreter("3.12.1")), wished)
    assert problem.message == f"{what} is asked for by {file}, and code locations need Python 3.8 or later"
    assert problem.hint == f"change {key} in {file}"
    assert problem.file == f"/w/{file}"
    assert problem.kind == "no_interpreter"


def test_where_none_fits_everything_that_was_found_is_listed(known):
    discovery, interpreter = known
    found = [
        interpreter("3.13.0", "pyenv"),
        interpreter("3.9.18", "uv"),
        interpreter("3.10.14", "PATH", implementation="pypy"),
        interpreter("3.10.2", "PATH"),
    ]
    problem = refusal(discovery(*found), wish("3.12", ">=3.9"))
    assert problem.message == (
        "Python 3.12 is asked for by loc/.python-version and requires-python >=3.9 is asked for by loc/pyproject.toml, "
        "but no interpreter fits, and none was downloaded: there is no uv to download it with"
    )
    assert problem.detail.splitlines() == [
        "3.9.18 /uv/cpython-3.9.18/bin/python (uv)",
        "3.10.2 /PATH/cpython-3.10.2/bin/python (PATH)",
        "3.10.14 pypy /PATH/pypy-3.10.14/bin/python (PATH)",
        "3.13.0 /pyenv/cpython-3.13.0/bin/python (pyenv)",
    ]
    assert problem.hint == "type `uv python install '==3.12.*,>=3.9'`, or change the version in loc/.python-version"
    assert (problem.file, problem.line) == ("/w/loc/.python-version", 1)


def test_on_a_machine_without_any_the_need_is_said(known):
    discovery, _ = known
    problem = refusal(discovery(), Wanted())
    assert problem.message.startswith("Python 3.8 or later is needed, but no interpreter fits")
    assert problem.detail == "no working interpreter was found"
    assert problem.hint == "type `uv python install '>=3.8'`"


def test_a_prerelease_that_would_fit_is_pointed_out(known):
    discovery, interpreter = known
    problem = refusal(discovery(interpreter("3.15.0rc1")), wish("3.15"))
    assert problem.hint == "ask for 3.15.0rc1 to accept the pre-release /PATH/cpython-3.15.0rc1/bin/python"


def test_what_does_not_work_is_listed_with_its_reason(machine):
    path = machine.script("exit 1")
    problem = refusal(machine.discovery(), wish("3.9"))
    assert problem.detail.splitlines() == [
        "no working interpreter was found",
        f"{path} ended with exit status 1 (PATH)",
    ]


def test_real_interpreters_are_chosen_for_a_real_project(machine, python):
    for version in ("3.8", "3.9", "3.11", "3.12"):
        machine.link(python(version), f"python{version}")
    folder = machine.root / "loc"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.9,<3.12"\n')
    spec = EnvironmentSpec("loc", "project", folder)
    choice = pick(machine.discovery(), wanted(spec, boundary=machine.root))
    assert choice.interpreter.minor == "3.11"
    assert choice.reason == "newest of 2 that fit requires-python >=3.9,<3.12 of loc/pyproject.toml"
    (folder / ".python-version").write_text("3.9\n")
    choice = pick(machine.discovery(), wanted(spec, boundary=machine.root))
    assert (choice.interpreter.minor, choice.reason) == ("3.9", "3.9 is asked for by loc/.python-version")


def test_a_path_is_taken_at_its_word_and_a_virtual_environment_by_its_base(machine, python):
    environment = machine.root / "environment"
    subprocess.run([python("3.9"), "-m", "venv", "--without-pip", environment], check=True)
    for path in (Path(python("3.9")), environment / "bin/python"):
        choice = pick(machine.discovery(), wish(str(path)))
        assert Path(choice.interpreter.executable).samefile(python("3.9"))
        assert not choice.interpreter.in_virtual_environment
        assert choice.reason == f"{path} is asked for by loc/.python-version"


def test_a_path_to_a_python_outside_of_requires_python_is_said(machine, python):
    problem = refusal(machine.discovery(), wish(python("3.9"), ">=3.10"))
    assert " is Python 3.9." in problem.message
    assert problem.message.endswith("but loc/pyproject.toml, line 4, asks for requires-python >=3.10")


def test_a_path_to_a_python_that_is_too_old_is_said(machine, python):
    problem = refusal(machine.discovery(), wish(python("3.6")))
    assert problem.message.endswith(", and code locations need Python 3.8 or later")


def test_the_active_virtual_environment_loads_what_names_no_environment(machine, python):
    environment = machine.root / "environment"
    subprocess.run([python("3.9"), "-m", "venv", "--without-pip", environment], check=True)
    machine.link(python("3.11"))
    machine.variables["VIRTUAL_ENV"] = str(environment)
    machine.variables["CONDA_PREFIX"] = "/nowhere"
    choice = active(machine.discovery())
    assert choice.interpreter.executable == str(environment / "bin/python")
    assert choice.reason == f"it is the active virtual environment's (VIRTUAL_ENV={environment})"


def test_the_active_conda_environment_comes_next(machine, python):
    prefix = machine.install(python("3.9"), "conda")
    machine.link(python("3.11"))
    machine.variables["CONDA_PREFIX"] = str(prefix)
    choice = active(machine.discovery())
    assert choice.interpreter.minor == "3.9"
    assert choice.reason == f"it is the active conda environment's (CONDA_PREFIX={prefix})"


def test_an_active_environment_that_is_broken_is_not_passed_over(machine, python):
    machine.link(python("3.11"))
    machine.variables["VIRTUAL_ENV"] = str(machine.root / "gone")
    with pytest.raises(
        NoInterpreterError, match=r"The active virtual environment .*gone has no interpreter that works"
    ):
        active(machine.discovery())


def test_without_an_active_environment_the_first_python3_on_path_loads_it(machine, python):
    machine.link(python("3.9"))
    machine.link(python("3.11"), folder="later")
    choice = active(machine.discovery())
    assert (choice.interpreter.minor, choice.reason) == ("3.9", "it is the first python3 on PATH")


def test_a_python3_that_does_not_work_is_passed_over_and_that_is_said(machine, python):
    machine.script("echo 'pyenv: python3: command not found' >&2; exit 127", folder="home/.pyenv/shims")
    machine.link("/nowhere/python3", folder="dangling")
    machine.link(python("3.9"), folder="later")
    choice = active(machine.discovery())
    assert (choice.interpreter.minor, choice.reason) == ("3.9", "it is the first python3 on PATH that works")


def test_a_shim_that_works_is_followed_to_its_interpreter(machine, python):
    (machine.home / ".pyenv/versions").mkdir(parents=True)
    shim = machine.script(f'exec {python("3.9")} "$@"', folder="home/.pyenv/shims")
    choice = active(machine.discovery())
    assert choice.interpreter.executable == python("3.9")
    assert choice.reason == f"it is the first python3 on PATH ({shim})"


def test_without_any_python_on_path_the_next_step_is_said(machine):
    path = machine.script("exit 3")
    with pytest.raises(NoInterpreterError) as caught:
        active(machine.discovery())
    (problem,) = caught.value.problems
    assert problem.message == "No environment is named or active, and no python3 on PATH works"
    assert problem.detail == f"The interpreter {path} ended with exit status 3"
    assert "executable_path" in problem.hint
