"""The fields of a configuration, read from its JSON Schema and from the values that are given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    Origin = Literal["given", "environment", "secret", "resource", "default", "required", "none"]

_REDACTED = {"redacted": True}
_SHOWN_ELSEWHERE = frozenset(
    {"type", "title", "description", "default", "properties", "required", "enum", "const", "additionalProperties"}
)


@dataclass(frozen=True, slots=True)
class ConfigField:
    """A field of a configuration.

    Attributes:
        name: the field's.
        type: in a few words.
        origin: where its value comes from: it is `given`, it is that of an `environment` variable, it is a `secret`,
            it is another `resource`, it is the `default`; `required` and `none` where there is none yet.
        value: the JSON value; the name of the variable or resource; None for a secret and where there is none.
        description: what the schema says; empty when it says nothing.
        limits: what else the schema says of the value, such as `minimum`; its `default` where another is given.
    """

    name: str
    type: str
    origin: Origin
    value: Any
    description: str
    limits: Mapping[str, Any]


def config_fields(schema: Mapping[str, Any] | None, given: Mapping[str, Any] | None = None) -> list[ConfigField]:
    """Give the fields of a configuration, also those that are given although the schema does not have them.

    Args:
        schema: a JSON Schema of an object; None for nothing.
        given: values as snapshots have them: plain, or `{"env": …}`, `{"redacted": true}`, `{"resource": …}`.
    """
    properties = (schema or {}).get("properties") or {}
    required = (schema or {}).get("required") or ()
    names = [*properties, *(name for name in given or () if name not in properties)]
    fields = []
    for name in names:
        part = properties[name] if isinstance(properties.get(name), dict) else {}
        origin, value = _value(name, given, part, required=name in required)
        limits = {word: what for word, what in part.items() if _is_limit(word, what)}
        if origin not in ("default", "secret") and part.get("default") not in (None, "", _REDACTED, value):
            limits["default"] = part["default"]
        description = one_line(str(part.get("description") or ""))
        fields.append(ConfigField(name, type_text(part), origin, value, description, limits))
    return fields


def plain(value: Any) -> str:
    """Give a JSON value in one line: texts as they are, everything else as JSON."""
    return one_line(value) if isinstance(value, str) else one_line(json.dumps(value, ensure_ascii=False))


def type_text(schema: Mapping[str, Any]) -> str:
    """Give the type that a JSON Schema describes in a few words."""
    if "enum" in schema:
        return " | ".join(plain(value) for value in schema["enum"])
    if "const" in schema:
        return plain(schema["const"])
    if "$ref" in schema:
        return one_line(str(schema["$ref"]).rpartition("/")[2])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " | ".join(dict.fromkeys(type_text(part) for part in schema[choice]))
    if len(schema.get("allOf") or ()) == 1:
        return type_text(schema["allOf"][0])
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " | ".join(str(name) for name in kind)
    if kind == "array" and isinstance(schema.get("items"), dict):
        return f"array of {type_text(schema['items'])}"
    return one_line(str(schema.get("title") if kind == "object" and schema.get("title") else kind))


def _value(
    name: str, given: Mapping[str, Any] | None, schema: Mapping[str, Any], *, required: bool
) -> tuple[Origin, Any]:
    if given is not None and name in given:
        value = given[name]
        if isinstance(value, dict) and len(value) == 1:
            if "env" in value:
                return "environment", one_line(str(value["env"]))
            if "redacted" in value:
                return "secret", None
            if "resource" in value:
                return "resource", one_line(str(value["resource"]))
        return "given", value
    if "default" in schema:
        return ("secret", None) if schema["default"] == _REDACTED else ("default", schema["default"])
    return ("required", None) if required else ("none", None)


def _is_limit(word: str, what: Any) -> bool:
    return word not in _SHOWN_ELSEWHERE and not word.startswith(("x-", "$")) and isinstance(what, str | int | float)
