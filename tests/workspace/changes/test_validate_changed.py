"""`atoll validate --changed REF` loads what can have changed, and says what it left out and why."""

from __future__ import annotations

import pytest
from repositories import definitions, entry
from schemas import complaints, schema_of

from command_line import Folder


@pytest.fixture
def shop(repo):
    """Three locations, of which the last depends on the first; all are loaded."""
    repo.write({
        ".gitignore": "__pycache__/\n.atoll/\n",
        "sales/sales.py": definitions("orders"),
        "stock/stock.py": definitions("levels"),
        "reports/reports.py": definitions("summary", "orders"),
    })  # fmt: skip
    repo.workspace_file(entry("sales"), entry("stock"), entry("reports"))
    repo.commit()
    Folder(repo.path).run("validate").ended(0)
    return repo


def validate(shop, *words):
    return Folder(shop.path).run("validate", "--changed", "main", *words)


def loaded(outcome):
    return [location["name"] for location in outcome.json()["data"]["locations"]]


def test_where_nothing_changed_nothing_is_loaded(shop):
    outcome = validate(shop).ended(0)
    assert outcome.err == "Skipped sales, stock, reports: nothing that it is made of changed since main\n"
    assert loaded(validate(shop, "--json").ended(0)) == []


def test_what_changed_and_what_is_downstream_is_loaded_and_the_rest_named_with_its_reason(shop):
    shop.write({"sales/sales.py": definitions("orders") + "# more\n"})
    outcome = validate(shop, "--json").ended(0)
    assert complaints(schema_of("validate"), outcome.json()) == []
    assert loaded(outcome) == ["sales", "reports"]
    why = "nothing that it is made of changed since main"
    assert outcome.json()["data"]["skipped"] == [{"name": "stock", "reason": why}]
    assert validate(shop, "--verbose").err.splitlines() == [
        "Loaded sales: sales/sales.py changed",
        "Loaded reports: it is downstream of a location that is affected",
        f"Skipped stock: {why}",
    ]


def test_without_the_option_nothing_is_skipped(shop):
    outcome = Folder(shop.path).run("validate", "--json").ended(0)
    assert outcome.json()["data"]["skipped"] == []
    assert len(loaded(outcome)) == 3


def test_what_is_wrong_between_a_loaded_and_a_skipped_location_is_found(shop):
    shop.write({"sales/sales.py": definitions("levels")})
    outcome = validate(shop, "--json")
    assert {"sales"} <= set(loaded(outcome))
    assert "stock" not in loaded(outcome)
    whole = Folder(shop.path).run("validate", "--json")
    across = [problem for problem in whole.problems if problem["code"].startswith("ATL5")]
    assert across
    assert [problem for problem in outcome.problems if problem["code"].startswith("ATL5")] == across


def test_a_location_that_becomes_downstream_is_loaded_too(shop):
    shop.write({"stock/stock.py": definitions("levels", "summary")})
    assert loaded(validate(shop, "--json")) == ["stock"]
    shop.write({"sales/sales.py": definitions("orders", "levels"), "stock/stock.py": definitions("levels")})
    assert loaded(validate(shop, "--json")) == ["sales", "stock", "reports"]


def test_only_named_locations_take_part(shop):
    shop.write({"sales/sales.py": definitions("orders") + "# more\n"})
    outcome = Folder(shop.path).run("validate", "stock", "sales", "--changed", "main", "--json").ended(0)
    assert loaded(outcome) == ["sales"]
    assert [one["name"] for one in outcome.json()["data"]["skipped"]] == ["stock"]


def test_a_revision_that_is_not_there_is_wrong_usage(shop):
    outcome = Folder(shop.path).run("validate", "--changed", "mani").ended(2)
    assert "did you mean main?" in outcome.err
