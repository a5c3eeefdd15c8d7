"""`@op` with its inputs and outputs."""

from __future__ import annotations

from ._annotations import write_annotation
from ._arguments import check_bool, check_mapping, check_name, check_text, refuse_unknown, show
from ._composition import Invocable
from ._computations import Computation, check_arguments_exist, choose_name
from ._errors import DefinitionError
from ._keys import read_key
from ._sources import find_caller
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping, overload

    from ._keys import CoercibleToAssetKey
    from ._policies import RetryPolicy

_UNSET = object()


class Nothing:
    """The type of an input that carries no value and only makes an op wait: `In(Nothing)`."""


class In(Record):
    """An input of an op."""

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        dagster_type: Any = None,
        description: str | None = None,
        default_value: Any = _UNSET,
        metadata: Mapping[str, Any] | None = None,
        asset_key: CoercibleToAssetKey | None = None,
        input_manager_key: str | None = None,
    ) -> None:
        self.type = dagster_type
        self.description = check_text(description, "In: description")
        self.has_default = default_value is not _UNSET
        self.default = default_value if self.has_default else None
        self.metadata = check_mapping(metadata, "In: metadata")
        self.asset_key = None if asset_key is None else read_key(asset_key, "In: asset_key")
        self.input_manager_key = check_text(input_manager_key, "In: input_manager_key")

    @property
    def type_text(self) -> str | None:
        return None if self.type is None else write_annotation(self.type)


class Out(Record):
    """An output of an op."""

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        dagster_type: Any = None,
        description: str | None = None,
        is_required: bool = True,
        io_manager_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        code_version: str | None = None,
    ) -> None:
        self.type = dagster_type
        self.description = check_text(description, "Out: description")
        self.is_required = check_bool(is_required, "Out: is_required")
        self.io_manager_key = check_text(io_manager_key, "Out: io_manager_key")
        self.metadata = check_mapping(metadata, "Out: metadata")
        self.code_version = check_text(code_version, "Out: code_version")

    @property
    def type_text(self) -> str | None:
        return None if self.type is None else write_annotation(self.type)


class OpDefinition(Invocable):
    """A step of a job. Made by `@op`; called in a graph's body it becomes a node, elsewhere it calls its function."""

    def __init__(self, computation: Computation, ins: Mapping[str, In], outs: Mapping[str, Out]) -> None:
        self.computation = computation
        self.name = computation.name
        self.ins = dict(ins)
        self.outs = dict(outs)
        self.source = computation.source
        self.declared_in = find_caller()

    @property
    def what(self) -> str:
        return self.computation.what

    @property
    def input_names(self) -> list[str]:
        names = self.computation.get_input_names({})
        return names + [name for name in self.ins if name not in names]

    @property
    def output_names(self) -> list[str]:
        return list(self.outs)

    def call(self, positional: Any, named: Mapping[str, Any]) -> Any:
        waits = [name for name, value in self.ins.items() if value.type is Nothing]
        given = {name: value for name, value in named.items() if name not in waits}
        defaults = {n: v.default for n, v in self.ins.items() if v.has_default and n not in given}
        taken = self.computation.signature.names[: len(positional)]
        return self.computation.call(positional, {**{n: v for n, v in defaults.items() if n not in taken}, **given})

    def needs_value(self, name: str) -> bool:
        """Whether an input must be connected: nothing else (default, asset, manager, configuration) can give it."""
        declared = self.ins.get(name)
        if declared is not None and (declared.has_default or declared.asset_key or declared.input_manager_key):
            return False
        if declared is not None and declared.type is Nothing:
            return False
        for parameter in self.computation.signature.resolve():
            if parameter.name == name:
                kind = declared.type if declared is not None and declared.type is not None else parameter.annotation
                return not parameter.has_default and kind not in (int, float, str, bool, list, dict)
        return True


if TYPE_CHECKING:

    @overload
    def op(function: Callable[..., Any]) -> OpDefinition: ...

    @overload
    def op(
        *,
        name: str | None = None,
        description: str | None = None,
        ins: Mapping[str, In] | None = None,
        out: Out | Mapping[str, Out] | None = None,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        code_version: str | None = None,
        retry_policy: RetryPolicy | None = None,
        pool: str | None = None,
    ) -> Callable[[Callable[..., Any]], OpDefinition]: ...


@refuse_unknown
def op(
    function: Any = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, In] | None = None,
    out: Out | Mapping[str, Out] | None = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    code_version: str | None = None,
    retry_policy: RetryPolicy | None = None,
    pool: str | None = None,
) -> Any:
    """Declare a step of jobs.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """

    def declare(function: Callable[..., Any]) -> OpDefinition:
        computation = Computation(
            "op",
            choose_name(name, function, "op"),
            function,
            input_role="input",
            description=description,
            required_resource_keys=required_resource_keys,
            retry_policy=retry_policy,
            tags=tags,
            code_version=code_version,
            pool=pool,
        )
        inputs = check_mapping(ins, f"{computation.what}: ins")
        for input_name, value in inputs.items():
            if not isinstance(value, In):
                raise DefinitionError(f"{computation.what}: ins[{input_name!r}] must be an In, not {show(value)}")
        check_arguments_exist(
            computation, [n for n, value in inputs.items() if value.type is not Nothing], f"{computation.what}: ins"
        )
        return OpDefinition(computation, inputs, _read_outs(out, computation.what))

    return declare if function is None else declare(function)


def _read_outs(out: Any, what: str) -> dict[str, Out]:
    if out is None:
        return {"result": Out()}
    if isinstance(out, Out):
        return {"result": out}
    outs = check_mapping(out, f"{what}: out")
    for name, value in outs.items():
        check_name(name, f"{what}: output name")
        if not isinstance(value, Out):
            raise DefinitionError(f"{what}: out[{name!r}] must be an Out, not {show(value)}")
    return outs
