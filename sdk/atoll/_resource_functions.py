"""`@resource` and `@io_manager`: functions that make a resource when a run begins."""

from __future__ import annotations

from ._arguments import check_function, check_mapping, check_names, check_text, refuse_unknown
from ._computations import read_docstring
from ._contexts import Resources, RunInfo
from ._signatures import Signature
from ._sources import find_caller, find_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger
    from typing import Any, Callable, Iterable, Mapping


class InitResourceContext:
    """What a resource is told when it is set up and torn down."""

    def __init__(
        self,
        resource_config: Any = None,
        resources: Mapping[str, Any] | None = None,
        run: RunInfo | None = None,
        make_log: Callable[[], Logger] | None = None,
    ) -> None:
        self.resource_config = resource_config
        self.resources: Any = Resources(resources)
        self.run = run or RunInfo("test", {})
        self._make_log = make_log

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def log(self) -> Logger:
        if self._make_log is None:
            import logging

            return logging.getLogger("atoll")
        return self._make_log()


@refuse_unknown
def build_init_resource_context(config: Any = None, resources: Mapping[str, Any] | None = None) -> InitResourceContext:
    """A context to call a resource's function, or its set-up, with in a unit test."""
    return InitResourceContext(config, check_mapping(resources, "build_init_resource_context: resources"))


class ResourceDefinition:
    """A function that returns a resource, or yields it once and tears it down after that. Made by `@resource`."""

    def __init__(
        self, function: Callable[..., Any], description: Any, required_resource_keys: Any, config: Any = None
    ) -> None:
        self.function = check_function(function, "resource: the decorated")
        self.name = getattr(function, "__name__", "resource")
        self.description = check_text(description, f"resource '{self.name}': description") or read_docstring(function)
        self.required_resource_keys = check_names(
            required_resource_keys, f"resource '{self.name}': required_resource_keys"
        )
        self.config = config
        self._takes_context = bool(Signature(function, f"resource '{self.name}'").parameters)
        self.source = find_function(function)
        self.declared_in = find_caller()

    def with_config(self, config: Any) -> ResourceDefinition:
        """The same with a configuration, which the function reads as `context.resource_config`."""
        return ResourceDefinition(self.function, self.description, self.required_resource_keys, config)

    configured = with_config

    def __call__(self, context: InitResourceContext | None = None) -> Any:
        if context is not None and context.resource_config is None:
            context.resource_config = self.config
        return self.function(context) if self._takes_context else self.function()

    def __repr__(self) -> str:
        return f"<ResourceDefinition {self.name}>"


@refuse_unknown
def resource(
    function: Any = None, *, description: str | None = None, required_resource_keys: Iterable[str] | None = None
) -> Any:
    """Declare a function that makes a resource; one that yields it goes on when the run is over.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """

    def declare(function: Callable[..., Any]) -> ResourceDefinition:
        return ResourceDefinition(function, description, required_resource_keys)

    return declare if function is None else declare(function)


@refuse_unknown
def io_manager(
    function: Any = None, *, description: str | None = None, required_resource_keys: Iterable[str] | None = None
) -> Any:
    """Declare a function that makes an IO manager.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """
    return resource(function, description=description, required_resource_keys=required_resource_keys)
