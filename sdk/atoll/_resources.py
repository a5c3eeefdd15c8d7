"""Resources: objects that computations are given by name."""

from __future__ import annotations

from ._annotations import iterate_classes, split_union, strip_annotation
from ._environment import EnvVar, IntEnvVar
from ._fields import Model
from ._sources import find_caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Annotated, Any, Generic, Iterator, TypeVar

    T = TypeVar("T")


class _Marker:
    """`Marker[T]` as an annotation: keeps T."""

    def __init__(self, kind: str, inner: Any = None) -> None:
        self.kind = kind
        self.inner = inner

    def __getitem__(self, inner: Any) -> _Marker:
        return _Marker(self.kind, inner)

    def __call__(self, *_arguments: Any) -> Any:  # typing's own containers take only callables
        raise TypeError(f"{self.kind} is an annotation")

    def __repr__(self) -> str:
        inner = getattr(self.inner, "__name__", self.inner)
        return self.kind if self.inner is None else f"{self.kind}[{inner}]"


if TYPE_CHECKING:
    ResourceParam = Annotated[T, "resource"]

    class ResourceDependency(Generic[T]):
        """A field that holds another resource, or a plain object in a test."""

        def __get__(self, instance: object, owner: Any) -> T: ...
        def __set__(self, instance: object, value: T) -> None: ...
else:
    ResourceParam = _Marker("ResourceParam")
    ResourceDependency = _Marker("ResourceDependency")


class ConfigurableResource(Model):
    """Base of resources with typed fields. Subclasses list fields; methods do the work.

    A field may hold an `EnvVar`, which is read each time the field is, or another resource.
    """

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            self.__dict__["_atoll_source"] = find_caller()
            super().__init__(**values)

    def setup_for_execution(self, context: Any) -> None:
        """Called before a run uses the resource; nothing by default."""

    def teardown_after_execution(self, context: Any) -> None:
        """Called after a run used the resource, however the run ended; nothing by default."""

    def yield_for_execution(self, context: Any) -> Any:
        """A context manager around the use of the resource, whose value is what computations get.

        By default `setup_for_execution`, the resource itself, `teardown_after_execution`. An own one is decorated with
        `contextlib.contextmanager`.
        """
        from contextlib import contextmanager

        @contextmanager
        def use() -> Iterator[ConfigurableResource]:
            self.setup_for_execution(context)
            try:
                yield self
            finally:
                self.teardown_after_execution(context)

        return use()


class IOManager:
    """Base of objects that store what a computation returns and load it for the ones downstream."""

    def __new__(cls, *_positional: Any, **_named: Any) -> Any:
        self = super().__new__(cls)
        self.__dict__["_atoll_source"] = find_caller()
        return self

    def handle_output(self, context: Any, obj: Any) -> None:
        """Store `obj`, the value of `context.asset_key`."""
        raise NotImplementedError(f"{type(self).__name__} must define handle_output")

    def load_input(self, context: Any) -> Any:
        """Load the value of `context.asset_key`."""
        raise NotImplementedError(f"{type(self).__name__} must define load_input")


class ConfigurableIOManager(ConfigurableResource, IOManager):
    """Base of IO managers with typed fields."""


def is_resource_annotation(annotation: Any) -> bool:
    """Whether a parameter so annotated receives a resource: a resource class, `Optional` of one, or `ResourceParam`."""
    annotation, _ = strip_annotation(annotation)
    if any(isinstance(member, _Marker) for member in split_union(annotation) or (annotation,)):
        return True
    return any(issubclass(kind, (ConfigurableResource, IOManager)) for kind in iterate_classes(annotation))


def is_optional(annotation: Any) -> bool:
    return type(None) in (split_union(annotation) or ())


def iterate_variables(value: Any) -> Iterator[EnvVar | IntEnvVar]:
    """The environment variables that a resource or configuration value names, at any depth."""
    if isinstance(value, (EnvVar, IntEnvVar)):
        yield value
    elif isinstance(value, Model):
        for inner in value._atoll_values.values():  # noqa: SLF001 -- ours
            yield from iterate_variables(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from iterate_variables(inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from iterate_variables(inner)
