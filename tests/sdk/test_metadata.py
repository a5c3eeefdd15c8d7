"""Metadata of any object becomes readable JSON, and never fails."""

import datetime as dt
import decimal
import enum
import json
import pathlib
import uuid
from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

import atoll
from atoll._metadata import describe_metadata
from atoll._plain import looks_secret, to_plain


class Plain:
    pass


class Broken:
    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


class Evil:
    def __getattribute__(self, name):
        raise RuntimeError(name)


class Number(enum.IntEnum):
    ONE = 1


@dataclass
class Point:
    x: int
    y: float


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 -- what users write
LOOP = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (1, {"type": "int", "value": 1}),
        (True, {"type": "bool", "value": True}),
        (None, {"type": "null", "value": None}),
        (1.5, {"type": "float", "value": 1.5}),
        (float("nan"), {"type": "float", "value": "NaN"}),
        (float("-inf"), {"type": "float", "value": "-Infinity"}),
        ("é\ud800", {"type": "text", "value": "é\\ud800"}),
        (10**5000, {"type": "int", "value": hex(10**5000)}),
        (b"a\xff", {"type": "text", "value": "a\\xff"}),
        (pathlib.PurePosixPath("/a/b"), {"type": "path", "value": "/a/b"}),
        (dt.datetime(2024, 1, 2, 3, tzinfo=dt.UTC), {"type": "timestamp", "value": "2024-01-02T03:00:00+00:00"}),
        (dt.date(2024, 1, 2), {"type": "timestamp", "value": "2024-01-02"}),
        (decimal.Decimal("1.10"), {"type": "text", "value": "Decimal('1.10')"}),
        (uuid.UUID(int=1), {"type": "text", "value": "UUID('00000000-0000-0000-0000-000000000001')"}),
        (Number.ONE, {"type": "int", "value": 1}),
        (Point(1, 2.0), {"type": "json", "value": {"x": 1, "y": 2.0}}),
        (Pair(1, {2}), {"type": "json", "value": [1, [2]]}),
        ({"b", "a"}, {"type": "json", "value": ["a", "b"]}),
        (OrderedDict([(1, 2), (None, float("inf"))]), {"type": "json", "value": {"1": 2, "None": "Infinity"}}),
        (atoll.AssetKey("a/b"), {"type": "asset", "value": "a/b"}),
        (Plain(), {"type": "text", "value": "<test_metadata.Plain object>"}),
        (Broken(), {"type": "text", "value": "<test_metadata.Broken>"}),
        (len, {"type": "text", "value": "len"}),
        (pathlib.PurePath.joinpath, {"type": "text", "value": "pathlib.PurePath.joinpath"}),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) and "type" in value else type(value).__name__,
)
def test_a_value_gets_the_type_that_suits_it(value, described):
    found = describe_metadata({"m": value})["m"]
    if "<test_metadata" in str(described["value"]):
        described = {**described, "value": described["value"].replace("test_metadata", __name__)}
    if value is pathlib.PurePath.joinpath:
        assert found["value"].endswith("PurePath.joinpath")
        return
    assert found == described
    json.dumps(found, allow_nan=False).encode()


def test_hostile_objects_are_survived():
    found = describe_metadata({"evil": Evil(), "loop": LOOP, "broken": [Broken()], "type": Evil})
    json.dumps(found, allow_nan=False)
    assert "..." in json.dumps(found["loop"])


def test_a_long_text_of_an_object_is_cut():
    class Long:
        def __repr__(self):
            return "x" * 1_000_000

    assert len(describe_metadata({"a": Long()})["a"]["value"]) <= 10_000


def test_values_of_a_chosen_type_stay_that():
    assert atoll.MetadataValue.from_raw(atoll.MetadataValue.url("x")) == atoll.MetadataValue.url("x")
    with pytest.raises(atoll.DefinitionError, match=r"MetadataValue\.md must be a string"):
        atoll.MetadataValue.md(3)
    with pytest.raises(atoll.DefinitionError, match="a list of TableRecord"):
        atoll.MetadataValue.table([3])


@pytest.mark.parametrize("name", ["password", "db_password", "API_KEY", "apiToken", "clientSecret", "aws-key", "TOKEN"])
def test_names_of_secrets_are_known(name):
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["host", "keyboard", "monkey", "tokenizer", "author", "compass", "x"])
def test_other_names_are_not_taken_for_secrets(name):
    assert not looks_secret(name)


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)


@given(JSON_LIKE)
def test_any_value_becomes_json_that_utf8_holds(value):
    for redact in (False, True):
        json.dumps(to_plain(value, redact=redact), allow_nan=False, ensure_ascii=False).encode("utf-8")


def test_texts_that_utf8_cannot_hold_and_huge_defaults_are_survived_everywhere(load_text):
    snapshot = load_text(
        r"""
        import atoll
        class Evil:
            def __repr__(self):
                raise RuntimeError("no")
        @atoll.asset(description="a\ud800", owners=["team:x"], metadata={"\udcff": 1})
        def a(context, up: Evil() = "x" * 10_000, other=Evil()): ...
        s = atoll.ScheduleDefinition("s", cron_schedule="@daily", target="a", tags={"k": "\ud800"})
        defs = atoll.Definitions(assets=[a], schedules=[s])
        """
    )
    json.dumps(snapshot, ensure_ascii=False).encode("utf-8")
    assert snapshot["assets"][0]["description"] == "a\\ud800"
    parameters = snapshot["computations"][0]["parameters"]
    assert len(parameters[1]["default"]) == 500
    assert parameters[2]["default"] == "<location.Evil>"
