"""Hooks: functions that are called when a step has succeeded or failed."""

from __future__ import annotations

from ._arguments import check_function, check_list, check_name, check_names, check_type, refuse_unknown
from ._contexts import ExecutionContext
from ._sources import find_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping


class HookDefinition:
    """A function of a `HookContext`. Made by `@success_hook` and `@failure_hook`."""

    def __init__(self, on: str, function: Callable[..., Any], name: Any, required_resource_keys: Any) -> None:
        self.on = on
        self.function = check_function(function, f"{on}_hook: the decorated")
        self.name = check_name(name if name is not None else function.__name__, f"{on}_hook: name")
        self.required_resource_keys = check_names(
            required_resource_keys, f"{on}_hook '{self.name}': required_resource_keys"
        )
        self.source = find_function(function)

    def __call__(self, context: HookContext) -> Any:
        return self.function(context)

    def __repr__(self) -> str:
        return f"<HookDefinition {self.name}>"


class HookContext(ExecutionContext):
    """What a hook is told: the step, its outputs, and why it failed."""

    hook_name: str = ""
    op_exception: BaseException | None = None
    op_output_values: Mapping[str, Any] = {}
    tags: Mapping[str, str] = {}

    @property
    def step_exception(self) -> BaseException | None:
        return self.op_exception


def _declare(on: str, function: Any, name: Any, required_resource_keys: Any) -> Any:
    def declare(function: Callable[..., Any]) -> HookDefinition:
        return HookDefinition(on, function, name, required_resource_keys)

    return declare if function is None else declare(function)


@refuse_unknown
def success_hook(
    function: Any = None, *, name: str | None = None, required_resource_keys: Iterable[str] | None = None
) -> Any:
    """Declare a function that is called after each step that succeeded, of the jobs that are given it as `hooks`."""
    return _declare("success", function, name, required_resource_keys)


@refuse_unknown
def failure_hook(
    function: Any = None, *, name: str | None = None, required_resource_keys: Iterable[str] | None = None
) -> Any:
    """Declare a function that is called after each step that failed, of the jobs that are given it as `hooks`."""
    return _declare("failure", function, name, required_resource_keys)


def check_hooks(values: Any, what: str) -> list[HookDefinition]:
    hooks = sorted(values, key=str) if isinstance(values, (set, frozenset)) else check_list(values, what)
    for hook in hooks:
        check_type(hook, HookDefinition, what, "a set of what @success_hook and @failure_hook make")
    return hooks
