"""The islands: created, built, loaded and tested, with every Python of this machine and with a single one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from command_line import Folder

READ_VERSIONS = "import importlib.metadata as m, sys; print(*(f'{name}=={m.version(name)}' for name in sys.argv[1:]))"
ACROSS = {
    ("island_countries", "island_airports"),
    ("island_countries", "ocean_clocks"),
    ("island_countries", "public_holidays"),
    ("island_countries", "almanac"),
    ("island_airports", "crossings"),
    ("shared_holidays", "almanac"),
}
ACROSS_WITH_SEVERAL_PYTHONS = {("island_countries", "life_expectancy"), ("airports", "way_to_the_penguins")}


def create(folder, variables=None):
    """Create the example as the README's first line does: what that said, which Pythons were chosen, where it is."""
    words = ("create", "workspace", "demo", "--example", "islands", "--json")
    told = folder.run(*words, variables=variables).ended(0).json()
    workspace = Folder(folder.path / "demo")
    chosen = {file.parent.name: file.read_text().strip() for file in workspace.path.glob("locations/*/.python-version")}
    return told["data"], chosen, workspace


@pytest.fixture(scope="module")
def islands(tmp_path_factory):
    """The example on this machine, built: which Pythons were chosen, and where it is."""
    _, chosen, workspace = create(Folder(tmp_path_factory.mktemp("many")))
    return chosen, workspace


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    """Variables that lead to one interpreter only: a newer one than 3.11 where there is one, else the tests' own."""
    found = json.loads(os.environ["ATOLL_TEST_INTERPRETERS"])
    version = next(version for version in ("3.12", "3.13", "3.11") if version in found)
    home = tmp_path_factory.mktemp("home")
    (home / "bin").mkdir()
    (home / "bin" / f"python{version}").symlink_to(found[version])
    cache = subprocess.run([sys.executable, "-m", "uv", "cache", "dir"], capture_output=True, text=True, check=True)
    gone = dict.fromkeys(
        name for name in os.environ if name.startswith(("PYENV", "ASDF", "MISE", "CONDA", "VIRTUAL_ENV", "XDG_"))
    )
    return version, {
        **gone,
        "HOME": str(home),
        "PATH": str(home / "bin"),
        "UV_CACHE_DIR": cache.stdout.strip(),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def rows(workspace, *words, variables=None):
    return workspace.run(*words, "--json", variables=variables).ended(0).json()["data"]


def read_versions(workspace, location, *packages, variables=None):
    command = ("exec", location, "--", "python", "-c", READ_VERSIONS, *packages)
    words = workspace.run(*command, variables=variables).ended(0).out.split()
    return dict(word.split("==") for word in words)


def edges_across(workspace, variables=None):
    """The edges between assets of different locations, from what each location says of itself."""
    graph = rows(workspace, "graph", variables=variables)
    keys = {node["id"]: node["key"] for node in graph["nodes"] if not node["outside"]}
    assert all(edge[end] in keys for edge in graph["edges"] for end in ("upstream", "downstream")), (
        "an edge leads nowhere"
    )
    return {(keys[edge["upstream"]], keys[edge["downstream"]]) for edge in graph["edges"] if edge["crosses"]}


def run_own_tests(workspace, variables=None):
    for location in rows(workspace, "list", variables=variables):
        tests = (
            ("unittest", "discover", "reports")
            if location["kind"] == "script"
            else ("pytest", "-q", "-p", "no:cacheprovider")
        )
        workspace.run("exec", location["name"], "--", "python", "-m", *tests, variables=variables).ended(0)


def test_every_location_loads_with_the_python_that_was_planned(islands, python):
    chosen, workspace = islands
    locations = {row["name"]: row for row in rows(workspace, "list")}
    assert set(locations) == {*chosen, "almanac"}
    assert len(locations) >= 4
    assert all(row["status"] == "loaded" for row in locations.values())
    minors = {name: ".".join(row["python"].split(".")[:2]) for name, row in locations.items()}
    assert {name: minors[name] for name in chosen} == chosen
    available = [minor for minor in json.loads(os.environ["ATOLL_TEST_INTERPRETERS"]) if minor not in {"3.6", "3.7"}]
    assert len(set(chosen.values())) >= min(3, len(available))
    for minor in set(chosen.values()):
        python(minor)


def test_locations_depend_on_one_another_and_no_edge_leads_nowhere(islands):
    chosen, workspace = islands
    expected = ACROSS | {edge for edge in ACROSS_WITH_SEVERAL_PYTHONS if {"census", "colony"} <= set(chosen)}
    assert expected <= edges_across(workspace)


def test_packages_that_exclude_one_another_are_side_by_side(islands):
    chosen, workspace = islands
    assert read_versions(workspace, "registry", "pydantic")["pydantic"].startswith("1.")
    assert read_versions(workspace, "airfields", "pydantic")["pydantic"].startswith("2.")
    if "census" in chosen:
        census = read_versions(workspace, "census", "pandas", "numpy", "sqlalchemy")
        assert census["pandas"].startswith("1.5.")
        assert census["numpy"].startswith("1.")
        assert census["sqlalchemy"].startswith("1.4.")
    if "colony" in chosen:
        assert read_versions(workspace, "colony", "pandas")["pandas"].split(".")[0] in {"2", "3"}
        assert "polars" in read_versions(workspace, "almanac", "polars")


def test_it_is_valid_and_a_second_sync_has_nothing_to_do(islands):
    _, workspace = islands
    assert workspace.run("validate").ended(0)
    assert {row["status"] for row in rows(workspace, "sync")} == {"unchanged"}


def test_the_tests_of_every_location_pass_in_its_own_environment(islands):
    _, workspace = islands
    run_own_tests(workspace)


def test_one_python_is_enough(lone, tmp_path, python):
    version, variables = lone
    python(version)
    told, chosen, workspace = create(Folder(tmp_path), variables)
    assert chosen == dict.fromkeys(("registry", "airfields", "clocks", "festivals"), version)
    assert told["notes"][0] == f"the only Python here is {version}, so that every location that can runs on it"
    locations = rows(workspace, "list", variables=variables)
    assert [row["status"] for row in locations] == ["loaded"] * 5
    assert {".".join(row["python"].split(".")[:2]) for row in locations} == {version}
    assert edges_across(workspace, variables) == ACROSS
    assert read_versions(workspace, "registry", "pydantic", variables=variables)["pydantic"].startswith("1.")
    assert read_versions(workspace, "airfields", "pydantic", variables=variables)["pydantic"].startswith("2.")
    run_own_tests(workspace, variables)
