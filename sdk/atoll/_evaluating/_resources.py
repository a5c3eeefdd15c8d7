"""The resources of a schedule or sensor while it is evaluated."""

from __future__ import annotations

from .._computations import RESOURCE, is_optional_parameter
from .._resource_functions import ResourceDefinition
from .._running._configuring import ConfigReader
from .._running._scope import ResourceError, ResourceScope
from ._failing import EvaluationError, suggest_one

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .._catalog import Catalog
    from .._computations import Computation
    from .._contexts import RunInfo
    from .._running._events import Recorder


class EvaluationResources:
    """Sets up what a function needs, as a context manager that gives the objects by name, and tears it down.

    Raises:
        EvaluationError: a resource is not given, a variable of it is not set, or its set-up or tear-down failed.
    """

    def __init__(
        self,
        catalog: Catalog,
        computation: Computation | None,
        recorder: Recorder,
        info: RunInfo,
        make_log: Callable[[], Any],
    ) -> None:
        self._values = dict(catalog.resource_values)
        self._computation = computation
        self._recorder = recorder
        roles = () if computation is None else catalog.get_roles(computation)
        self._names = [p.name for p, role in roles if role == RESOURCE and self._is_needed(p)]
        self._names += [] if computation is None else computation.required_resource_keys
        self._scope = ResourceScope(self._values, recorder, info, make_log)

    def _is_needed(self, parameter: Any) -> bool:
        return parameter.name in self._values or not is_optional_parameter(parameter)

    def __enter__(self) -> dict[str, Any]:
        self._check()
        try:
            self._scope.set_up(self._names)
        except ResourceError as error:
            self._scope.tear_down()
            raise EvaluationError.of(error.__cause__ or error, str(error)) from None
        except BaseException:
            self._scope.tear_down()
            raise
        return self._scope.objects

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        problems = []
        for failed in self._scope.tear_down():
            problems += EvaluationError.of(failed.__cause__ or failed, str(failed)).problems
        if problems:
            raise EvaluationError([*getattr(error, "problems", ()), *problems]) from None

    def _check(self) -> None:
        reader = ConfigReader(None)
        secrets: list[str] = []
        what = "" if self._computation is None else self._computation.what
        pending = [(name, what) for name in self._names]
        seen: set[str] = set()
        variables: set[str] = set()
        while pending:
            name, what = pending.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if name not in self._values:
                message = f"{what} needs the resource '{name}', which is not given"
                reader.add(f"resources.{name}", message, suggest_one(name, self._values), "unmet_resource")
                continue
            value = self._values[name]
            is_function = isinstance(value, ResourceDefinition)
            secrets += reader.check_variables(value.config if is_function else value, f"resources.{name}", variables)
            pending += [(key, f"resource '{name}'") for key in value.required_resource_keys] if is_function else []
        self._recorder.hide(secrets)
        if reader.problems:
            raise EvaluationError(reader.problems)
