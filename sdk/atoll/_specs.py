"""What can be said of an asset or check apart from how it is computed."""

from __future__ import annotations

from ._arguments import (
    check_bool,
    check_group,
    check_kinds,
    check_list,
    check_mapping,
    check_name,
    check_owners,
    check_tags,
    check_text,
    refuse_unknown,
    show,
)
from ._errors import DefinitionError
from ._keys import AssetKey, read_key, read_prefix
from ._partitions._base import check_partition_mapping, check_partitions
from ._sources import find_caller
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Sequence

    from ._keys import CoercibleToAssetDep, CoercibleToAssetKey
    from ._partitions._base import PartitionMapping, PartitionsDefinition


class AssetDep(Record):
    """A dependency on an asset whose value is not loaded."""

    @refuse_unknown
    def __init__(
        self,
        asset: CoercibleToAssetDep,
        *,
        partition_mapping: PartitionMapping | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.asset_key = read_key(asset, "AssetDep: asset")
        what = f"AssetDep '{self.asset_key}'"
        self.partition_mapping = check_partition_mapping(partition_mapping, f"{what}: partition_mapping")
        self.metadata = check_mapping(metadata, f"{what}: metadata")

    def _as_key(self) -> AssetKey:
        return self.asset_key


class AssetIn(Record):
    """Where the value of a parameter comes from, where its name alone does not say."""

    @refuse_unknown
    def __init__(
        self,
        key: CoercibleToAssetKey | None = None,
        metadata: Mapping[str, Any] | None = None,
        key_prefix: str | Sequence[str] | None = None,
        input_manager_key: str | None = None,
        partition_mapping: PartitionMapping | None = None,
    ) -> None:
        if key is not None and key_prefix is not None:
            raise DefinitionError("AssetIn: give key or key_prefix, not both")
        self.key = None if key is None else read_key(key, "AssetIn: key")
        self.metadata = check_mapping(metadata, "AssetIn: metadata")
        self.key_prefix = read_prefix(key_prefix, "AssetIn: key_prefix")
        self.input_manager_key = check_text(input_manager_key, "AssetIn: input_manager_key")
        self.partition_mapping = check_partition_mapping(partition_mapping, "AssetIn: partition_mapping")

    def make_key(self, argument: str) -> AssetKey:
        return self.key or AssetKey([*self.key_prefix, argument])


class AssetSpec(Record):
    """An asset as it is described, without its computation. In `Definitions(assets=…)` it is an external asset.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """

    @refuse_unknown
    def __init__(
        self,
        key: CoercibleToAssetKey,
        *,
        deps: Iterable[CoercibleToAssetDep] | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        skippable: bool = False,
        group_name: str | None = None,
        code_version: str | None = None,
        owners: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        kinds: Iterable[str] | None = None,
        partitions_def: PartitionsDefinition | None = None,
    ) -> None:
        self.key = read_key(key, "AssetSpec: key")
        what = f"asset '{self.key}'"
        self.deps = read_deps(deps, f"{what}: deps")
        self.description = check_text(description, f"{what}: description")
        self.metadata = check_mapping(metadata, f"{what}: metadata")
        self.skippable = check_bool(skippable, f"{what}: skippable")
        self.group_name = check_group(group_name, f"{what}: group_name")
        self.code_version = check_text(code_version, f"{what}: code_version")
        self.owners = check_owners(owners, f"{what}: owners")
        self.tags = check_tags(tags, f"{what}: tags")
        self.kinds = check_kinds(kinds, f"{what}: kinds")
        self.partitions_def = check_partitions(partitions_def, f"{what}: partitions_def")
        self.source = find_caller()

    def _as_key(self) -> AssetKey:
        return self.key

    def replace_attributes(self, **attributes: Any) -> AssetSpec:
        """A copy with some attributes replaced; the names are the constructor's."""
        copy = AssetSpec(**{**self._state(), **attributes})
        copy.source = self.source
        return copy

    def merge_attributes(self, **attributes: Any) -> AssetSpec:
        """A copy with entries added to `deps`, `metadata`, `owners`, `tags` or `kinds`."""
        merged: dict[str, Any] = {}
        for name, value in attributes.items():
            if name not in ("deps", "metadata", "owners", "tags", "kinds"):
                raise TypeError(f"merge_attributes() got an unexpected keyword argument '{name}'")
            old = getattr(self, name)
            merged[name] = {**old, **value} if isinstance(old, dict) else [*old, *[v for v in value if v not in old]]
        return self.replace_attributes(**merged)


class AssetOut(Record):
    """One of the assets that a `@multi_asset` makes, by output name."""

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        key_prefix: str | Sequence[str] | None = None,
        key: CoercibleToAssetKey | None = None,
        description: str | None = None,
        is_required: bool = True,
        io_manager_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        group_name: str | None = None,
        code_version: str | None = None,
        owners: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        kinds: Iterable[str] | None = None,
    ) -> None:
        if key is not None and key_prefix is not None:
            raise DefinitionError("AssetOut: give key or key_prefix, not both")
        self.key_prefix = read_prefix(key_prefix, "AssetOut: key_prefix")
        self.key = None if key is None else read_key(key, "AssetOut: key")
        self.io_manager_key = check_text(io_manager_key, "AssetOut: io_manager_key")
        self.is_required = check_bool(is_required, "AssetOut: is_required")
        self.attributes = {
            "description": check_text(description, "AssetOut: description"),
            "metadata": check_mapping(metadata, "AssetOut: metadata"),
            "group_name": check_group(group_name, "AssetOut: group_name"),
            "code_version": check_text(code_version, "AssetOut: code_version"),
            "owners": check_owners(owners, "AssetOut: owners"),
            "tags": check_tags(tags, "AssetOut: tags"),
            "kinds": check_kinds(kinds, "AssetOut: kinds"),
        }
        self.source = find_caller()

    def make_spec(self, output: str, **shared: Any) -> AssetSpec:
        """The spec of the output of this name; `shared` are the multi-asset's own attributes, where it has none."""
        attributes = {name: value for name, value in self.attributes.items() if value or name not in shared}
        key = self.key or AssetKey([*self.key_prefix, output])
        spec = AssetSpec(key, skippable=not self.is_required, **{**shared, **attributes})
        spec.source = self.source
        return spec


class AssetCheckSpec(Record):
    """A check of an asset, made by the function that makes the asset or by `@multi_asset_check`."""

    @refuse_unknown
    def __init__(
        self,
        name: str,
        *,
        asset: CoercibleToAssetDep,
        description: str | None = None,
        additional_deps: Iterable[CoercibleToAssetDep] | None = None,
        blocking: bool = False,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = check_name(name, "AssetCheckSpec: name")
        what = f"check '{name}'"
        self.asset_key = read_key(asset, f"{what}: asset")
        self.description = check_text(description, f"{what}: description")
        self.additional_deps = read_deps(additional_deps, f"{what}: additional_deps")
        self.blocking = check_bool(blocking, f"{what}: blocking")
        self.metadata = check_mapping(metadata, f"{what}: metadata")
        self.source = find_caller()


def read_deps(values: Iterable[Any] | None, what: str) -> list[AssetDep]:
    """Dependencies given as keys, assets, specs or `AssetDep`; a multi-asset stands for all its keys."""
    deps: list[AssetDep] = []
    for value in check_list(values, what, "a list of assets or asset keys"):
        if isinstance(value, AssetDep):
            found = [value]
        elif hasattr(value, "specs"):
            found = [AssetDep(spec.key) for spec in value.specs]
        else:
            found = [AssetDep(read_key(value, what))]
        for dep in found:
            if any(dep.asset_key == other.asset_key for other in deps):
                raise DefinitionError(f"{what} names {show(str(dep.asset_key))} twice")
            deps.append(dep)
    return deps


def read_ins(values: Mapping[str, Any] | None, what: str) -> dict[str, AssetIn]:
    ins = check_mapping(values, what)
    for name, value in ins.items():
        if not isinstance(value, AssetIn):
            ins[name] = AssetIn(key=read_key(value, f"{what}[{name!r}]"))
    return ins
