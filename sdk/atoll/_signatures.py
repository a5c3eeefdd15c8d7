"""What a function takes: read from its code object, since `inspect` costs more than everything else together."""

from __future__ import annotations

from ._annotations import get_annotations, get_globals, resolve_annotation, write_annotation
from ._errors import DefinitionError
from ._plain import REDACTED, describe_object, looks_secret
from ._sources import find_caller_frame, unwrap_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_MAXIMUM_DEFAULT = 500
_VARIADIC, _VARIADIC_NAMED, _GENERATOR, _COROUTINE = 0x04, 0x08, 0x20, 0x80 | 0x200


class Parameter:
    """A parameter of a function. `annotation` is as written until `Signature.resolve` was called."""

    __slots__ = ("annotation", "default", "has_default", "keyword_only", "name")

    def __init__(self, name: str, annotation: Any, default: tuple[Any, ...], *, keyword_only: bool) -> None:
        self.name = name
        self.annotation = annotation
        self.has_default = bool(default)
        self.default = default[0] if default else None
        self.keyword_only = keyword_only

    def write_default(self) -> Any:
        """The default as text, `{"redacted": true}` where the name looks secret, None where there is none."""
        if not self.has_default:
            return None
        if looks_secret(self.name) and self.default is not None:
            return dict(REDACTED)
        text = describe_object(self.default)
        return text if len(text) <= _MAXIMUM_DEFAULT else text[: _MAXIMUM_DEFAULT - 3] + "..."


class Signature:
    """The parameters of a function and what it returns.

    Raises:
        DefinitionError: the function takes `*args` or `**kwargs`, whose names nobody can know.
    """

    def __init__(self, function: Callable[..., Any], label: str) -> None:
        self._function = unwrap_function(function)
        code = getattr(self._function, "__code__", None)
        if code is None:
            raise DefinitionError(f"{label} must be written as a function", "wrap it in a def")
        if code.co_flags & (_VARIADIC | _VARIADIC_NAMED):
            raise DefinitionError(f"{label} takes *args or **kwargs", "name each parameter")
        self.is_generator = bool(code.co_flags & _GENERATOR)
        self.is_coroutine = bool(code.co_flags & _COROUTINE)
        self.parameters, self.returns = self._read(code)
        frame = find_caller_frame()
        # names of a function that is still running are gone once it ends, so they are kept
        self._local_names = {} if frame.f_locals is frame.f_globals else dict(frame.f_locals)
        self._resolved = False

    def _read(self, code: Any) -> tuple[list[Parameter], Any]:
        function = self._function
        annotations = get_annotations(function)
        defaults = function.__defaults__ or ()
        named_defaults = function.__kwdefaults__ or {}
        first_default = code.co_argcount - len(defaults)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        parameters = []
        for position, name in enumerate(names):
            keyword_only = position >= code.co_argcount
            default: tuple[Any, ...] = ()
            if keyword_only and name in named_defaults:
                default = (named_defaults[name],)
            elif first_default <= position < code.co_argcount:
                default = (defaults[position - first_default],)
            annotation = annotations.get(name, Parameter)
            parameters.append(Parameter(name, annotation, default, keyword_only=keyword_only))
        return parameters, annotations.get("return", Parameter)

    def resolve(self) -> list[Parameter]:
        """The parameters with text annotations evaluated, as far as their names are known by now."""
        if not self._resolved:
            names = get_globals(self._function)
            for parameter in self.parameters:
                parameter.annotation = resolve_annotation(parameter.annotation, names, self._local_names)
            self.returns = resolve_annotation(self.returns, names, self._local_names)
            self._resolved = True
        return self.parameters

    @property
    def names(self) -> list[str]:
        return [parameter.name for parameter in self.parameters]

    @property
    def takes_context(self) -> bool:
        return bool(self.parameters) and is_context_name(self.parameters[0].name)

    def write(self) -> str:
        """`(context, a: int = 1) -> str`."""
        texts = []
        for position, parameter in enumerate(self.resolve()):
            if parameter.keyword_only and (position == 0 or not self.parameters[position - 1].keyword_only):
                texts.append("*")
            texts.append(_write_parameter(parameter))
        returns = "" if self.returns is Parameter else f" -> {write_annotation(self.returns)}"
        return f"({', '.join(texts)}){returns}"


def _write_parameter(parameter: Parameter) -> str:
    text = parameter.name
    annotation = get_annotation_text(parameter)
    if annotation is not None:
        text += f": {annotation}"
    if parameter.has_default:
        default = parameter.write_default()
        shown = "..." if isinstance(default, dict) else default
        text += f" = {shown}" if annotation is not None else f"={shown}"
    return text


def get_annotation_text(parameter: Parameter) -> str | None:
    return None if parameter.annotation is Parameter else write_annotation(parameter.annotation)


def is_context_name(name: str) -> bool:
    """Whether a first parameter of this name receives the context."""
    return name in ("context", "_context", "_", "__", "context_")
