"""`atoll list`: locations and what they define, over all of them, whatever fails."""

from __future__ import annotations

import sys

import pytest
from file_workspaces import SALES, write_workspace

PYTHON = ".".join(map(str, sys.version_info[:3]))
KINDS = ("assets", "checks", "jobs", "schedules", "sensors", "resources")


def names(outcome):
    return [row["name"] for row in outcome.json()["data"]]


def test_locations_are_listed_in_the_order_of_the_workspace(healthy):
    outcome = healthy.run("list", "--json").ended(0)
    rows = outcome.json()["data"]
    assert [(row["name"], row["status"], row["python"]) for row in rows] == [
        (name, "loaded", PYTHON) for name in ("sales", "stock")
    ]
    assert rows[0]["counts"] == {"assets": 3, "checks": 1, "jobs": 2, "schedules": 2, "sensors": 2, "resources": 2}
    assert rows[0]["packages"] > 0
    assert 0 < rows[0]["seconds"] < 60


def test_beside_a_broken_location_everything_is_printed_and_the_status_is_1(broken):
    outcome = broken.run("list").ended(1)
    rows = {line.split()[0]: line.split()[1:3] for line in outcome.out.splitlines()[1:4]}
    assert rows == {"sales": ["●", "loaded"], "stock": ["▲", "stale"], "reports": ["✕", "failed"]}
    assert "it failed to load now" in outcome.out
    assert "No module named 'surely_not_there'" in outcome.err
    assert "reports.py:1" in outcome.err


def test_beside_a_broken_location_json_has_every_row_and_every_problem(broken):
    outcome = broken.run("list", "--json").ended(1)
    rows = {row["name"]: (row["status"], row["counts"] and row["counts"]["assets"]) for row in outcome.json()["data"]}
    assert rows == {"sales": ("loaded", 3), "stock": ("stale", 4), "reports": ("failed", None)}
    assert [(item["location"], item["kind"]) for item in outcome.problems] == [
        ("stock", "import_error"),
        ("reports", "import_error"),
    ]
    assert outcome.err == ""


def test_only_the_locations_that_are_named_are_loaded(broken):
    assert names(broken.run("list", "--location", "sales", "--json").ended(0)) == ["sales"]
    assert {
        row["location"] for row in broken.run("list", "assets", "-l", "sales", "--json").ended(0).json()["data"]
    } == {"sales"}


@pytest.mark.parametrize("words", [("list",), ("list", "assets"), ("graph",)])
def test_a_location_that_is_not_there_is_wrong_usage_with_a_suggestion(healthy, words):
    outcome = healthy.run(*words, "--location", "salse").ended(2)
    assert "There is no location 'salse' in this workspace" in outcome.err
    assert "did you mean sales?" in outcome.err


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (
            "assets",
            ["availability", "sales/orders", "raw_orders", "feed", "sales/orders", "stock/forecast", "stock/levels"],
        ),
        ("checks", ["no_duplicates", "no_duplicates"]),
        ("jobs", ["refresh", "tidy"]),
        ("schedules", ["hourly", "nightly"]),
        ("sensors", ["files_arrived", "levels_changed"]),
        ("resources", ["plain", "warehouse"]),
    ],
)
def test_every_kind_is_listed_by_location_group_and_name(healthy, kind, found):
    assert names(healthy.run("list", kind, "--json").ended(0)) == found
    text = healthy.run("list", kind).ended(0).out
    assert [line.split()[0] for line in text.splitlines()[1:]] == found


def test_what_is_known_of_a_stale_location_is_listed_and_marked(broken):
    outcome = broken.run("list", "assets", "--json").ended(1)
    assert {(row["location"], row["stale"]) for row in outcome.json()["data"]} == {("sales", False), ("stock", True)}
    assert "stock (stale)" in broken.run("list", "assets").ended(1).out


def test_a_selection_goes_across_locations(healthy):
    outcome = healthy.run("list", "assets", "--select", "1+key:stock/forecast", "--json").ended(0)
    assert names(outcome) == ["availability", "sales/orders", "stock/forecast", "stock/levels"]
    both = ("--select", "location:stock+", "--location", "sales")
    assert names(healthy.run("list", "assets", *both, "--json").ended(0)) == ["availability"]


def test_a_selection_that_cannot_be_read_is_wrong_usage(healthy):
    outcome = healthy.run("list", "assets", "--select", "grup:raw").ended(2)
    assert "did you mean group?" in outcome.err


def test_a_selection_that_chooses_nothing_says_so(healthy):
    assert healthy.run("list", "assets", "--select", "kind:nothing").ended(0).out == "The selection chooses no assets\n"


def test_the_next_moment_of_a_schedule_is_in_its_zone(healthy):
    rows = healthy.run("list", "schedules", "--json").ended(0).json()["data"]
    assert rows[1]["next_tick"][11:] in ("04:30:00+01:00", "04:30:00+02:00")
    assert rows[0]["next_tick"].endswith(":00:00+00:00")


def test_values_of_secrets_and_variables_are_nowhere(healthy):
    variables = {"WAREHOUSE_URL": "db://everything"}
    for words in (
        ("list", "resources"),
        ("show", "resource", "warehouse"),
        ("show", "resource", "plain"),
        ("show", "location", "sales"),
    ):
        for form in ((), ("--json",)):
            outcome = healthy.run(*words, *form, variables=variables).ended(0)
            assert not [secret for secret in ("hunter2", "s3cret", "db://everything") if secret in outcome.out]
    assert "WAREHOUSE_URL" in healthy.run("list", "resources").out


def test_pythons_are_listed_with_the_locations_that_use_them(healthy, tmp_path):
    rows = healthy.run("list", "pythons", "--json").ended(0).json()["data"]
    assert [row["used_by"] for row in rows if row["used_by"]] == [["sales", "stock"]]
    only = healthy.run("list", "pythons", "--location", "stock", "--json").ended(0).json()["data"]
    assert [row["used_by"] for row in only] == [["stock"]]
    assert only[0]["supported"]


def test_pythons_are_listed_outside_of_a_workspace_too(folder):
    rows = folder.run("list", "pythons", "--json").ended(0).json()["data"]
    assert rows
    assert not any(row["used_by"] for row in rows)


def test_a_location_without_definitions_of_a_kind_says_what_to_type(tmp_path):
    folder = write_workspace(tmp_path, empty="import atoll\n\ndefs = atoll.Definitions()\n")
    for kind in KINDS:
        out = folder.run("list", kind).ended(0).out
        assert out == f"No {kind} yet: `atoll create {kind[:-1]} NAME --location LOCATION` makes one\n"


def test_a_cron_expression_that_means_nothing_fails_the_location_at_the_users_line(tmp_path):
    wrong = SALES.replace("30 4 * * 1-5", "61 4 * * *").replace("=ZONE", '="Mars"')
    folder = write_workspace(tmp_path, sales=wrong)
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "61 4 * * *" in text)
    outcome = folder.run("validate", "--json").ended(1)
    assert [(item["kind"], item["line"]) for item in outcome.problems] == [
        ("invalid_cron", line),
        ("invalid_timezone", line),
    ]
    assert outcome.json()["data"]["locations"][0]["status"] == "failed"


def test_without_a_terminal_there_are_no_escape_sequences_and_no_name_is_cut(tmp_path):
    name = "a_name_that_is_longer_than_any_terminal_" + "x" * 80
    code = f"@atoll.asset(description='told ' * 40)\ndef {name}(): ...\n\ndefs = atoll.Definitions(assets=[{name}])\n"
    outcome = write_workspace(tmp_path, long=f"import atoll\n\n{code}").run("list", "assets").ended(0)
    assert name in outcome.out
    assert "told " * 39 in outcome.out
    assert "…" not in outcome.out
    assert "\x1b" not in outcome.out + outcome.err


def test_control_characters_of_user_code_are_shown_as_escapes(healthy):
    for words in (("list", "assets"), ("show", "asset", "availability"), ("graph",), ("graph", "--format", "dot")):
        assert "\x1b" not in healthy.run(*words).ended(0).out
    assert "\\x1b[31mred" in healthy.run("list", "assets").out


def test_output_that_is_not_unicode_loses_characters_and_nothing_else(healthy):
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert "? loaded" in healthy.run("list", variables=ascii_only).ended(0).out
    rows = healthy.run("list", "assets", "--json", variables=ascii_only).ended(0).json()["data"]
    assert rows[0]["description"].startswith("売上")


def test_a_job_of_checks_says_how_many(tmp_path):
    text = (
        "import atoll\n@atoll.asset\ndef one() -> int: return 1\n"
        "@atoll.asset_check(asset=one)\ndef fits(one): return atoll.AssetCheckResult(passed=True)\n"
        "jobs = [atoll.define_asset_job('looks', selection=atoll.AssetSelection.checks(fits)), "
        "atoll.define_asset_job('makes', selection=[one])]\n"
        "defs = atoll.Definitions(assets=[one], asset_checks=[fits], jobs=jobs)\n"
    )
    folder = write_workspace(tmp_path / "demo", main=text)
    rows = folder.run("list", "jobs").ended(0).out.splitlines()[1:]
    assert [row.split()[:4] for row in rows] == [["looks", "main", "1", "check"], ["makes", "main", "1", "asset"]]
    (looks, _) = folder.run("list", "jobs", "--json").ended(0).json()["data"]
    assert (looks["assets"], looks["checks"]) == ([], [{"asset": "one", "name": "fits"}])
