"""Resources while a run lasts: set up in order of need, torn down in reverse, whatever happens."""

from __future__ import annotations

import sys
import time

from .._fields import Model
from .._resource_functions import InitResourceContext, ResourceDefinition
from .._resources import ConfigurableResource
from ._configuring import resolve_variables
from ._events import SinkFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping

    from .._contexts import RunInfo
    from ._events import Recorder


class ResourceError(Exception):
    """A resource failed at its set-up or tear-down; `__cause__` is what it raised."""

    def __init__(self, name: str, phase: str) -> None:
        self.name = name
        self.phase = phase
        super().__init__(f"resource '{name}' could not be {phase}")


class ResourceScope:
    """The resources of one run. `values` are what is given, by name; `get` has what is made of them."""

    def __init__(
        self, values: Mapping[str, Any], recorder: Recorder, run: RunInfo, make_log: Callable[[], Any]
    ) -> None:
        self._values = values
        self._recorder = recorder
        self._run = run
        self._make_log = make_log
        self._ready: dict[int, Any] = {}
        self._under_way: list[str] = []
        self._endings: list[tuple[str, Callable[[], Any]]] = []
        self.objects: dict[str, Any] = {}

    def set_up(self, names: Iterable[str]) -> None:
        """Set up these resources and the ones they hold or name.

        Raises:
            ResourceError: one failed; those that are set up are still to be torn down.
        """
        for name in names:
            self._get(name)

    def _get(self, name: str) -> Any:
        if name not in self.objects:
            if name in self._under_way:
                raise ResourceError(name, "set up") from RuntimeError("resources need each other in a circle")
            self._under_way.append(name)
            self.objects[name] = self._prepare(name, self._values[name])
            self._under_way.pop()
        return self.objects[name]

    def _prepare(self, name: str, value: Any) -> Any:
        if id(value) not in self._ready:
            if isinstance(value, Model):
                made = self._start(name, self._prepare_fields(name, value))
            else:
                made = self._start(name, value)
            self._ready[id(value)] = made
        return self._ready[id(value)]

    def _prepare_fields(self, name: str, value: Model) -> Model:
        """The resource with those that it holds set up; a copy where one of them became another object."""
        changed = {}
        for field, inner in value._atoll_values.items():  # noqa: SLF001 -- ours
            if isinstance(inner, (ConfigurableResource, ResourceDefinition)) or _is_generator_manager(inner):
                made = self._prepare(f"{name}.{field}", inner)
                if made is not inner:
                    changed[field] = made
        if not changed:
            return value
        copy = value.copy_with()
        for field, made in changed.items():
            copy._atoll_values[field] = made  # noqa: SLF001 -- ours
            copy.__dict__[field] = made
        return copy

    def _start(self, name: str, value: Any) -> Any:
        begin = self._find_begin(name, value)
        if begin is None:
            return value
        started = time.perf_counter()
        try:
            made = begin()
        except (ResourceError, KeyboardInterrupt, SinkFailed):
            raise
        except BaseException as error:
            raise ResourceError(name, "set up") from error
        self._recorder.emit("resource_ready", None, resource=name, seconds=time.perf_counter() - started)
        return made

    def _find_begin(self, name: str, value: Any) -> Callable[[], Any] | None:
        """What sets the resource up and returns it; None where nothing has to be done."""
        if isinstance(value, ResourceDefinition):
            needed = {key: self._get(key) for key in value.required_resource_keys}
            return lambda: self._call_function(name, value, needed)
        if _is_generator_manager(value):
            # it can be entered once only, and the resource may be used by several runs
            return lambda: self._enter(name, type(value)(value.func, value.args, value.kwds))
        yields = getattr(type(value), "yield_for_execution", None)
        if yields is not None and yields is not ConfigurableResource.yield_for_execution:
            return lambda: self._enter(name, value.yield_for_execution(self._make_context()))
        kind = type(value)
        begins, ends = (getattr(kind, method, None) for method in ("setup_for_execution", "teardown_after_execution"))
        if begins in (None, ConfigurableResource.setup_for_execution) and ends in (
            None,
            ConfigurableResource.teardown_after_execution,
        ):
            return None
        return lambda: self._set_up_object(name, value)

    def _make_context(self, config: Any = None, resources: Mapping[str, Any] | None = None) -> InitResourceContext:
        return InitResourceContext(config, resources or self.objects, self._run, self._make_log)

    def _set_up_object(self, name: str, value: Any) -> Any:
        context = self._make_context()
        if hasattr(value, "setup_for_execution"):
            value.setup_for_execution(context)
        if hasattr(value, "teardown_after_execution"):
            self._endings.append((name, lambda: value.teardown_after_execution(context)))
        return value

    def _enter(self, name: str, manager: Any) -> Any:
        made = manager.__enter__()
        # no exception is passed: what follows a yield is to run however the run ended
        self._endings.append((name, lambda: manager.__exit__(None, None, None)))
        return made

    def _call_function(self, name: str, definition: ResourceDefinition, needed: Mapping[str, Any]) -> Any:
        made = definition(self._make_context(resolve_variables(definition.config), needed))
        if hasattr(made, "__enter__") and _is_generator_manager(made):
            return self._enter(name, made)
        if not (hasattr(made, "send") and hasattr(made, "__next__")):
            return made
        try:
            value = next(made)
        except StopIteration:
            raise RuntimeError("its function yielded nothing") from None
        self._endings.append((name, lambda: _finish(made)))
        return value

    def tear_down(self) -> list[BaseException]:
        """Tear down everything, the last set up first; what went wrong, none of which stops the rest."""
        errors: list[BaseException] = []
        while self._endings:
            try:
                self._tear_down_last(errors)
            except BaseException as error:  # noqa: BLE001 -- an interrupt, or a sink that fails
                errors.append(error)
        return errors

    def _tear_down_last(self, errors: list[BaseException]) -> None:
        name, end = self._endings.pop()
        started = time.perf_counter()
        try:
            end()
        except (KeyboardInterrupt, SinkFailed):
            raise
        except BaseException as error:  # noqa: BLE001 -- the others are torn down all the same
            problem = ResourceError(name, "torn down")
            problem.__cause__ = error
            errors.append(problem)
            self._report(name, "torn down", error)
        else:
            self._recorder.emit("resource_closed", None, resource=name, seconds=time.perf_counter() - started)

    def _report(self, name: str, phase: str, error: BaseException) -> None:
        from ._problems import describe_exception

        problem = describe_exception(error, f"resource '{name}' could not be {phase}")
        self._recorder.emit("resource_failed", None, resource=name, phase=phase, problem=problem)


def _finish(generator: Any) -> None:
    try:
        next(generator)
    except StopIteration:
        return
    generator.close()
    raise RuntimeError("its function yielded more than once")


def _is_generator_manager(value: Any) -> bool:
    contextlib = sys.modules.get("contextlib")
    return contextlib is not None and isinstance(value, contextlib._GeneratorContextManager)  # noqa: SLF001 -- as above
