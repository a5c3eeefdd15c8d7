"""`atoll show`: everything about one thing, by a name that is its own or made so by its location's."""

from __future__ import annotations

import pytest
from file_workspaces import write_workspace


def show(folder, *words, status=0):
    return folder.run("show", *words, "--json").ended(status).json()["data"]


def test_an_asset_is_shown_with_what_is_around_it_in_every_location(healthy):
    data = show(healthy, "asset", "sales/orders")
    related = data["related"]
    assert (data["location"], related["declared_in"]) == ("sales", ["stock"])
    assert [(end["key"], end["location"], end["crosses"]) for end in related["upstream"]] == [
        ("raw_orders", "sales", False)
    ]
    assert [(end["key"], end["location"], end["crosses"]) for end in related["downstream"]] == [
        ("stock/forecast", "stock", True)
    ]
    assert related["checks"] == ["no_duplicates"]
    assert related["jobs"] == ["refresh"]
    assert related["schedules"] == ["nightly"]
    assert related["sensors"] == ["files_arrived", "levels_changed"]
    assert related["computation"]["signature"] == "(raw_orders: int) -> int"
    assert data["definition"]["partitions"]["timezone"] == "Europe/Berlin"


def test_an_upstream_key_that_nobody_declares_is_shown_as_such(healthy):
    ends = show(healthy, "asset", "availability")["related"]["upstream"]
    assert [(end["key"], end["type"]) for end in ends] == [("stock/levels", "materializable"), ("nowhere", "unknown")]
    assert "no location declares it" in healthy.run("show", "asset", "availability").ended(0).out


def test_an_asset_is_shown_with_its_configuration_its_resources_and_their_variables(healthy):
    text = healthy.run("show", "asset", "raw_orders").ended(0).out
    for said in (
        "source        sales.py:",
        "team:sales",
        "domain=sales",
        "limit   integer  100",
        "region  string   required",
        "WAREHOUSE_URL",
    ):
        assert said in text
    assert show(healthy, "asset", "raw_orders")["related"]["environment_variables"] == ["WAREHOUSE_URL"]


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("job", "tidy", ["first", "second", "Ops (2)"]),
        ("job", "refresh", ["Assets (3)", "started by    nightly, files_arrived, levels_changed", "warehouse"]),
        ("schedule", "nightly", ["30 4 * * 1-5", "Europe/Berlin", "Next (5)", "CE"]),
        ("schedule", "hourly", ["@hourly", "UTC", 'key:"raw_orders"']),
        ("sensor", "levels_changed", ["watches       stock/levels"]),
        ("resource", "warehouse", ["$WAREHOUSE_URL", "•••", "Used by (1)"]),
        ("check", "sales/orders:no_duplicates", ["blocking      yes"]),
        ("check", "stock:no_duplicates", ["in stock", "stock/levels"]),
        ("asset", "stock:feed", ["nobody here: it is external", "made by a partner"]),
        ("location", "sales", ["because", "executable_path", "Environment variables (1)"]),
    ],
)
def test_every_kind_says_what_matters_about_it(healthy, kind, name, said):
    text = healthy.run("show", kind, name).ended(0).out
    assert [part for part in said if part not in text] == []


def test_a_name_that_several_have_must_be_made_its_own(healthy):
    outcome = healthy.run("show", "check", "no_duplicates").ended(2)
    assert "There are 2 checks named 'no_duplicates'" in outcome.err
    assert "sales:sales/orders:no_duplicates or stock:stock/levels:no_duplicates" in outcome.err


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("job", "refres", "did you mean refresh?"),
        ("asset", "orders", "did you mean sales/orders"),
        ("asset", "nowhere", "sales:availability depends on it, but no location declares it"),
        ("resource", "zzzzz", "`atoll list resources` lists those that there are"),
    ],
)
def test_a_name_that_is_not_there_is_wrong_usage_with_a_suggestion(healthy, kind, name, hint):
    outcome = healthy.run("show", kind, name).ended(2)
    assert f"There is no {kind} named '{name}'" in outcome.err
    assert hint in outcome.err


def test_beside_a_broken_location_what_is_asked_for_is_shown_and_the_status_is_1(broken):
    assert show(broken, "asset", "sales/orders", status=1)["stale"] is False
    assert show(broken, "asset", "stock/levels", status=1)["stale"] is True
    outcome = broken.run("show", "asset", "stock/levels").ended(1)
    assert "stale" in outcome.out.splitlines()[0]
    assert "surely_not_there" in outcome.err


def test_what_may_be_in_a_location_that_failed_is_not_denied(broken):
    outcome = broken.run("show", "resource", "zzzzz").ended(2)
    assert "reports could not be loaded: it may be there" in outcome.err


def test_a_location_alone_is_loaded_to_be_shown(broken):
    assert show(broken, "location", "sales")["related"]["status"] == "loaded"
    assert show(broken, "location", "reports", status=1)["related"]["definitions"]["assets"] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sales/orders", "asset"),
        ("stock:no_duplicates", "check"),
        ("tidy", "job"),
        ("nightly", "schedule"),
        ("levels_changed", "sensor"),
        ("warehouse", "resource"),
    ],
)
def test_a_name_that_is_one_things_alone_needs_no_kind(healthy, name, kind):
    assert show(healthy, name) == show(healthy, kind, name)


def test_the_name_of_a_location_needs_no_kind(healthy):
    assert healthy.run("show", "sales").ended(0).out.startswith("location sales")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], ["Nothing is named 'nothing'", "lists those that there are"]),
        (["nigthly"], ["Nothing is named 'nigthly'", "did you mean nightly?"]),
        (["no_duplicates"], ["2 checks named 'no_duplicates'", "say which"]),
        (["jobs", "tidy"], ["There is no kind 'jobs'", "did you mean job?"]),
        (["thing", "tidy"], ["There is no kind 'thing'", "there are: asset, check"]),
        (["asset", "sales/orders", "more"], ["3 words are too many", "atoll show [KIND] NAME"]),
    ],
)
def test_a_name_without_a_kind_that_does_not_tell_is_answered_with_what_does(healthy, words, said):
    text = healthy.run("show", *words).ended(2).err
    for one in said:
        assert one in text


def test_a_name_of_several_things_says_which_commands_show_them(tmp_path):
    text = (
        "import atoll\n@atoll.asset\ndef same() -> int: return 1\n"
        "defs = atoll.Definitions(assets=[same], jobs=[atoll.define_asset_job('same', selection=[same])])\n"
    )
    said = write_workspace(tmp_path / "demo", main=text).run("show", "same").ended(2).err
    assert "Several things are named 'same'" in said
    assert "`atoll show asset same` or `atoll show job same`" in said
