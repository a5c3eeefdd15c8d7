"""Examples: what is planned on machines with these Pythons or those."""

from __future__ import annotations

import ast
import tomllib
from itertools import combinations

import pytest
import yaml

from atoll_host.envs.errors import UsageError
from atoll_host.envs.interpreters.interpreter import Interpreter
from atoll_host.workspace.scaffolding.examples import list_examples, plan_example

ALL = ("3.8.18", "3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0")
LIGHT = {"registry", "airfields", "clocks", "festivals"}


def machine(*versions, implementation="cpython"):
    """Interpreters as discovery gives them."""
    return [
        Interpreter(
            executable=f"/pythons/{version}/bin/python",
            version=tuple(int(part) for part in version.split("rc")[0].split(".")),
            version_text=version,
            implementation=implementation,
            prefix="/pythons",
            base_prefix="/pythons",
            base_executable=f"/pythons/{version}/bin/python",
            platform="linux-x86_64",
            source="PATH",
        )
        for version in versions
    ]


def texts(plan):
    return {str(file.path): file.text for file in plan.files}


def test_the_islands_are_an_example():
    assert "islands" in list_examples()


def test_an_unknown_example_is_refused_with_the_names_there_are():
    with pytest.raises(UsageError, match="no example 'volcanoes'") as caught:
        plan_example("volcanoes", machine("3.12.1"))
    assert "islands" in caught.value.problems[0].hint


def test_with_every_python_each_location_gets_the_one_it_wants():
    plan = plan_example("islands", machine(*ALL))
    assert plan.pythons == {
        "registry": "3.8",
        "census": "3.9",
        "clocks": "3.10",
        "festivals": "3.11",
        "colony": "3.12",
        "airfields": "3.13",
    }
    assert plan.notes == ()
    files = texts(plan)
    assert {name: files[f"locations/{name}/.python-version"] for name in plan.pythons} == {
        name: f"{version}\n" for name, version in plan.pythons.items()
    }
    assert "polars" in files["reports/almanac.py"]


@pytest.mark.parametrize("version", ["3.11.7", "3.12.1", "3.13.0"])
def test_with_one_python_five_small_locations_run_on_it_and_it_is_said(version):
    minor = version.rpartition(".")[0]
    plan = plan_example("islands", machine(version))
    assert plan.pythons == dict.fromkeys(LIGHT, minor)
    files = texts(plan)
    assert "reports/almanac.py" in files
    requirements = "\n".join(text for path, text in files.items() if path.endswith((".toml", "almanac.py")))
    assert "pydantic>=1" in requirements
    assert "pydantic>=2" in requirements
    assert "pandas" not in requirements
    assert "polars" not in requirements
    assert plan.notes == (
        f"the only Python here is {minor}, so that every location that can runs on it",
        (
            "census and colony are left out and almanac does without polars: "
            "large packages join where there are several Pythons"
        ),
    )


def test_a_missing_python_is_replaced_by_the_nearest():
    plan = plan_example("islands", machine("3.9.18", "3.12.1"))
    assert plan.pythons == {
        "registry": "3.9",
        "census": "3.9",
        "clocks": "3.9",
        "festivals": "3.12",
        "colony": "3.12",
        "airfields": "3.12",
    }
    assert plan.notes == (
        (
            "not every Python is here, so that these run on others: registry on 3.9 instead of 3.8, "
            "airfields on 3.12 instead of 3.13, clocks on 3.9 instead of 3.10, festivals on 3.12 instead of 3.11"
        ),
    )


def test_three_versions_are_shown_wherever_there_are_three():
    versions = [f"3.{minor}.1" for minor in range(8, 15)]
    sets = [found for count in (1, 2, 3) for found in combinations(versions, count) if found[-1] in versions[3:]]
    for found in sets:
        plan = plan_example("islands", machine(*found))
        shown = set(plan.pythons.values()) & {version.rpartition(".")[0] for version in found}
        assert len(shown) == len(found), found


def test_a_location_that_no_python_suits_is_left_out():
    plan = plan_example("islands", machine("3.12.1", "3.13.0"))
    assert "census" not in plan.pythons
    assert not any(path.startswith("locations/census") for path in texts(plan))
    assert "census is left out: it needs Python 3.8 to 3.11, of which none is here" in plan.notes


def test_a_small_location_stays_even_where_its_python_would_have_to_be_downloaded():
    plan = plan_example("islands", machine("3.14.1"))
    assert plan.pythons["registry"] == "3.13"
    assert plan.pythons["airfields"] == "3.14"
    assert "registry needs Python 3.8 to 3.13, of which none is here: uv will be asked to download 3.13" in plan.notes


def test_other_implementations_and_unfinished_releases_do_not_count():
    others = [*machine("3.9.18", implementation="pypy"), *machine("3.14.0rc1")]
    assert plan_example("islands", [*machine("3.12.1"), *others]) == plan_example("islands", machine("3.12.1"))


@pytest.mark.parametrize("versions", [ALL, ALL[3:4], ALL[4:]], ids=["all", "one", "two"])
def test_what_is_planned_is_whole(versions):
    plan = plan_example("islands", machine(*versions))
    files = texts(plan)
    assert len(files) == len(plan.files)
    assert "__" not in files["README.md"]
    assert yaml.safe_load(files["workspace.yaml"])["load_from"] == [
        {"project": "locations/*"},
        {"python_file": "reports/almanac.py"},
    ]
    for name in plan.pythons:
        project = tomllib.loads(files[f"locations/{name}/pyproject.toml"])
        assert project["project"]["name"] == name
        assert project["tool"]["atoll"]["module"] == f"{name}.definitions"
        assert not any("atoll" in requirement for requirement in project["project"]["dependencies"])
        assert all("<" in item or "==" in item for item in project["project"]["dependencies"])
        assert f"locations/{name}/src/{name}/definitions.py" in files
        assert f"locations/{name}/tests/test_{name}.py" in files
        row = next(line for line in files["README.md"].splitlines() if line.startswith(f"| `{name}`"))
        assert f"| {plan.pythons[name]} |" in row
    for note in plan.notes:
        assert f"- {note}\n" in files["README.md"]


def test_each_location_is_written_for_the_oldest_python_it_may_get():
    files = texts(plan_example("islands", machine(*ALL)))
    for name in ("registry", "census"):
        for path, text in files.items():
            if path.startswith(f"locations/{name}/") and path.endswith(".py"):
                ast.parse(text, path, feature_version=(3, 8))
