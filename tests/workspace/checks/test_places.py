"""Findings point at the words that they are about, and never at those of another definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from atoll_host.workspace.checks.places import find_name, find_spot, find_variable, name_place
from atoll_host.workspace.checks.words import list_names, suggest

TEXT = """\
@asset(
    deps=["raw/x"],
    metadata={
        "rows": 1,
    },
)
# a word on it
async def first(
    context,
    orders: int,
) -> None:
    print("later", later)


spec = AssetSpec("spec", deps=["up"])
second = AssetSpec(
    "second",
    deps=['later'],
)
class Jobs:
    @op
    def inner(self, later): ...
    @op
    def last(self): ...
url = EnvVar.int( "PORT")
@asset(deps=[other.orders, orders])
def third(): ...
"""


@pytest.fixture
def place(tmp_path):
    """Give a function that makes a definition which begins at a line of the text."""
    file = tmp_path / "definitions.py"
    file.write_text("\ufeff" + TEXT, encoding="utf-8")
    return lambda line, function=None: {"source": {"file": str(file), "line": line, "function": function}}


@pytest.mark.parametrize(
    ("line", "text", "argument", "expected"),
    [
        (1, "raw/x", None, (2, 11)),
        (1, "orders", "orders", (10, 5)),
        (26, "key/orders", "orders", (26, 28)),
        (26, "key/order", "order", (26, None)),
        (1, "later", "later", (1, None)),
        (1, "up", None, (1, None)),
        (15, "up", None, (15, 32)),
        (15, "later", None, (15, None)),
        (16, "later", None, (18, 11)),
        (21, "x", "later", (22, 21)),
        (23, "x", "later", (23, None)),
        (900, "x", None, (900, None)),
    ],
)
def test_a_text_is_found_in_its_own_declaration_only(place, line, text, argument, expected):
    spot = find_spot(place(line), text, argument=argument)
    assert (spot.line, spot.column) == expected


def test_the_name_of_a_function_is_where_it_is_defined(place):
    assert find_name(place(1, "first"), "key/first")[1:] == (8, 11)
    assert find_name(place(16), "second")[1:] == (17, 5)
    assert find_name(place(21, "Jobs.inner"), "x")[1:] == (22, 9)
    assert find_name(place(15), "unheard")[1:] == (15, None)


def test_a_variable_is_found_where_it_is_named(place):
    file = place(1)["source"]["file"]
    assert find_variable(file, "PORT")[1:] == (25, 7)
    assert find_variable(file, "PO") is None
    assert find_variable("/nowhere/at/all.py", "PORT") is None


@pytest.mark.parametrize(
    "source", [None, {}, {"file": "/nowhere/at/all.py", "line": 4}, {"file": "bad\0name", "line": 1}]
)
def test_a_place_that_cannot_be_read_is_given_as_it_is(source):
    spot = find_spot({"source": source}, "text", argument="text")
    assert (spot.file, spot.line, spot.column) == ((source or {}).get("file"), (source or {}).get("line"), None)


def test_places_are_written_relative_to_the_workspace():
    item = {"source": {"file": "/data/demo/sales/assets.py", "line": 3}}
    assert name_place(item, Path("/data/demo")) == "sales/assets.py:3"
    assert name_place(item, Path("/elsewhere")) == "/data/demo/sales/assets.py:3"
    assert name_place(item, None) == "/data/demo/sales/assets.py:3"
    assert name_place({"source": {"file": "a.py"}}, None) == "a.py"
    assert name_place({}, None) == "a place that is not known"


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("order", ["orders", "customers"], "orders"),
        ("orders", ["sales/orders", "archive/orders"], "archive/orders"),
        ("Orders", ["sales/orders"], "sales/orders"),
        ("orders", ["orders"], None),
        ("nothing", ["orders"], None),
        ("x", [], None),
    ],
)
def test_a_name_is_taken_for_one_that_is_like_it(name, known, expected):
    assert suggest(name, known) == suggest(name, known[::-1]) == expected


def test_names_are_listed_in_brief():
    assert [list_names(list("abcde")[:number]) for number in (0, 1, 2, 3, 5)] == [
        "none", "'a'", "'a' and 'b'", "'a', 'b' and 'c'", "'a', 'b', 'c' and 2 more",
    ]  # fmt: skip
