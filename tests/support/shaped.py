"""Make arbitrary data of the shape that a JSON Schema says, and damage it: for tests that throw it at readers."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random

import atoll_host.workspace

SCHEMA = json.loads(
    (Path(atoll_host.workspace.__file__).parent / "schemas/snapshot.schema.json").read_text(encoding="utf-8")
)
WORDS = [
    "a",
    "b",
    "c",
    "a/b",
    "orders",
    "sales:orders",
    "default",
    "refresh",
    "*",
    "@daily",
    "@hourly",
    "UTC",
    "Europe/Berlin",
    "No/Where",
    "daily",
    "hourly",
    "weekly",
    "monthly",
    "time_window",
    "static",
    "dynamic",
    "multi",
    "identity",
    "last",
    "specific",
    "multi_to_single",
    "%Y-%m-%d",
    "%Q",
    "2024-01-01",
    "2024-13-45",
    "9999-12-31",
    "int",
    "text",
    "markdown",
    "json",
    "table",
    "table_schema",
    "bool",
    "timestamp",
    "object",
    "string",
    "$ref",
    "#/x",
    "[bold]",
    "[/]",
    "0",
    "-1",
]
WORDS += [
    "0 6 * * *",
    "61 * * * *",
    "0 0 31 2 *",
    "* * * * * *",
    "",
    " ",
    "\n",
    "\x1b[31m",
    "\x00",
    "é",
    "表",
    "🏝",
    "\u202e",
]
DAMAGES = [None, True, 0, -1, 1.5, 10**30, "", "x", [], [None], {}, {"type": None}, [[]], float("nan")]
_DEEPEST = 12


def shaped(name: str, random: Random):
    """Give data that is as a definition of the schema says."""
    return _make(SCHEMA["$defs"][name], random, 0)


def damaged(data, random: Random):
    """Give a copy in which something somewhere has been replaced or is gone."""
    data = copy.deepcopy(data)
    for _ in range(random.randint(1, 3)):
        holder = data
        for _ in range(random.randint(0, 8)):
            inner = [value for value in _values(holder) if isinstance(value, dict | list) and value]
            if not inner:
                break
            holder = random.choice(inner)
        places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not places:
            continue
        place = random.choice(places)
        if random.random() < 0.3:
            del holder[place]
        else:
            holder[place] = copy.deepcopy(random.choice(DAMAGES))
    return data


def _values(holder):
    return holder.values() if isinstance(holder, dict) else holder


def _make(schema, random: Random, depth: int):
    if "$ref" in schema:
        return _make(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], random, depth)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            options = schema[word]
            if depth > _DEEPEST:
                options = [one for one in options if one.get("type") == "null"] or options
            return _make(random.choice(options), random, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return random.choice(schema["enum"])
    kind = schema.get("type")
    if kind is None:
        return copy.deepcopy(random.choice(DAMAGES[:-1]))
    kind = random.choice(kind) if isinstance(kind, list) else kind
    return _MAKERS[kind](schema, random, depth)


def _object(schema, random: Random, depth: int):
    required = schema.get("required", ())
    made = {
        name: _make(inner, random, depth + 1)
        for name, inner in schema.get("properties", {}).items()
        if name in required or (depth < _DEEPEST and random.random() < 0.5)
    }
    others = schema.get("additionalProperties", {})
    if not schema.get("properties"):
        for _ in range(random.choice((0, 0, 1, 2)) if depth < _DEEPEST else 0):
            made[text(random)] = _make(others, random, depth + 1)
    return made


def _array(schema, random: Random, depth: int):
    least = schema.get("minItems", 0)
    count = least if depth > _DEEPEST else max(least, random.choice((0, 1, 1, 2, 3)))
    return [_make(schema.get("items", {}), random, depth + 1) for _ in range(count)]


def text(random: Random) -> str:
    """Give a text that may mean something."""
    if random.random() < 0.9:
        return random.choice(WORDS)
    return "".join(chr(random.choice((random.randrange(128), random.randrange(0xD800)))) for _ in range(8))


_MAKERS = {
    "object": _object,
    "array": _array,
    "string": lambda _, random, __: text(random),
    "boolean": lambda _, random, __: random.random() < 0.5,
    "null": lambda *_: None,
    "integer": lambda schema, random, _: schema.get("minimum", 0) + random.choice((0, 1, 2, 10**6)),
    "number": lambda schema, random, _: schema.get("minimum", 0) + random.choice((0, 0.5, 10**6)),
}
