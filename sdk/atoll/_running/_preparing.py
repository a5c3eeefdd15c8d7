"""From a plan and a location's definitions to a run that can begin; what is wrong is found before it does."""

from __future__ import annotations

from .._arguments import suggest
from .._computations import RESOURCE, Computation
from .._errors import DefinitionError
from .._graphs import JobDefinition
from .._jobs import AssetJobDefinition
from .._keys import AssetKey
from .._partitions._fit import name_partitions
from .._partitions._keys import has_key
from .._resource_functions import ResourceDefinition
from ._configuring import ConfigReader, resolve_variables
from ._exchange import find_manager_key
from ._graphs import Options, plan_job
from ._planning import Planner
from ._steps import DEFAULT_IO_MANAGER, FromAsset, FromStep, iterate_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, Mapping

    from .._catalog import Catalog
    from .._contexts import RunInfo
    from ._plan import Plan
    from ._steps import Step

_MAXIMUM_SHOWN = 10


class Prepared:
    """A run that can begin.

    `steps` are those to execute, in order; `resources` every resource by name, `resource_names` those that are needed;
    `secrets` what no event may hold; `partitions` the partitions of the run, None where it has none; `executor` how
    steps are to be carried out, None where nothing says it.
    """

    def __init__(self, catalog: Catalog, plan: Plan) -> None:
        self.catalog = catalog
        self.plan = plan
        self.tags: dict[str, str] = {}
        self.steps: list[Step] = []
        self.resources: dict[str, Any] = {}
        self.resource_names: list[str] = []
        self.secrets: list[str] = []
        self.partitions: Any = None
        self.executor: Any = None
        self.loggers: list[tuple[Any, Any]] = []
        self._keys = _Keys(catalog)
        self._roles: dict[int, Any] = {}

    def get_roles(self, computation: Computation) -> Any:
        found = self._roles.get(id(computation))
        if found is None:
            found = self._roles[id(computation)] = computation.get_roles(self.resources, self._keys)
        return found

    def make_loggers(self, run: RunInfo) -> list[Any]:
        """The loggers that the configuration names, besides events."""
        from ._logging import InitLoggerContext

        return [definition(InitLoggerContext(config, run)) for definition, config in self.loggers]


class _Keys:
    """Whether an asset of this key, as text, is in the location."""

    def __init__(self, catalog: Catalog) -> None:
        self._texts = {str(key) for key in catalog.by_key}

    def __contains__(self, name: object) -> bool:
        return name in self._texts


class Preparer:
    """Prepares one run; `given` are resources in place of, and besides, the location's own."""

    def __init__(
        self,
        catalog: Catalog,
        plan: Plan,
        *,
        job: Any = None,
        given: Mapping[str, Any] | None = None,
        options: Any = None,
    ) -> None:
        self._catalog = catalog
        self._plan = plan
        self._given = dict(given or {})
        self._job = job if job is not None else self._find_job()
        config = plan.config if plan.config is not None else getattr(self._job, "config", None)
        self._reader = ConfigReader(config)
        self._hooks = list(getattr(self._job, "hooks", ()))
        self._inputs = dict(options or {})
        self._every: list[Step] = []
        self._prepared = Prepared(catalog, plan)

    @property
    def partitions(self) -> Any:
        """The partitions of the run, as far as it was prepared."""
        return self._prepared.partitions

    def prepare(self) -> Prepared:
        """Prepare the run.

        Raises:
            InvalidConfigError: it can't begin; all the reasons.
        """
        prepared, plan = self._prepared, self._plan
        prepared.tags = {**getattr(self._job, "tags", {}), **(getattr(self._job, "run_tags", None) or {}), **plan.tags}
        executors = [given.value for given in self._catalog.definitions.executors]
        prepared.executor = getattr(self._job, "executor_def", None) or (executors[-1] if executors else None)
        values = {**self._catalog.resource_values, **getattr(self._job, "resource_defs", {}), **self._given}
        if DEFAULT_IO_MANAGER not in values:
            values[DEFAULT_IO_MANAGER] = make_default_manager(plan.directory)
        prepared.resources = values
        try:
            self._every = self._plan_steps()
        except DefinitionError as error:
            self._add(error.message, error.hint)
        prepared.steps = self._select_steps()
        self._check_partitions()
        self._reader.read_steps(self._every, [item.name for item in self._catalog.iterate_computations()])
        self._read_resources()
        self._read_loggers()
        if self._reader.problems:
            from .._failures import InvalidConfigError

            raise InvalidConfigError(self._reader.problems)
        return prepared

    def _add(self, message: str, hint: str | None = None, kind: str = "invalid_plan", path: Any = None) -> None:
        from ._problems import make_problem

        self._reader.problems.append(make_problem(kind, message, hint=hint, path=path))

    def _find_job(self) -> Any:
        name = self._plan.job
        if name is None:
            return None
        jobs = {job.name: job for job in self._catalog.jobs}
        if name not in jobs:
            from .._failures import InvalidConfigError
            from ._problems import make_problem

            suggestion = suggest(name, jobs)
            hint = f"did you mean '{suggestion}'?" if suggestion else f"there are: {', '.join(jobs) or 'none'}"
            raise InvalidConfigError([make_problem("unknown_target", f"there is no job '{name}'", hint=hint)])
        return jobs[name]

    # --- steps ---

    def _plan_steps(self) -> list[Step]:
        policy = getattr(self._job, "op_retry_policy", None)
        options = Options(policy, self._hooks, self._reader.config)
        if isinstance(self._job, JobDefinition):
            return plan_job(self._catalog, self._job, options, self._inputs)
        keys, checks = self._select_assets()
        return Planner(self._catalog, keys, checks, options).plan()

    def _select_assets(self) -> tuple[list[AssetKey], list[tuple[AssetKey, str]]]:
        catalog, plan = self._catalog, self._plan
        if isinstance(self._job, AssetJobDefinition):
            keys = catalog.resolve_selection(self._job.selection)
            checks = catalog.resolve_selection_checks(self._job.selection)
        else:
            keys = [key for key in catalog.by_key if catalog.graph.is_materializable(key)]
            checks = list(catalog.graph.checks)
        if plan.assets is not None:
            chosen = [AssetKey(key) for key in plan.assets]
            self._refuse_unknown([str(key) for key in chosen if key not in keys], map(str, keys), "asset")
            keys = [key for key in keys if key in chosen]
            checks = [check for check in checks if check[0] in chosen] if plan.checks is None else checks
        if plan.checks is not None:
            wanted = [(AssetKey(key), name) for key, name in plan.checks]
            unknown = [f"{key}:{name}" for key, name in wanted if (key, name) not in checks]
            self._refuse_unknown(unknown, [f"{key}:{name}" for key, name in checks], "check")
            checks = [check for check in checks if check in wanted]
            keys = keys if plan.assets is not None else []
        if not keys and not checks and not self._reader.problems:
            self._add("nothing is selected", "name an asset, a check or a job")
        return keys, checks

    def _refuse_unknown(self, unknown: Iterable[str], known: Iterable[str], what: str) -> None:
        names = list(known)
        for name in unknown:
            suggestion = suggest(name, names)
            hint = f"did you mean '{suggestion}'?" if suggestion else f"there are: {', '.join(names[:_MAXIMUM_SHOWN])}"
            self._add(f"there is no {what} '{name}' to make", hint, "unknown_target")

    def _select_steps(self) -> list[Step]:
        if self._plan.steps is None:
            return self._every
        names = [step.name for step in self._every]
        self._refuse_unknown([name for name in self._plan.steps if name not in names], names, "step")
        return [step for step in self._every if step.name in self._plan.steps]

    # --- partitions ---

    def _check_partitions(self) -> None:
        found = dict(self._iterate_partitions())
        given = getattr(self._job, "partitions_def", None)
        if given is not None:
            found.setdefault(f"job '{self._job.name}'", given)
        kinds: list[Any] = []
        for partitions in found.values():
            if partitions not in kinds:
                kinds.append(partitions)
        keys = self._plan.partition_keys
        if len(kinds) > 1:
            names = ", ".join(f"{name} {name_partitions(partitions)}" for name, partitions in found.items())
            self._add(f"a run has partitions of one kind only: {names}", "make them in runs of their own")
        elif kinds:
            self._prepared.partitions = kinds[0]
            if not keys:
                what = next(iter(found))
                self._add(f"{what} has {name_partitions(kinds[0])}, and no partition is chosen", "pass partition_key=…")
            for key in keys:
                self._check_partition(kinds[0], key)
        elif keys:
            self._add(f"partition '{keys[0]}' is chosen, and nothing that is made has partitions")

    def _iterate_partitions(self) -> Iterator[tuple[str, Any]]:
        for step in self._prepared.steps:
            for output in step.outputs.values():
                if output.spec is not None and output.spec.partitions_def is not None:
                    yield f"asset '{output.key}'", output.spec.partitions_def
            for key, _ in step.checks if self._plan.partition_keys else ():
                checked = self._catalog.by_key.get(key)
                if checked is not None and checked.spec.partitions_def is not None:
                    yield f"asset '{key}'", checked.spec.partitions_def

    def _check_partition(self, partitions: Any, key: str) -> None:
        try:
            exists = has_key(partitions, key, self._plan.dynamic_partitions)
        except DefinitionError as error:
            self._add(error.message, error.hint)
            return
        if not exists:
            keys = getattr(partitions, "partition_keys", None)
            hint = None
            if keys:
                suggestion = suggest(key, keys)
                hint = f"did you mean '{suggestion}'?" if suggestion else f"there are: {', '.join(keys[:10])}"
            elif getattr(partitions, "start", None):
                hint = f"they begin with {partitions.start}, in the format {partitions.fmt}"
            self._add(f"there is no partition '{key}' of {name_partitions(partitions)}", hint, "unknown_partition")

    # --- resources ---

    def _read_resources(self) -> None:
        prepared, reader = self._prepared, self._reader
        prepared.resources = reader.read_resources(prepared.resources, prepared.resources)
        needed: dict[str, str] = {}
        for step in prepared.steps:
            for name in self._list_needed(step):
                needed.setdefault(name, step.computation.what)
        pending = list(needed)
        while pending:
            value = prepared.resources.get(pending.pop())
            if not isinstance(value, ResourceDefinition):
                continue
            for name in value.required_resource_keys:
                if name not in needed:
                    needed[name] = f"resource '{value.name}'"
                    pending.append(name)
        seen: set[str] = set()
        for name, what in needed.items():
            if name not in prepared.resources:
                suggestion = suggest(name, prepared.resources)
                hint = f"did you mean '{suggestion}'?" if suggestion else f"pass resources={{'{name}': …}}"
                self._add(f"{what} needs the resource '{name}', which is not given", hint, "unmet_resource")
                continue
            value = prepared.resources[name]
            config = value.config if isinstance(value, ResourceDefinition) else value
            prepared.secrets += reader.check_variables(config, f"resources.{name}", seen)
        for step in prepared.steps:
            path = ".".join([*step.config_path, "config"])
            prepared.secrets += reader.check_variables(step.config, path, seen)
            if isinstance(step.config, (dict, list, str)):
                step.config = resolve_variables(step.config)
        prepared.resource_names = list(needed)

    def _list_needed(self, step: Step) -> Iterator[str]:
        for parameter, role in self._prepared.get_roles(step.computation):
            if role == RESOURCE and (parameter.name in self._prepared.resources or not parameter.has_default):
                yield parameter.name
        yield from step.computation.required_resource_keys
        for hook in step.hooks:
            yield from hook.required_resource_keys
        for output in step.outputs.values():
            if not step.is_value_free or output.manager_key in self._prepared.resources:
                yield output.manager_key
        for given in step.inputs.values():
            yield from self._list_managers(given, given.source)

    def _list_managers(self, given: Any, source: Any) -> Iterator[str]:
        for inner in iterate_sources(source):
            if isinstance(inner, FromStep):
                yield given.manager_key or inner.step.outputs[inner.output].manager_key
            elif isinstance(inner, FromAsset):
                yield given.manager_key or find_manager_key(self._catalog, inner)

    def _read_loggers(self) -> None:
        known = {name: given[-1].value for name, given in self._catalog.definitions.loggers.items()}
        known.update(getattr(self._job, "logger_defs", {}))
        for name, entry in (self._reader.config.get("loggers") or {}).items():
            if name not in known:
                self._refuse_logger(name, known)
            else:
                config = entry.get("config") if isinstance(entry, dict) else None
                self._prepared.loggers.append((known[name], config))

    def _refuse_logger(self, name: str, known: Iterable[str]) -> None:
        hint = f"there are: {', '.join(known) or 'none'}"
        self._add(f"there is no logger '{name}'", hint, "invalid_config", f"loggers.{name}")


def make_default_manager(directory: str | None) -> Any:
    """The IO manager of a location that gives none: files in a folder, or the memory of this process."""
    from .._io_managers import FilesystemIOManager, InMemoryIOManager

    return InMemoryIOManager() if directory is None else FilesystemIOManager(base_dir=directory)
