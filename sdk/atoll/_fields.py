"""Classes with typed fields: annotations and defaults, checked when an object is made."""

from __future__ import annotations

import sys

from ._annotations import (
    find_mismatch,
    get_annotations,
    is_enum,
    resolve_annotation,
    split_union,
    strip_annotation,
    write_schema,
)
from ._arguments import show, suggest
from ._environment import ConfigVariable, EnvVar, IntEnvVar, resolve_variable
from ._errors import DefinitionError
from ._plain import REDACTED, looks_secret, to_plain
from ._sources import find_caller_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Mapping

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_options: Any) -> Any:
        return lambda kind: kind


_REQUIRED = object()
_PAIR = 2


class Field:
    """One field of a class: its name, annotation, and default (`has_default` tells whether there is one)."""

    __slots__ = ("_local_names", "_resolved", "annotation", "default", "name", "owner")

    def __init__(self, name: str, annotation: Any, default: Any, owner: type, local_names: Mapping[str, Any]) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default
        self.owner = owner
        self._local_names = local_names
        self._resolved = False

    @property
    def has_default(self) -> bool:
        return self.default is not _REQUIRED

    def copy_with_default(self, default: Any) -> Field:
        return Field(self.name, self.annotation, default, self.owner, self._local_names)

    def resolve(self) -> Any:
        """The annotation, evaluated if it was text."""
        if not self._resolved:
            names = vars(sys.modules[self.owner.__module__]) if self.owner.__module__ in sys.modules else {}
            self.annotation = resolve_annotation(self.annotation, names, self._local_names)
            self._resolved = True
        return self.annotation

    def copy_default(self) -> Any:
        """The default, a fresh one where it is a list, dict or set, so that no two objects share it."""
        value = self.default
        return value.copy() if type(value) in (list, dict, set) else value


@dataclass_transform(kw_only_default=True)
class Model:
    """An object whose class body is a list of `name: type` and `name: type = default`.

    Raises:
        DefinitionError: a field is missing, unknown or of another type.
    """

    _atoll_fields: ClassVar[dict[str, Field]] = {}
    _atoll_values: dict[str, Any]

    if not TYPE_CHECKING:

        def __init_subclass__(cls, **options: Any) -> None:
            super().__init_subclass__(**options)
            fields = {}
            for base in reversed(cls.__mro__[1:]):
                fields.update(base.__dict__.get("_atoll_fields") or {})
            frame = find_caller_frame()
            local_names = {} if frame.f_locals is frame.f_globals else frame.f_locals
            for name, annotation in get_annotations(cls).items():
                if name.startswith("_") or _is_class_variable(annotation):
                    continue
                fields[name] = Field(name, annotation, cls.__dict__.get(name, _REQUIRED), cls, local_names)
                if name in cls.__dict__:
                    delattr(cls, name)
            for name in [name for name in fields if name in cls.__dict__]:
                fields[name] = fields[name].copy_with_default(cls.__dict__[name])
                delattr(cls, name)
            cls._atoll_fields = fields

        def __init__(self, **values: Any) -> None:
            self._atoll_set(values)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_") or name not in self._atoll_fields:
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            return self._atoll_read(name)

        def __setattr__(self, name: str, value: Any) -> None:
            if name in self._atoll_fields:
                raise AttributeError(f"{type(self).__name__}.{name} can't be changed; make a new one instead")
            super().__setattr__(name, value)

    def _atoll_set(self, values: Mapping[str, Any]) -> None:
        fields = self._atoll_fields
        label = type(self).__name__
        unknown = next((name for name in values if name not in fields), None)
        if unknown is not None:
            suggestion = suggest(unknown, fields)
            hint = f"did you mean {suggestion!r}?" if suggestion else f"its fields: {', '.join(fields) or 'none'}"
            raise DefinitionError(f"{label} has no field {unknown!r}", hint)
        missing = [name for name, field in fields.items() if not field.has_default and name not in values]
        if missing:
            raise DefinitionError(f"{label} needs a value for {', '.join(map(repr, missing))}")
        self.__dict__["_atoll_values"] = {
            name: self._atoll_convert(field, values[name]) if name in values else field.copy_default()
            for name, field in fields.items()
        }
        for name, value in self._atoll_values.items():
            if not isinstance(value, (EnvVar, IntEnvVar)):
                self.__dict__[name] = value

    def _atoll_convert(self, field: Field, value: Any) -> Any:
        annotation = field.resolve()
        value = convert_value(annotation, value)
        expected = find_mismatch(value, annotation)
        if expected is not None:
            raise DefinitionError(f"{type(self).__name__}.{field.name} must be {expected}, not {show(value)}")
        is_whole = isinstance(value, int) and not isinstance(value, IntEnvVar)
        return float(value) if annotation is float and is_whole else value

    def _atoll_read(self, name: str) -> Any:
        values = self.__dict__.get("_atoll_values")
        if values is None or name not in values:
            raise AttributeError(f"{type(self).__name__}.{name} is not set yet")
        value = values[name]
        if isinstance(value, (EnvVar, IntEnvVar)):
            return resolve_variable(value, f"{type(self).__name__}.{name}")
        return value

    @classmethod
    def to_config_schema(cls) -> dict[str, Any]:
        """The fields as a JSON Schema; defaults whose name looks secret are left out."""
        properties = {name: _describe_field(field) for name, field in cls._atoll_fields.items()}
        schema: dict[str, Any] = {"type": "object", "title": cls.__name__, "properties": properties}
        description = (cls.__doc__ or "").strip()
        if description and not any(cls.__doc__ is base.__doc__ for base in cls.__mro__[1:]):
            schema["description"] = description
        schema["required"] = [name for name, field in cls._atoll_fields.items() if not field.has_default]
        schema["additionalProperties"] = False
        return schema

    def copy_with(self, **values: Any) -> Self:
        """A new object with some fields changed."""
        return type(self)(**{**self._atoll_values, **values})

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._atoll_values == other._atoll_values

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        shown = to_plain(self._atoll_values, redact=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def convert_value(annotation: Any, value: Any) -> Any:
    """What JSON has no form for: objects of models from dicts, members of enums, tuples and sets, at any depth."""
    annotation, _ = strip_annotation(annotation)
    if is_enum(annotation) and not isinstance(value, annotation):
        return next((member for member in annotation if value in (member.value, member.name)), value)
    if isinstance(value, ConfigVariable) and annotation in (int, float):
        return EnvVar.int(value.env_var_name)
    origin = getattr(annotation, "__origin__", None)
    arguments: tuple[Any, ...] = getattr(annotation, "__args__", None) or ()
    if isinstance(value, dict):
        models = [
            member
            for member in split_union(annotation) or (annotation,)
            if isinstance(member, type) and issubclass(member, Model)
        ]
        if len(models) == 1:
            return models[0](**value)
        if origin is dict and len(arguments) == _PAIR and _holds_objects(arguments[1]):
            return {name: convert_value(arguments[1], item) for name, item in value.items()}
    if isinstance(value, list):
        if origin in (list, set, frozenset) and len(arguments) == 1 and _holds_objects(arguments[0]):
            value = [convert_value(arguments[0], item) for item in value]
        return origin(value) if origin in (tuple, set, frozenset) else value
    return value


def _holds_objects(annotation: Any) -> bool:
    annotation, _ = strip_annotation(annotation)
    kinds = split_union(annotation) or (annotation,)
    return any(
        is_enum(kind)
        or hasattr(kind, "_atoll_fields")
        or any(map(_holds_objects, getattr(kind, "__args__", None) or ()))
        for kind in kinds
    )


def _is_class_variable(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    return "ClassVar" in repr(getattr(annotation, "__origin__", annotation))


def _describe_field(field: Field) -> dict[str, Any]:
    schema = write_schema(field.resolve())
    if field.has_default:
        default = to_plain({field.name: field.default}, redact=True)[field.name]
        schema["default"] = default
        if looks_secret(field.name) and default == REDACTED:
            schema["x-secret"] = True
    return schema
