"""What can be loaded: files, modules, packages, src layouts, namespace packages, functions."""

from __future__ import annotations

import dataclasses

import pytest

from atoll_host.envs.loading.target import LoadTarget
from tests_support import asset_names

ASSET = "from atoll import Definitions, asset\n\n\n@asset\ndef {name}():\n    return 1\n\n\n"


def test_a_package_with_relative_imports_loads(loading):
    loading.write("sales/__init__.py", "")
    loading.write("sales/assets.py", ASSET.format(name="orders"))
    loading.write(
        "sales/definitions.py",
        "from atoll import Definitions\nfrom .assets import orders\ndefs = Definitions(assets=[orders])\n",
    )
    assert asset_names(loading.module("sales.definitions")) == ["orders"]


def test_a_package_hands_on_the_definitions_of_a_module_inside(loading):
    loading.write("sales/__init__.py", "from .definitions import defs\n")
    loading.write("sales/definitions.py", ASSET.format(name="orders") + "defs = Definitions(assets=[orders])\n")
    request = loading.request(LoadTarget("package", "sales"))
    assert asset_names(loading.run(request)) == ["orders"]


def test_a_namespace_package_loads(loading):
    loading.write("company/sales/definitions.py", ASSET.format(name="orders") + "defs = Definitions(assets=[orders])\n")
    assert asset_names(loading.module("company.sales.definitions")) == ["orders"]


def test_a_src_layout_loads(loading):
    loading.write("src/sales/__init__.py", "")
    loading.write("src/sales/definitions.py", ASSET.format(name="orders") + "defs = Definitions(assets=[orders])\n")
    request = loading.request(LoadTarget("module", "sales.definitions"))
    request = dataclasses.replace(request, search_paths=(loading.folder, loading.folder / "src"))
    assert asset_names(loading.run(request)) == ["orders"]


def test_a_file_imports_its_neighbours_and_can_be_pickled_from(loading):
    loading.write("neighbour.py", "value = 3\n")
    outcome = loading.text(
        "import pickle, atoll\nfrom neighbour import value\n\n\nclass Thing:\n    pass\n\n\n"
        "assert type(pickle.loads(pickle.dumps(Thing()))) is Thing\ndefs = atoll.Definitions(metadata={'value': value})\n"
    )
    assert outcome.problems == ()
    assert outcome.definitions["metadata"]["value"]["value"] == 3


def test_an_attribute_may_be_a_function_that_returns_definitions(loading):
    loading.write("module.py", ASSET.format(name="orders") + "def make():\n    return Definitions(assets=[orders])\n")
    assert asset_names(loading.module(attribute="make")) == ["orders"]


def test_a_module_that_is_not_there_is_named(loading):
    (problem,) = loading.module("sales.definitons").problems
    assert problem.kind == "import_error"
    assert "sales" in problem.message
    assert problem.hint


def test_the_same_definitions_object_under_two_names_is_one(loading):
    outcome = loading.text("import atoll\ndefs = atoll.Definitions()\nalso = defs\n")
    assert outcome.problems == ()


def test_two_definitions_objects_are_refused_with_both_lines(loading):
    outcome = loading.text("import atoll\none = atoll.Definitions()\n\ntwo = atoll.Definitions()\n")
    kinds = {problem.kind for problem in outcome.problems}
    assert kinds == {"multiple_definitions"}
    said = " ".join(problem.message + (problem.hint or "") for problem in outcome.problems)
    assert "Cannot have more than one Definitions object defined at module scope" in said
    assert "one" in said
    assert "two" in said


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("import atoll\n", "no_definitions", id="none"),
        pytest.param("", "no_definitions", id="empty-file"),
    ],
)
def test_a_module_without_definitions_is_said(loading, text, kind):
    outcome = loading.text(text)
    assert [problem.kind for problem in outcome.problems] == [kind]
    assert outcome.problems[0].file == str(loading.folder / "module.py")


def test_an_attribute_of_the_wrong_type_is_said(loading):
    loading.write("module.py", "defs = 3\n")
    outcome = loading.module(attribute="defs")
    assert [problem.kind for problem in outcome.problems] == ["wrong_type"]
