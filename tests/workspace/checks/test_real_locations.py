"""Locations that load and are wrong all the same: each finding stands at the user's own line and column."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from file_workspaces import write_workspace

from atoll_host.cli.rendering import Renderer
from atoll_host.cli.session import Session
from atoll_host.envs.processes import Runner
from atoll_host.workspace.checks.reports import check_report, check_workspace

HEAD = "import atoll\nfrom atoll import *\n"
SALES = """
days = DailyPartitionsDefinition("2024-01-01")

@asset(partitions_def=days)
def orders(): ...

@asset(
    deps=["stock/level"],  # unknown_upstream
)
def shop(stocks): ...  # unknown_upstream

@asset
def both(): ...  # duplicate_asset

@asset
def start(end): ...  # cycle_across

@asset(deps=[AssetDep("orders", partition_mapping=SpecificPartitionsPartitionMapping(["2023-12-31"]))])  # partition_mapping
def summary(): ...

@asset(partitions_def=HourlyPartitionsDefinition("2024-01-01-00:00"))
def visits(orders): ...  # doubtful_partitions

@asset_check(asset="order")  # unknown_checked_asset
def good(): ...

@asset_check(asset=orders, additional_ins={"visits": AssetIn(input_manager_key="lake")})  # unmet_resource
def fresh(orders, visits): ...

@job
def idle(): ...  # empty_selection

class Db(ConfigurableResource):
    url: str

class Settings(Config):
    region: str = EnvVar("CHECKS_REGION")  # unset_variable

@asset
def configured(config: Settings): ...

everything = define_asset_job("everything", "configured")

@asset_sensor("stocks/levels", job=everything)  # unknown_watched_asset
def watch(event): ...

forgotten = define_asset_job("forgotten", "shop")  # not_handed_in

defs = Definitions(
    assets=[orders, shop, both, start, summary, visits, configured],
    asset_checks=[good, fresh],
    jobs=[idle, everything],
    sensors=[watch],
    resources={
        "db": Db(
            url=EnvVar("CHECKS_URL"),  # unset_variable
        ),
        "set": Db(url=EnvVar("CHECKS_SET")),
        "filed": Db(url=EnvVar("CHECKS_FILED")),
    },
)
"""
STOCK = """
@asset(key="stock/levels", partitions_def=WeeklyPartitionsDefinition("2024-01-07"))
def levels(): ...

@asset
def both(): ...  # duplicate_asset

@asset
def end(start): ...  # cycle_across

@asset(partitions_def=StaticPartitionsDefinition(["north"]))
def regional(orders): ...  # partitions_misfit

@asset(partitions_def=DailyPartitionsDefinition("2023-01-01"))
def early(orders): ...  # partitions_differ

orders = AssetSpec("orders")
partner = AssetSpec("partner/feed")

@asset(deps=["partner/feed"])
def fed(): ...

@op
def nothing(): ...

@job
def idle():
    nothing()

defs = Definitions(assets=[levels, both, end, regional, early, partner, fed], jobs=[idle])
"""
BROKEN = "import atoll\nimport surely_not_there\n"


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Give a function that loads locations and gives the findings as {(location, kind, file, line, column, hint)}."""
    with Runner() as runner, pytest.MonkeyPatch.context() as patch:

        def run(**locations):
            folder = write_workspace(tmp_path_factory.mktemp("checked"), **locations).path
            text = (folder / "workspace.yaml").read_text()
            folder.joinpath("workspace.yaml").write_text(text.replace('{"load', '{"env_file": "own.env", "load', 1))
            folder.joinpath("own.env").write_text("CHECKS_FILED=secret-of-the-file\n")
            patch.chdir(folder)
            patch.setitem(os.environ, "CHECKS_SET", "secret-of-the-caller")
            session = Session(Renderer(as_json=True), runner, None)
            reports = session.loader.load_all(session.workspace, session.workspace.locations)
            found = [(one.location.name, problem) for one in reports for problem in one.problems]
            for one in reports:
                found += [(one.location.name, each) for each in check_report(session.workspace, one, session.variables)]
            return folder, [*found, *check_workspace(session.workspace, reports)]

        yield run


@pytest.fixture(scope="module")
def wrong(check):
    """The findings of two locations with every fault."""
    return check(sales=HEAD + SALES, stock=HEAD + STOCK)


def marks(text):
    """Give (kind, line) of every line that a comment marks."""
    return [
        (line.rpartition("# ")[2], number) for number, line in enumerate((HEAD + text).split("\n"), 1) if "  # " in line
    ]


def test_every_finding_stands_at_its_line(wrong):
    _, found = wrong
    for location, text in (("sales", SALES), ("stock", STOCK)):
        told = sorted((problem.kind, problem.line) for name, problem in found if name == location)
        assert told == sorted(marks(text))


def test_every_place_is_in_the_users_own_file(wrong):
    folder, found = wrong
    assert {problem.file for _, problem in found} == {str(folder / "sales.py"), str(folder / "stock.py")}
    assert all(problem.hint for _, problem in found)


def test_the_column_is_where_the_text_stands(wrong):
    _, found = wrong
    texts = {
        "unknown_upstream": ('"stock/level"', "stocks"),
        "unset_variable": ('"CHECKS_URL"', 'EnvVar("CHECKS_REGION")'),
        "cycle_across": ("end", "start"),
        "unknown_checked_asset": ('"order"',),
        "partitions_misfit": ("orders",),
    }
    for _, problem in found:
        if problem.kind in texts:
            line = Path(problem.file).read_text().split("\n")[problem.line - 1]
            assert line[problem.column - 1 :].startswith(texts[problem.kind]), problem


def test_the_hint_names_what_was_meant(wrong):
    _, found = wrong
    hints = {problem.message: problem.hint for _, problem in found}
    unknown = {message: hint for message, hint in hints.items() if "which no location has" in message}
    assert unknown == {
        "Asset 'shop' depends on 'stock/level', which no location has": "did you mean 'stock/levels' of location 'stock'?",
        "Asset 'shop' depends on 'stocks', which no location has": (
            "correct the key, or say that it is made outside of this workspace: AssetSpec('stocks')"
        ),
        "Check 'good' is of asset 'order', which no location has": "did you mean 'orders' of location 'sales'?",
        "Sensor 'watch' watches asset 'stocks/levels', which no location has": (
            "did you mean 'stock/levels' of location 'stock'?"
        ),
    }


def test_the_other_location_is_named_with_its_line(wrong):
    _, found = wrong
    lines = {name: next(line for kind, line in marks(text) if kind == "duplicate_asset") for name, text in
             (("sales", SALES), ("stock", STOCK))}  # fmt: skip
    told = {name: problem.message for name, problem in found if problem.kind == "duplicate_asset"}
    # A function with a decorator begins at the decorator.
    assert told["sales"] == f"Asset 'both' is made here and in location 'stock' (stock.py:{lines['stock'] - 1})"
    assert told["stock"] == f"Asset 'both' is made here and in location 'sales' (sales.py:{lines['sales'] - 1})"


def test_values_of_variables_are_never_told(wrong):
    _, found = wrong
    assert "secret-of" not in repr(found)
    variables = [problem for _, problem in found if problem.kind == "unset_variable"]
    assert {problem.severity for problem in variables} == {"warning"}
    assert all("own.env" in problem.hint for problem in variables)


def test_beside_a_broken_location_nothing_is_said_to_exist_nowhere(check):
    _, found = check(sales=HEAD + SALES, stock=HEAD + STOCK, broken=BROKEN)
    kinds = {problem.kind for name, problem in found if name != "broken"}
    assert not kinds & {"unknown_upstream", "unknown_checked_asset", "unknown_watched_asset"}
    assert {"duplicate_asset", "cycle_across", "partitions_misfit", "unset_variable"} <= kinds
    assert [problem.kind for name, problem in found if name == "broken"] == ["import_error"]


def test_a_healthy_workspace_has_no_findings(check, python):
    python(f"3.{sys.version_info.minor}")
    upstream = '@asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))\ndef raw(): ...\n'
    downstream = (
        'days = DailyPartitionsDefinition("2024-02-01")\nraw = AssetSpec("raw")\n'
        "@asset(partitions_def=days, deps=[raw])\ndef fine(): ...\n"
        "@asset\ndef total(fine): ...\n@asset_check(asset=raw)\ndef there(): ...\n"
        'j = define_asset_job("j", "fine")\n'
    )
    _, found = check(
        a=HEAD + upstream + "defs = Definitions(assets=[raw])\n",
        b=HEAD + downstream + "defs = Definitions(assets=[fine, total], asset_checks=[there], jobs=[j])\n",
    )
    assert found == []
