"""What is wrong in workspace.yaml is said with file, line, column and a next step."""

from __future__ import annotations

import pytest

from atoll_host.envs.loading.target import LoadTarget

_EXAMPLE = "write `- project: PATH`, `- python_file: PATH` or `- python_module: NAME`"
_MAKE = "`atoll create location NAME` makes one, `atoll add PATH` takes in one that exists"
_FILES = {
    "x.py": "",
    "sub/x.py": "",
    "empty/a/x": "",
    "empty/.hidden/pyproject.toml": "",
    "prj/pyproject.toml": "[project]\nname='prj'\n",
    "prj/prj.py": "",
    "Prj/pyproject.toml": "[project]\nname='Prj'\n",
    "Prj/Prj.py": "",
    "prj/nested/x": "",
    "pkg/__init__.py": "",
    "pkg/definitions.py": "",
    "many/a/pyproject.toml": "[project]\nname='a'\n",
    "many/a/a.py": "",
    "many/b/pyproject.toml": "[project]\nname='b'\n",
    "many/b/b.py": "",
    "inline.py": "# /// script\n# dependencies = []\n# ///\n",
    "broken.py": "# /// script\n# dependencies = [\n# ///\n",
    "requirements.txt": "",
    "python": "",
    "notes.txt": "",
    "venv/lib/x": "",
}


def case(text: str | bytes, *expected: tuple[str, str], id: str):  # noqa: A002 — pytest's own word
    """One file and all that is said of it; the name of the file is left out where it is workspace.yaml."""
    return pytest.param(text, list(expected), id=id)


def entry(body: str) -> str:
    """A workspace.yaml with one python_file entry that has these options."""
    return "load_from:\n  - python_file:\n" + "".join(f"      {line}\n" for line in body.splitlines())


GOLDEN = [
    case("", ("1:1: workspace.yaml is empty", "write `load_from:` and below it `  - project: PATH`"), id="empty"),
    case("# x\n", ("1:1: workspace.yaml is empty", "write `load_from:`"), id="only-a-comment"),
    case(
        "a:\n",
        ("1:1: unknown key a in workspace.yaml", "it may have: load_from, env_file, timeout, memory, cpu, backend"),
        id="unknown",
    ),
    case("timeout: 3\n", ("1:1: workspace.yaml has no load_from, so it names no location", _MAKE), id="no-load-from"),
    case("- a\n", ("1:1: workspace.yaml is a list, and should be a mapping", "write `load_from:` above"), id="a-list"),
    case("hello\n", ("1:1: workspace.yaml must be a mapping, not the text 'hello'", "write `load_from:`"), id="a-text"),
    case(
        "42\n", ("1:1: workspace.yaml must be a mapping, not a number", "write `load_from:` and a list"), id="a-number"
    ),
    case(
        "load_from:\n\t- project: a\n",
        ("2:1: workspace.yaml is not valid YAML: a tab stands where YAML wants spaces", "replace the tab by spaces"),
        id="tab",
    ),
    case(
        "load_from: [\n",
        ("2:1: workspace.yaml is not valid YAML: the file ends inside of a bracket", "close the bracket"),
        id="open-bracket",
    ),
    case(
        "load_from: [{project: a]\n",
        ("1:24: workspace.yaml is not valid YAML: a comma or a closing } is missing", "write it before this place"),
        id="wrong-bracket",
    ),
    case(
        "a: b\nload_from: 'x\n",
        ("2:12: workspace.yaml is not valid YAML: a quotation mark is opened and never closed", "close it"),
        id="open-quotation",
    ),
    case(
        "a: b: c\n",
        ("1:5: workspace.yaml is not valid YAML: a second `: ` stands on this line, or the line is", "put text"),
        id="two-colons",
    ),
    case(
        "load_from:\n  - project: x\n   - project: y\n",
        ("3:4: workspace.yaml is not valid YAML: this line fits neither the list nor the mapping", "indent lines"),
        id="crooked",
    ),
    case(
        "load_from: *x\n",
        ("1:12: workspace.yaml is not valid YAML: the alias *x refers to nothing", "mark what is meant with &x"),
        id="alias-of-nothing",
    ),
    case(
        "load_from: @x\n",
        ("1:12: workspace.yaml is not valid YAML: text can't begin with @", "quotes"),
        id="reserved-sign",
    ),
    case(
        "load_from: []\n---\na: b\n",
        ("2:1: workspace.yaml is not valid YAML: a second document begins here", "keep everything in one document"),
        id="two-documents",
    ),
    case(
        b"load_from:\n  - project: \xc3\xa4\xff\n",
        ("2:15: workspace.yaml is not UTF-8: byte 0xff makes no character", "save it as UTF-8"),
        id="not-utf-8",
    ),
    case(
        "load_from: []\n".encode("utf-16"),
        ("1:1: workspace.yaml is encoded as UTF-16", "save it as UTF-8"),
        id="utf-16",
    ),
    case("\ufeffx: 1\n", ("1:1: unknown key x in workspace.yaml", "it may have"), id="byte-order-mark-is-no-harm"),
    case(
        "a: \x01\n",
        ("1:4: workspace.yaml has the character U+0001 in it, which YAML forbids", "remove the character"),
        id="control-character",
    ),
    case("[" * 5000, ("1:1001: workspace.yaml is nested too deeply", "write it flatter"), id="deep"),
    case(
        "load_form:\n  - project: a\n",
        ("1:1: unknown key load_form in workspace.yaml", "did you mean load_from?"),
        id="key",
    ),
    case(
        "? [a]\n: b\n", ("1:3: a key of workspace.yaml must be a word, not a list", "write `key: value`"), id="odd-key"
    ),
    case("<<: 3\n", ("1:5: << in workspace.yaml must name a mapping", "write `<<: *name`"), id="merge-of-a-number"),
    case(
        "load_from: []\nload_from: []\n",
        ("2:1: load_from is there twice in workspace.yaml: first in line 1", "keep one of them"),
        id="key-twice",
    ),
    case("load_from: a/*\n", ("1:12: load_from must be a list of entries, not the text 'a/*'", _EXAMPLE), id="no-list"),
    case(
        "load_from:\n  project: a/*\n",
        ("2:3: load_from must be a list of entries, not a mapping", "write `- ` before each entry"),
        id="no-dash",
    ),
    case(
        "load_from:\n  - a/*\n",
        ("2:5: an entry of load_from must say what a/* is", "write `- project: a/*`"),
        id="bare-folder",
    ),
    case(
        "load_from:\n  - x.py\n",
        ("2:5: an entry of load_from must say what x.py is", "write `- python_file: x.py`"),
        id="bare-file",
    ),
    case("load_from:\n  -\n", ("2:4: an entry of load_from is empty", _EXAMPLE), id="empty-entry"),
    case("load_from:\n  - {}\n", ("2:5: an entry of load_from is empty", _EXAMPLE), id="empty-mapping"),
    case(
        "load_from:\n  - [a]\n",
        ("2:5: an entry of load_from must be a mapping, not a list", _EXAMPLE),
        id="list-in-list",
    ),
    case(
        "load_from:\n  - projekt: a\n",
        ("2:5: unknown key projekt in an entry of load_from", "did you mean project?"),
        id="misspelt-entry",
    ),
    case(
        "load_from:\n  - project: prj\n    python_file: x.py\n",
        ("3:5: one entry has both project and python_file", "write `- ` before python_file: each is its own entry"),
        id="two-in-one",
    ),
    case(
        "load_from:\n  - python_file: x.py\n    location_name: y\n",
        ("3:5: location_name stands beside python_file, and belongs below it", "write `python_file:` and below it"),
        id="option-beside",
    ),
    case(
        "load_from:\n  - grpc_server:\n      host: x\n",
        ("2:5: grpc_server is not supported: locations are loaded with their own interpreter", "`- project: PATH`"),
        id="what-others-have",
    ),
    case(
        "load_from:\n  - python_file:\n", ("2:17: python_file has no value", "write one after the colon"), id="no-path"
    ),
    case("load_from:\n  - python_file: ''\n", ("2:18: python_file has no value", "write one"), id="empty-path"),
    case(
        "load_from:\n  - python_file: [a]\n",
        ("2:18: python_file must be text, not a list", "write one value"),
        id="list",
    ),
    case(
        "load_from:\n  - python_file: !x y\n",
        ("2:18: python_file has the tag !x, which is not understood", "remove it"),
        id="tag",
    ),
    case(
        'load_from:\n  - project: "a\\0b"\n',
        ("2:14: project has the character U+0000 in it", "remove the character"),
        id="zero-character",
    ),
    case(
        "load_from:\n  - project: nope/*\n",
        (
            "2:14: nope/* matches no folder",
            "`atoll create location NAME` makes a project; otherwise correct the pattern",
        ),
        id="pattern-matches-nothing",
    ),
    case(
        "load_from:\n  - project: empty/*\n",
        ("2:14: no folder that empty/* matches has a pyproject.toml", "`uv init --bare` makes a folder a project; w"),
        id="pattern-matches-no-project",
    ),
    case(
        "load_from:\n  - project:\n      path: many/*\n      location_name: both\n",
        ("4:22: location_name can't name the 2 projects that many/* matches", "name one project, or leave"),
        id="one-name-for-many",
    ),
    case(
        "load_from:\n  - project: prk\n",
        ("2:14: there is no prk in <root>", "did you mean prj?"),
        id="no-project-folder",
    ),
    case(
        "load_from:\n  - project: zz/yy/xx\n",
        ("2:14: there is no zz in <root>", "correct the path"),
        id="first-missing-part-is-named",
    ),
    case(
        "load_from:\n  - project: prj/nested\n",
        ("2:14: <root>/prj/nested has no pyproject.toml, so it is no project", "`uv init --bare` there"),
        id="no-pyproject",
    ),
    case(
        "load_from:\n  - project: x.py\n",
        ("2:14: <root>/x.py is a file, not a folder", "name a folder"),
        id="file-for-folder",
    ),
    case(
        "load_from:\n  - python_file: prj\n",
        ("2:18: <root>/prj is a folder, not a Python file", "write `- project: prj`"),
        id="folder-for-file",
    ),
    case(
        "load_from:\n  - python_file: notes.txt\n",
        ("2:18: notes.txt is no Python file", "its name must end in .py"),
        id="not-a-python-file",
    ),
    case(
        "load_from:\n  - python_file: y.py\n", ("2:18: there is no y.py in <root>", "did you mean x.py?"), id="no-file"
    ),
    case(
        "load_from:\n  - python_module: legacy/definitions.py\n",
        ("2:20: python_module is 'legacy/definitions.py', which is no module's name", "`- python_file: legacy/def"),
        id="file-for-module",
    ),
    case(
        "load_from:\n  - python_module: pkg.definition\n",
        ("2:20: there is no definition in the package pkg (<root>/pkg)", "did you mean pkg.definitions?"),
        id="no-such-submodule",
    ),
    case(
        "load_from:\n  - python_package: class\n",
        ("2:21: python_package is 'class', which is no module's name", "write a dotted name such as package.module"),
        id="keyword-for-package",
    ),
    case(
        entry("attribute: x"),
        ("2:5: python_file does not say its relative_path", "`relative_path: …`"),
        id="no-main-key",
    ),
    case(
        entry("relative_pat: x"),
        ("3:7: unknown key relative_pat in python_file", "did you mean relative_path?"),
        id="main",
    ),
    case(
        entry("relative_path: x.py\nlocation_name: ../x"),
        ("4:22: '../x' can't be the name of a location: it has a / in it", "try x"),
        id="name-leads-out",
    ),
    case(
        entry("relative_path: x.py\nlocation_name: class"),
        ("4:22: 'class' can't be the name of a location: it is a word of Python's", "try class-data"),
        id="name-is-a-keyword",
    ),
    case(
        entry("relative_path: x.py\nlocation_name: a b"),
        ("4:22: 'a b' can't be the name of a location: it has a space in it", "try a-b"),
        id="name-has-a-space",
    ),
    case(
        entry("relative_path: x.py\nlocation_name: naïve"),
        ("4:22: 'naïve' can't be the name of a location: it has the letter ï in it", "try naive"),
        id="name-is-not-ascii",
    ),
    case(
        entry("relative_path: x.py\nlocation_name: 🏝"),
        ("4:22: '🏝' can't be the name of a location: it has the character 🏝 in it", "try location"),
        id="name-is-an-emoji",
    ),
    case(
        entry("relative_path: x.py\nattribute: a.b"),
        ("4:18: attribute of python_file is 'a.b', which is no Python name", "write NAME"),
        id="odd-attribute",
    ),
    case(
        entry("relative_path: x.py\npython: 3.9"),
        ("4:15: python is for an environment of the location's own, and nothing says what would be in it", "PEP 723"),
        id="python-version-for-no-environment",
    ),
    case(
        entry("relative_path: x.py\npython: banana"),
        ("4:15: 'banana' names no Python version and no interpreter", "3.12"),
        id="no-python-version",
    ),
    case(
        entry("relative_path: x.py\nexecutable_path: python\nworking_directory: nope\nrequirements: no.txt"),
        ("4:24: <root>/python can't be executed", "name an interpreter, or chmod +x"),
        ("5:26: there is no nope in <root>", "correct the path"),
        ("6:21: python_file has both executable_path and requirements: an interpreter is used as it is", "keep"),
        id="paths-and-contradictions-together",
    ),
    case(
        entry("relative_path: x.py\nexecutable_path: venv"),
        ("4:24: <root>/venv is a folder without an interpreter in it", "name one that has bin/python"),
        id="folder-without-interpreter",
    ),
    case(
        entry("relative_path: inline.py\nrequirements: requirements.txt"),
        ("4:21: inline.py says its own dependencies, and requirements names others", "keep the script's metadata or"),
        id="two-lists-of-requirements",
    ),
    case(
        entry("relative_path: x.py\nrequirements: r.txt"),
        ("4:21: there is no r.txt in <root>", ""),
        id="no-requirements",
    ),
    case(
        entry("relative_path: x.py\ntimeout: soon\nenv_file: [a.env, 3]\ntags: {a: b}"),
        ("4:16: timeout of python_file must be a number of seconds above 0, not 'soon'", "write 60"),
        ("5:18: there is no a.env in <root>", "correct the path"),
        ("5:25: there is no 3 in <root>", "correct the path"),
        ("6:13: tags of python_file must be text or {env: NAME}, not a mapping", "write one value"),
        id="all-at-once",
    ),
    case(
        "timeout: .nan\nbackend: pip\nenv_file: no.env\nload_from:\n  - python_file: x.py\n",
        ("1:10: timeout must be a number of seconds above 0, not '.nan'", "write 60"),
        ("2:10: backend must be uv or virtualenv, not 'pip'", "write uv"),
        ("3:11: there is no no.env in <root>", "correct the path"),
        id="top-level-values",
    ),
    case(
        "load_from:\n  - python_file: x.py\n  - python_file: sub/x.py\n",
        (
            "3:5: two locations are called x: <root>/x.py and <root>/sub/x.py (the other is in line 2)",
            "give one of them a location_name",
        ),
        id="name-twice",
    ),
    case(
        "load_from:\n  - project: prj\n  - project:\n      path: Prj\n",
        (
            "3:5: the names prj and Prj differ only in upper and lower case (the other is in line 2)",
            "location_name, or a",
        ),
        id="names-differ-only-in-case",
    ),
    case(
        "load_from:\n  - python_file: {env: HOMEE}\n  - python_file: {env: EMPTY}\n  - python_file: {env: HOME, or: x}\n",
        ("2:24: the environment variable 'HOMEE', which python_file names, is not set", "did you mean HOME?"),
        ("3:24: the environment variable 'EMPTY', which python_file names, is empty", "set it"),
        ("4:5: python_file does not say its relative_path", "write `relative_path: …` below it"),
        ("4:19: unknown key env in python_file", "it may have"),
        ("4:30: unknown key or in python_file", "it may have"),
        id="variables",
    ),
]


@pytest.mark.parametrize(("text", "expected"), GOLDEN)
def test_a_mistake_in_the_file_is_said_at_its_place_with_a_next_step(tree, text, expected):
    told = tree.write({**_FILES, "workspace.yaml": text}).complaints(HOME="/home/me", EMPTY="")

    assert len(told) == len(expected), told
    for (said, hint), (beginning, part) in zip(told, expected, strict=True):
        assert said.removeprefix("workspace.yaml:")[: len(beginning)] == beginning
        assert part in hint


@pytest.mark.parametrize("text", [one.values[0] for one in GOLDEN], ids=[one.id for one in GOLDEN])
def test_every_message_is_one_line_without_a_full_stop_and_has_a_hint(tree, text):
    for where, hint in tree.write({**_FILES, "workspace.yaml": text}).complaints(HOME="/home/me", EMPTY=""):
        assert "\n" not in where
        assert not where.endswith(".")
        assert hint


def test_a_folder_in_the_place_of_the_file_is_called_one(tree):
    (tree.root / "workspace.yaml").mkdir()

    assert tree.complaints() == [
        ("workspace.yaml: workspace.yaml is a folder, not a file", "name the file that is meant")
    ]


def test_a_broken_link_in_the_place_of_the_file_is_said(tree):
    (tree.root / "workspace.yaml").symlink_to("nowhere")

    assert tree.complaints() == [("workspace.yaml: There is no file <root>/workspace.yaml", "is the path right?")]


def test_a_file_that_fails_to_name_its_script_metadata_is_that_locations_failure(tree):
    tree.write({**_FILES, "workspace.yaml": "load_from:\n  - python_file: x.py\n  - python_file: broken.py\n"})

    good, bad = tree.open().locations

    assert good.problems == ()
    assert [(problem.file, problem.line) for problem in bad.problems] == [(str(tree.root / "broken.py"), 2)]
    assert bad.environment.kind == "script"


def test_what_is_wrong_with_one_location_does_not_stop_the_others(tree):
    tree.write({**_FILES, "workspace.yaml": "load_from:\n  - project: gone\n  - python_file: x.py\n"})

    gone, good = tree.open().locations

    assert [problem.message for problem in gone.problems] == [f"there is no gone in {tree.root}"]
    assert (gone.name, gone.root, gone.environment.kind) == ("gone", tree.root / "gone", "project")
    assert good.problems == ()


def test_a_package_can_be_named_whose_modules_are_all_walked(tree):
    tree.write(
        {
            "workspace.yaml": "load_from:\n  - autoload_defs_module: sales\n"
            "  - autoload_defs_module: {module_name: company.stock, working_directory: lib, location_name: stock}\n",
            "lib/company/stock/x.py": "",
            "sales/__init__.py": "",
        }
    )
    sales, stock = tree.open().locations
    assert (sales.name, sales.target) == ("sales", LoadTarget("autoload", "sales"))
    assert (stock.name, stock.target, stock.root) == (
        "stock",
        LoadTarget("autoload", "company.stock"),
        tree.root / "lib",
    )
    assert sales.problems == stock.problems == ()


def test_a_package_that_is_walked_has_no_attribute(tree):
    tree.write({"workspace.yaml": "load_from:\n  - autoload_defs_module: {module_name: a, attribute: defs}\n"})
    ((place, hint),) = tree.complaints()
    assert place == "workspace.yaml:2:44: unknown key attribute in autoload_defs_module"
    assert "module_name" in hint
