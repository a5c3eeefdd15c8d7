"""`@asset`, `@multi_asset`, and the object both make."""

from __future__ import annotations

from ._arguments import check_bool, check_list, check_name, check_text, check_type, refuse_unknown, show
from ._computations import Computation, check_arguments_exist, choose_name
from ._errors import DefinitionError
from ._keys import AssetKey, read_key, read_keys, read_prefix
from ._partitions._base import check_partitions
from ._sources import find_caller
from ._specs import AssetCheckSpec, AssetDep, AssetIn, AssetOut, AssetSpec, read_deps, read_ins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping, Sequence, overload

    from ._keys import CoercibleToAssetDep, CoercibleToAssetKey
    from ._partitions._base import PartitionsDefinition
    from ._policies import RetryPolicy


class AssetsDefinition:
    """The assets that one function makes. Made by `@asset`, `@multi_asset` and `@graph_asset`; called, it calls it."""

    def __init__(
        self,
        computation: Any,
        specs: Sequence[AssetSpec],
        *,
        ins: Mapping[str, AssetIn],
        io_manager_keys: Mapping[AssetKey, str] | None = None,
        output_names: Mapping[AssetKey, str] | None = None,
        check_specs: Sequence[AssetCheckSpec] = (),
    ) -> None:
        self.computation = computation
        self.specs = list(specs)
        self.ins = dict(ins)
        self.io_manager_keys = dict(io_manager_keys or {})
        self.output_names = dict(output_names or {})
        self.check_specs = list(check_specs)
        self.source = computation.source
        self.declared_in = find_caller()
        self._renamed: dict[AssetKey, AssetKey] = {}
        self._check_keys()

    def _check_keys(self) -> None:
        keys = self.keys
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise DefinitionError(f"{self.computation.what} makes '{key}' twice")
        for spec in self.check_specs:
            if spec.asset_key not in keys:
                message = f"{self.computation.what}: check_specs names '{spec.asset_key}', which it does not make"
                raise DefinitionError(message, f"it makes {', '.join(map(str, keys))}")

    @property
    def keys(self) -> list[AssetKey]:
        return [spec.key for spec in self.specs]

    @property
    def key(self) -> AssetKey:
        return self._as_key()

    def _as_key(self) -> AssetKey:
        if len(self.specs) != 1:
            raise DefinitionError(f"{self.computation.what} makes {len(self.specs)} assets", "name one by its key")
        return self.specs[0].key

    @property
    def partitions_def(self) -> PartitionsDefinition | None:
        return self.specs[0].partitions_def if self.specs else None

    def map_specs(
        self, change: Callable[[AssetSpec], AssetSpec], renamed: Mapping[AssetKey, AssetKey] | None = None
    ) -> AssetsDefinition:
        """A copy with changed specs; `renamed` says how upstream keys named by parameters change."""
        copy = AssetsDefinition.__new__(AssetsDefinition)
        vars(copy).update(vars(self))
        changed = [change(spec) for spec in self.specs]
        new_keys = {old.key: new.key for old, new in zip(self.specs, changed)}
        copy.specs = changed
        copy.io_manager_keys = {new_keys[key]: name for key, name in self.io_manager_keys.items()}
        copy.output_names = {new_keys[key]: name for key, name in self.output_names.items()}
        copy.check_specs = [move_check_spec(spec, new_keys) for spec in self.check_specs]
        copy._renamed = {**self._renamed, **new_keys, **(renamed or {})}  # noqa: SLF001 -- of the same class
        copy._check_keys()  # noqa: SLF001 -- as above
        return copy

    def rename(self, key: AssetKey) -> AssetKey:
        return self._renamed.get(key, key)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self.computation.call(positional, named)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(map(str, self.keys))}>"


def move_check_spec(spec: AssetCheckSpec, new_keys: Mapping[AssetKey, AssetKey]) -> AssetCheckSpec:
    """A copy of a check's spec for the asset's new key."""
    copy = AssetCheckSpec(
        spec.name,
        asset=new_keys.get(spec.asset_key, spec.asset_key),
        description=spec.description,
        additional_deps=spec.additional_deps,
        blocking=spec.blocking,
        metadata=spec.metadata,
    )
    copy.source = spec.source
    return copy


if TYPE_CHECKING:

    @overload
    def asset(function: Callable[..., Any]) -> AssetsDefinition: ...

    @overload
    def asset(
        *,
        name: str | None = None,
        key_prefix: str | Sequence[str] | None = None,
        ins: Mapping[str, AssetIn | CoercibleToAssetKey] | None = None,
        deps: Iterable[CoercibleToAssetDep] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        description: str | None = None,
        required_resource_keys: Iterable[str] | None = None,
        io_manager_key: str | None = None,
        partitions_def: PartitionsDefinition | None = None,
        op_tags: Mapping[str, str] | None = None,
        group_name: str | None = None,
        output_required: bool = True,
        retry_policy: RetryPolicy | None = None,
        code_version: str | None = None,
        key: CoercibleToAssetKey | None = None,
        check_specs: Sequence[AssetCheckSpec] | None = None,
        owners: Sequence[str] | None = None,
        kinds: Iterable[str] | None = None,
        pool: str | None = None,
    ) -> Callable[[Callable[..., Any]], AssetsDefinition]: ...


@refuse_unknown
def asset(
    function: Any = None,
    *,
    name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    ins: Mapping[str, AssetIn | CoercibleToAssetKey] | None = None,
    deps: Iterable[CoercibleToAssetDep] | None = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
    io_manager_key: str | None = None,
    partitions_def: PartitionsDefinition | None = None,
    op_tags: Mapping[str, str] | None = None,
    group_name: str | None = None,
    output_required: bool = True,
    retry_policy: RetryPolicy | None = None,
    code_version: str | None = None,
    key: CoercibleToAssetKey | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    owners: Sequence[str] | None = None,
    kinds: Iterable[str] | None = None,
    pool: str | None = None,
) -> Any:
    """Declare the function that makes an asset. Parameters name upstream assets, unless they are resources or config.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """

    def declare(function: Callable[..., Any]) -> AssetsDefinition:
        spec_key = choose_key(function, name, key_prefix, key)
        computation = Computation(
            "asset",
            spec_key.to_python_identifier(),
            function,
            input_role="upstream",
            required_resource_keys=required_resource_keys,
            retry_policy=retry_policy,
            tags=op_tags,
            code_version=code_version,
            pool=pool,
        )
        what = f"asset '{spec_key}'"
        spec = AssetSpec(
            spec_key,
            deps=deps,
            description=description if description is not None else computation.description,
            metadata=metadata,
            skippable=not check_bool(output_required, f"{what}: output_required"),
            group_name=group_name,
            code_version=code_version,
            owners=owners,
            tags=tags,
            kinds=kinds,
            partitions_def=partitions_def,
        )
        spec.source = computation.source
        manager = check_text(io_manager_key, f"{what}: io_manager_key")
        return AssetsDefinition(
            computation,
            [spec],
            ins=read_argument_ins(computation, ins, what),
            io_manager_keys={spec_key: manager} if manager else {},
            check_specs=read_check_specs(check_specs, what),
        )

    return declare if function is None else declare(function)


@refuse_unknown
def multi_asset(
    *,
    outs: Mapping[str, AssetOut] | None = None,
    name: str | None = None,
    ins: Mapping[str, AssetIn | CoercibleToAssetKey] | None = None,
    deps: Iterable[CoercibleToAssetDep] | None = None,
    description: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
    internal_asset_deps: Mapping[str, Iterable[CoercibleToAssetKey]] | None = None,
    partitions_def: PartitionsDefinition | None = None,
    op_tags: Mapping[str, str] | None = None,
    can_subset: bool = False,
    group_name: str | None = None,
    retry_policy: RetryPolicy | None = None,
    code_version: str | None = None,
    specs: Sequence[AssetSpec] | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    pool: str | None = None,
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """Declare a function that makes several assets, given as `specs` or as `outs` by output name.

    Raises:
        DefinitionError: an argument has the wrong shape, or both or neither of `specs` and `outs` are given.
    """

    def declare(function: Callable[..., Any]) -> AssetsDefinition:
        computation = Computation(
            "multi_asset",
            choose_name(name, function, "multi_asset"),
            function,
            input_role="upstream",
            description=description,
            required_resource_keys=required_resource_keys,
            retry_policy=retry_policy,
            tags=op_tags,
            code_version=code_version,
            can_subset=check_bool(can_subset, "multi_asset: can_subset"),
            pool=pool,
        )
        what = computation.what
        if (specs is None) == (outs is None):
            raise DefinitionError(f"{what} needs either specs or outs")
        shared = {"group_name": group_name, "code_version": code_version}
        partitions = check_partitions(partitions_def, f"{what}: partitions_def")
        outputs = _read_outs(outs, what)
        if outs is not None:
            made = [out.make_spec(output, partitions_def=partitions, **shared) for output, out in outputs.items()]
        else:
            made = [_share(spec, {"partitions_def": partitions, **shared}, what) for spec in check_list(specs, what)]
        names = {spec.key: output for spec, output in zip(made, outputs)}
        common = read_deps(deps, f"{what}: deps")
        internal = {
            output: read_keys(keys, f"{what}: internal_asset_deps")
            for output, keys in _check_outputs(internal_asset_deps, outputs, made, what).items()
        }
        return AssetsDefinition(
            computation,
            [_add_deps(spec, internal.get(names.get(spec.key, str(spec.key)), []), common) for spec in made],
            ins=read_argument_ins(computation, ins, what),
            io_manager_keys={
                spec.key: out.io_manager_key for spec, out in zip(made, outputs.values()) if out.io_manager_key
            },
            output_names=names,
            check_specs=read_check_specs(check_specs, what),
        )

    return declare


def choose_key(function: Any, name: Any, key_prefix: Any, key: Any) -> AssetKey:
    """The key of an asset from what its decorator was given, else from its function's name."""
    if key is not None:
        if name is not None or key_prefix is not None:
            raise DefinitionError(f"asset {show(key)}: give key, or name and key_prefix, not both")
        return read_key(key, "asset: key")
    return AssetKey([*read_prefix(key_prefix, "asset: key_prefix"), choose_name(name, function, "asset")])


def read_argument_ins(computation: Any, ins: Mapping[str, Any] | None, what: str) -> dict[str, AssetIn]:
    """`ins=` by parameter name; each must be a parameter."""
    found = read_ins(ins, f"{what}: ins")
    check_arguments_exist(computation, found, f"{what}: ins")
    return found


def read_check_specs(values: Any, what: str) -> list[AssetCheckSpec]:
    specs = check_list(values, f"{what}: check_specs")
    for position, spec in enumerate(specs):
        check_type(spec, AssetCheckSpec, f"{what}: check_specs", "a list of AssetCheckSpec")
        if any(spec.name == other.name and spec.asset_key == other.asset_key for other in specs[:position]):
            raise DefinitionError(f"{what}: check_specs has two checks named '{spec.name}'")
    return specs


def _read_outs(outs: Any, what: str) -> dict[str, AssetOut]:
    if outs is None:
        return {}
    if not isinstance(outs, dict) or not outs:
        raise DefinitionError(f"{what}: outs must be a dict of AssetOut by output name, not {show(outs)}")
    for output, out in outs.items():
        check_name(output, f"{what}: output name")
        check_type(out, AssetOut, f"{what}: outs[{output!r}]", "an AssetOut")
    return outs


def _share(spec: Any, shared: Mapping[str, Any], what: str) -> AssetSpec:
    """A spec of the multi-asset, with the attributes that the multi-asset gives to all."""
    checked: AssetSpec = check_type(spec, AssetSpec, f"{what}: specs", "a list of AssetSpec")
    missing = {}
    for name, value in shared.items():
        own = getattr(checked, name)
        if value is not None and own is not None and own != value:
            raise DefinitionError(f"{what}: asset '{checked.key}' has another {name} than the multi_asset")
        if value is not None and own is None:
            missing[name] = value
    return checked.replace_attributes(**missing) if missing else checked


def _check_outputs(internal: Any, outputs: Mapping[str, Any], specs: Sequence[AssetSpec], what: str) -> dict[str, Any]:
    if not internal:
        return {}
    known = list(outputs) or [str(spec.key) for spec in specs]
    for output in internal:
        if output not in known:
            message = f"{what}: internal_asset_deps names the output {output!r}, which there is not"
            raise DefinitionError(message, f"its outputs: {', '.join(known)}")
    return dict(internal)


def _add_deps(spec: AssetSpec, internal: Sequence[AssetKey], common: Sequence[AssetDep]) -> AssetSpec:
    present = [dep.asset_key for dep in spec.deps]
    added = [AssetDep(key) for key in internal if key not in present]
    added += [dep for dep in common if dep.asset_key not in present and dep.asset_key not in internal]
    return spec.replace_attributes(deps=[*spec.deps, *added]) if added else spec
