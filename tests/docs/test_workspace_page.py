"""The page on configuration has every key that there is, and its examples are read without a complaint."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from atoll_host.envs.errors import AtollError
from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.configuration.keys import (
    ENTRY_KEYS,
    MAIN_KEYS,
    PROJECT_KEYS,
    VALIDATE_KEYS,
    WORKSPACE_KEYS,
)

PAGE = Path(__file__).parents[2] / "docs" / "workspace.md"


def table(heading: str, first: str) -> list[list[str]]:
    """Give the rows of the table whose first column has this name, below a heading."""
    section = PAGE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.search(rf"^\| {first} \|.*\n\|[ -|]+\n((?:\|.*\n)+)", section, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in found[1].splitlines()]


def word(cell: str) -> str:
    return cell.strip("` ")


def test_every_key_of_a_workspace_is_on_the_page():
    assert [word(row[0]) for row in table("workspace.yaml", "key")] == list(WORKSPACE_KEYS)
    assert [word(row[0]) for row in table("validate", "key")] == list(VALIDATE_KEYS)
    assert sorted(word(row[0]) for row in table("`[tool.atoll]` in pyproject.toml", "key")) == sorted(PROJECT_KEYS)
    assert {word(row[0]): word(row[1]) for row in table("Entries of load_from", "form")} == dict(MAIN_KEYS)


def test_every_key_of_an_entry_is_on_the_page_with_the_forms_that_have_it():
    told: dict[str, set[str]] = {form: {main} for form, main in MAIN_KEYS.items()}
    for row in table("Entries of load_from", "key"):
        for form in re.findall(r"`(\w+)`", row[4]) or list(MAIN_KEYS):
            told[form].add(word(row[0]))
    assert told == {form: set(keys) for form, keys in ENTRY_KEYS.items()}


def complaints(folder: Path, text: str, project: str = "") -> list[str]:
    """Give what is said of a workspace.yaml or pyproject.toml, except that files are not there."""
    (folder / "workspace.yaml").write_text(text)
    (folder / "p").mkdir()
    (folder / "p/pyproject.toml").write_text(f'[project]\nname = "p"\n{project}')
    (folder / "x.py").touch()
    try:
        locations = open_workspace(folder, variables={"LEGACY_PYTHON": "/usr/bin/python3"}).locations
        found = [problem for location in locations for problem in location.problems]
    except AtollError as error:
        found = list(error.problems)
    return [one.message for one in found if not re.match("there is no |no module was found|.* matches no", one.message)]


EXAMPLES = [
    *(pytest.param(row[3], id=f"workspace-{word(row[0])}") for row in table("workspace.yaml", "key")),
    *(pytest.param(row[3], id=f"validate-{word(row[0])}") for row in table("validate", "key")),
    *(pytest.param(row[3], id=f"form-{word(row[0])}") for row in table("Entries of load_from", "form")),
    *(pytest.param(row[3], id=f"entry-{word(row[0])}") for row in table("Entries of load_from", "key")),
    *(pytest.param(row[3], id=f"toml-{word(row[0])}") for row in table("`[tool.atoll]` in pyproject.toml", "key")),
]


@pytest.mark.parametrize("cell", EXAMPLES)
def test_the_examples_of_keys_are_right(cell, tmp_path, request):
    example = word(cell)
    kind = request.node.callspec.id.partition("-")[0]
    if kind == "toml":
        assert tomllib.loads(example)
        assert complaints(tmp_path, "load_from: [{project: p}]\n", f"[tool.atoll]\n{example}\n") == []
        return
    assert yaml.safe_load(example)
    key = example.partition(":")[0]
    if kind == "workspace":
        text = example if key == "load_from" else f"{example}\nload_from: [{{project: p}}]\n"
    elif kind == "validate":
        text = f"load_from: [{{project: p}}]\nvalidate:\n  {example}\n"
    elif kind == "form":
        text = f"load_from:\n  - {example}\n"
    else:
        form = "project" if key == "module" else "python_file"
        main, target = ("path", "p") if form == "project" else ("relative_path", "x.py")
        more = "\n      requirements: r.txt" if key in {"python", "backend"} else ""
        text = f"load_from:\n  - {form}:\n      {main}: {target}\n      {example}{more}\n"
    assert complaints(tmp_path, text) == []


def test_the_whole_example_is_right(tmp_path):
    text = re.search(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
    assert complaints(tmp_path, text) == []
