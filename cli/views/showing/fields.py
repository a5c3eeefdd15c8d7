"""Words for the parts of a definition: where it is, its metadata, the fields of its configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.problems import short_path
from atoll_host.cli.views.tables import Column
from atoll_host.cli.views.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONFIG_COLUMNS = (
    Column("Field"),
    Column("Type", rank=1, least=8),
    Column("Value", rank=2, least=8),
    Column("Description", rank=3, least=16),
)
METADATA_COLUMNS = (Column("Name"), Column("Type", rank=1), Column("Value", least=16))


def place(source: Mapping[str, Any] | None) -> str | None:
    """Give `file:line` of something that was declared."""
    if not source or not source.get("file"):
        return None
    line = source.get("line")
    return short_path(source["file"]) + (f":{line}" if line is not None else "")


def plain(value: Any) -> str:
    """Give a JSON value in one line: texts as they are, everything else as JSON."""
    return one_line(value) if isinstance(value, str) else one_line(json.dumps(value, ensure_ascii=False))


def tags(given: Mapping[str, str] | None) -> str:
    """Give tags as `name=value`, or as the name alone where the value is empty."""
    return ", ".join(f"{name}={value}" if value else name for name, value in (given or {}).items())


def metadata_rows(metadata: Mapping[str, Any] | None) -> list[Sequence[str]]:
    """Give a row for each value of some metadata."""
    return [
        (one_line(name), one_line(str(entry.get("type", ""))), plain(entry.get("value")))
        for name, entry in (metadata or {}).items()
    ]


def config_rows(schema: Mapping[str, Any] | None, given: Mapping[str, Any] | None = None) -> list[Sequence[str]]:
    """Give a row for each field of a JSON Schema: its type, its value or default, its description.

    Args:
        schema: of an object; None for nothing.
        given: values as snapshots have them: plain, or `{"env": …}`, `{"redacted": true}`, `{"resource": …}`.
    """
    properties = (schema or {}).get("properties") or {}
    required = (schema or {}).get("required") or ()
    names = [*properties, *(name for name in given or () if name not in properties)]
    return [
        (
            one_line(name),
            type_text(properties.get(name) or {}),
            _value(name, given, properties.get(name) or {}, required=name in required),
            one_line(str((properties.get(name) or {}).get("description") or "")),
        )
        for name in names
    ]


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


def _value(name: str, given: Mapping[str, Any] | None, schema: Mapping[str, Any], *, required: bool) -> str:
    if given is not None and name in given:
        value = given[name]
        if isinstance(value, dict) and len(value) == 1:
            if "env" in value:
                return f"${one_line(str(value['env']))}"
            if "redacted" in value:
                return "•••"
            if "resource" in value:
                return f"resource {one_line(str(value['resource']))}"
        return plain(value)
    if "default" in schema:
        default = schema["default"]
        return "•••" if default == {"redacted": True} else plain(default)
    return "required" if required else ""
