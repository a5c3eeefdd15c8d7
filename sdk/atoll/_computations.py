"""A function with what surrounds it: the part that assets, checks, ops, schedules and sensors share."""

from __future__ import annotations

from ._arguments import check_function, check_name, check_names, check_tags, check_text, check_type, show
from ._config import Config, is_config_class, is_pydantic_class, make_config
from ._contexts import ExecutionContext, Resources
from ._errors import DefinitionError
from ._policies import RetryPolicy
from ._resources import is_optional, is_resource_annotation
from ._signatures import Parameter, Signature
from ._sources import find_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Container, Iterable, Mapping, Sequence

CONTEXT, CONFIG, RESOURCE, INPUT = "context", "config", "resource", "input"


class Computation:
    """A user's function, how it is called and what it needs.

    `type` is the decorator's name; `input_role` says what parameters are that are neither context, config nor
    resource: "upstream" (assets), "input" (ops), "event" (asset sensors), or None where there can be none (schedules,
    sensors).
    """

    def __init__(
        self,
        type: str,  # noqa: A002 -- the word of the snapshot
        name: str,
        function: Callable[..., Any],
        *,
        input_role: str | None,
        description: str | None = None,
        required_resource_keys: Iterable[str] | None = None,
        retry_policy: RetryPolicy | None = None,
        tags: Mapping[str, str] | None = None,
        code_version: str | None = None,
        can_subset: bool = False,
        pool: str | None = None,
    ) -> None:
        what = f"{type} '{name}'"
        self.type = type
        self.name = name
        self.what = what
        self.function = check_function(function, what)
        self.signature = Signature(function, what)
        self.input_role = input_role
        self.description = check_text(description, f"{what}: description") or read_docstring(function)
        self.required_resource_keys = check_names(required_resource_keys, f"{what}: required_resource_keys")
        self.retry_policy = check_retry_policy(retry_policy, f"{what}: retry_policy")
        self.tags = check_tags(tags, f"{what}: tags")
        self.code_version = check_text(code_version, f"{what}: code_version")
        self.can_subset = can_subset
        self.pool = check_text(pool, f"{what}: pool")
        self.source = find_function(function)

    @property
    def takes_context(self) -> bool:
        """Whether the first parameter is the context: by its name, in a schedule or sensor by being no resource."""
        if self.signature.takes_context or self.input_role not in (None, "event") or not self.signature.parameters:
            return self.signature.takes_context
        first = self.signature.resolve()[0]
        return not is_resource_annotation(first.annotation) and first.name not in self.required_resource_keys

    def get_roles(self, resources: Mapping[str, Any], keys: Container[str] = ()) -> list[tuple[Parameter, str]]:
        """Each parameter with its role.

        A parameter is a resource where its annotation says so (a resource class, `ResourceParam`), where it is listed
        in `required_resource_keys`, or where it is annotated with the pydantic class of a given resource and names no
        asset among `keys`. Schedules and sensors have no inputs: there every other parameter is a resource.
        """
        roles = []
        for position, parameter in enumerate(self.signature.resolve()):
            if position == 0 and self.takes_context:
                role = CONTEXT
            elif self._is_config(parameter):
                role = CONFIG
            elif self._is_resource(parameter, resources, keys):
                role = RESOURCE
            else:
                role = INPUT if self.input_role == "event" else self.input_role or RESOURCE
            roles.append((parameter, role))
        return roles

    def _is_config(self, parameter: Parameter) -> bool:
        annotation = parameter.annotation
        if is_resource_annotation(annotation):
            return False
        is_ours = isinstance(annotation, type) and issubclass(annotation, Config)
        return parameter.name == "config" or is_ours

    def _is_resource(self, parameter: Parameter, resources: Mapping[str, Any], keys: Container[str]) -> bool:
        if is_resource_annotation(parameter.annotation) or parameter.name in self.required_resource_keys:
            return True
        given = resources.get(parameter.name)
        if given is None or parameter.name in keys or not is_pydantic_class(parameter.annotation):
            return False
        return isinstance(given, parameter.annotation)

    def get_resource_names(self, resources: Mapping[str, Any], keys: Container[str] = ()) -> list[str]:
        """The names of the resources needed, by parameter first, then by `required_resource_keys`."""
        names = [
            parameter.name
            for parameter, role in self.get_roles(resources, keys)
            if role == RESOURCE and not is_optional_parameter(parameter)
        ]
        return names + [name for name in self.required_resource_keys if name not in names]

    def get_input_names(self, resources: Mapping[str, Any], keys: Container[str] = ()) -> list[str]:
        """The parameters that receive values of upstream assets or ops."""
        return [p.name for p, role in self.get_roles(resources, keys) if role in ("upstream", INPUT)]

    def get_config_class(self) -> Any:
        """The class of the config parameter, or None."""
        for parameter in self.signature.resolve():
            if self._is_config(parameter) and is_config_class(parameter.annotation):
                return parameter.annotation
        return None

    def call(self, positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """Call the function as a unit test does: inputs and fakes given, the rest taken from the context."""
        arguments = dict(named)
        remaining = list(positional)
        context = self._take_context(remaining, arguments)
        given = getattr(context, "resources", None)
        resources = given.to_dict() if isinstance(given, Resources) else {}
        names = self.signature.names[1:] if self.takes_context else self.signature.names
        for name, value in zip(names, remaining):
            if name in arguments:
                raise TypeError(f"{self.name}() got multiple values for argument '{name}'")
            arguments[name] = value
        if len(remaining) > len(names):
            raise TypeError(f"{self.name}() takes {len(names)} arguments besides its context, {len(remaining)} given")
        for parameter, role in self.get_roles(resources):
            self._fill(parameter, role, arguments, context, resources)
        self._refuse_wrong(names, arguments, context)
        return self.function(context, **arguments) if self.takes_context else self.function(**arguments)

    def _take_context(self, remaining: list[Any], arguments: dict[str, Any]) -> Any:
        if not self.takes_context:
            return remaining.pop(0) if remaining and isinstance(remaining[0], ExecutionContext) else None
        name = self.signature.names[0]
        if name in arguments:
            return arguments.pop(name)
        if remaining:
            return remaining.pop(0)
        builder = {"upstream": "build_asset_context()", "input": "build_op_context()"}.get(
            self.input_role or "", f"build_{self.type.replace('asset_sensor', 'sensor')}_context()"
        )
        raise TypeError(f"{self.name}() takes a context as its first argument: pass atoll.{builder}")

    def _fill(
        self, parameter: Parameter, role: str, arguments: dict[str, Any], context: Any, resources: Mapping[str, Any]
    ) -> None:
        name = parameter.name
        if role == RESOURCE and name in resources:
            if name in arguments:
                raise TypeError(f"{self.name}() got the resource '{name}' both directly and in its context")
            arguments[name] = resources[name]
        elif role == CONFIG:
            self._fill_config(parameter, arguments, context)

    def _fill_config(self, parameter: Parameter, arguments: dict[str, Any], context: Any) -> None:
        name = parameter.name
        given = getattr(context, "op_config", None)
        if name not in arguments and given is not None:
            arguments[name] = given
        if not is_config_class(parameter.annotation):
            return
        if name in arguments:
            arguments[name] = make_config(parameter.annotation, arguments[name], f"{self.name}(): {name}")
        elif not parameter.has_default:
            arguments[name] = make_config(parameter.annotation, None, f"{self.name}(): {name}")

    def _refuse_wrong(self, names: Sequence[str], arguments: Mapping[str, Any], context: Any) -> None:
        for name in arguments:
            if name not in names:
                raise TypeError(f"{self.name}() got an unexpected keyword argument '{name}'")
        for parameter in self.signature.parameters:
            if parameter.name in names and parameter.name not in arguments and not parameter.has_default:
                hint = ""
                if self.takes_context and not isinstance(context, ExecutionContext):
                    hint = f"; its context was {show(context)}"
                raise TypeError(f"{self.name}() is missing the argument '{parameter.name}'{hint}")


def choose_name(name: str | None, function: Any, what: str) -> str:
    """The given name, else the function's own.

    Raises:
        DefinitionError: neither is a valid name.
    """
    if name is None and not isinstance(getattr(function, "__name__", None), str):
        raise DefinitionError(f"{what} must decorate a function, or be given a name, not {show(function)}")
    return check_name(name if name is not None else function.__name__, f"{what}: name")


def is_optional_parameter(parameter: Parameter) -> bool:
    return parameter.has_default and is_optional(parameter.annotation)


def read_docstring(function: Any) -> str | None:
    """The docstring without its indentation; None where there is none."""
    text = getattr(function, "__doc__", None)
    if not isinstance(text, str) or not text.strip():
        return None
    first, *rest = text.expandtabs().strip().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first.strip(), *[line[margin:].rstrip() for line in rest]])


def check_retry_policy(value: Any, what: str) -> RetryPolicy | None:
    if value is not None:
        check_type(value, RetryPolicy, what, "a RetryPolicy")
    policy: RetryPolicy | None = value
    return policy


def check_arguments_exist(computation: Any, names: Iterable[str], what: str) -> None:
    """Names given for parameters (`ins`) must be parameters.

    Raises:
        DefinitionError: one is not.
    """
    for name in names:
        if name not in computation.signature.names:
            hint = f"its parameters: {', '.join(computation.signature.names) or 'none'}"
            raise DefinitionError(f"{what} names {name!r}, which is no parameter of the function", hint)
