"""A package that is walked: every module is imported, and what all of them define is one location."""

from __future__ import annotations

from pathlib import Path

from atoll_host.envs.loading.target import LoadTarget
from tests_support import asset_names

ASSET = "from atoll import Definitions, asset\n\n\n@asset\ndef {name}():\n    return 1\n"
HANDED_IN = "defs = Definitions(assets=[{name}], resources={{'warehouse': {{'size': 1}}}})\n"


def _load(loading, name="sales"):
    return loading.run(loading.request(LoadTarget("autoload", name)))


def test_what_any_module_of_the_package_defines_is_found(loading):
    loading.write("sales/__init__.py", ASSET.format(name="first"))
    loading.write("sales/raw/__init__.py", "")
    loading.write("sales/raw/files/__init__.py", "")
    loading.write("sales/raw/files/csv.py", ASSET.format(name="deep"))
    loading.write("sales/orders.py", "from .raw.files.csv import deep\n" + ASSET.format(name="orders"))
    loading.write("sales/__main__.py", "raise SystemExit('never imported')\n")
    outcome = _load(loading)
    assert sorted(asset_names(outcome)) == ["deep", "first", "orders"]
    assert outcome.definitions["source"] == {
        "file": str(loading.folder / "sales" / "__init__.py"),
        "line": 1,
        "attribute": "",
    }
    assert outcome.problems == ()


def test_definitions_objects_in_the_package_are_merged_with_what_they_do_not_hold(loading):
    loading.write("sales/__init__.py", "")
    loading.write("sales/one.py", ASSET.format(name="one") + HANDED_IN.format(name="one"))
    loading.write("sales/two.py", ASSET.format(name="two"))
    outcome = _load(loading)
    assert sorted(asset_names(outcome)) == ["one", "two"]
    assert [resource["name"] for resource in outcome.definitions["resources"]] == ["warehouse"]


def test_the_errors_of_all_modules_are_told_each_at_its_own_line(loading):
    loading.write("sales/__init__.py", "")
    loading.write("sales/a.py", "x = 1\nimport nowhere_to_be_found\n")
    loading.write("sales/b.py", "def f(:\n")
    loading.write("sales/c.py", "from . import a\n")
    loading.write("sales/d.py", "\n\nraise SystemExit(3)\n")
    outcome = _load(loading)
    told = [(problem.kind, Path(problem.file).name, problem.line) for problem in outcome.problems]
    assert told == [("import_error", "a.py", 2), ("syntax_error", "b.py", 1), ("exited", "d.py", 3)]
    assert "uv add nowhere-to-be-found" in outcome.problems[0].hint


def test_two_modules_that_define_the_same_asset_are_told_with_both_places(loading):
    loading.write("sales/__init__.py", "")
    loading.write("sales/one.py", ASSET.format(name="orders"))
    loading.write("sales/two.py", ASSET.format(name="orders"))
    (problem,) = _load(loading).problems
    assert problem.kind == "duplicate_name"
    assert Path(problem.file).name in {"one.py", "two.py"}


def test_a_namespace_package_and_a_lone_module_are_walked_too(loading):
    loading.write("company/sales/orders.py", ASSET.format(name="orders"))
    loading.write("lone.py", ASSET.format(name="alone"))
    outcome = _load(loading, "company.sales")
    assert asset_names(outcome) == ["orders"]
    assert asset_names(_load(loading, "lone")) == ["alone"]


def test_a_package_that_is_not_there_is_named(loading):
    (problem,) = _load(loading, "nowhere").problems
    assert "'nowhere'" in problem.message
    assert "home of its definitions" in problem.message


def test_it_loads_on_every_python(loading, each_python):
    _, python = each_python
    loading.write("sales/__init__.py", "")
    loading.write("sales/orders.py", ASSET.format(name="orders"))
    request = loading.request(LoadTarget("autoload", "sales"), python=python)
    assert asset_names(loading.run(request)) == ["orders"]
