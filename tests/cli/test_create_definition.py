"""`atoll create asset|check|job|schedule|sensor|resource`: what is refused, what is asked for, what is left alone."""

from __future__ import annotations

import os
import sys

import pytest

from command_line import Folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: paths are written with slashes")

CODE = """\
from atoll import Definitions, asset, define_asset_job


@asset
def orders():
    \"\"\"What was ordered.\"\"\"


# all of it
defs = Definitions(assets=[orders], jobs=[define_asset_job("refresh")])  # mine
"""


@pytest.fixture
def shop(folder):
    """A workspace with one location, which is a file that is loaded by the interpreter of the tests."""
    return folder.write({"workspace.yaml": entry("shop"), "shop.py": CODE})


def entry(*names):
    lines = [
        f"  - python_file:\n      relative_path: {name}.py\n      executable_path: {sys.executable}\n" for name in names
    ]
    return "load_from:\n" + "".join(lines)


def test_a_definition_goes_into_the_file_and_every_comment_stays(shop):
    told = shop.run("create", "check", "has_rows", "--asset", "orders").ended(0)
    assert told.out.splitlines() == [
        "Created the check has_rows in shop",
        "  ~ shop.py",
        "",
        "Next:",
        "  atoll validate shop   see that all is well",
    ]
    text = (shop.path / "shop.py").read_text()
    assert text.startswith("from atoll import AssetCheckResult, Definitions, asset, asset_check, define_asset_job\n")
    assert text.endswith(
        '\n\n\n# all of it\ndefs = Definitions(\n    assets=[orders],\n    jobs=[define_asset_job("refresh")],\n'
        "    asset_checks=[has_rows],\n)  # mine\n"
    )
    shop.run("validate").ended(0)


def test_the_json_says_what_was_made_where(shop):
    words = ("create", "schedule", "nightly", "--job", "refresh", "--json")
    assert shop.run(*words).ended(0).json()["data"] == {
        "kind": "schedule",
        "name": "nightly",
        "location": "shop",
        "job": "refresh",
        "cron": "0 6 * * *",
        "written": [],
        "changed": [str(shop.path / "shop.py")],
        "next": ["atoll validate shop"],
    }


@pytest.mark.parametrize(
    ("words", "kind", "said", "hint"),
    [
        pytest.param(["asset", "class"], "invalid_name", "a word of Python's", "try class_asset", id="keyword"),
        pytest.param(["job", "json"], "invalid_name", "would hide the module json", "try json_job", id="module"),
        pytest.param(["asset", "a b"], "invalid_name", "is not a Python identifier", "try a_b", id="space"),
        pytest.param(["asset", "../x"], "invalid_name", "is not a Python identifier", "try x", id="parent"),
        pytest.param(["asset", "naïve"], "invalid_name", "has the letter ï in it", "try naive", id="letter"),
        pytest.param(["sensor", "🏝"], "invalid_name", "has the character 🏝", "try my_sensor", id="emoji"),
        pytest.param(["resource", "asset"], "invalid_name", "would hide asset", "try asset_resource", id="sdk"),
        pytest.param(["asset", "orders"], "exists", "shop has the asset orders already", "shop.py:4", id="taken"),
        pytest.param(
            ["check", "c", "--asset", "order"], "usage", "no asset 'order'", "did you mean orders?", id="no-asset"
        ),
        pytest.param(["sensor", "s", "--job", "x"], "usage", "no job 'x' in shop", "atoll create job x", id="no-job"),
        pytest.param(
            ["schedule", "s", "--job", "refresh", "--cron", "daily"],
            "invalid_cron",
            "'daily' has 1 field instead of 5",
            "minute, hour,",
            id="no-cron",
        ),
        pytest.param(
            ["schedule", "s", "--job", "refresh", "--cron", "0 25 * * *"],
            "invalid_cron",
            "whose hour means nothing",
            "hours are 0 to 23",
            id="no-such-hour",
        ),
        pytest.param(["asset"], "missing_option", "NAME is missing", "at a terminal", id="no-name"),
        pytest.param(["check", "c"], "missing_option", "--asset is missing", "at a terminal", id="asset-missing"),
        pytest.param(["job", "j"], "missing_option", "--select is missing", "at a terminal", id="select-missing"),
        pytest.param(["sensor", "s"], "missing_option", "--job is missing", "at a terminal", id="job-missing"),
        pytest.param(
            ["asset", "a", "-l", "shap"], "usage", "no location 'shap'", "did you mean shop?", id="no-location"
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(shop, words, kind, said, hint):
    [problem] = shop.run("create", *words, "--json").ended(2).problems
    assert problem["kind"] == kind
    assert said in problem["message"]
    assert hint in problem["hint"]
    assert (shop.path / "shop.py").read_text() == CODE


def test_where_there_are_several_locations_the_option_is_named(shop):
    shop.write({"workspace.yaml": entry("shop", "depot"), "depot.py": CODE})
    [problem] = shop.run("create", "asset", "a", "--json").ended(2).problems
    assert problem["message"] == "--location is missing"
    shop.run("create", "asset", "a", "--location", "depot").ended(0)
    assert (shop.path / "shop.py").read_text() == CODE


def test_what_is_not_understood_is_printed_ready_to_be_pasted(shop):
    code = CODE.replace("Definitions(assets=[orders], jobs", "Definitions(**dict(assets=[orders]), jobs")
    shop.write({"shop.py": code})
    told = shop.run("create", "asset", "a").ended(1)
    assert told.out.startswith('"""The asset a."""\n\nfrom atoll import asset\n\n\n@asset\ndef a() -> list:\n')
    assert told.out.endswith("# and among the arguments of Definitions(...):\nassets=[a]\n")
    assert "nothing was added to shop.py: the arguments in line 10 are unpacked from something" in told.err
    assert shop.run("create", "asset", "a", "--json").ended(1).json()["data"]["paste"] == told.out
    assert (shop.path / "shop.py").read_text() == code


def test_a_location_that_does_not_load_can_be_added_to_all_the_same(shop):
    shop.write({"shop.py": CODE.replace("@asset", "import surely_not_there\n\n\n@asset")})
    told = shop.run("create", "asset", "a", "--json").ended(0).json()
    assert told["data"]["changed"] == [str(shop.path / "shop.py")]
    assert [(one["kind"], one["severity"]) for one in told["problems"]] == [("import_error", "warning")]


def test_a_file_that_is_a_link_stays_one(folder):
    inside = Folder(folder.path / "workspace")
    inside.write({"workspace.yaml": entry("shop"), "real.py": CODE})
    (inside.path / "shop.py").symlink_to("real.py")
    inside.run("create", "asset", "a").ended(0)
    assert (inside.path / "shop.py").is_symlink()
    assert "def a()" in (inside.path / "real.py").read_text()


def test_a_test_for_a_project_that_has_no_pytest_comes_with_what_to_type(folder, python):
    """A project that somebody wrote, without a build system and without pytest."""
    version = "3.11" if '"3.11"' in os.environ["ATOLL_TEST_INTERPRETERS"] else f"3.{sys.version_info[1]}"
    python(version)
    folder.write(
        {
            "workspace.yaml": "load_from:\n  - project: shop\n",
            "shop/pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n[tool.atoll]\nmodule = "shop"\n',
            "shop/.python-version": f"{version}\n",
            "shop/shop.py": "from atoll import Definitions\n\ndefs = Definitions()\n",
        }
    )
    folder.run("sync").ended(0)
    data = folder.run("create", "asset", "orders", "--json").ended(0).json()["data"]
    assert data["written"] == [str(folder.path / "shop/tests/test_asset_orders.py")]
    assert data["next"] == [
        "atoll validate shop",
        "uv add --dev pytest --project shop",
        "atoll sync shop",
        "atoll exec shop -- python -m pytest",
    ]
    folder.run("validate").ended(0)
