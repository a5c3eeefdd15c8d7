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
    from ._failures import ExecutionError as ExecutionError
    from ._failures import Failure as Failure
    from ._failures import InvalidConfigError as InvalidConfigError
    from ._failures import RetryRequested as RetryRequested
    from ._graphs import GraphDefinition as GraphDefinition
    from ._graphs import JobDefinition as JobDefinition
    from ._graphs import graph as graph
    from ._graphs import graph_asset as graph_asset
    from ._graphs import job as job
    from ._hooks import HookContext as HookContext
    from ._hooks import HookDefinition as HookDefinition
    from ._hooks import failure_hook as failure_hook
    from ._hooks import success_hook as success_hook
    from ._io_contexts import InputContext as InputContext
    from ._io_contexts import OutputContext as OutputContext
    from ._io_contexts import build_input_context as build_input_context
    from ._io_contexts import build_output_context as build_output_context
    from ._io_managers import FilesystemIOManager as FilesystemIOManager
    from ._io_managers import InMemoryIOManager as InMemoryIOManager
    from ._jobs import AssetJobDefinition as AssetJobDefinition
    from ._jobs import define_asset_job as define_asset_job
    from ._keys import AssetKey as AssetKey
    from ._materializations import AssetCheckEvaluation as AssetCheckEvaluation
    from ._materializations import AssetMaterialization as AssetMaterialization
    from ._materializations import AssetObservation as AssetObservation
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
    from ._partitions._keys import PartitionKeyRange as PartitionKeyRange
    from ._partitions._keys import TimeWindow as TimeWindow
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
    from ._resource_functions import InitResourceContext as InitResourceContext
    from ._resource_functions import ResourceDefinition as ResourceDefinition
    from ._resource_functions import build_init_resource_context as build_init_resource_context
    from ._resource_functions import io_manager as io_manager
    from ._resource_functions import resource as resource
    from ._resources import ConfigurableIOManager as ConfigurableIOManager
    from ._resources import ConfigurableResource as ConfigurableResource
    from ._resources import IOManager as IOManager
    from ._resources import ResourceDependency as ResourceDependency
    from ._resources import ResourceParam as ResourceParam
    from ._results import AssetCheckResult as AssetCheckResult
    from ._results import AssetCheckSeverity as AssetCheckSeverity
    from ._results import MaterializeResult as MaterializeResult
    from ._results import Output as Output
    from ._running._entry import materialize as materialize
    from ._running._entry import materialize_to_memory as materialize_to_memory
    from ._running._results import ExecuteInProcessResult as ExecuteInProcessResult
    from ._schedules import DefaultScheduleStatus as DefaultScheduleStatus
    from ._schedules import ScheduleDefinition as ScheduleDefinition
    from ._schedules import schedule as schedule
    from ._selection import AssetSelection as AssetSelection
    from ._sensors import DefaultSensorStatus as DefaultSensorStatus
    from ._sensors import RunStatus as RunStatus
    from ._sensors import SensorDefinition as SensorDefinition
    from ._sensors import asset_sensor as asset_sensor
    from ._sensors import run_failure_sensor as run_failure_sensor
    from ._sensors import run_status_sensor as run_status_sensor
    from ._sensors import sensor as sensor
    from ._specs import AssetCheckSpec as AssetCheckSpec
    from ._specs import AssetDep as AssetDep
    from ._specs import AssetIn as AssetIn
    from ._specs import AssetOut as AssetOut
    from ._specs import AssetSpec as AssetSpec
    from ._ticks import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
    from ._ticks import AssetEvent as AssetEvent
    from ._ticks import DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest
    from ._ticks import RunRequest as RunRequest
    from ._ticks import RunStatusSensorContext as RunStatusSensorContext
    from ._ticks import ScheduleEvaluationContext as ScheduleEvaluationContext
    from ._ticks import SensorEvaluationContext as SensorEvaluationContext
    from ._ticks import SensorResult as SensorResult
    from ._ticks import SkipReason as SkipReason
    from ._ticks import build_run_status_sensor_context as build_run_status_sensor_context
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
    "_failures": "ExecutionError Failure InvalidConfigError RetryRequested",
    "_graphs": "GraphDefinition JobDefinition graph graph_asset job",
    "_hooks": "HookContext HookDefinition failure_hook success_hook",
    "_io_contexts": "InputContext OutputContext build_input_context build_output_context",
    "_io_managers": "FilesystemIOManager InMemoryIOManager",
    "_jobs": "AssetJobDefinition define_asset_job",
    "_keys": "AssetKey",
    "_materializations": "AssetCheckEvaluation AssetMaterialization AssetObservation",
    "_metadata": "MetadataValue TableColumn TableRecord TableSchema",
    "_modules": (
        "load_asset_checks_from_current_module load_asset_checks_from_modules "
        "load_asset_checks_from_package_module load_assets_from_current_module load_assets_from_modules "
        "load_assets_from_package_module load_assets_from_package_name load_definitions_from_current_module "
        "load_definitions_from_module load_definitions_from_modules load_definitions_from_package_module"
    ),
    "_ops": "In Nothing OpDefinition Out op",
    "_partitions._base": "PartitionMapping PartitionsDefinition",
    "_partitions._definitions": (
        "DynamicPartitionsDefinition MultiPartitionKey MultiPartitionsDefinition StaticPartitionsDefinition"
    ),
    "_partitions._keys": "PartitionKeyRange TimeWindow",
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
    "_resource_functions": "InitResourceContext ResourceDefinition build_init_resource_context io_manager resource",
    "_resources": "ConfigurableIOManager ConfigurableResource IOManager ResourceDependency ResourceParam",
    "_results": "AssetCheckResult AssetCheckSeverity MaterializeResult Output",
    "_running._entry": "materialize materialize_to_memory",
    "_running._results": "ExecuteInProcessResult",
    "_schedules": "DefaultScheduleStatus ScheduleDefinition schedule",
    "_selection": "AssetSelection",
    "_sensors": (
        "DefaultSensorStatus RunStatus SensorDefinition asset_sensor run_failure_sensor run_status_sensor sensor"
    ),
    "_specs": "AssetCheckSpec AssetDep AssetIn AssetOut AssetSpec",
    "_ticks": (
        "AddDynamicPartitionsRequest AssetEvent DeleteDynamicPartitionsRequest RunRequest RunStatusSensorContext "
        "ScheduleEvaluationContext SensorEvaluationContext SensorResult SkipReason build_run_status_sensor_context "
        "build_schedule_context build_sensor_context"
    ),
}
_MODULES: dict[str, str] = {}  # name: its module, filled when the first name is asked for

__all__ = [
    "AddDynamicPartitionsRequest",
    "AllPartitionMapping",
    "AssetCheckEvaluation",
    "AssetCheckExecutionContext",
    "AssetCheckResult",
    "AssetCheckSeverity",
    "AssetCheckSpec",
    "AssetChecksDefinition",
    "AssetDep",
    "AssetEvent",
    "AssetExecutionContext",
    "AssetIn",
    "AssetJobDefinition",
    "AssetKey",
    "AssetMaterialization",
    "AssetObservation",
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
    "DeleteDynamicPartitionsRequest",
    "DimensionPartitionMapping",
    "DynamicPartitionsDefinition",
    "EnvVar",
    "ExecuteInProcessResult",
    "ExecutionError",
    "ExecutorDefinition",
    "Failure",
    "FilesystemIOManager",
    "GraphDefinition",
    "HookContext",
    "HookDefinition",
    "HourlyPartitionsDefinition",
    "IOManager",
    "IdentityPartitionMapping",
    "In",
    "InMemoryIOManager",
    "InitResourceContext",
    "InputContext",
    "InvalidConfigError",
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
    "PartitionKeyRange",
    "PartitionMapping",
    "PartitionsDefinition",
    "ResourceDefinition",
    "ResourceDependency",
    "ResourceParam",
    "RetryPolicy",
    "RetryRequested",
    "RunConfig",
    "RunRequest",
    "RunStatus",
    "RunStatusSensorContext",
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
    "TimeWindow",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "WeeklyPartitionsDefinition",
    "asset",
    "asset_check",
    "asset_sensor",
    "build_asset_check_context",
    "build_asset_context",
    "build_init_resource_context",
    "build_input_context",
    "build_op_context",
    "build_output_context",
    "build_run_status_sensor_context",
    "build_schedule_context",
    "build_schedule_from_partitioned_job",
    "build_sensor_context",
    "define_asset_job",
    "definitions",
    "failure_hook",
    "graph",
    "graph_asset",
    "in_process_executor",
    "io_manager",
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
    "materialize",
    "materialize_to_memory",
    "multi_asset",
    "multi_asset_check",
    "multiprocess_executor",
    "op",
    "resource",
    "run_failure_sensor",
    "run_status_sensor",
    "schedule",
    "sensor",
    "success_hook",
]


def __getattr__(name: str) -> Any:
    if not _MODULES:
        _MODULES.update({name: module for module, names in _NAMES.items() for name in names.split()})
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
