"""Jobs that can be executed in this process: `execute_in_process`, and jobs of a `Definitions` object."""

from __future__ import annotations

from .._arguments import check_list, refuse_unknown, suggest
from .._catalog import Catalog
from .._definitions import Definitions
from .._errors import DefinitionError
from .._jobs import AssetJobDefinition
from .._keys import read_key
from ._entry import execute_here, make_catalog, make_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping

    from .._config import RunConfig
    from .._graphs import GraphDefinition, JobDefinition
    from ._results import ExecuteInProcessResult


class ResolvedJob:
    """A job with the definitions that it is part of. Made by `Definitions.get_job_def`."""

    def __init__(self, job: Any, catalog: Catalog) -> None:
        self.job = job
        self.name = job.name
        self._catalog = catalog

    @property
    def asset_keys(self) -> list[Any]:
        """The assets that it makes; none of a job made of ops."""
        is_asset_job = isinstance(self.job, AssetJobDefinition)
        return self._catalog.resolve_selection(self.job.selection) if is_asset_job else []

    @refuse_unknown
    def execute_in_process(
        self,
        *,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        partition_key: str | None = None,
        raise_on_error: bool = True,
        tags: Mapping[str, str] | None = None,
        resources: Mapping[str, Any] | None = None,
        op_selection: Iterable[str] | None = None,
        asset_selection: Iterable[Any] | None = None,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> ExecuteInProcessResult:
        """Execute the job in this process.

        Args:
            run_config: in place of the job's own.
            partition_key: the partition to make.
            raise_on_error: raise what a step raised, at once.
            tags: besides the job's own.
            resources: in place of, and besides, those of the definitions.
            op_selection: only these steps; the values of others are loaded.
            asset_selection: only these assets of the job.
            run_id: made up where it is None.
            input_values: of a graph's own inputs, by name.

        Raises:
            InvalidConfigError: the run can't begin; nothing was executed.
            Exception: what a step raised, unless `raise_on_error` is False.
        """
        what = f"job '{self.name}'"
        assets = None if asset_selection is None else [str(read_key(key, what)) for key in asset_selection]
        steps = None if op_selection is None else check_list(op_selection, f"{what}: op_selection")
        plan = make_plan(
            run_config=run_config,
            partition_key=partition_key,
            tags=tags,
            what=what,
            job=self.name,
            run_id=run_id,
            assets=assets,
            steps=steps,
        )
        return execute_here(
            self._catalog,
            plan,
            job=self.job,
            resources=resources,
            inputs=input_values,
            raise_on_error=raise_on_error,
        )

    def __repr__(self) -> str:
        return f"<ResolvedJob {self.name}>"


def resolve_job(definitions: Definitions, name: str) -> ResolvedJob:
    """The job of this name.

    Raises:
        DefinitionError: there is none, or the definitions do not fit together.
    """
    catalog = make_catalog(definitions)
    jobs = {job.name: job for job in catalog.jobs}
    if name not in jobs:
        suggestion = suggest(name, jobs)
        hint = f"did you mean '{suggestion}'?" if suggestion else f"there are: {', '.join(jobs) or 'none'}"
        raise DefinitionError(f"there is no job '{name}'", hint)
    return ResolvedJob(jobs[name], catalog)


def resolve_everything(definitions: Definitions) -> ResolvedJob:
    """A job that makes all assets with their checks."""
    from .._jobs import define_asset_job

    return ResolvedJob(define_asset_job("__ASSET_JOB"), make_catalog(definitions))


def resolve_alone(job: JobDefinition) -> ResolvedJob:
    """A job made of ops, with its own resources only."""
    return ResolvedJob(job, Catalog(Definitions(jobs=[job])))


def resolve_graph(graph: GraphDefinition, resources: Mapping[str, Any] | None) -> ResolvedJob:
    return resolve_alone(graph.to_job(resource_defs=resources))
