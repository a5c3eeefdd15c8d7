"""Hold a configuration against its JSON Schema before anything starts. What a location knows better, it checks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from atoll_host.workspace.describing.configuration import type_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Path = tuple[str | int, ...]
_DEEPEST = 20
"""Schemas may contain themselves."""
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
_ARTICLES = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
_ARTICLES |= {"null": "null", "object": "an object", "array": "a list"}


def resolve(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a schema itself where another is only referred to."""
    for _ in range(_DEEPEST):
        if not isinstance(schema, dict):
            break
        inner = schema.get("allOf")
        if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], dict):
            schema = {**inner[0], **{name: part for name, part in schema.items() if name != "allOf"}}
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            found: Mapping[str, Any] = schema
            return found
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        rest = {name: part for name, part in schema.items() if name != "$ref"}
        schema = {**target, **rest} if isinstance(target, dict) else rest
    return {}


def is_variable(value: Any) -> bool:
    """Tell whether a value is an environment variable's, `{"env": NAME}`: it is read where it is needed."""
    return isinstance(value, dict) and set(value) == {"env"} and isinstance(value["env"], str) and bool(value["env"])


def find_problems(
    value: Any, schema: Any, root: Mapping[str, Any], path: Path = (), depth: int = 0
) -> Iterator[tuple[Path, str]]:
    """Give what is wrong with a value, each with the path to it.

    Args:
        value: JSON.
        schema: that it has to follow; what is not understood of it is left to the location.
        root: holds what the schema refers to.
        path: of the value.
        depth: of the schema within itself.
    """
    schema = resolve(schema, root)
    if is_variable(value) or depth > _DEEPEST:
        return
    for word in ("anyOf", "oneOf"):
        if isinstance(schema.get(word), list):
            yield from _find_in_choices(value, schema, root, path, depth)
            return
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"must be one of {', '.join(map(_show, schema['enum']))}"
    elif "const" in schema and value != schema["const"]:
        yield path, f"must be {_show(schema['const'])}"
    elif (wrong := _find_wrong_type(value, schema.get("type"))) is not None:
        yield path, wrong
    elif isinstance(value, dict):
        yield from _find_in_object(value, schema, root, path, depth)
    elif isinstance(value, list):
        yield from _find_in_list(value, schema, root, path, depth)
    else:
        yield from ((path, text) for text in _find_limits(value, schema))


def _find_in_choices(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: Path, depth: int
) -> Iterator[tuple[Path, str]]:
    choices: list[Any] = schema.get("anyOf") or schema.get("oneOf") or []
    found = [list(find_problems(value, choice, root, path, depth + 1)) for choice in choices]
    if not found or any(not problems for problems in found):
        return
    # What only lies deeper tells more than that none of them fits.
    deep = [problems for problems in found if all(len(where) > len(path) for where, _ in problems)]
    if len(deep) == 1:
        yield from deep[0]
    elif len(choices) - sum(resolve(one, root).get("type") == "null" for one in choices) == 1:
        yield from next(
            problems for problems, one in zip(found, choices, strict=True) if resolve(one, root).get("type") != "null"
        )
    else:
        yield path, f"must be {type_text(schema)}, not {_show(value)}"


def _find_wrong_type(value: Any, kind: Any) -> str | None:
    kinds = kind if isinstance(kind, list) else [kind]
    known = [one for one in kinds if one in _TYPES]
    if not known or any(_TYPES[one](value) for one in known):
        return None
    return f"must be {' or '.join(_ARTICLES[one] for one in known)}, not {_show(value)}"


def _find_in_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: Path, depth: int
) -> Iterator[tuple[Path, str]]:
    properties = schema.get("properties") or {}
    for name in schema.get("required") or ():
        if name not in value:
            yield (*path, name), "needs a value"
    others = schema.get("additionalProperties")
    for name, inner in value.items():
        if name in properties:
            yield from find_problems(inner, properties[name], root, (*path, name), depth + 1)
        elif others is False:
            known = ", ".join(properties) or "none"
            yield (*path, name), f"is no field; there are: {known}"
        elif isinstance(others, dict):
            yield from find_problems(inner, others, root, (*path, name), depth + 1)


def _find_in_list(
    value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: Path, depth: int
) -> Iterator[tuple[Path, str]]:
    for word, fits in (("minItems", len(value).__ge__), ("maxItems", len(value).__le__)):
        if isinstance(schema.get(word), int) and not fits(schema[word]):
            yield path, f"must have {'at least' if word == 'minItems' else 'at most'} {schema[word]}"
    if isinstance(schema.get("items"), dict):
        for position, inner in enumerate(value):
            yield from find_problems(inner, schema["items"], root, (*path, position), depth + 1)


def _find_limits(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        limits: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
            ("minLength", lambda limit: len(value) >= limit, "must have at least {} characters"),
            ("maxLength", lambda limit: len(value) <= limit, "must have at most {} characters"),
            ("pattern", lambda limit: _matches(limit, value), "must match {}"),
        )
    elif isinstance(value, int | float) and not isinstance(value, bool):
        limits = (
            ("minimum", lambda limit: value >= limit, "must be at least {}"),
            ("maximum", lambda limit: value <= limit, "must be at most {}"),
            ("exclusiveMinimum", lambda limit: value > limit, "must be more than {}"),
            ("exclusiveMaximum", lambda limit: value < limit, "must be less than {}"),
        )
    else:
        return
    for word, fits, text in limits:
        limit = schema.get(word)
        expected = str if word == "pattern" else (int, float)
        if isinstance(limit, expected) and not isinstance(limit, bool) and not fits(limit):
            yield text.format(limit)


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # It is written for another library, which will tell.
        return True


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 — what fits in a line
