"""Assets and checks in the snapshot."""

from __future__ import annotations

from .._metadata import describe_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._catalog import Asset, Catalog, Dependency
    from .._specs import AssetDep

    Names = dict[int, str]


def describe_assets(catalog: Catalog, names: Names) -> list[dict[str, Any]]:
    return [_describe_asset(asset, names) for asset in catalog.assets]


def _describe_asset(asset: Asset, names: Names) -> dict[str, Any]:
    spec = asset.spec
    made_by = asset.made_by
    return {
        "key": str(spec.key),
        "group": spec.group_name or "default",
        "description": spec.description,
        "type": "external" if made_by is None else "materializable",
        "computation": None if made_by is None else names[id(made_by.computation)],
        "output": None if made_by is None else made_by.output_names.get(spec.key),
        "dependencies": [_describe_dependency(dependency) for dependency in asset.dependencies],
        "metadata": describe_metadata(spec.metadata),
        "tags": spec.tags,
        "kinds": spec.kinds,
        "owners": spec.owners,
        "code_version": spec.code_version,
        "partitions": None if spec.partitions_def is None else spec.partitions_def.describe(),
        "io_manager": None if made_by is None else made_by.io_manager_keys.get(spec.key, "io_manager"),
        "skippable": spec.skippable,
        "source": spec.source.describe(),
    }


def _describe_dependency(dependency: Dependency) -> dict[str, Any]:
    mapping = dependency.partition_mapping
    return {
        "key": str(dependency.key),
        "argument": dependency.argument,
        "partition_mapping": None if mapping is None else mapping.describe(),
        "metadata": describe_metadata(dependency.metadata),
        "input_manager": dependency.input_manager_key,
    }


def describe_checks(catalog: Catalog, names: Names) -> list[dict[str, Any]]:
    checks = []
    for check in catalog.checks:
        spec, computation = check.spec, check.made_by.computation
        deps = [_describe_dep(dep) for dep in spec.additional_deps]
        if not hasattr(check.made_by, "specs"):  # made by a function of its own, whose parameters are edges too
            prefix = spec.asset_key.path[:-1]
            arguments = catalog.find_argument_dependencies(check.made_by, prefix)
            deps = [_describe_dependency(dependency) for dependency in mark_checked(check, arguments)] + deps
        checks.append(
            {
                "name": spec.name,
                "asset": str(spec.asset_key),
                "description": spec.description,
                "blocking": spec.blocking,
                "metadata": describe_metadata(spec.metadata),
                "computation": names[id(computation)],
                "dependencies": deps,
                "source": spec.source.describe(),
            }
        )
    return checks


def mark_checked(check: Any, arguments: list[Dependency]) -> list[Dependency]:
    """The edges with the first that `additional_ins` does not name leading to the checked asset itself."""
    if len(check.made_by.check_specs) == 1:
        for dependency in arguments:
            if dependency.argument not in check.made_by.ins:
                dependency.key = check.spec.asset_key
                break
    return arguments


def _describe_dep(dep: AssetDep) -> dict[str, Any]:
    return {
        "key": str(dep.asset_key),
        "argument": None,
        "partition_mapping": None if dep.partition_mapping is None else dep.partition_mapping.describe(),
        "metadata": describe_metadata(dep.metadata),
        "input_manager": None,
    }
