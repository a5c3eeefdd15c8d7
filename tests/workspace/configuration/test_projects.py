"""What a pyproject.toml says, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from atoll_host.workspace.configuration.toml_positions import find_positions

_HEAD = "[project]\nname = 'sales'\n\n"


def _project(text, **files):
    return {
        "workspace.yaml": "load_from:\n  - project: sales\n",
        "sales/pyproject.toml": text,
        "sales/src/sales/__init__.py": "",
        "sales/src/sales/definitions.py": "",
        **files,
    }


GOLDEN = [
    pytest.param(
        "[project\n",
        ["1:9: pyproject.toml is not valid TOML: "],
        id="broken",
    ),
    pytest.param("a = 1\na = 2\n", ["2:"], id="key-twice"),
    pytest.param("[project]\nname = 'x", ["2:10: pyproject.toml is not valid TOML: "], id="open-string"),
    pytest.param(
        "\ufeff[project]\n",
        ["1:1: pyproject.toml begins with a byte order mark, which TOML has no place for"],
        id="byte-order-mark",
    ),
    pytest.param(
        b"[project]\nname = '\xff'\n",
        ["2:9: pyproject.toml is not UTF-8: byte 0xff makes no character"],
        id="not-utf-8",
    ),
    pytest.param("x = " + "[" * 5000, [" pyproject.toml is n"], id="deep"),
    pytest.param("x = " + "9" * 5000, ["1:5005: pyproject.toml is not valid TOML: "], id="huge-number"),
    pytest.param("tool.atoll = 3\n", ["1:1: tool.atoll must be a table"], id="no-table"),
    pytest.param("[[tool.atoll]]\n", ["1:1: tool.atoll must be a table"], id="table-of-tables"),
    pytest.param(
        _HEAD + "[tool.atoll]\nmodul = 'x'\npython = '3.9'\nlocation_name = 'x'\nenv_file = 'x'\n",
        [
            "5:1: unknown key modul in [tool.atoll]|did you mean module?",
            "6:1: unknown key python in [tool.atoll]|the Python version comes from .python-version and from requires-python",
            "7:1: unknown key location_name in [tool.atoll]|it is called name here",
            "8:1: unknown key env_file in [tool.atoll]|did you mean env-file?",
        ],
        id="unknown-keys",
    ),
    pytest.param(
        _HEAD + "[tool.atoll]\nname = '../x'\nmodule = 'a:b'\nattribute = 'a b'\ntimeout = true\nbackend = 'pip'\n",
        [
            "5:1: '../x' can't be the name of a location: it has a / in it|try x",
            '6:1: module in [tool.atoll] is \'a:b\', which is no module\'s name|write module = "a" and attribute = "b"',
            "7:1: attribute in [tool.atoll] is 'a b', which is no Python name",
            "8:1: timeout in [tool.atoll] must be a number of seconds above 0, not true|write timeout = 60",
            "9:1: backend in [tool.atoll] must be uv or virtualenv, not 'pip'",
        ],
        id="wrong-values",
    ),
    pytest.param(
        _HEAD
        + "[tool.atoll]\ntags = [\n  'a', # one\n  3,\n  '',\n]\nextras = {a = 1}\ngroups = 1979-05-27\nname = 4\n",
        [
            "7:3: an item of tags in [tool.atoll] must be text, not the number 3",
            "8:3: an item of tags in [tool.atoll] must be text, not an empty text",
            "10:1: extras in [tool.atoll] must be text, not a table",
            "11:1: groups in [tool.atoll] must be text, not a date",
            "12:1: name in [tool.atoll] must be text, not the number 4",
        ],
        id="wrong-types",
    ),
    pytest.param(
        "tool = {atoll = {timeout = -1, 'module' = 3}}\n",
        [
            "1:18: timeout in [tool.atoll] must be a number of seconds above 0, not the number -1",
            "1:32: module in [tool.atoll] must be text, not the number 3",
        ],
        id="inline-table",
    ),
    pytest.param(
        _HEAD + "[tool]\natoll.env-file = ['here.env', 'gone.env']\natoll.search-path = 'nope'\n",
        ["5:31: there is no gone.env in <root>/sales", "6:1: there is no nope in <root>/sales"],
        id="missing-paths",
    ),
    pytest.param(
        _HEAD + "[tool.atoll]\nmodule = 'sales.definition'\n",
        ["5:1: there is no definition in the package sales (<root>/sales/src/sales)|did you mean sales.definitions?"],
        id="no-such-module",
    ),
    pytest.param(
        "[project]\nname = 'other'\n",
        [
            (
                "2:1: no module was found by the project's name, other, and [tool.atoll] names none"
                '|write module = "sales" below [tool.atoll] in pyproject.toml'
            )
        ],
        id="no-module-by-name",
    ),
    pytest.param(
        "[project]\nname = 'a b'\n", ["2:1: 'a b' can't be the name of a location: it has a space in it|a-b"], id="name"
    ),
]


@pytest.mark.parametrize(("text", "expected"), GOLDEN)
def test_a_mistake_in_pyproject_is_said_at_its_place_with_a_next_step(tree, text, expected):
    told = tree.write(_project(text, **{"sales/here.env": ""})).complaints()

    assert len(told) == len(expected), told
    for (said, hint), one in zip(told, expected, strict=True):
        beginning, _, part = one.partition("|")
        assert said.removeprefix("sales/pyproject.toml:")[: len(beginning)] == beginning
        assert hint
        assert part in hint


def test_a_guess_says_what_was_looked_for(tree):
    tree.write(_project("[project]\nname = 'other-thing'\n"))

    (problem,) = tree.open().locations[0].problems

    assert problem.detail.splitlines()[:3] == [
        "looked for:",
        "src/other_thing/definitions.py",
        "other_thing/definitions.py",
    ]


def test_everything_that_a_project_may_say_arrives(tree):
    text = """
[project]
name = "sales"

[tool.atoll]
name = "Sales-EU"
module = "sales"
attribute = "defs"
timeout = 12.5
env-file = ["a.env", "b.env"]
inputs = ["data/*.csv"]
tags = "nightly"
extras = ["fast"]
groups = ["load"]
backend = "virtualenv"
search-path = "."
"""
    location = tree.write(_project(text, **{"sales/a.env": "", "sales/b.env": ""})).location()
    root = tree.root / "sales"

    assert (location.name, location.root, location.timeout) == ("Sales-EU", root, 12.5)
    assert (location.target.form, location.target.module, location.target.attribute) == ("module", "sales", "defs")
    assert location.env_files == (root / "a.env", root / "b.env")
    assert (location.inputs, location.tags, location.search_paths) == (("data/*.csv",), ("nightly",), (root,))
    assert location.environment.kind == "project"
    assert location.environment.source == root
    assert dict(location.environment.settings) == {"extras": ("fast",), "groups": ("load",), "backend": "virtualenv"}


def test_the_workspace_goes_before_the_project_where_both_say_something(tree):
    tree.write(
        _project(_HEAD + "[tool.atoll]\nname = 'a'\ntimeout = 1\ntags = ['p']\nenv-file = 'p.env'\nmodule = 'sales'\n")
    )
    tree.write({"sales/p.env": "", "w.env": ""})
    entry = "path: sales, location_name: b, timeout: 2, tags: [w, p], env_file: w.env, module: sales.definitions, python: 3.10"
    tree.write({"workspace.yaml": f"timeout: 3\nload_from:\n  - project: {{{entry}}}\n"})

    location = tree.location()

    assert (location.name, location.timeout, location.tags) == ("b", 2, ("p", "w"))
    assert location.env_files == (tree.root / "sales/p.env", tree.root / "w.env")
    assert location.target.module == "sales.definitions"
    assert location.environment.python == "3.10"


@pytest.mark.parametrize(
    ("name", "files", "module"),
    [
        ("sales", ["src/sales/__init__.py", "src/sales/definitions.py"], "sales.definitions"),
        ("sales", ["sales/__init__.py", "sales/definitions.py"], "sales.definitions"),
        ("sales", ["sales/definitions.py"], "sales.definitions"),
        ("sales", ["sales/__init__.py"], "sales"),
        ("sales", ["sales.py"], "sales"),
        ("sales", ["src/sales.py", "sales/data.csv"], "sales"),
        ("Sales-EU", ["src/sales_eu/__init__.py"], "sales_eu"),
        ("acme.sales", ["src/acme/sales/definitions.py"], "acme.sales.definitions"),
        ("acme-sales", ["acme_sales/definitions/__init__.py"], "acme_sales.definitions"),
    ],
)
def test_a_project_that_names_no_module_is_loaded_by_its_name(tree, name, files, module):
    tree.write({"workspace.yaml": "load_from:\n  - project: x\n", "x/pyproject.toml": f"[project]\nname = '{name}'\n"})
    tree.write({f"x/{file}": "" for file in files})

    assert tree.location().target.module == module


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ({"x/sales.py": ""}, ["x"]),
        ({"x/src/sales.py": ""}, ["x/src", "x"]),
        ({"x/src/__init__.py": "", "x/sales.py": ""}, ["x"]),
    ],
    ids=["flat", "src", "src-is-a-package"],
)
def test_src_and_flat_layouts_are_found_on_the_path(tree, files, paths):
    tree.write(
        {"workspace.yaml": "load_from:\n  - project: x\n", "x/pyproject.toml": "[project]\nname = 'sales'\n", **files}
    )

    assert tree.location().search_paths == tuple(tree.root / path for path in paths)


@pytest.mark.parametrize(
    ("module", "files"),
    [
        ("installed.somewhere", {}),
        ("sales.made_at_runtime", {"x/sales/__init__.py": "__path__.append('elsewhere')\n"}),
        ("sales.part", {"x/sales/part.cpython-312-x86_64-linux-gnu.so": "", "x/sales/__init__.py": ""}),
        ("sales.inner.part", {"x/sales/__init__.py": "", "x/sales/inner/part.py": ""}),
        ("sales.part", {"x/sales/other.py": ""}),
        ("sales.part", {"x/sales.py": ""}),
    ],
    ids=["not-in-the-project", "own-path", "extension-module", "folder-without-init", "namespace-package", "a-module"],
)
def test_a_module_is_called_missing_only_where_that_is_certain(tree, module, files):
    toml = f"[project]\nname = 'sales'\n[tool.atoll]\nmodule = '{module}'\n"
    tree.write({"workspace.yaml": "load_from:\n  - project: x\n", "x/pyproject.toml": toml, **files})

    assert tree.location().target.module == module


def test_positions_step_over_whatever_values_hold():
    text = '''# [tool.no]
title = "a = [1, 2] # no"
[tool]
x = """
[tool.atoll]
y = 1
""" # done
z = \'\'\'it's
k = 2\'\'\'
d = 1979-05-27 07:32:00
l = [ # first
  [1, 2], {a = 1, "b.c" = [3]},
  "]", ']'
]
[tool."a.b".'c']
[[tool.list]]
n = 1
[[tool.list]]
n = 2
[tool.atoll] # here
"quoted key" = { in.side = 1 }
a.b.c = 3'''
    positions = find_positions(text)

    assert positions["title",] == (2, 1)
    assert ("no",) not in positions
    assert positions["tool", "z"] == (8, 1)
    assert positions["tool", "l", 1, "b.c", 0] == (12, 28)
    assert positions["tool", "l", 3] == (13, 8)
    assert positions["tool", "a.b", "c"] == (15, 1)
    assert positions["tool", "list", 1, "n"] == (19, 1)
    assert positions["tool", "atoll"] == (20, 1)
    assert positions["tool", "atoll", "quoted key", "in", "side"] == (21, 18)
    assert positions["tool", "atoll", "a", "b", "c"] == (22, 1)


def test_positions_of_this_projects_own_pyproject_are_right():
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    lines = text.splitlines()

    for path, (line, column) in find_positions(text).items():
        rest = lines[line - 1][column - 1 :]
        if isinstance(path[-1], str):
            assert path[-1].split(".")[-1] in rest or rest.startswith("["), path
