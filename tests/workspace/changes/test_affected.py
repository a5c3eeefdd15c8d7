"""Which change makes a location be loaded, and which does not."""

from __future__ import annotations

import sys

import pytest
from repositories import definitions, entry

from atoll_host.workspace.changes.git import Changes, Revision
from atoll_host.workspace.changes.reach import Reaches

FILES = {
    ".gitignore": "__pycache__/\n.atoll/\n",
    "shared/helper.py": "VALUE = 1\n",
    "shared/native.bin": "1",
    "data/table.csv": "1",
    "data/parts/one": "1",
    "data/deep/er/one": "1",
    "common.env": "COMMON=1\n",
    "first/first.env": "FIRST=1\n",
    "first/first.py": definitions(
        "orders",
        before="import os, sys\nsys.path.insert(0, os.path.abspath('../shared'))\nimport helper\nopen('../data/table.csv').read()\n"
        "os.listdir('../data/parts')\nos.environ.get('READ')\n",
    ),
    "second/second.py": definitions("levels"),
    "third/third.py": definitions("summary", "orders"),
    "notes/readme.md": "words",
}


def workspace(repo, *, first=None, order=("first", "second", "third"), **more):
    entries = {name: entry(name, working_directory=name) for name in ("first", "second", "third")}
    own = {"working_directory": "first", "inputs": ["../shared/*.bin"], "env_file": ["first/first.env"]}
    entries["first"] = entry("first", **own, **(first or {}))
    repo.workspace_file(*(entries[name] for name in order), **more)


@pytest.fixture
def three(repo):
    repo.write(FILES)
    workspace(repo, env_file="common.env")
    repo.commit()
    assert {report.status for report in repo.load().values()} == {"loaded"}
    return repo


@pytest.mark.parametrize(
    ("files", "affected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"notes/more.md": "", "first/first.py": FILES["first/first.py"]}, [], id="a-file-of-nobody"),
        pytest.param({"second/other.txt": ""}, ["second"], id="its-own-folder"),
        pytest.param(
            {"first/first.py": FILES["first/first.py"] + "\n"}, ["first", "third"], id="its-file-and-downstream"
        ),
        pytest.param({"shared/helper.py": "VALUE = 2\n"}, ["first", "third"], id="an-import-from-elsewhere"),
        pytest.param({"shared/json.py": ""}, ["first", "third"], id="a-module-that-would-shadow-another"),
        pytest.param({"data/table.csv": "2"}, ["first", "third"], id="a-data-file"),
        pytest.param({"data/parts/two": "2"}, ["first", "third"], id="a-folder-that-it-lists"),
        pytest.param({"data/deep/er/two": "2"}, [], id="a-file-beside-what-it-reads"),
        pytest.param({"shared/native.bin": "2"}, ["first", "third"], id="an-input"),
        pytest.param({"common.env": "COMMON=2\n"}, ["first", "second", "third"], id="a-common-variables-file"),
        pytest.param({"first/first.env": "FIRST=2\n"}, ["first", "third"], id="its-variables-file"),
    ],
)
def test_a_change_affects_what_it_can_reach(three, files, affected):
    three.write(files)
    plan = three.plan()
    assert sorted(plan.affected) == affected
    assert plan.skipped.keys() == {"first", "second", "third"} - plan.affected.keys()


@pytest.mark.parametrize(
    ("change", "affected"),
    [
        pytest.param({"order": ("third", "second", "first")}, [], id="another-order"),
        pytest.param({"first": {"timeout": 50}}, ["first", "third"], id="its-timeout"),
        pytest.param({"first": {"attribute": "defs"}}, ["first", "third"], id="its-attribute"),
        pytest.param({"order": ("first", "third")}, [], id="another-location-went"),
        pytest.param({"timeout": 50}, ["first", "second", "third"], id="the-timeout-of-all"),
        pytest.param({"env_file": []}, ["first", "second", "third"], id="the-variables-of-all"),
    ],
)
def test_of_a_workspace_file_what_it_says_counts(three, change, affected):
    workspace(three, **{"env_file": "common.env", **change})
    assert sorted(three.plan().affected) == affected


def test_in_a_working_directory_that_several_share_a_file_of_nobody_counts_for_all(repo):
    repo.write({".gitignore": "__pycache__/\n.atoll/\n", "a/a.py": definitions("one"), "b/b.py": definitions("two")})
    repo.workspace_file(entry("a"), entry("b")).commit()
    repo.load()
    repo.write({"a/more.txt": ""})
    assert repo.plan().affected.keys() == {"a"}
    repo.workspace_file(entry("a"), entry("b", timeout=7))
    assert repo.plan().affected.keys() == {"a", "b"}
    repo.write({"a/more.txt": None}).workspace_file(entry("b"), entry("a"))
    assert repo.plan().affected == {}
    repo.write({"data.csv": ""})
    assert repo.plan().affected.keys() == {"a", "b"}


@pytest.mark.parametrize(
    ("before", "why"),
    [
        pytest.param("import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])\n", "runs", id="commands"),
        pytest.param("import os\ndict(os.environ)\n", "all environment variables", id="all-variables"),
        pytest.param(
            "import socket\ns = socket.socket()\ns.settimeout(1)\ntry:\n    s.connect(('127.0.0.1', 9))\nexcept OSError:\n    pass\n",
            "connects to 127.0.0.1:9",
            id="connections",
        ),
    ],
)
def test_a_load_that_proves_nothing_makes_a_location_count(repo, before, why):
    repo.write({".gitignore": "__pycache__/\n.atoll/\n", "first/first.py": definitions("orders", before=before)})
    repo.workspace_file(entry("first"))
    repo.commit()
    assert why in repo.plan().affected.get("first", "") or repo.load()["first"].status == "loaded"
    assert why in repo.plan().affected["first"]


@pytest.mark.parametrize(
    ("since", "counts"),
    [
        pytest.param({"data/flag": ""}, True, id="a-file-more"),
        pytest.param({"data/table.csv": "longer than before"}, True, id="another-size"),
        pytest.param({"new/folder/file": ""}, True, id="a-folder-more"),
        pytest.param({"second/other.txt": ""}, False, id="the-folder-of-another-location"),
        pytest.param({"data/__pycache__/x.pyc": "", "data/x.pyc": ""}, False, id="bytecode"),
    ],
)
def test_what_a_shared_working_directory_held_at_the_last_load_counts(repo, since, counts):
    """`first` may have asked for any of it without a trace, and is stored as it was then."""
    repo.write({f"{name}/{name}.py": definitions(name) for name in ("first", "second")})
    repo.write({"data/table.csv": "1", ".gitignore": ".atoll/\n__pycache__/\n"})
    repo.workspace_file(entry("first"), entry("second", working_directory="second"))
    repo.commit()
    repo.load()
    repo.write(since)
    repo.commit()
    plan = repo.plan()
    assert ("first" in plan.affected) is counts
    if counts:
        assert "in its working directory, is not as it was when it was last loaded" in plan.affected["first"]


def test_a_shared_working_directory_with_too_much_in_it_proves_nothing(repo):
    repo.write({"first/first.py": definitions("first"), ".gitignore": ".atoll/\n__pycache__/\n"})
    repo.workspace_file(entry("first"))
    for number in range(1001):
        (repo.path / f"data/{number}").mkdir(parents=True)
    repo.commit()
    repo.load()
    assert "holds too much" in repo.plan().affected["first"]


def test_a_location_that_was_never_loaded_here_counts(three):
    (three.path / ".atoll" / "snapshots" / "second.json").unlink()
    assert three.plan().affected == {"second": "it has never been loaded here"}


def test_a_trace_of_other_files_than_these_proves_nothing(three):
    three.write({"shared/helper.py": "VALUE = open('../notes/readme.md').read()\n"}).commit()
    # The trace is of the helper that read nothing.
    three.write({"notes/readme.md": "other"})
    assert "first" in three.plan().affected


def test_a_trace_of_another_variable_s_value_proves_nothing(three):
    assert three.plan(READ="other").affected.keys() == {"first", "third"}
    assert three.plan(OTHER="other").affected == {}


def test_a_location_that_failed_counts_until_it_is_mended(three):
    three.write({"second/second.py": "import not_there\n"}).commit()
    assert three.load("second")["second"].status == "failed"
    assert "second" in three.plan().affected


def reach(repo, trace=None, name=None):
    """Give what changes of single paths say about a location that was never built."""
    opened = repo.open()
    location = next(one for one in opened.locations if name in {None, one.name})
    found = Reaches(opened, repo.path, repo.variables).of(location, trace or {})

    def find(path, status="M"):
        repository = repo.repository()
        return found.find(Changes(repository, Revision("HEAD", repository.resolve("HEAD").commit), {path: status}))

    return find


LOCK = """version = 1
requires-python = ">=3.9"
[[package]]
name = "first"
source = { editable = "members/first" }
dependencies = [{ name = "second" }]
[[package]]
name = "second"
source = { directory = "members/second" }
dependencies = [{ name = "third" }]
[[package]]
name = "third"
source = { editable = "libraries/third" }
[[package]]
name = "unrelated"
source = { editable = "members/unrelated" }
"""


def project(name):
    return f'[project]\nname = "{name}"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("members/first/src/first/definitions.py", True),
        ("members/first/pyproject.toml", True),
        ("pyproject.toml", True),
        ("uv.lock", True),
        (".python-version", True),
        ("members/.python-version", True),
        ("members/second/src/second.py", True),
        ("libraries/third/data.txt", True),
        ("members/unrelated/src/unrelated.py", False),
        ("notes.md", False),
        ("members/first.md", False),
    ],
)
def test_a_project_is_made_of_its_lock_and_of_the_members_that_it_depends_on(repo, path, counts):
    repo.write({
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["members/*"]\n',
        "uv.lock": LOCK,
        "workspace.yaml": "load_from:\n  - project: members/first\n",
        "members/first/pyproject.toml": project("first"),
        "members/first/src/first/definitions.py": definitions("orders"),
        "members/second/pyproject.toml": project("second"),
        "members/unrelated/pyproject.toml": project("unrelated"),
        "libraries/third/pyproject.toml": project("third"),
    })  # fmt: skip
    repo.commit()
    assert bool(reach(repo)(path)) is counts


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("job/job.py", True),
        ("pins/base.txt", True),
        ("pins/more.txt", True),
        ("package/src/package.py", True),
        (".python-version", True),
        ("elsewhere/file.txt", False),
    ],
)
def test_requirements_are_read_with_what_they_include(repo, path, counts):
    repo.write({
        "workspace.yaml": "load_from:\n  - python_file:\n      relative_path: job/job.py\n      working_directory: job\n"
        "      requirements: pins/base.txt\n",
        "pins/base.txt": "-r more.txt\n-e ../package\n",
        "pins/more.txt": "",
        "package/pyproject.toml": project("package"),
        "job/job.py": definitions("orders"),
    })  # fmt: skip
    repo.commit()
    assert bool(reach(repo)(path)) is counts


@pytest.mark.parametrize(
    ("path", "status", "counts"),
    [
        ("data/parts/two", "A", True),
        ("data/parts/one", "M", False),
        ("data/parts", "D", True),
        ("data/parts/inner/one", "A", False),
        ("submodule", "M", True),
        ("lib/module.py", "M", True),
        ("lib/flag", "A", True),
        ("target/read.csv", "M", True),
        ("link/read.csv", "M", True),
        ("job/sub/any", "D", True),
    ],
)
def test_what_a_trace_names_counts_with_links_and_submodules(repo, path, status, counts):
    repo.write({
        "workspace.yaml": "load_from:\n  - python_module:\n      module_name: job\n      working_directory: job\n"
        f"      executable_path: {sys.executable}\n",
        "job/job.py": definitions("orders"),
        "target/read.csv": "",
        "data/parts/inner/old": "",
    })  # fmt: skip
    (repo.path / "link").symlink_to("target")
    repo.commit()
    (repo.path / "data/parts/inner/one").write_text("")
    trace = {
        "sources": [str(repo.path / "lib/module.py")],
        "files": [str(repo.path / "link/read.csv"), str(repo.path / "submodule/data.csv")],
        "folders": [str(repo.path / "data/parts")],
    }
    assert bool(reach(repo, trace)(path, status)) is counts


@pytest.mark.parametrize(
    ("pattern", "path", "counts"),
    [
        ("data/*.csv", "job/data/a.csv", True),
        ("../data/*.csv", "data/a.csv", True),
        ("../data/*.csv", "data/deep/a.csv", False),
        ("../data/**/*.csv", "data/deep/er/a.csv", True),
        ("../data/**/*.csv", "data/a.csv", True),
        ("../data/**", "data/deep/a.txt", True),
        ("../data", "data/deep/a.txt", True),
        ("../data/[ab]?.csv", "data/a1.csv", True),
        ("../data/a.csv", "data/axcsv", False),
    ],
)
def test_inputs_are_patterns_relative_to_the_location(repo, pattern, path, counts):
    inside = {"module_name": "job", "working_directory": "job", "inputs": [pattern]}
    repo.write({"job/job.py": definitions("orders")}).workspace_file({"python_module": inside})
    repo.commit()
    found = reach(repo)(path, "A")
    assert bool(found) is counts
