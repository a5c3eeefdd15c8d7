"""`atoll report`, `atoll wipe` and `atoll prune`: what is remembered, changed by hand."""

from __future__ import annotations

import sys
import time

import pytest
from run_workspaces import read, runs, start, stored, write_locations
from schemas import complaints, schema_of

from tests_support import until

HEAD = "from atoll import *\nimport os, pathlib, time\nHERE = pathlib.Path(__file__).parent\n"
SHOP = """
@asset(key=AssetKey(["raw", "orders"]))
def orders() -> int:
    return 1
@asset(partitions_def=StaticPartitionsDefinition(["red", "green", "blue"]))
def paint(context) -> str:
    return context.partition_key
@asset
def slow() -> int:
    (HERE / "slow").touch()
    while not (HERE / "go").exists():
        time.sleep(0.02)
    return 1
feed = AssetSpec("feed")
defs = Definitions(assets=[orders, paint, slow, feed])
"""


@pytest.fixture
def shop(tmp_path):
    return write_locations(tmp_path, {"shop.py": HEAD + SHOP}, {"shop.py": sys.executable})


def made(folder):
    return read(
        folder,
        "SELECT assets.key, latest.partition FROM latest JOIN assets ON assets.number = latest.asset ORDER BY 1, 2",
    )


def test_what_was_made_elsewhere_is_remembered_with_what_is_known_of_it(shop):
    words = ["--metadata", "rows=3", "--metadata", "by=hand", "--metadata", '{"share": 0.5, "ok": true, "left": null}']
    outcome = shop.run("report", "feed", *words, "--description", "loaded", "--tag", "team=a", "--json").ended(0)
    assert complaints(schema_of("report"), outcome.json()) == []
    data = outcome.json()["data"]
    assert (data["asset"], data["run"], data["location"], data["tags"]) == ("feed", None, None, {"team": "a"})
    assert data["metadata"] == {
        "rows": {"type": "int", "value": 3},
        "by": {"type": "text", "value": "hand"},
        "share": {"type": "float", "value": 0.5},
        "ok": {"type": "bool", "value": True},
        "left": {"type": "null", "value": None},
        "description": {"type": "text", "value": "loaded"},
    }
    assert "paint, partition red" in shop.run("report", "paint", "--partition", "red").ended(0).out
    assert made(shop) == [("feed", ""), ("paint", "red")]
    assert read(shop, "SELECT count(*) FROM runs") == [(0,)]


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["fead"], "no asset named 'fead'", "feed"),
        (["orders"], "no asset named 'orders'", "raw/orders"),
        (["paint"], "no partition is chosen", "--partition KEY"),
        (["paint", "--partition", "gren"], "no partition 'gren'", "'green'"),
        (["feed", "--partition", "x"], "has no partitions", "leave"),
        (["feed", "--metadata", "rows"], "is not NAME=VALUE", "rows=120"),
        (["feed", "--metadata", "{1}"], "is no JSON object", "rows"),
        (["feed", "--tag", "x"], "is not NAME=VALUE", "team"),
    ],
)
def test_what_can_not_be_reported_is_refused_with_what_to_type(shop, words, message, hint):
    (problem,) = shop.run("report", *words, "--json").ended(2).problems
    assert message in problem["message"]
    assert hint in problem["hint"]
    assert made(shop) == []


def test_what_was_made_is_forgotten_with_its_values_after_a_look(shop):
    shop.run("materialize", 'key:"raw/orders"').ended(0)
    for colour in ("red", "green"):
        shop.run("materialize", "paint", "--partition", colour).ended(0)
    assert list(stored(shop)) == ["paint/partition=green.json", "paint/partition=red.json", "raw/orders.json"]
    look = shop.run("wipe", "*", "--values", "--dry-run", "--json").ended(0)
    assert complaints(schema_of("wipe"), look.json()) == []
    found = {item["asset"]: (item["partitions"], item["values"]) for item in look.json()["data"]["assets"]}
    assert found == {"feed": (0, 0), "paint": (2, 2), "raw/orders": (1, 1), "slow": (0, 0)}
    (problem,) = shop.run("wipe", "*", "--json").ended(2).problems
    assert "--yes" in problem["hint"]
    assert len(made(shop)) == 3
    shop.run("wipe", "paint", "--partition", "red", "--values", "--yes").ended(0)
    assert made(shop) == [("paint", "green"), ("raw/orders", "")]
    assert list(stored(shop)) == ["paint/partition=green.json", "raw/orders.json"]
    shop.run("wipe", "paint", "--no-history", "--values", "--yes").ended(0)
    assert made(shop) == [("paint", "green"), ("raw/orders", "")]
    assert list(stored(shop)) == ["raw/orders.json"]
    outcome = shop.run("wipe", "*", "--yes").ended(0)
    assert "raw/orders: 1 materialisation forgotten" in outcome.out
    assert made(shop) == []
    assert list(stored(shop)) == ["raw/orders.json"]
    assert len(runs(shop)) == 3
    assert "Nothing is remembered" in shop.run("wipe", "*").ended(0).out


def test_an_asset_that_is_no_longer_defined_is_forgotten_by_its_key(shop):
    shop.run("materialize", 'key:"raw/orders"').ended(0)
    shop.write({"shop.py": HEAD + SHOP.replace('["raw", "orders"]', '["raw", "sales"]')})
    shop.run("wipe", "raw/orders", "--values", "--yes").ended(0)
    assert (made(shop), stored(shop)) == ([], {})
    assert not (shop.path / ".atoll" / "storage" / "raw").exists()


def test_nothing_is_forgotten_of_an_asset_that_a_run_makes(shop):
    shop.run("report", "feed").ended(0)
    shop.run("materialize", "slow", "--detach").ended(0)
    assert until((shop.path / "slow").exists)
    (problem,) = shop.run("wipe", "*", "--yes", "--json").ended(2).problems
    assert "Run 1 is running and makes 'slow'" in problem["message"]
    assert made(shop) == [("feed", "")]
    shop.run("wipe", "feed", "--yes").ended(0)
    shop.write({"go": ""})
    assert until(lambda: runs(shop)[0]["status"] == "succeeded")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing"], "chooses no asset"),
        (["raw/orders", "--no-history"], "leaves nothing to forget"),
        (["(("], ""),
    ],
)
def test_what_can_not_be_forgotten_is_refused(shop, words, message):
    (problem,) = shop.run("wipe", *words, "--json").ended(2).problems
    assert message in problem["message"]


def test_old_runs_are_forgotten_as_the_instance_says(shop):
    assert shop.run("prune", "--json").ended(0).json()["data"]["runs"] == 0
    for _ in range(3):
        shop.run("materialize", 'key:"raw/orders"').ended(0)
    shop.write({"instance.yaml": "retention:\n  runs: 1 hours\n  keep: 1\n"})
    assert shop.run("prune", "--dry-run", "--json").ended(0).json()["data"]["runs"] == 0
    now = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(time.time() + 60))}"
    look = shop.run("prune", "--runs-before", now, "--history-before", now, "--dry-run", "--json").ended(0)
    assert complaints(schema_of("prune"), look.json()) == []
    data = look.json()["data"]
    assert (data["runs"], data["keep"], data["asset_events"], data["dry_run"]) == (2, 1, 2, True)
    assert len(runs(shop)) == 3
    done = shop.run("prune", "--runs-before", now, "--keep", "0", "--history-before", now, "--json").ended(0)
    assert (done.json()["data"]["runs"], done.json()["data"]["asset_events"]) == (3, 2)
    assert runs(shop) == []
    assert made(shop) == [("raw/orders", "")]
    text = shop.run("prune", "--ticks-before", "never").ended(0).out
    assert "ticks are kept for ever" in text


@pytest.mark.parametrize("words", [["--runs-before", "yesterday"], ["--ticks-before", "5 years"], ["--keep", "-1"]])
def test_a_time_or_number_that_is_none_is_refused(shop, words):
    outcome = shop.run("prune", *words, "--json")
    assert outcome.status == 2
    assert "Traceback" not in outcome.err


def test_prune_that_is_killed_goes_on_where_it_was(shop):
    shop.run("materialize", 'key:"raw/orders"').ended(0)
    command = start(shop, "prune", "--runs-before", "1 hours")
    command.kill()
    command.communicate(timeout=30)
    assert len(runs(shop)) == 1
    shop.run("prune", "--runs-before", "2999-01-01").ended(0)
    assert runs(shop) == []


def test_an_asset_that_is_renamed_keeps_its_history_and_its_values(shop):
    shop.run("materialize", 'key:"raw/orders"').ended(0)
    for colour in ("red", "green"):
        shop.run("materialize", "paint", "--partition", colour).ended(0)
    outcome = shop.run("rename", "--asset", "paint", "new/paint", "--json").ended(0)
    assert complaints(schema_of("rename"), outcome.json()) == []
    assert outcome.json()["data"]["notes"] == [
        "shop still calls it paint: rename it in its code before it is made again"
    ]
    assert made(shop) == [("new/paint", "green"), ("new/paint", "red"), ("raw/orders", "")]
    assert list(stored(shop)) == ["new/paint/partition=green.json", "new/paint/partition=red.json", "raw/orders.json"]
    # What a kill left behind is done when it is given again.
    (shop.path / ".atoll/storage/paint").mkdir()
    left = shop.path / ".atoll/storage/new/paint/partition=red.json"
    left.rename(shop.path / ".atoll/storage/paint/partition=red.json")
    shop.run("rename", "--asset", "paint", "new/paint").ended(0)
    assert left.exists()
    shop.write(
        {"shop.py": HEAD + SHOP.replace("def paint", "def old").replace("@asset(part", '@asset(key="new/paint", part')}
    )
    for words, message in (
        (["paint", "x"], "Nothing is remembered of 'paint'"),
        (["raw/orders", "new/paint"], "remembered of 'new/paint' already"),
        (["raw/orders", "a//b"], "is no key"),
        (["raw/orders", "raw/orders"], "the same"),
    ):
        assert message in shop.run("rename", "--asset", *words, "--json").ended(2).problems[0]["message"]
    assert len(made(shop)) == 3
