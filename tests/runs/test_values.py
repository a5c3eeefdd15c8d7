"""Values of the default IO manager are found where the SDK puts them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "sdk"))

from atoll._io_managers import make_file_name as make_file_name_of_sdk
from atoll_host.runs.values import list_values, make_file_name, move_values, remove_values


@pytest.mark.parametrize(
    "name", ["orders", "größe", "a:b", "x" * 300, ".", "end.", "partition=2024-01-01-10:00", "a|b"]
)
def test_names_of_files_are_those_of_the_sdk(name):
    assert make_file_name(name) == make_file_name_of_sdk(name)


@pytest.fixture
def values(tmp_path):
    for name in ("a.json", "a/partition=x.json", "a/partition=y.parquet", "a/b.pickle", "ab.json", "a/partition=x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_values_of_an_asset_are_those_of_no_other(values):
    found = [str(path.relative_to(values)) for path in list_values(values, "a")]
    assert found == ["a.json", "a/partition=x.json", "a/partition=y.parquet"]
    assert [path.name for path in list_values(values, "a", ["y", "z"])] == ["partition=y.parquet"]


def test_what_is_moved_is_moved_once(values):
    assert move_values(values, "a", "new/key") == 3
    assert move_values(values, "a", "new/key") == 0
    assert names(values) == [
        "a/b.pickle",
        "a/partition=x.txt",
        "ab.json",
        "new/key.json",
        "new/key/partition=x.json",
        "new/key/partition=y.parquet",
    ]


def test_folders_in_which_nothing_is_left_are_removed(values):
    assert remove_values(values, "a/b") == 1
    (values / "a" / "partition=x.txt").unlink()
    assert remove_values(values, "a") == 3
    assert names(values) == ["ab.json"]
    assert not (values / "a").exists()
    assert values.exists()
