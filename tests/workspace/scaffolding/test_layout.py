"""Where a definition goes in projects that somebody laid out otherwise."""

from __future__ import annotations

import os
import sys

import pytest

from atoll_host.envs.errors import ConfigurationError, UsageError
from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.scaffolding.definitions import NotUnderstoodError, plan_definition
from atoll_host.workspace.scaffolding.layout import find_layout

PROJECT = '[project]\nname = "shop"\nversion = "1"\n[tool.atoll]\nmodule = "{module}"\n'
BY_HAND = "from atoll import Definitions\n\ndefs = Definitions()\n"


@pytest.fixture
def location(tmp_path):
    """Give a function that writes a workspace of one location and opens that."""

    def write(files, entry="project: shop"):
        for name, text in {"workspace.yaml": f"load_from:\n  - {entry}\n", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        [one] = open_workspace(tmp_path, variables=dict(os.environ)).locations
        return one

    return write


@pytest.mark.parametrize(
    ("files", "module", "file", "package"),
    [
        pytest.param({"shop.py": BY_HAND}, "shop", "shop.py", None, id="a-module"),
        pytest.param({"src/shop/__init__.py": BY_HAND}, "shop", "src/shop/__init__.py", None, id="a-package"),
        pytest.param(
            {"src/shop/__init__.py": "from .code import defs\n", "src/shop/code.py": BY_HAND},
            "shop",
            "src/shop/code.py",
            None,
            id="imported-from-a-module-of-the-package",
        ),
        pytest.param(
            {
                "shop/__init__.py": "from shop.inner.code import everything as defs\n",
                "shop/inner/code.py": BY_HAND.replace("defs", "everything"),
            },
            "shop",
            "shop/inner/code.py",
            None,
            id="imported-under-another-name",
        ),
        pytest.param(
            {
                "shop/__init__.py": "",
                "shop/code.py": (
                    "import atoll\nfrom . import parts\nd = atoll.load_definitions_from_package_module(parts)\n"
                ),
                "shop/parts/__init__.py": "",
            },
            "shop.code",
            "shop/code.py",
            "shop.parts",
            id="a-package-of-modules",
        ),
    ],
)
def test_the_file_that_makes_the_definitions_is_found(location, files, module, file, package):
    one = location({"shop/pyproject.toml": PROJECT.format(module=module)} | {f"shop/{n}": t for n, t in files.items()})
    layout = find_layout(one)
    assert layout.file == one.root / file
    assert layout.package == package
    assert layout.tests == one.root / "tests"


def test_a_test_imports_from_where_the_definition_went(location):
    one = location(
        {
            "shop/pyproject.toml": PROJECT.format(module="shop"),
            "shop/shop/__init__.py": "from .code import defs\n",
            "shop/shop/code.py": BY_HAND,
        }
    )
    plan = plan_definition(one, "asset", "orders")
    assert [change.path.relative_to(one.root).as_posix() for change in plan.changes] == [
        "shop/code.py",
        "tests/test_asset_orders.py",
    ]
    assert plan.changes[1].text.startswith("from shop.code import orders\n")
    assert plan.tested


def test_a_lone_file_gets_no_test(location):
    entry = f"python_file:\n      relative_path: report.py\n      executable_path: {sys.executable}"
    plan = plan_definition(location({"report.py": BY_HAND}, entry), "asset", "orders")
    assert [change.path.name for change in plan.changes] == ["report.py"]
    assert not plan.tested


def test_what_is_not_understood_is_refused_with_the_text_to_paste(location):
    one = location(
        {
            "shop/pyproject.toml": PROJECT.format(module="shop"),
            "shop/shop.py": "from atoll import Definitions\n\ndefs = Definitions(**{})\n",
        }
    )
    with pytest.raises(NotUnderstoodError, match=r"nothing was added to shop.py: the arguments in line 3") as refused:
        plan_definition(one, "asset", "orders")
    assert "\n\n\n@asset\ndef orders() -> list:\n" in refused.value.paste
    assert refused.value.paste.endswith("# and among the arguments of Definitions(...):\nassets=[orders]\n")
    assert refused.value.problems[0].file == str(one.root / "shop.py")


def test_a_module_that_is_installed_somewhere_else_is_not_touched(location):
    one = location({}, f"python_module:\n      module_name: json\n      executable_path: {sys.executable}")
    with pytest.raises(ConfigurationError, match="json of the location json is not among its files"):
        find_layout(one)


def test_what_an_interrupted_run_left_is_taken_as_done(location):
    text = "import atoll\nimport shop.defs\nd = atoll.load_definitions_from_package_module(shop.defs)\n"
    files = {
        "shop/pyproject.toml": PROJECT.format(module="shop.code"),
        "shop/shop/__init__.py": "",
        "shop/shop/code.py": text,
        "shop/shop/defs/__init__.py": "",
    }
    first = plan_definition(location(files), "resource", "bank").changes
    for change in first:
        if change.before is None:
            change.path.parent.mkdir(exist_ok=True)
            change.path.write_text(change.text, encoding="utf-8")
    again = plan_definition(location(files), "resource", "bank").changes
    assert {change.path.name: change.text for change in again if change.before is not None} == {
        change.path.name: change.text for change in first if change.before is not None
    }


@pytest.mark.parametrize("there", ["shop/defs/assets/orders.py", "tests/test_asset_orders.py"])
def test_a_file_that_is_there_is_never_written_over(location, there):
    text = "from atoll import load_definitions_from_package_module as load\nimport shop.defs\nd = load(shop.defs)\n"
    one = location(
        {
            "shop/pyproject.toml": PROJECT.format(module="shop.code"),
            "shop/shop/__init__.py": "",
            "shop/shop/code.py": text,
            "shop/shop/defs/__init__.py": "",
            f"shop/{there}": "mine = 1\n",
        }
    )
    with pytest.raises(UsageError, match=r"orders\.py is there already") as refused:
        plan_definition(one, "asset", "orders")
    assert refused.value.problems[0].file == str(one.root / there)


def test_a_file_that_is_no_utf_8_is_left_alone(location):
    one = location({"shop/pyproject.toml": PROJECT.format(module="shop"), "shop/shop.py": BY_HAND})
    (one.root / "shop.py").write_bytes("# é\n".encode("latin-1") + BY_HAND.encode())
    with pytest.raises(ConfigurationError, match=r"shop\.py can't be read"):
        plan_definition(one, "asset", "orders")
