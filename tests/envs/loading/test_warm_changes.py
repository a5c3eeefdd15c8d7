"""What never survives a warm reload: whatever was changed shows, or the load does not count."""

from __future__ import annotations

import os
import venv
from pathlib import Path

import pytest

from atoll_host.envs.loading.target import LoadTarget
from atoll_host.envs.loading.warm import SUPPORTED

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="platform: warm parents are Linux's own")

DEFINITIONS = "import atoll\ndefs = atoll.Definitions(metadata={{'value': {}}})\n"
PLAIN = DEFINITIONS.format("1")


def value(outcome):
    """Give what the module has put into its metadata, or fail with what is wrong."""
    assert outcome.definitions is not None, outcome.problems
    return outcome.definitions["metadata"]["value"]["value"]


@pytest.fixture
def environment(tmp_path):
    """Give an environment with two packages: its interpreter, and its site-packages."""
    prefix = tmp_path / "environment"
    venv.create(prefix, symlinks=True)
    (site_packages,) = prefix.glob("lib/python*/site-packages")
    (site_packages / "library").mkdir()
    (site_packages / "library" / "__init__.py").write_text("value = 'one'\ndef work():\n    return value\n")
    (site_packages / "library" / "inner.py").write_text("value = 'inner'\n")
    return prefix / "bin" / "python", site_packages


@pytest.mark.parametrize("way", ["fresh", "warm"])
def test_saves_of_equal_size_within_one_second_are_never_served_old(warm, loading, way):
    helper = loading.write("helper.py", "value = 100\n")
    one = warm("import helper\n" + DEFINITIONS.format("helper.value"))
    status = helper.stat()
    for number in range(101, 121):
        loading.write("helper.py", f"value = {number}\n")
        # As two saves within the same second, wherever the clock happens to be.
        os.utime(helper, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert value(one.load() if way == "warm" else one.fresh()) == number


def test_bytecode_of_sources_that_have_not_changed_for_long_is_still_used(loading):
    """Only the time of the bytecode tells, so that it is dated forward here rather than waited for."""
    helper = loading.write("helper.py", "value = 1\n")
    text = "import helper\n" + DEFINITIONS.format("helper.value")
    assert value(loading.text(text)) == 1
    (bytecode,) = (loading.folder / "__pycache__").glob("helper.*.pyc")
    status = helper.stat()
    helper.write_text("value = 2\n")
    os.utime(helper, ns=(status.st_atime_ns, status.st_mtime_ns))
    kept = bytecode.read_bytes()
    later = helper.stat().st_ctime_ns + 5_000_000_000
    os.utime(bytecode, ns=(later, later))
    assert value(loading.text(text)) == 1
    assert bytecode.read_bytes() == kept


def test_a_module_that_is_deleted_or_renamed_is_gone(warm, loading):
    helper = loading.write("helper.py", "value = 1\n")
    one = warm("import helper\n" + DEFINITIONS.format("helper.value"))
    helper.rename(loading.folder / "renamed.py")
    assert [problem.kind for problem in one.load().problems] == ["import_error"]
    assert value(one.load("import renamed\n" + DEFINITIONS.format("renamed.value"))) == 1
    (loading.folder / "renamed.py").unlink()
    assert "No module named 'renamed'" in one.load().problems[0].message


def test_a_module_that_becomes_a_package_is_that(warm, loading):
    helper = loading.write("helper.py", "value = 1\n")
    one = warm("import helper\n" + DEFINITIONS.format("helper.value"))
    helper.unlink()
    loading.write("helper/__init__.py", "value = 2\n")
    assert value(one.load()) == 2


@pytest.mark.parametrize("change", [{"ISLAND": "two"}, {"OTHER": "new"}, {}], ids=["changed", "added", "removed"])
def test_another_variable_asks_for_another_parent(warm, change):
    one = warm("import os\n" + DEFINITIONS.format("os.environ.get('ISLAND')"), variables={"ISLAND": "one"})
    assert value(one.load()) == "one"
    request = one.request(variables=change)
    assert not one.parent.usable(request)
    assert one.parent.load(request) is None
    assert one.parent.usable(one.request())


@pytest.mark.parametrize("option", ["directory", "search_paths", "sdk", "executable", "target", "isolated"])
def test_another_request_asks_for_another_parent(warm, tmp_path, option):
    import dataclasses

    one = warm(PLAIN)
    request = one.request()
    changed = {
        "directory": tmp_path,
        "search_paths": (tmp_path,),
        "sdk": tmp_path,
        "executable": Path("/usr/bin/python3"),
        "target": LoadTarget("module", "module"),
        "isolated": False,
    }
    assert one.parent.usable(request)
    assert not one.parent.usable(dataclasses.replace(request, **{option: changed[option]}))
    assert one.parent.usable(dataclasses.replace(request, timeout=5.0, memory=10**9))


def test_a_library_that_user_code_patched_is_whole_again(warm, environment):
    python, _ = environment
    text = "import library\n" + DEFINITIONS.format("library.work()")
    one = warm(text, python=python)
    assert value(
        one.load("import library\nlibrary.work = lambda: 'patched'\n" + DEFINITIONS.format("library.work()"))
    ) == ("patched")
    assert value(one.load(text)) == "one"


def test_class_attributes_and_caches_of_user_code_start_anew(warm, loading):
    loading.write("helper.py", "class Store:\n    seen = []\n\ncache = {}\n")
    text = "import helper\nhelper.Store.seen.append(1)\nhelper.cache[len(helper.cache)] = 1\n"
    one = warm(text + DEFINITIONS.format("len(helper.Store.seen) + len(helper.cache)"))
    assert [value(one.load()) for _ in range(3)] == [2, 2, 2]


def replace_in_place(site_packages):
    (site_packages / "library" / "__init__.py").write_text("value = 'two'\ndef work():\n    return value\n")


def replace_with_the_same_times(site_packages):
    file = site_packages / "library" / "__init__.py"
    status = file.stat()
    new = site_packages / "new"
    new.write_text(file.read_text().replace("one", "two"))
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.rename(file)


def remove(site_packages):
    (site_packages / "library" / "__init__.py").unlink()


def install_another(site_packages):
    (site_packages / "another.py").write_text("")


def lengthen_the_path(site_packages):
    with (site_packages / "some.pth").open("a") as file:
        file.write(f"{site_packages}/library\n")


@pytest.mark.parametrize(
    "change", [replace_in_place, replace_with_the_same_times, remove, install_another, lengthen_the_path]
)
def test_a_package_that_is_replaced_ends_the_parent(warm, environment, change):
    python, site_packages = environment
    (site_packages / "some.pth").write_text("# nothing yet\n")
    one = warm("import library\n" + DEFINITIONS.format("library.work()"), python=python)
    assert value(one.load()) == "one"
    change(site_packages)
    assert one.load() is None
    assert not one.parent.usable(one.request())
    # It may be tried again.
    assert one.parent.failed_reason is None


def test_a_file_that_a_library_reads_is_one_of_what_is_held(warm, environment, loading):
    python, site_packages = environment
    settings = loading.write("settings.txt", "one")
    (site_packages / "library" / "__init__.py").write_text(f"value = open({str(settings)!r}).read()\n")
    one = warm("import library\n" + DEFINITIONS.format("library.value"), python=python)
    assert str(settings) in one.load().trace["files"]
    settings.write_text("two")
    assert one.load() is None
    assert value(one.fresh()) == "two"


def test_a_data_file_of_the_users_is_read_anew(warm, loading):
    data = loading.write("data.txt", "one")
    one = warm("text = open('data.txt').read()\n" + DEFINITIONS.format("text"))
    assert value(one.load()) == "one"
    data.write_text("two")
    assert value(one.load()) == "two"


HIDDEN = [
    pytest.param("import xml\nimport xml.dom\n", "import xml\n", "xml.dom.Node.TEXT_NODE", id="submodule"),
    pytest.param("import library\nimport sys\n", "import sys\n", "'library' in sys.modules", id="look-up"),
    pytest.param("import library.inner\n", "import library\n", "library.inner.value", id="library"),
    pytest.param("from library import inner\n", "import library\n", "library.inner.value", id="from"),
    pytest.param(
        "from importlib import import_module\nlibrary = import_module('library')\nimport_module('library.inner')\n",
        "from importlib import import_module\nlibrary = import_module('library')\n",
        "library.inner.value",
        id="dynamic",
    ),
]


@pytest.mark.parametrize(("before", "after", "used"), HIDDEN)
def test_a_module_that_is_imported_no_more_is_not_there_because_it_is_held(warm, environment, before, after, used):
    python, _ = environment
    one = warm(before + DEFINITIONS.format(used), python=python)
    assert one.load() is not None
    assert one.load(after + DEFINITIONS.format(used)) is None
    fresh = one.fresh()
    assert fresh.problems or value(fresh) is False


def test_an_own_module_whose_imports_go_with_it_makes_the_load_count_no_more(warm, loading, environment):
    python, _ = environment
    loading.write("other.py", "import library.inner\n")
    loading.write("helper.py", "import library\n")
    one = warm("import other, helper, library\n" + DEFINITIONS.format("library.inner.value"), python=python)
    assert one.load() is not None
    assert one.load("import helper, library\n" + DEFINITIONS.format("library.inner.value")) is None


def test_a_module_that_is_named_before_it_is_imported_is_not_there_because_it_is_held(warm, loading, environment):
    python, _ = environment
    loading.write("other.py", "import library.inner\n")
    text = "import library\nvalue = library.value\nimport other\n" + DEFINITIONS.format("value")
    one = warm(text, python=python)
    assert value(one.load(text.replace("library.value", "library.value.upper()"))) == "ONE"
    assert one.load(text.replace("library.value", "library.inner.value")) is None
    assert "has no attribute 'inner'" in one.fresh().problems[0].message


def test_other_imports_count_after_a_fresh_load_and_a_trial(warm):
    one = warm("import json, csv\n" + PLAIN)
    assert one.load("import json\n" + PLAIN) is None
    assert one.parent.usable(one.request())
    assert one.parent.renew(one.fresh())
    assert value(one.load()) == 1
    one.loading.write("module.py", "import json, wave\n" + PLAIN)
    # What has never been held is held by another parent.
    assert not one.parent.renew(one.fresh())


def test_a_module_of_the_users_that_hides_a_held_one_ends_the_parent(warm, loading):
    one = warm("import csv\n" + PLAIN)
    assert one.load() is not None
    loading.write("csv.py", "raise RuntimeError('mine')\n")
    assert one.load() is None
    assert "mine" in one.fresh().problems[0].message


def test_what_depends_on_the_order_of_user_code_and_imports_is_found_out_by_the_trial(warm, loading, environment):
    python, site_packages = environment
    (site_packages / "library" / "__init__.py").write_text("import os\nvalue = os.environ.get('COLOUR', 'none')\n")
    loading.write(
        "module.py", "import os\nos.environ['COLOUR'] = 'blue'\nimport library\n" + DEFINITIONS.format("library.value")
    )
    one = warm(proven=False, python=python)
    assert value(one.first) == "blue"
    assert not one.prepared
    assert "something else" in one.parent.failed_reason
    assert one.load() is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n", "threads"),
        ("import helper\n", "user's own"),
    ],
    ids=["thread", "own-code"],
)
def test_a_library_that_cannot_be_held_is_said(warm, loading, environment, text, reason):
    python, site_packages = environment
    (site_packages / "library" / "__init__.py").write_text(text)
    loading.write("helper.py", "")
    loading.write("module.py", "import library\n" + PLAIN)
    one = warm(proven=False, python=python)
    assert not one.prepared
    assert reason in one.parent.failed_reason


def test_a_source_that_is_saved_between_the_fresh_load_and_the_trial_leaves_it_open(warm, loading):
    one = warm("import json, csv\n" + PLAIN)
    loading.write("module.py", "import json\n" + PLAIN)
    assert not one.parent.renew(one.first)
    assert one.parent.failed_reason is None
    assert one.load() is None


def test_a_broken_location_is_held_too_and_loads_when_it_is_mended(warm):
    one = warm("import json\nnonsense\n" + PLAIN)
    assert one.first.definitions is None
    assert "NameError" in one.load().problems[0].message
    outcome = one.load("import json\n" + PLAIN)
    assert outcome is None or value(outcome) == 1


def test_what_is_another_in_each_load_speaks_against_nothing(warm, environment):
    python, _ = environment
    text = "import time, library\n" + DEFINITIONS.format("time.time_ns()")
    one = warm(text, python=python)
    assert value(one.load()) != value(one.load())


def test_what_differs_beside_that_speaks_against_it(warm, environment):
    python, site_packages = environment
    (site_packages / "library" / "__init__.py").write_text("import os\nvalue = os.environ.get('COLOUR', 'none')\n")
    definitions = "import atoll, time\ndefs = atoll.Definitions(metadata={'a': time.time_ns(), 'b': library.value})\n"
    text = "import os\nos.environ['COLOUR'] = 'blue'\nimport library\n"
    one = warm(text + definitions, proven=False, python=python)
    assert not one.prepared
    assert "something else" in one.parent.failed_reason


def test_a_relative_folder_on_the_search_path_is_one_of_the_users(warm, loading):
    helper = loading.write("inner/helper.py", "value = 1\n")
    one = warm("import sys\nsys.path.insert(0, 'inner')\nimport helper\n" + DEFINITIONS.format("helper.value"))
    helper.write_text("value = 2\n")
    assert value(one.load()) == 2
