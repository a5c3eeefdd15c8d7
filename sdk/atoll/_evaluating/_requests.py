"""Run requests held against the location: each is for a target, and its run could begin."""

from __future__ import annotations

from .._graphs import JobDefinition
from .._partitions._fit import name_partitions
from .._partitions._keys import has_key
from .._plain import to_plain
from ._failing import RESULT, EvaluationError, fail, suggest_one

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Mapping, Sequence

    from .._catalog import Catalog
    from .._jobs import Target
    from .._keys import AssetKey
    from .._ticks import RunRequest


class RequestReader:
    """Turns the run requests of one evaluation into what the host is told.

    Args:
        catalog: of the location.
        definition: the schedule or sensor.
        dynamic: keys of dynamic partitions by name, those included that this evaluation adds.
        now: what partitions in time are held against.
    """

    def __init__(self, catalog: Catalog, definition: Any, dynamic: Mapping[str, Sequence[str]], now: datetime) -> None:
        self._catalog = catalog
        self._definition = definition
        self._dynamic = dynamic
        self._now = now
        self._what = f"{getattr(definition, 'type', 'schedule')} '{definition.name}'"
        self._known: dict[str, Any] = {}
        own = getattr(definition, "asset_selection", None)
        self._selections = [target.selection for target in definition.targets if target.selection is not None]
        self._selections += [] if own is None else [own]
        self._jobs: dict[str, Target] = {t.job_name: t for t in definition.targets if t.job_name is not None}

    def read_all(self, requests: Sequence[RunRequest]) -> list[dict[str, Any]]:
        """What is to be started, in order.

        Raises:
            EvaluationError: one of them can't be.
        """
        keys: set[str] = set()
        for request in requests:
            if request.run_key is not None and request.run_key in keys:
                raise self._fail(request, f"two run requests of {self._what} have the run key '{request.run_key}'")
            keys.add(request.run_key or "")
        return [self._read(request) for request in requests]

    def _fail(self, request: RunRequest, message: str, hint: str | None = None, kind: str = RESULT) -> Exception:
        return fail(message, hint, kind=kind, source=request.source or self._definition.source)

    def _read(self, request: RunRequest) -> dict[str, Any]:
        job = self._choose_job(request)
        assets, checks = self._choose_assets(request, job)
        config = to_plain(request.run_config) if request.run_config else None
        self._check(request, job, assets, checks, config)
        tags = {**self._definition.tags, **request.tags}
        return {
            "run_key": request.run_key,
            "job": job,
            "assets": assets,
            "checks": checks,
            "partition": None if request.partition_key is None else str(request.partition_key),
            "tags": tags,
            "config": config,
        }

    # --- the target ---

    def _choose_job(self, request: RunRequest) -> str | None:
        name: str | None = request.job_name
        if name is not None:
            if name in self._jobs:
                return name
            names = [job.name for job in self._catalog.jobs]
            if name not in names:
                message = f"a run request of {self._what} names job '{name}', which this location does not have"
                raise self._fail(request, message, suggest_one(name, names), "unknown_target")
            message = f"a run request of {self._what} names job '{name}', which is none of its targets"
            raise self._fail(request, message, f"they are: {', '.join(self._name_targets())}", "unknown_target")
        if len(self._jobs) + len(self._selections) == 1:
            return next(iter(self._jobs), None)
        if not self._jobs and not self._selections:
            message = f"{self._what} asked for a run, and has no target"
            raise self._fail(request, message, "pass job=, jobs=, target= or asset_selection=", "unknown_target")
        hint = f"pass job_name=: {', '.join(self._jobs)}"
        raise self._fail(request, f"a run request of {self._what} names none of its jobs", hint)

    def _name_targets(self) -> list[str]:
        return [*self._jobs, *(selection.write() for selection in self._selections)] or ["none"]

    def _choose_assets(self, request: RunRequest, job: str | None) -> tuple[list[str] | None, list[str] | None]:
        found = next((item for item in self._catalog.jobs if item.name == job), None)
        selection = self._selections[0] if job is None else getattr(found, "selection", None)
        wanted = request.asset_selection
        if selection is None:
            if wanted is not None:
                what = "an op job" if isinstance(found, JobDefinition) else "a job"
                raise self._fail(request, f"a run request of {self._what} selects assets, and '{job}' is {what}")
            return None, None
        if job is not None and wanted is None:
            return None, None
        targets = self._catalog.resolve_selection(selection)
        for key in wanted or ():
            if key not in targets:
                self._refuse_asset(request, key, targets)
        chosen = targets if wanted is None else [key for key in targets if key in wanted]
        return [str(key) for key in chosen], None if wanted is not None else self._list_checks(selection, chosen)

    def _refuse_asset(self, request: RunRequest, key: AssetKey, targets: Sequence[AssetKey]) -> None:
        is_there = key in self._catalog.by_key
        reason = "which is not among its targets" if is_there else "which this location does not have"
        message = f"a run request of {self._what} selects asset '{key}', {reason}"
        known = targets if is_there else [*self._catalog.by_key]
        raise self._fail(request, message, suggest_one(str(key), known), "unknown_target")

    def _list_checks(self, selection: Any, chosen: Sequence[AssetKey]) -> list[str] | None:
        """The checks that are selected, where they are others than those of the assets."""
        selected = self._catalog.resolve_selection_checks(selection)
        if selected == [check for check in self._catalog.graph.checks if check[0] in chosen]:
            return None
        return [f"{key}:{name}" for key, name in selected]

    # --- whether it could begin ---

    def _check(
        self, request: RunRequest, job: str | None, assets: Any, checks: Any, config: dict[str, Any] | None
    ) -> None:
        key = request.partition_key
        # Where only the partition is another, so is the answer to that alone.
        same = repr((job, assets, checks, config, key is None))
        if same not in self._known:
            self._known[same] = self._prepare(request, job, assets, checks, config)
        partitions = self._known[same]
        if partitions is None or key is None:
            return
        if not has_key(partitions, key, self._dynamic, self._now):
            others = name_partitions(partitions)
            message = f"a run request of {self._what} names partition '{key}', which {others} do not have"
            known = getattr(partitions, "partition_keys", None) or self._dynamic.get(
                getattr(partitions, "name", ""), ()
            )
            hint = suggest_one(key, known) if known else None
            if getattr(partitions, "start", None):
                hint = f"they begin with {partitions.start}, in the format {partitions.fmt}"
            raise self._fail(request, message, hint, "unknown_partition")

    def _prepare(
        self, request: RunRequest, job: str | None, assets: Any, checks: Any, config: dict[str, Any] | None
    ) -> Any:
        """The partitions of what the run would make, None where it has none."""
        from .._failures import InvalidConfigError
        from .._running._plan import Plan
        from .._running._preparing import Preparer

        plan = Plan(
            run_id="evaluation",
            job=job,
            assets=assets,
            checks=None if checks is None else [tuple(check.rsplit(":", 1)) for check in checks],
            partition_keys=None if request.partition_key is None else [request.partition_key],
            config=config,
            dynamic_partitions={name: list(keys) for name, keys in self._dynamic.items()},
        )
        problems: list[dict[str, Any]] = []
        preparer = Preparer(self._catalog, plan)
        try:
            preparer.prepare()
        except InvalidConfigError as error:
            # Whether there is the partition is asked for each request.
            problems = [problem for problem in error.problems if problem["kind"] != "unknown_partition"]
        if problems:
            source = request.source or self._definition.source
            for problem in problems:
                path, problem["path"] = problem["path"], None
                reason = f"{path}: {problem['message']}" if path else problem["message"]
                problem["message"] = f"a run that {self._what} asked for can't begin: {reason}"
                problem["file"], problem["line"] = source.file, source.line
            raise EvaluationError(problems)
        return preparer.partitions
