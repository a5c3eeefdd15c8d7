"""`define_asset_job`, and what schedules and sensors may target."""

from __future__ import annotations

from ._arguments import check_mapping, check_name, check_run_tags, check_text, refuse_unknown, show
from ._computations import check_retry_policy
from ._config import read_run_config
from ._errors import DefinitionError
from ._execution import check_executor, read_hooks
from ._graphs import JobDefinition
from ._partitions._base import check_partitions
from ._selection import AssetSelection, read_selection
from ._sources import find_caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Sequence, Union

    from ._assets import AssetsDefinition
    from ._config import RunConfig
    from ._execution import ExecutorDefinition
    from ._hooks import HookDefinition
    from ._keys import AssetKey, CoercibleToAssetKey
    from ._partitions._base import PartitionsDefinition
    from ._policies import RetryPolicy
    from ._specs import AssetSpec

    CoercibleToSelection = Union[
        AssetSelection,
        str,
        AssetKey,
        AssetsDefinition,
        Sequence[Union[CoercibleToAssetKey, AssetsDefinition, AssetSpec]],
    ]
    Job = Union["AssetJobDefinition", JobDefinition]


class AssetJobDefinition:
    """A selection of assets to make together. Made by `define_asset_job`."""

    def __init__(self, name: str, **options: Any) -> None:
        self.name = check_name(name, "define_asset_job: name")
        what = f"job '{name}'"
        selection = options["selection"]
        self.selection = AssetSelection.all() if selection is None else read_selection(selection, f"{what}: selection")
        self.config = read_run_config(options["config"], f"{what}: config")
        self.description = check_text(options["description"], f"{what}: description")
        self.tags = check_run_tags(options["tags"], f"{what}: tags")
        self.run_tags = check_run_tags(options["run_tags"], f"{what}: run_tags")
        self.metadata = check_mapping(options["metadata"], f"{what}: metadata")
        self.partitions_def = check_partitions(options["partitions_def"], f"{what}: partitions_def")
        self.executor_def = check_executor(options["executor_def"], f"{what}: executor_def")
        self.op_retry_policy = check_retry_policy(options["op_retry_policy"], f"{what}: op_retry_policy")
        self.hooks = read_hooks(options.get("hooks"), f"{what}: hooks")
        self.source = find_caller()

    def __repr__(self) -> str:
        return f"<AssetJobDefinition {self.name}>"


@refuse_unknown
def define_asset_job(  # noqa: PLR0917 -- users know the order
    name: str,
    selection: CoercibleToSelection | None = None,
    config: RunConfig | Mapping[str, Any] | None = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    run_tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    partitions_def: PartitionsDefinition | None = None,
    executor_def: ExecutorDefinition | None = None,
    op_retry_policy: RetryPolicy | None = None,
    hooks: Iterable[HookDefinition] | None = None,
) -> AssetJobDefinition:
    """Declare a job that makes a selection of assets (all of them where none is given) with their checks.

    Raises:
        DefinitionError: an argument has the wrong shape, or the selection can't be read.
    """
    return AssetJobDefinition(
        name,
        selection=selection,
        config=config,
        description=description,
        tags=tags,
        run_tags=run_tags,
        metadata=metadata,
        partitions_def=partitions_def,
        executor_def=executor_def,
        op_retry_policy=op_retry_policy,
        hooks=hooks,
    )


class Target:
    """What a schedule or sensor starts: a job (the object, or its name) or a selection of assets.

    `job` is the job object or None, `job_name` its name or None, `selection` None for a job; `assets` holds asset
    definitions that the selection was given as.
    """

    def __init__(self, job: Job | None, job_name: str | None, selection: AssetSelection | None, assets: Any) -> None:
        self.job = job
        self.job_name = job_name
        self.selection = selection
        self.assets: list[AssetsDefinition] = list(assets)


def read_job(value: Any, what: str) -> Target:
    """A target given as a job object."""
    if not isinstance(value, (JobDefinition, AssetJobDefinition)):
        hint = "name a job by job_name" if isinstance(value, str) else "make one with @job or define_asset_job"
        raise DefinitionError(f"{what} must be a job, not {show(value)}", hint)
    return Target(value, value.name, None, [])


def read_targets(
    what: str, *, job: Any = None, job_name: Any = None, target: Any = None, jobs: Any = None
) -> list[Target]:
    """The targets named by at most one of the arguments.

    Raises:
        DefinitionError: more than one of them is given.
    """
    given = [n for n, v in (("job", job), ("job_name", job_name), ("target", target), ("jobs", jobs)) if v is not None]
    if len(given) > 1:
        raise DefinitionError(f"{what}: give only one of {', '.join(given)}")
    if job is not None:
        return [read_job(job, f"{what}: job")]
    if job_name is not None:
        return [Target(None, check_name(job_name, f"{what}: job_name"), None, [])]
    if jobs is not None:
        return [read_job(item, f"{what}: jobs") for item in jobs]
    return [] if target is None else [_read_target(target, f"{what}: target")]


def _read_target(target: Any, what: str) -> Target:
    if isinstance(target, (JobDefinition, AssetJobDefinition)):
        return read_job(target, what)
    items = target if isinstance(target, (list, tuple)) else [target]
    assets = [item for item in items if hasattr(item, "computation") and hasattr(item, "specs")]
    return Target(None, None, read_selection(target, what), assets)
