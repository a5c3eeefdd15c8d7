"""`atoll partitions`: the keys of dynamic partitions, by hand."""

from __future__ import annotations

import sys

import pytest
from run_workspaces import read, stored, write_locations
from schemas import complaints, schema_of

CODE = """
from atoll import *

@asset(partitions_def=DynamicPartitionsDefinition(name="customers"))
def customer(context):
    keys = list(context.partition_keys)
    return {key: key for key in keys} if len(keys) > 1 else keys[0]

defs = Definitions(assets=[customer])
"""


@pytest.fixture
def folder(tmp_path):
    folder = write_locations(tmp_path, {"crm.py": CODE}, {"crm.py": sys.executable})
    folder.run("list").ended(0)
    return folder


def test_keys_are_added_listed_and_deleted(folder):
    assert folder.run("partitions", "list", "--json").ended(0).json()["data"] == [{"name": "customers", "keys": []}]
    assert not (folder.path / ".atoll" / "runs.db").exists()
    added = folder.run("partitions", "add", "customers", "b", "a", "--json").ended(0)
    assert complaints(schema_of("partitions add"), added.json()) == []
    assert folder.run("partitions", "add", "customers", "c", "a", "--json").ended(0).json()["data"] == {
        "name": "customers",
        "changed": ["c"],
        "keys": ["b", "a", "c"],
    }
    listed = folder.run("partitions", "list", "customers", "--json").ended(0)
    assert complaints(schema_of("partitions list"), listed.json()) == []
    assert listed.json()["data"] == [{"name": "customers", "keys": ["b", "a", "c"]}]
    deleted = folder.run("partitions", "delete", "customers", "a", "--json").ended(0)
    assert complaints(schema_of("partitions delete"), deleted.json()) == []
    assert "b" in folder.run("partitions", "list").ended(0).out
    for words, message in (
        (["add", "customer", "x"], "Nothing has dynamic partitions 'customer'"),
        (["add", "customers", "a|b"], "can't be the key"),
        (["delete", "customers", "a"], "have no key 'a'"),
        (["list", "nobody"], "Nothing has dynamic partitions 'nobody'"),
    ):
        assert message in folder.run("partitions", *words, "--json").ended(2).problems[0]["message"]


def test_a_backfill_makes_all_keys_that_were_added(folder):
    folder.run("partitions", "add", "customers", "b", "a", "c").ended(0)
    folder.run("backfill", "customer", "--all", "--batch", "2").ended(0)
    assert stored(folder) == {f"customer/partition={key}.json": key for key in "abc"}
    targets = read(folder, "SELECT partition FROM targets ORDER BY 1")
    assert [key for (key,) in targets] == ["a", "b", "c"]


def test_a_range_lies_between_keys_in_the_order_in_which_they_were_added(folder):
    folder.run("partitions", "add", "customers", "b", "a", "c", "d").ended(0)
    folder.run("materialize", "customer", "--partition-range", "a...d").ended(0)
    assert stored(folder) == {f"customer/partition={key}.json": key for key in "acd"}
    refused = folder.run("materialize", "customer", "--partition-range", "a...nobody", "--json").ended(1)
    assert refused.problems[0]["message"] == "there is no partition 'nobody'"
