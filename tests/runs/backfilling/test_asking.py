"""Which partitions a backfill makes, in which runs."""

from __future__ import annotations

import pytest
from reports import asset, definitions, report

from atoll_host.envs.errors import AtollError, UsageError
from atoll_host.runs.backfilling.asking import BackfillWish, divide, make_backfill
from atoll_host.runs.storage.store import Storage

LETTERS = {"type": "static", "keys": list("abcdefgh")}
COLOURS = {"type": "static", "keys": ["red", "green"]}
CUSTOMERS = {"type": "dynamic", "name": "customers"}
BOTH = {"type": "multi", "dimensions": {"letter": LETTERS, "colour": COLOURS}}


def job(name, **more):
    return {"name": name, "type": "graph", "assets": None, "checks": None, "partitions": None, **more}


REPORTS = [
    report(
        "shop",
        definitions(
            assets=[
                asset("orders", partitions=LETTERS),
                asset("totals", "orders", partitions=LETTERS),
                asset("plain"),
                asset("paint", partitions=COLOURS),
                asset("customer", partitions=CUSTOMERS),
                asset("grid", partitions=BOTH),
            ],
            jobs=[
                job("painting", partitions=COLOURS),
                job("tidy"),
                job("nightly", assets=["orders"], partitions=LETTERS),
            ],
        ),
    )
]


def ask(storage=None, dynamic=None, **wish):
    return make_backfill(BackfillWish(**wish), REPORTS, storage, dynamic)


def parts(backfill):
    return ["".join(part) for part in divide(list(enumerate(backfill.partitions)), backfill.options)]


def test_runs_take_partitions_that_follow_each_other_so_many_each():
    assert parts(ask(selection="orders", every=True, batch=3)) == ["abc", "def", "gh"]
    assert parts(ask(selection="orders", partition_range=("c", "e"))) == ["c", "d", "e"]
    assert parts(ask(selection="orders", partitions=("h", "a", "b", "d"), batch=9)) == ["ab", "d", "h"]


def test_of_what_waits_again_runs_take_what_follows_each_other():
    backfill = ask(selection="orders", every=True, batch=3)
    assert list(divide([(0, "a"), (2, "c"), (3, "d")], backfill.options)) == [["a"], ["c", "d"]]


def test_partitions_of_several_dimensions_are_in_the_order_of_their_names():
    found = ask(selection="grid", partition_range=("red|g", "green|b"), batch=2)
    assert list(found.partitions) == ["red|g", "red|h", "green|a", "green|b"]


def test_a_selection_may_have_assets_without_partitions():
    found = ask(selection="orders or plain", partitions=("a",))
    assert (found.options["assets"], found.options["assets_without_partitions"]) == (["orders"], ["plain"])


def test_a_job_is_remembered_with_its_location():
    found = ask(job="painting", every=True)
    assert (found.location, found.job, list(found.partitions)) == ("shop", "painting", ["red", "green"])


def test_what_is_missing_is_what_something_was_never_made_of(tmp_path):
    with Storage.open(f"sqlite:///{tmp_path}/runs.db") as storage:
        for key in "abc":
            storage.assets.report("orders", partition=key)
        storage.assets.report("totals", partition="a")
        assert parts(ask(storage, selection="orders or totals", missing=True, batch=9)) == ["bcdefgh"]
        assert parts(ask(storage, selection="orders", missing=True, partition_range=("b", "d"))) == ["d"]
        assert parts(ask(storage, job="nightly", missing=True, partitions=("a", "c"))) == []


def test_dynamic_partitions_are_those_that_are_known_or_named():
    assert list(ask(selection="customer", partitions=("x", "y", "x")).partitions) == ["x", "y"]
    known = {"customers": ["n", "m"]}
    assert list(ask(dynamic=known, selection="customer", every=True).partitions) == ["n", "m"]
    with pytest.raises(UsageError, match="no partition 'x'"):
        ask(dynamic=known, selection="customer", partitions=("x",))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"selection": "orders"}, "not said which partitions"),
        ({"selection": "orders", "every": True, "partitions": ("a",)}, "exclude each other"),
        ({"selection": "orders", "every": True, "batch": 10**30}, "is not between 1 and 1000000"),
        ({"selection": "orders", "every": True, "max_runs": 0}, "--max-runs 0 is not between"),
        ({"every": True}, "needs a selection"),
        ({"selection": "orders", "job": "painting", "every": True}, "needs a selection"),
        ({"selection": "orders", "partitions": ("i",)}, "no partition 'i'"),
        ({"selection": "orders", "partition_range": ("d", "b")}, "comes after"),
        ({"selection": "plain", "every": True}, "has partitions: 'plain'"),
        ({"selection": "nothing", "every": True}, "chooses nothing"),
        ({"selection": "orders or grid", "every": True}, "a run has partitions of one kind"),
        ({"selection": "customer", "every": True}, "'customers' have no keys"),
        ({"job": "tidy", "every": True}, "'tidy' has no partitions"),
        ({"job": "paintin", "every": True}, "no job 'paintin'"),
        ({"job": "painting", "missing": True}, "what is missing is not known"),
    ],
)
def test_what_makes_no_sense_is_refused(wish, message):
    with pytest.raises(AtollError, match=message):
        ask(**wish)
