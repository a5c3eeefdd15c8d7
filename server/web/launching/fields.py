"""The form of a configuration: its fields, from a JSON Schema, and the configuration that was filled in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.server.web.launching.validating import find_problems, is_variable, resolve
from atoll_host.workspace.describing.configuration import type_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.server.web.launching.validating import Path

Kind = Literal["text", "number", "boolean", "choice", "variable", "json", "group"]
_DEEPEST = 4
"""Objects in objects; what is deeper is written as JSON."""
_REDACTED = {"redacted": True}
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_SECRET = re.compile(r"(?i)(?:^|[_.-])(?:pass(?:word|wd|phrase)|pwd|secrets?|token|credentials?|api_?key)s?(?:$|[_.-])")
"""Names of what may not be remembered with a run."""
_NAME = re.compile(r"\$?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: of its input; its path with slashes.
        path: in the run's configuration.
        kind: what it looks like; a `group` has others in it, a `variable` asks for the name of one.
        schema: of its value.
        required: whether it has no default.
        help: what the schema says of it.
        type: in a few words.
        default: what its value is when it is left empty, as text; None where the schema says nothing.
        choices: the values that it can have, as text.
        fields: those in a group.
    """

    name: str
    path: tuple[str, ...]
    kind: Kind
    schema: Mapping[str, Any]
    required: bool
    help: str
    type: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def label(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def id(self) -> str:
        """Of the input in the page."""
        return re.sub(r"[^A-Za-z0-9_-]", lambda found: f"_{ord(found[0]):x}", self.name)


@dataclass(frozen=True, slots=True)
class Section:
    """The fields of one function or resource.

    Attributes:
        path: of its configuration in the run's, such as `("ops", "orders", "config")`.
        location: that has it.
        schema: of the whole.
        is_optional: whether nothing has to be given, whatever the schema says.
        fields: of the form; empty where there is nothing that could be asked for one by one.
    """

    path: tuple[str, ...]
    location: str
    schema: Mapping[str, Any]
    is_optional: bool = False
    fields: tuple[Field, ...] = ()

    @property
    def title(self) -> str:
        """Name of the function, with those of the graphs around it."""
        return " › ".join(self.path[1:-1:2])


def make_section(
    path: tuple[str, ...], location: str, schema: Mapping[str, Any], *, is_optional: bool = False
) -> Section:
    """Make the fields of a configuration; see `Section` for the arguments."""
    return Section(path, location, schema, is_optional, tuple(_make_fields(path, schema, schema, 0)))


def _make_fields(
    path: tuple[str, ...], schema: Mapping[str, Any], root: Mapping[str, Any], depth: int
) -> Iterator[Field]:
    required = schema.get("required") or ()
    for name, part in (schema.get("properties") or {}).items():
        yield _make_field((*path, name), part, root, required=name in required, depth=depth)


def _make_field(path: tuple[str, ...], part: Any, root: Mapping[str, Any], *, required: bool, depth: int) -> Field:
    outer = resolve(part, root)
    schema = _without_null(outer, root)
    kind = _find_kind(schema)
    fields: tuple[Field, ...] = ()
    if kind == "text" and _SECRET.search(path[-1]):
        kind = "variable"
    if kind == "group":
        fields = tuple(_make_fields(path, schema, root, depth + 1)) if depth < _DEEPEST else ()
        kind = "group" if fields else "json"
    choices = tuple(map(_write, schema.get("enum") or ())) if kind == "choice" else ()
    has_default = "default" in outer and outer["default"] != _REDACTED
    said = [str(outer.get("description") or schema.get("description") or "")]
    said += [f"{word} {schema[limit]}" for limit, word in _LIMITS.items() if isinstance(schema.get(limit), int | float)]
    return Field(
        name="/".join(part.replace("~", "~0").replace("/", "~1") for part in path),
        path=path,
        kind=kind,
        schema=schema,
        required=required and not has_default,
        help=" · ".join(filter(None, said)),
        type="name of a variable" if kind == "variable" else type_text(schema),
        default=_write(outer["default"]) if has_default else None,
        choices=("true", "false") if kind == "boolean" else choices,
        fields=fields,
    )


def _without_null(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the one thing that a value may be beside null; the schema itself where there are more."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    others = [one for one in (resolve(choice, root) for choice in choices) if one.get("type") != "null"]
    if len(others) != 1:
        return schema
    return {**others[0], **{name: value for name, value in schema.items() if name != "anyOf"}}


def _find_kind(schema: Mapping[str, Any]) -> Kind:
    if schema.get("x-secret") or schema.get("default") == _REDACTED or schema.get("writeOnly"):
        return "variable"
    if isinstance(schema.get("enum"), list):
        return "choice"
    known: Mapping[Any, Kind] = {"string": "text", "integer": "number", "number": "number", "boolean": "boolean"}
    kind = schema.get("type")
    if isinstance(kind, str) and kind in known:
        return known[kind]
    return "group" if kind == "object" and schema.get("properties") else "json"


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(slots=True)
class Filled:
    """What was filled in.

    Attributes:
        config: the run's.
        problems: by path.
    """

    config: dict[str, Any] = field(default_factory=dict)
    problems: dict[Path, str] = field(default_factory=dict)


def iterate_inputs(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Give the fields that have an input, at any depth."""
    for one in fields:
        if one.kind == "group":
            yield from iterate_inputs(one.fields)
        else:
            yield one


def write_values(sections: tuple[Section, ...], config: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """Say what the inputs of a form have in them for a configuration, and what of it has no input."""
    rest: dict[str, Any] = json.loads(json.dumps(config))
    values = {}
    for one in (one for section in sections for one in iterate_inputs(section.fields)):
        around: Any = rest
        for name in one.path[:-1]:
            around = around.get(name) if isinstance(around, dict) else None
        if isinstance(around, dict) and one.path[-1] in around:
            value = around.pop(one.path[-1])
            plain = f"${value['env']}" if is_variable(value) and one.kind == "variable" else _write(value)
            values[one.name] = "" if value == _REDACTED else plain
    return values, prune(rest)


def prune(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out objects with nothing in them."""
    inner = {name: prune(part) if isinstance(part, dict) else part for name, part in value.items()}
    return {name: part for name, part in inner.items() if part != {}}


def read_values(sections: tuple[Section, ...], values: Mapping[str, str], rest: Mapping[str, Any]) -> Filled:
    """Read a form.

    Args:
        sections: of the form.
        values: of its inputs.
        rest: configuration that has no input; what both say is as the input says.
    """
    filled = Filled(json.loads(json.dumps(rest)))
    for one in (one for section in sections for one in iterate_inputs(section.fields)):
        text = values.get(one.name, "")
        if not text.strip():
            continue
        try:
            value = read_value(one, text)
        except ValueError as error:
            filled.problems[one.path] = str(error)
            continue
        around = filled.config
        for name in one.path[:-1]:
            inner = around.setdefault(name, {})
            around = inner if isinstance(inner, dict) else {}
        around[one.path[-1]] = value
    for path, text in check(sections, filled.config):
        if not any(path[: len(known)] == known for known in filled.problems):
            filled.problems[path] = text
    return filled


def read_value(one: Field, text: str) -> Any:
    """Read what an input has in it.

    Raises:
        ValueError: it can't be; the text says why.
    """
    text = text.strip() if one.kind != "text" else text.replace("\r\n", "\n")
    if one.kind == "variable":
        found = _NAME.fullmatch(text)
        if found is None:
            raise ValueError("must be the name of an environment variable: what is secret is not remembered")
        return {"env": found[1]}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
        if one.kind == "json":
            raise ValueError("must be JSON, such as " + _example(one.schema)) from None
    if is_variable(value) or one.kind == "json":
        return value
    if one.kind == "text":
        return text
    if one.kind == "choice":
        return next((choice for choice in one.schema.get("enum") or () if _write(choice) == text), text)
    # A word that is no number stays what it is, and is told to be none.
    return text if value is None else value


def _example(schema: Mapping[str, Any]) -> str:
    return {"array": '["a", "b"]', "object": '{"name": "value"}'}.get(str(schema.get("type")), '{"name": "value"}')


def check(sections: tuple[Section, ...], config: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Give what is wrong with a configuration, each with the path to it."""
    for section in sections:
        value: Any = config
        for name in section.path:
            value = value.get(name, {}) if isinstance(value, dict) else {}
        if value == {} and section.is_optional:
            continue
        yield from find_problems(value, section.schema, section.schema, section.path)
