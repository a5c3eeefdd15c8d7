"""Annotations: found without evaluating more than is needed, written as text, as JSON Schema, and held against values.

`inspect` and `typing` are never imported: a generic alias that reaches us has been made by a `typing` already loaded.
"""

from __future__ import annotations

import sys

from ._environment import EnvVar, IntEnvVar
from ._plain import describe_object, name_object, to_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, Mapping

_PAIR = 2
_JSON_TYPES: dict[Any, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", dict: "object",
    list: "array", tuple: "array", set: "array", frozenset: "array", bytes: "string",
}  # fmt: skip


def get_annotations(owner: Any) -> dict[str, Any]:
    """The annotations written on a function or class itself, without what cannot be evaluated failing (3.14)."""
    if sys.version_info >= (3, 14):
        try:
            return dict(owner.__annotations__)
        except NameError:
            import annotationlib

            return dict(annotationlib.get_annotations(owner, format=annotationlib.Format.FORWARDREF))
    if isinstance(owner, type):
        return dict(vars(owner).get("__annotations__") or {})
    return dict(getattr(owner, "__annotations__", None) or {})


def resolve_annotation(annotation: Any, namespaces: Mapping[str, Any], local_names: Mapping[str, Any]) -> Any:
    """What a text annotation stands for; the text itself where a name in it is not known at run time."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__forward_arg__", None)
    if not isinstance(text, str):
        return annotation
    if text.isidentifier():
        for names in (local_names, namespaces):
            if text in names:
                return names[text]
    try:
        return eval(text, dict(namespaces), dict(local_names))  # noqa: S307 -- the user's own annotation
    except Exception:  # noqa: BLE001 -- names that only type checkers see are no error
        return text


def write_annotation(annotation: Any) -> str | None:
    """An annotation as its author would write it."""
    if annotation is None or annotation is type(None):
        return "None"
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not getattr(annotation, "__args__", None):
        name = name_object(annotation)
        return annotation.__qualname__ if name.startswith(("atoll.", "__main__.", "typing.")) else name
    return describe_object(annotation).replace("typing.", "").replace("NoneType", "None")


def strip_annotation(annotation: Any) -> tuple[Any, str | None]:
    """`Annotated[T, "text"]` as `(T, "text")`; any other annotation with None."""
    extra = getattr(annotation, "__metadata__", None)
    if extra is None or not hasattr(annotation, "__origin__"):
        return annotation, None
    return annotation.__origin__, next((item for item in extra if isinstance(item, str)), None)


def split_union(annotation: Any) -> tuple[Any, ...] | None:
    """The members of a `Union`, `Optional` or `X | Y`; None for anything else."""
    typing = sys.modules.get("typing")
    origin = getattr(annotation, "__origin__", None)
    is_union = (typing is not None and origin is typing.Union) or type(annotation).__name__ in ("UnionType", "Union")
    return tuple(annotation.__args__) if is_union else None


def split_literal(annotation: Any) -> tuple[Any, ...] | None:
    """The values of a `Literal[…]`; None for anything else."""
    origin = getattr(annotation, "__origin__", None)
    return tuple(annotation.__args__) if origin is not None and "Literal" in repr(origin)[-8:] else None


def is_enum(annotation: Any) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(annotation, type) and issubclass(annotation, enum.Enum)


def find_mismatch(value: Any, annotation: Any) -> str | None:
    """What was expected, where `value` does not fit `annotation`; None where it does, or where that can't be told."""
    annotation, _ = strip_annotation(annotation)
    if isinstance(value, EnvVar):
        return None if _admits(annotation, str) else write_annotation(annotation)
    if isinstance(value, IntEnvVar):
        return None if _admits(annotation, int) or _admits(annotation, float) else write_annotation(annotation)
    fits = _fits(value, annotation)
    return None if fits else write_annotation(annotation)


def _admits(annotation: Any, kind: type) -> bool:
    members = split_union(annotation) or (annotation,)
    return any(member is kind or not isinstance(member, type) for member in members)


def _fits(value: Any, annotation: Any) -> bool:
    annotation, _ = strip_annotation(annotation)
    if annotation is None:
        return value is None
    members = split_union(annotation)
    if members is not None:
        return any(_fits(value, member) for member in members)
    literals = split_literal(annotation)
    if literals is not None:
        return any(value == literal and type(value) is type(literal) for literal in literals)
    origin = getattr(annotation, "__origin__", None)
    if origin is not None and isinstance(origin, type):
        return _fits_generic(value, origin, getattr(annotation, "__args__", None) or ())
    if not isinstance(annotation, type):
        return True
    if isinstance(value, bool) and annotation in (int, float):
        return False
    if annotation is float:
        return isinstance(value, (int, float))
    try:
        return isinstance(value, annotation)
    except TypeError:  # a Protocol that is not runtime_checkable, for one
        return True


def _fits_generic(value: Any, origin: type, arguments: tuple[Any, ...]) -> bool:
    if not isinstance(value, origin) or (isinstance(value, (str, bytes)) and origin not in (str, bytes)):
        return False
    arguments = tuple(item for item in arguments if type(item).__name__ != "TypeVar")
    if isinstance(value, dict) and len(arguments) == _PAIR:
        return all(_fits(k, arguments[0]) and _fits(v, arguments[1]) for k, v in value.items())
    if isinstance(value, tuple) and origin is tuple and arguments:
        if arguments[-1] is Ellipsis:
            return all(_fits(item, arguments[0]) for item in value)
        return len(value) == len(arguments) and all(map(_fits, value, arguments))
    if isinstance(value, (list, tuple, set, frozenset)) and len(arguments) == 1:
        return all(_fits(item, arguments[0]) for item in value)
    return True


def write_schema(annotation: Any) -> dict[str, Any]:
    """The JSON Schema of values of an annotation; `{}` for anything, `x-type` naming what JSON has no type for."""
    annotation, description = strip_annotation(annotation)
    schema = _write_schema(annotation)
    if description:
        schema["description"] = description
    return schema


def _write_schema(annotation: Any) -> dict[str, Any]:
    if annotation is None:
        return {"type": "null"}
    members = split_union(annotation)
    if members is not None:
        return {"anyOf": [write_schema(member) for member in members]}
    literals = split_literal(annotation)
    if literals is not None:
        return {"enum": [to_plain(item) for item in literals]}
    if is_enum(annotation):
        return {"enum": [to_plain(member.value) for member in annotation]}
    if hasattr(annotation, "_atoll_fields"):
        schema: dict[str, Any] = annotation.to_config_schema()
        return schema
    origin = getattr(annotation, "__origin__", annotation)
    name = _JSON_TYPES.get(origin) if isinstance(origin, type) else None
    if name is None:
        text = write_annotation(annotation)
        return {} if text == "Any" else {"x-type": text}
    return {"type": name, **_write_items(name, getattr(annotation, "__args__", None) or ())}


def _write_items(name: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
    arguments = tuple(item for item in arguments if type(item).__name__ != "TypeVar")
    if name == "object" and len(arguments) == _PAIR:
        return {"additionalProperties": write_schema(arguments[1])}
    if name == "array" and arguments:
        if len(arguments) == 1 or arguments[-1] is Ellipsis:
            return {"items": write_schema(arguments[0])}
        return {"prefixItems": [write_schema(item) for item in arguments]}
    return {}


def iterate_classes(annotation: Any) -> Iterator[type]:
    """The classes an annotation names: itself, or the members of a union."""
    annotation, _ = strip_annotation(annotation)
    for member in split_union(annotation) or (annotation,):
        if isinstance(member, type):
            yield member


def get_globals(function: Callable[..., Any]) -> dict[str, Any]:
    return getattr(function, "__globals__", None) or {}
