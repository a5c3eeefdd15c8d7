"""Atoll's SDK: what code locations import to declare assets, checks, jobs, resources, schedules and sensors.

Standard library only. A name's module is imported when the name is first used.
"""

from __future__ import annotations

from ._version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._assets import AssetsDefinition as AssetsDefinition
    from ._assets import asset as asset
    from ._assets import multi_asset as multi_asset
    from ._checks import AssetChecksDefinition as AssetChecksDefinition
    from ._checks import asset_check as asset_check
    from ._checks import multi_asset_check as multi_asset_check
    from ._config import Config as Config
    from ._config import RunConfig as RunConfig
    from ._contexts import AssetCheckExecutionContext as AssetCheckExecutionContext
    from ._contexts import AssetExecutionContext as AssetExecutionContext
    from ._contexts import OpExecutionContext as OpExecutionContext
    from ._contexts import build_asset_check_context as build_asset_check_context
    from ._contexts import build_asset_context as build_asset_context
    from ._contexts import build_op_context as build_op_context
    from ._definitions import Definitions as Definitions
    from ._definitions import definitions as definitions
    from ._definitions import map_asset_specs as map_asset_specs
    from ._environment import EnvVar as EnvVar
    from ._errors import DefinitionError as DefinitionError
    from ._execution import ExecutorDefinition as ExecutorDefinition
    from ._execution import LoggerDefinition as LoggerDefinition
    from ._execution import in_process_executor as in_process_executor
    from ._execution import logger as logger
    from ._execution import multiprocess_executor as multiprocess_executor
    from ._graphs import GraphDefinition as GraphDefinition
    from ._graphs import JobDefinition as JobDefinition
    from ._graphs import graph as graph
    from ._graphs import graph_asset as graph_asset
    from ._graphs import job as job
    from ._jobs import AssetJobDefinition as AssetJobDefinition
    from ._jobs import define_asset_job as define_asset_job
    from ._keys import AssetKey as AssetKey
    from ._metadata import MetadataValue as MetadataValue
    from ._metadata import TableColumn as TableColumn
    from ._metadata import TableRecord as TableRecord
    from ._metadata import TableSchema as TableSchema
    from ._modules import load_asset_checks_from_current_module as load_asset_checks_from_current_module
    from ._modules import load_asset_checks_from_modules as load_asset_checks_from_modules
    from ._modules import load_asset_checks_from_package_module as load_asset_checks_from_package_module
    from ._modules import load_assets_from_current_module as load_assets_from_current_module
    from ._modules import load_assets_from_modules as load_assets_from_modules
    from ._modules import load_assets_from_package_module as load_assets_from_package_module
    from ._modules import load_assets_from_package_name as load_assets_from_package_name
    from ._modules import load_definitions_from_current_module as load_definitions_from_current_module
    from ._modules import load_definitions_from_module as load_definitions_from_module
    from ._modules import load_definitions_from_modules as load_definitions_from_modules
    from ._modules import load_definitions_from_package_module as load_definitions_from_package_module
    from ._ops import In as In
    from ._ops import Nothing as Nothing
    from ._ops import OpDefinition as OpDefinition
    from ._ops import Out as Out
    from ._ops import op as op
    from ._partitions._base import PartitionMapping as PartitionMapping
    from ._partitions._base import PartitionsDefinition as PartitionsDefinition
    from ._partitions._definitions import DynamicPartitionsDefinition as DynamicPartitionsDefinition
    from ._partitions._definitions import MultiPartitionKey as MultiPartitionKey
    from ._partitions._definitions import MultiPartitionsDefinition as MultiPartitionsDefinition
    from ._partitions._definitions import StaticPartitionsDefinition as StaticPartitionsDefinition
    from ._partitions._mappings import AllPartitionMapping as AllPartitionMapping
    from ._partitions._mappings import DimensionPartitionMapping as DimensionPartitionMapping
    from ._partitions._mappings import IdentityPartitionMapping as IdentityPartitionMapping
    from ._partitions._mappings import LastPartitionMapping as LastPartitionMapping
    from ._partitions._mappings import MultiPartitionMapping as MultiPartitionMapping
    from ._partitions._mappings import MultiToSingleDimensionPartitionMapping as MultiToSingleDimensionPartitionMapping
    from ._partitions._mappings import SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping
    from ._partitions._mappings import StaticPartitionMapping as StaticPartitionMapping
    from ._partitions._mappings import TimeWindowPartitionMapping as TimeWindowPartitionMapping
    from ._partitions._schedules import build_schedule_from_partitioned_job as build_schedule_from_partitioned_job
    from ._partitions._windows import DailyPartitionsDefinition as DailyPartitionsDefinition
    from ._partitions._windows import HourlyPartitionsDefinition as HourlyPartitionsDefinition
    from ._partitions._windows import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
    from ._partitions._windows import ScheduleType as ScheduleType
    from ._partitions._windows import TimeWindowPartitionsDefinition as TimeWindowPartitionsDefinition
    from ._partitions._windows import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
    from ._policies import Backoff as Backoff
    from ._policies import Jitter as Jitter
    from ._policies import RetryPolicy as RetryPolicy
    from ._resources import ConfigurableIOManager as ConfigurableIOManager
    from ._resources import ConfigurableResource as ConfigurableResource
    from ._resources import InputContext as InputContext
    from ._resources import IOManager as IOManager
    from ._resources import OutputContext as OutputContext
    from ._resources import ResourceDependency as ResourceDependency
    from ._resources import ResourceParam as ResourceParam
    from ._results import AssetCheckResult as AssetCheckResult
    from ._results import AssetCheckSeverity as AssetCheckSeverity
    from ._results import MaterializeResult as MaterializeResult
    from ._results import Output as Output
    from ._schedules import DefaultScheduleStatus as DefaultScheduleStatus
    from ._schedules import ScheduleDefinition as ScheduleDefinition
    from ._schedules import schedule as schedule
    from ._selection import AssetSelection as AssetSelection
    from ._sensors import DefaultSensorStatus as DefaultSensorStatus
    from ._sensors import SensorDefinition as SensorDefinition
    from ._sensors import asset_sensor as asset_sensor
    from ._sensors import sensor as sensor
    from ._specs import AssetCheckSpec as AssetCheckSpec
    from ._specs import AssetDep as AssetDep
    from ._specs import AssetIn as AssetIn
    from ._specs import AssetOut as AssetOut
    from ._specs import AssetSpec as AssetSpec
    from ._ticks import RunRequest as RunRequest
    from ._ticks import ScheduleEvaluationContext as ScheduleEvaluationContext
    from ._ticks import SensorEvaluationContext as SensorEvaluationContext
    from ._ticks import SensorResult as SensorResult
    from ._ticks import SkipReason as SkipReason
    from ._ticks import build_schedule_context as build_schedule_context
    from ._ticks import build_sensor_context as build_sensor_context

_SDK_MARKER = "atoll-sdk"

# module: the names it gives
_NAMES = {
    "_assets": "AssetsDefinition asset multi_asset",
    "_checks": "AssetChecksDefinition asset_check multi_asset_check",
    "_config": "Config RunConfig",
    "_contexts": (
        "AssetCheckExecutionContext AssetExecutionContext OpExecutionContext build_asset_check_context "
        "build_asset_context build_op_context"
    ),
    "_definitions": "Definitions definitions map_asset_specs",
    "_environment": "EnvVar",
    "_errors": "DefinitionError",
    "_execution": "ExecutorDefinition LoggerDefinition in_process_executor logger multiprocess_executor",
    "_graphs": "GraphDefinition JobDefinition graph graph_asset job",
    "_jobs": "AssetJobDefinition define_asset_job",
    "_keys": "AssetKey",
    "_metadata": "MetadataValue TableColumn TableRecord TableSchema",
    "_modules": (
        "load_asset_checks_from_current_module load_asset_checks_from_modules "
        "load_asset_checks_from_package_module load_assets_from_current_module load_assets_from_modules "
        "load_assets_from_package_module load_assets_from_package_name "
        "load_definitions_from_current_module load_definitions_from_module load_definitions_from_modules "
        "load_definitions_from_package_module"
    ),
    "_ops": "In Nothing OpDefinition Out op",
    "_partitions._base": "PartitionMapping PartitionsDefinition",
    "_partitions._definitions": (
        "DynamicPartitionsDefinition MultiPartitionKey MultiPartitionsDefinition StaticPartitionsDefinition"
    ),
    "_partitions._mappings": (
        "AllPartitionMapping DimensionPartitionMapping IdentityPartitionMapping LastPartitionMapping "
        "MultiPartitionMapping MultiToSingleDimensionPartitionMapping SpecificPartitionsPartitionMapping "
        "StaticPartitionMapping TimeWindowPartitionMapping"
    ),
    "_partitions._schedules": "build_schedule_from_partitioned_job",
    "_partitions._windows": (
        "DailyPartitionsDefinition HourlyPartitionsDefinition MonthlyPartitionsDefinition ScheduleType "
        "TimeWindowPartitionsDefinition WeeklyPartitionsDefinition"
    ),
    "_policies": "Backoff Jitter RetryPolicy",
    "_resources": (
        "ConfigurableIOManager ConfigurableResource IOManager InputContext OutputContext "
        "ResourceDependency ResourceParam"
    ),
    "_results": "AssetCheckResult AssetCheckSeverity MaterializeResult Output",
    "_schedules": "DefaultScheduleStatus ScheduleDefinition schedule",
    "_selection": "AssetSelection",
    "_sensors": "DefaultSensorStatus SensorDefinition asset_sensor sensor",
    "_specs": "AssetCheckSpec AssetDep AssetIn AssetOut AssetSpec",
    "_ticks": (
        "RunRequest ScheduleEvaluationContext SensorEvaluationContext SensorResult SkipReason "
        "build_schedule_context build_sensor_context"
    ),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "AllPartitionMapping",
    "AssetCheckExecutionContext",
    "AssetCheckResult",
    "AssetCheckSeverity",
    "AssetCheckSpec",
    "AssetChecksDefinition",
    "AssetDep",
    "AssetExecutionContext",
    "AssetIn",
    "AssetJobDefinition",
    "AssetKey",
    "AssetOut",
    "AssetSelection",
    "AssetSpec",
    "AssetsDefinition",
    "Backoff",
    "Config",
    "ConfigurableIOManager",
    "ConfigurableResource",
    "DailyPartitionsDefinition",
    "DefaultScheduleStatus",
    "DefaultSensorStatus",
    "DefinitionError",
    "Definitions",
    "DimensionPartitionMapping",
    "DynamicPartitionsDefinition",
    "EnvVar",
    "ExecutorDefinition",
    "GraphDefinition",
    "HourlyPartitionsDefinition",
    "IOManager",
    "IdentityPartitionMapping",
    "In",
    "InputContext",
    "Jitter",
    "JobDefinition",
    "LastPartitionMapping",
    "LoggerDefinition",
    "MaterializeResult",
    "MetadataValue",
    "MonthlyPartitionsDefinition",
    "MultiPartitionKey",
    "MultiPartitionMapping",
    "MultiPartitionsDefinition",
    "MultiToSingleDimensionPartitionMapping",
    "Nothing",
    "OpDefinition",
    "OpExecutionContext",
    "Out",
    "Output",
    "OutputContext",
    "PartitionMapping",
    "PartitionsDefinition",
    "ResourceDependency",
    "ResourceParam",
    "RetryPolicy",
    "RunConfig",
    "RunRequest",
    "ScheduleDefinition",
    "ScheduleEvaluationContext",
    "ScheduleType",
    "SensorDefinition",
    "SensorEvaluationContext",
    "SensorResult",
    "SkipReason",
    "SpecificPartitionsPartitionMapping",
    "StaticPartitionMapping",
    "StaticPartitionsDefinition",
    "TableColumn",
    "TableRecord",
    "TableSchema",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "WeeklyPartitionsDefinition",
    "asset",
    "asset_check",
    "asset_sensor",
    "build_asset_check_context",
    "build_asset_context",
    "build_op_context",
    "build_schedule_context",
    "build_schedule_from_partitioned_job",
    "build_sensor_context",
    "define_asset_job",
    "definitions",
    "graph",
    "graph_asset",
    "in_process_executor",
    "job",
    "load_asset_checks_from_current_module",
    "load_asset_checks_from_modules",
    "load_asset_checks_from_package_module",
    "load_assets_from_current_module",
    "load_assets_from_modules",
    "load_assets_from_package_module",
    "load_assets_from_package_name",
    "load_definitions_from_current_module",
    "load_definitions_from_module",
    "load_definitions_from_modules",
    "load_definitions_from_package_module",
    "logger",
    "map_asset_specs",
    "multi_asset",
    "multi_asset_check",
    "multiprocess_executor",
    "op",
    "schedule",
    "sensor",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{_suggest(name)}")
    full_name = f"{__name__}.{module}"
    __import__(full_name)
    import sys

    value = getattr(sys.modules[full_name], name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def _suggest(name: str) -> str:
    if name.startswith("_"):
        return ""
    from ._arguments import suggest

    suggestion = suggest(name, __all__)
    return f"; did you mean {suggestion!r}?" if suggestion else ""
