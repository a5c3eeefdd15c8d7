"""`@asset_check` and `@multi_asset_check`."""

from __future__ import annotations

from ._arguments import check_bool, check_list, refuse_unknown
from ._assets import move_check_spec, read_argument_ins, read_check_specs
from ._computations import Computation, choose_name
from ._errors import DefinitionError
from ._keys import AssetKey, read_key
from ._sources import find_caller
from ._specs import AssetCheckSpec, AssetIn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping, Sequence

    from ._keys import CoercibleToAssetDep, CoercibleToAssetKey
    from ._policies import RetryPolicy


class AssetChecksDefinition:
    """The checks that one function makes. Made by `@asset_check` and `@multi_asset_check`; called, it calls it."""

    def __init__(
        self, computation: Computation, check_specs: Sequence[AssetCheckSpec], *, ins: Mapping[str, AssetIn]
    ) -> None:
        self.computation = computation
        self.check_specs = list(check_specs)
        self.ins = dict(ins)
        self.source = computation.source
        self.declared_in = find_caller()

    def move(self, new_keys: Mapping[AssetKey, AssetKey]) -> AssetChecksDefinition:
        """A copy for assets whose keys changed."""
        specs = [move_check_spec(spec, new_keys) for spec in self.check_specs]
        return AssetChecksDefinition(self.computation, specs, ins=self.ins)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self.computation.call(positional, named)

    def __repr__(self) -> str:
        return f"<AssetChecksDefinition {', '.join(spec.name for spec in self.check_specs)}>"


@refuse_unknown
def asset_check(
    *,
    asset: CoercibleToAssetDep,
    name: str | None = None,
    description: str | None = None,
    blocking: bool = False,
    additional_ins: Mapping[str, AssetIn | CoercibleToAssetKey] | None = None,
    additional_deps: Iterable[CoercibleToAssetDep] | None = None,
    required_resource_keys: Iterable[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    op_tags: Mapping[str, str] | None = None,
    retry_policy: RetryPolicy | None = None,
    pool: str | None = None,
) -> Callable[[Callable[..., Any]], AssetChecksDefinition]:
    """Declare a check of an asset. Its first parameter that is no context, config or resource is the asset's value.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """

    def declare(function: Callable[..., Any]) -> AssetChecksDefinition:
        key = read_key(asset, "asset_check: asset")
        check = choose_name(name, function, "asset_check")
        computation = Computation(
            "asset_check",
            key.to_python_identifier(check),
            function,
            input_role="upstream",
            description=description,
            required_resource_keys=required_resource_keys,
            retry_policy=retry_policy,
            tags=op_tags,
            pool=pool,
        )
        spec = AssetCheckSpec(
            check,
            asset=key,
            description=computation.description,
            additional_deps=additional_deps,
            blocking=check_bool(blocking, f"check '{check}': blocking"),
            metadata=metadata,
        )
        spec.source = computation.source
        ins = read_argument_ins(computation, additional_ins, f"check '{check}'")
        return AssetChecksDefinition(computation, [spec], ins=ins)

    return declare


@refuse_unknown
def multi_asset_check(
    *,
    specs: Sequence[AssetCheckSpec],
    name: str | None = None,
    description: str | None = None,
    can_subset: bool = False,
    required_resource_keys: Iterable[str] | None = None,
    op_tags: Mapping[str, str] | None = None,
    retry_policy: RetryPolicy | None = None,
    pool: str | None = None,
) -> Callable[[Callable[..., Any]], AssetChecksDefinition]:
    """Declare a function that makes several checks.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """

    def declare(function: Callable[..., Any]) -> AssetChecksDefinition:
        label = choose_name(name, function, "multi_asset_check")
        computation = Computation(
            "multi_asset_check",
            label,
            function,
            input_role="upstream",
            description=description,
            required_resource_keys=required_resource_keys,
            retry_policy=retry_policy,
            tags=op_tags,
            can_subset=check_bool(can_subset, "multi_asset_check: can_subset"),
            pool=pool,
        )
        if not check_list(specs, f"{computation.what}: specs"):
            raise DefinitionError(f"{computation.what} needs at least one AssetCheckSpec")
        return AssetChecksDefinition(computation, read_check_specs(specs, computation.what), ins={})

    return declare
