"""Questions: asked at a terminal for what was left out, and nowhere else."""

from __future__ import annotations

import io
import json
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("platform: terminals are POSIX ones", allow_module_level=True)

from rich.console import Console
from terminals import terminal

from atoll_host.cli.asking import Asker
from atoll_host.envs.errors import UsageError

CODE = """\
from atoll import AssetSpec, Definitions, define_asset_job

defs = Definitions(
    assets=[AssetSpec("orders", description="What was ordered"), AssetSpec("customers")],
    jobs=[define_asset_job("refresh")],
)
"""


@pytest.fixture
def workspace(folder):
    """A workspace of two files."""
    entry = "  - python_file:\n      relative_path: {}.py\n      executable_path: {}\n"
    lines = "".join(entry.format(name, sys.executable) for name in ("shop", "depot"))
    return folder.write({"workspace.yaml": f"load_from:\n{lines}", "shop.py": CODE, "depot.py": CODE})


def test_a_whole_location_is_asked_for(workspace):
    with terminal(workspace.path, "create", "location", "--no-sync") as told:
        told.expect("Name of the location: ").answer("class")
        told.expect("is a word of Python's").expect("try class-data").expect("Name of the location: ").answer("shop")
        told.expect("There is a location shop already").expect("Name of the location: ").answer("sales")
        told.expect("  1  3.").expect("Python [3.").answer("2.7")
        told.expect("'2.7' is no version").expect("Python [3.").answer("")
        told.expect("default").expect("etl").expect("Template [default]: ").answer("2")
        told.expect("Created the location sales").ended(0)
    assert (workspace.path / "locations/sales/data/orders").is_dir()


def test_what_was_said_is_not_asked_again(workspace):
    with terminal(workspace.path, "create", "location", "sales", "--no-sync") as told:
        told.expect("Created the location sales").ended(0)
    assert "[" not in told.shown.partition("Created")[0]


def test_a_check_asks_for_its_location_and_its_asset_with_what_there_is(workspace):
    with terminal(workspace.path, "create", "check", "has_rows") as told:
        told.expect("  1  shop").expect("  2  depot").expect("Location: ").answer("shap")
        told.expect("'shap' is none of them").expect("Location: ").answer("1")
        told.expect("  1  orders     What was ordered").expect("  2  customers").expect("Asset: ").answer("customers")
        told.expect("Created the check has_rows in shop").ended(0)
    assert '@asset_check(asset="customers")' in (workspace.path / "shop.py").read_text()


def test_a_job_asks_for_its_selection_and_offers_all(workspace):
    with terminal(workspace.path, "create", "job", "all", "--location", "shop") as told:
        told.ended(2)
    with terminal(workspace.path, "create", "job", "everything", "--location", "shop") as told:
        told.expect("Which assets, as a selection [*]: ").answer("").expect("Created the job").ended(0)
    assert 'define_asset_job("everything", selection="*")' in (workspace.path / "shop.py").read_text()


@pytest.mark.parametrize(("kind", "lacking"), [("check", "asset"), ("sensor", "job")])
def test_where_there_is_nothing_to_choose_from_it_says_what_to_create_first(workspace, kind, lacking):
    workspace.write({"depot.py": "from atoll import Definitions\n\ndefs = Definitions()\n"})
    with terminal(workspace.path, "create", kind, "first", "--location", "depot") as told:
        told.expect(f"There is no {lacking} in depot yet").expect(
            f"atoll create {lacking} NAME --location depot"
        ).ended(2)


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("no", False), ("", False), ("what\ny", True)])
def test_a_workspace_asks_whether_a_workflow_is_wanted(folder, answer, written):
    with terminal(folder.path, "create", "workspace", "demo") as told:
        told.expect("Add a GitHub workflow that validates the workspace? (y/N): ").answer(answer)
        told.expect("Created the workspace demo").ended(0)
    assert (folder.path / "demo/.github/workflows/validate.yml").exists() == written


@pytest.mark.parametrize("end", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_a_question_that_is_broken_off_ends_with_130_and_nothing_written(workspace, end):
    before = sorted(path.name for path in workspace.path.iterdir())
    with terminal(workspace.path, "create", "location") as told:
        told.expect("Name of the location: ")
        told.type(end)
        told.ended(130)
    assert sorted(path.name for path in workspace.path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "variables"), [(["--json"], {}), ([], {"CI": "true"}), ([], {"CI": "1"})], ids=["json", "ci", "ci-1"]
)
def test_nothing_is_asked_for_json_or_on_a_ci_machine(workspace, words, variables):
    with terminal(workspace.path, "create", "location", *words, variables=variables) as told:
        told.ended(2)
    assert "NAME is missing" in told.shown
    if words:
        assert json.loads(told.shown)["problems"][0]["kind"] == "missing_option"


def asker(*answers, can_ask=True):
    """An asker whose user types these lines, and what it shows."""
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    return Asker(console, can_ask=can_ask, answers=io.StringIO("".join(f"{line}\n" for line in answers))), shown


def test_a_long_list_is_cut_and_the_rest_can_be_typed():
    one, shown = asker("choice_19")
    assert one.choice("Which", {f"choice_{n}": "" for n in range(20)}, option="--which") == "choice_19"
    assert "… and 8 more, by name" in shown.getvalue()


def test_a_name_that_is_a_number_counts_as_a_name():
    one, _ = asker("2", "1")
    choices = {"2": "", "x": ""}
    assert [one.choice("Which", choices, option="-w"), one.choice("Which", choices, option="-w")] == ["2", "2"]


def test_markup_in_names_is_shown_as_it_is():
    one, shown = asker("1")
    assert one.choice("Which", {"[red]a": "[/b]"}, option="--which") == "[red]a"
    assert "[red]a  [/b]" in shown.getvalue()


def test_nobody_is_asked_where_nobody_is():
    one, shown = asker(can_ask=False)
    assert one.agree("Sure?", default=True)
    with pytest.raises(UsageError, match="--which is missing"):
        one.choice("Which", {"a": ""}, option="--which")
    with pytest.raises(UsageError, match="NAME is missing"):
        one.text("Name", option="NAME")
    assert shown.getvalue() == ""
