"""Collecting what modules declare."""

from __future__ import annotations

import sys

from ._arguments import check_group, check_list, refuse_unknown, show
from ._assets import AssetsDefinition
from ._definitions import Definitions, LazyDefinitions
from ._errors import DefinitionError
from ._keys import read_prefix
from ._sources import find_caller_frame
from ._specs import AssetDep, AssetSpec
from ._values import keep_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Iterable, Iterator, Mapping, Sequence

    from ._checks import AssetChecksDefinition
    from ._execution import ExecutorDefinition, LoggerDefinition
    from ._keys import AssetKey

_PLACES = {
    "AssetsDefinition": "assets",
    "AssetSpec": "assets",
    "AssetChecksDefinition": "asset_checks",
    "JobDefinition": "jobs",
    "AssetJobDefinition": "jobs",
    "ScheduleDefinition": "schedules",
    "SensorDefinition": "sensors",
}


@refuse_unknown
def load_assets_from_modules(
    modules: Iterable[ModuleType],
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    *,
    include_specs: bool = False,
) -> list[Any]:
    """The assets at the top level of these modules, and in lists there.

    `group_name` is given to assets that have none, `key_prefix` is put before their keys (and before these keys where
    one of them depends on another); `include_specs` takes `AssetSpec` objects too.
    """
    kinds = ("AssetsDefinition", "AssetSpec") if include_specs else ("AssetsDefinition",)
    return _adjust(_collect(modules, kinds), group_name, key_prefix)


@refuse_unknown
def load_assets_from_current_module(
    group_name: str | None = None, key_prefix: str | Sequence[str] | None = None, *, include_specs: bool = False
) -> list[Any]:
    """The assets of the module that calls, declared so far."""
    return load_assets_from_modules([_get_current()], group_name, key_prefix, include_specs=include_specs)


@refuse_unknown
def load_assets_from_package_module(
    package_module: ModuleType,
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    *,
    include_specs: bool = False,
) -> list[Any]:
    """The assets of a package's modules, all of which are imported."""
    modules = _import_all(package_module)
    return load_assets_from_modules(modules, group_name, key_prefix, include_specs=include_specs)


@refuse_unknown
def load_assets_from_package_name(
    package_name: str,
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    *,
    include_specs: bool = False,
) -> list[Any]:
    """The assets of the modules of the package of this name, all of which are imported."""
    modules = _import_all(_import(package_name))
    return load_assets_from_modules(modules, group_name, key_prefix, include_specs=include_specs)


@refuse_unknown
def load_asset_checks_from_modules(
    modules: Iterable[ModuleType], asset_key_prefix: str | Sequence[str] | None = None
) -> list[AssetChecksDefinition]:
    """The asset checks at the top level of these modules; `asset_key_prefix` is put before the keys of their assets."""
    checks = _collect(modules, ("AssetChecksDefinition",))
    prefix = read_prefix(asset_key_prefix, "asset_key_prefix")
    if not prefix:
        return checks
    return [check.move({s.asset_key: s.asset_key.with_prefix(prefix) for s in check.check_specs}) for check in checks]


@refuse_unknown
def load_asset_checks_from_current_module(
    asset_key_prefix: str | Sequence[str] | None = None,
) -> list[AssetChecksDefinition]:
    """The asset checks of the module that calls, declared so far."""
    return load_asset_checks_from_modules([_get_current()], asset_key_prefix)


@refuse_unknown
def load_asset_checks_from_package_module(
    package_module: ModuleType, asset_key_prefix: str | Sequence[str] | None = None
) -> list[AssetChecksDefinition]:
    """The asset checks of a package's modules, all of which are imported."""
    return load_asset_checks_from_modules(_import_all(package_module), asset_key_prefix)


@refuse_unknown
def load_definitions_from_modules(
    modules: Iterable[ModuleType],
    *,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | None = None,
) -> Definitions:
    """Everything declared at the top level of these modules, with the given resources, loggers and executor.

    `Definitions` objects found there are merged in.
    """
    modules = list(modules)
    found: dict[str, Any] = {argument: [] for argument in _PLACES.values()}
    for item in _collect(modules, tuple(_PLACES)):
        found[_PLACES[type(item).__name__]].append(item)
    gathered = Definitions(**found, resources=resources, loggers=loggers, executor=executor)
    inner = _collect(modules, ("Definitions", "LazyDefinitions"))
    operands = {id(operand) for item in inner for operand in getattr(item, "operands", [])}
    outer = [item for item in inner if id(item) not in operands]
    return Definitions.merge(gathered, *outer) if outer else gathered


@refuse_unknown
def load_definitions_from_module(
    module: ModuleType,
    *,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | None = None,
) -> Definitions:
    """Everything declared at the top level of a module."""
    return load_definitions_from_modules([module], resources=resources, loggers=loggers, executor=executor)


@refuse_unknown
def load_definitions_from_current_module(
    *,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | None = None,
) -> Definitions:
    """Everything declared in the module that calls, so far."""
    return load_definitions_from_modules([_get_current()], resources=resources, loggers=loggers, executor=executor)


@refuse_unknown
def load_definitions_from_package_module(
    package_module: ModuleType,
    *,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, LoggerDefinition] | None = None,
    executor: ExecutorDefinition | None = None,
) -> Definitions:
    """Everything declared in a package's modules, all of which are imported."""
    modules = _import_all(package_module)
    return load_definitions_from_modules(modules, resources=resources, loggers=loggers, executor=executor)


def _collect(modules: Iterable[ModuleType], kinds: Sequence[str]) -> list[Any]:
    """The objects of these classes, each once, in the order of modules and of declaration."""
    found: list[Any] = []
    for module in check_list(modules, "modules", "a list of modules"):
        if not isinstance(module, type(sys)):
            raise DefinitionError(f"modules must be a list of modules, not {show(module)}")
        found += [item for item in _iterate_values(module) if type(item).__name__ in kinds]
    return keep_first(found)


def _iterate_values(module: ModuleType) -> Iterator[Any]:
    for name, value in list(vars(module).items()):
        if isinstance(value, (list, tuple)) and not name.startswith("__"):
            yield from value
        elif not isinstance(value, LazyDefinitions) or value.owner is vars(module):
            yield value


def _get_current() -> ModuleType:
    name = find_caller_frame().f_globals.get("__name__", "")
    if name not in sys.modules:
        raise DefinitionError(f"the calling module {name!r} is not among the imported ones")
    return sys.modules[name]


def _import(name: str) -> ModuleType:
    import importlib

    return importlib.import_module(name)


def _import_all(package: ModuleType) -> list[ModuleType]:
    """A package and the modules in it, at any depth, imported in the order of their names."""
    if not hasattr(package, "__path__"):
        raise DefinitionError(f"{getattr(package, '__name__', show(package))} is a module and no package")
    import pkgutil

    names = [item.name for item in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [package, *[_import(name) for name in names if not name.endswith(".__main__")]]


def _adjust(items: list[Any], group_name: str | None, key_prefix: Any) -> list[Any]:
    group = check_group(group_name, "group_name")
    prefix = read_prefix(key_prefix, "key_prefix")
    if group is None and not prefix:
        return items
    keys = [spec.key for item in items for spec in (item.specs if isinstance(item, AssetsDefinition) else [item])]
    renamed: dict[AssetKey, AssetKey] = {key: key.with_prefix(prefix) for key in keys} if prefix else {}

    def change(spec: AssetSpec) -> AssetSpec:
        if group is not None and spec.group_name is not None and spec.group_name != group:
            raise DefinitionError(f"asset '{spec.key}' is in group '{spec.group_name}' and can't be put in '{group}'")
        deps = [
            AssetDep(renamed.get(d.asset_key, d.asset_key), partition_mapping=d.partition_mapping, metadata=d.metadata)
            for d in spec.deps
        ]
        key = renamed.get(spec.key, spec.key)
        return spec.replace_attributes(key=key, deps=deps, group_name=spec.group_name or group)

    return [item.map_specs(change, renamed) if isinstance(item, AssetsDefinition) else change(item) for item in items]
