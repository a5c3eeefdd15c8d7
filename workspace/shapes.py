"""Check that a snapshot has the shape that its published schema says, so that what reads it may rely on that.

The schema is `schemas/snapshot.schema.json`. Of JSON Schema (draft 2020-12) this knows the words that stand in it: a
test sees to that. It is made into functions once, as snapshots have thousands of definitions.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Check = Callable[[Any], str | None]
    """Gives where a value is not as it should be, and how: `.assets[3].key is missing`; None when it is right."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}
"""What JSON is read as, without what is derived from it: a bool is no number."""


def find_misshapen(value: Any, name: str = "definitions") -> str | None:
    """Give where and how a value is not of its shape, in words; None when it is.

    Args:
        value: as JSON gives it.
        name: which definition of the schema it should follow; `snapshot` for the whole.
    """
    try:
        found = _compiled(name)(value)
    except RecursionError:
        return f"{name} is nested too deeply"
    return None if found is None else name + found


@cache
def _compiled(name: str) -> Check:
    schema = json.loads((Path(__file__).parent / "schemas" / "snapshot.schema.json").read_text(encoding="utf-8"))
    named: dict[str, Check] = {}

    def refer(target: str) -> Check:
        def check(value: Any) -> str | None:
            # Looked up late, as shapes hold themselves.
            return named[target](value)

        return check

    for target, inner in schema["$defs"].items():
        named[target] = _compile(inner, refer)
    return _compile(schema, refer) if name == "snapshot" else named[name]


def _compile(schema: Mapping[str, Any], refer: Callable[[str], Check]) -> Check:
    """Make the function that checks a value by a schema."""
    makers = dict.fromkeys(make for word, make in _MAKERS.items() if word in schema)
    checks = [make(schema, refer) for make in makers]
    if len(checks) == 1:
        return checks[0]

    def check(value: Any) -> str | None:
        for one in checks:
            found = one(value)
            if found is not None:
                return found
        return None

    return check


def _of_type(schema: Mapping[str, Any], _: Callable[[str], Check]) -> Check:
    wanted = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    types = frozenset(one for name in wanted for one in _TYPES[name])
    complaint = f" is no {' or '.join(wanted)}"
    if float not in types:
        return lambda value: None if type(value) in types else complaint
    # NaN and infinity are read from JSON too, and are none.
    return lambda value: (
        None if type(value) in types and not (type(value) is float and value - value != 0) else complaint
    )


def _of_alternatives(schema: Mapping[str, Any], refer: Callable[[str], Check]) -> Check:
    checks = [_compile(one, refer) for word in ("anyOf", "oneOf") for one in schema.get(word, ())]
    nullable = {"type": "null"} in schema.get("anyOf", ())

    def check(value: Any) -> str | None:
        if nullable and value is None:
            return None
        first = None
        for one in checks:
            found = one(value)
            if found is None:
                return None
            first = first or found
        return first

    return check


def _of_object(schema: Mapping[str, Any], refer: Callable[[str], Check]) -> Check:
    properties = {name: _compile(inner, refer) for name, inner in schema.get("properties", {}).items()}
    required = schema.get("required", ())
    others = schema.get("additionalProperties")
    other = _compile(others, refer) if isinstance(others, dict) else None

    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return None
        for name in required:
            if name not in value:
                return f".{name} is missing"
        for name, inner in value.items():
            one = properties.get(name, other)
            found = None if one is None else one(inner)
            if found is not None:
                return f".{name}{found}"
        return None

    return check


def _of_array(schema: Mapping[str, Any], refer: Callable[[str], Check]) -> Check:
    one = _compile(schema.get("items", {}), refer)
    least = schema.get("minItems", 0)

    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return None
        if len(value) < least:
            return " is too short"
        for number, item in enumerate(value):
            found = one(item)
            if found is not None:
                return f"[{number}]{found}"
        return None

    return check


def _of_minimum(schema: Mapping[str, Any], _: Callable[[str], Check]) -> Check:
    least = schema["minimum"]
    return lambda value: " is too small" if type(value) in _TYPES["number"] and value < least else None


def _of_values(schema: Mapping[str, Any], _: Callable[[str], Check]) -> Check:
    allowed = schema.get("enum", [schema.get("const")])
    kinds = {type(one) for one in allowed}
    return lambda value: None if type(value) in kinds and value in allowed else " is none of what it may be"


SILENT_WORDS = frozenset({"$schema", "$defs", "title", "description"})
"""What says nothing of values."""
_MAKERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[str], Check]], Check]] = {
    "$ref": lambda schema, refer: refer(schema["$ref"].rpartition("/")[2]),
    "type": _of_type,
    "anyOf": _of_alternatives,
    "oneOf": _of_alternatives,
    "enum": _of_values,
    "const": _of_values,
    "minimum": _of_minimum,
    "items": _of_array,
    "minItems": _of_array,
    "properties": _of_object,
    "additionalProperties": _of_object,
    "required": _of_object,
}
KNOWN_WORDS = SILENT_WORDS | _MAKERS.keys()
"""What the schema may be made of."""
