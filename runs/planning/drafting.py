"""From what all locations define to the plan of a run: for the command line and a page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, UsageError
from atoll_host.runs.planning.jobs import find_job, plan_job
from atoll_host.runs.planning.planner import plan_assets
from atoll_host.runs.planning.travel import find_untravelled
from atoll_host.workspace.findings.located import LocatedProblem
from atoll_host.workspace.graph.merging import merge_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.runs.planning.plan import RunPlan
    from atoll_host.runs.planning.planner import Wanted
    from atoll_host.workspace.graph.graph import AssetGraph
    from atoll_host.workspace.loading import LoadReport


class UnloadableError(AtollError):
    """Locations that are needed could not be loaded, or what they make can't be read by the others.

    Attributes:
        located: the problems, each with its location.
    """

    def __init__(self, located: Sequence[LocatedProblem]) -> None:
        super().__init__(located[0].problem.message)
        self.problems = tuple(item.problem for item in located)
        self.located = tuple(located)


def draft_assets(reports: Sequence[LoadReport], choose: Callable[[AssetGraph], set[str]], wanted: Wanted) -> RunPlan:
    """Plan to make assets.

    Args:
        reports: the last load of each location.
        choose: gives the ids of the assets in the graph of them all.
        wanted: how.

    Raises:
        UnloadableError: a location that is needed is broken.
        UsageError: nothing that is chosen can be made, or not so.
    """
    graph = merge_reports(reports)
    chosen = choose(graph)
    made = {name for name in chosen if graph.nodes[name].type == "materializable"}
    used = {str(graph.nodes[name].location) for name in made}
    broken = [report for report in reports if report.status == "failed"]
    _refuse_broken([report for report in broken if report.location.name in used or not made])
    definitions = {report.location.name: report.definitions for report in reports}
    plan = plan_assets(graph, chosen, definitions, wanted)
    pythons = {report.location.name: _find_python(report) for report in reports}
    untravelled = find_untravelled(graph, made, definitions, pythons)
    if untravelled:
        raise UnloadableError([LocatedProblem(location, problem) for location, problem in untravelled])
    return plan


def draft_job(
    reports: Sequence[LoadReport],
    name: str,
    wanted: Wanted,
    *,
    steps: tuple[str, ...] | None = None,
    values_from: Mapping[str, str] | None = None,
) -> tuple[str, str, RunPlan]:
    """Plan to execute a job, or some of its steps.

    Args:
        reports: the last load of each location.
        name: `JOB` or `LOCATION:JOB`.
        wanted: how.
        steps: only these.
        values_from: the run that made the values of steps which are not executed, by step.

    Returns:
        The job's location, its name, and the plan.

    Raises:
        UnloadableError: a location that is needed is broken.
        UsageError: there is no such job, or the partitions don't fit.
    """
    definitions = {report.location.name: report.definitions for report in reports}
    broken = [report for report in reports if report.status == "failed"]
    try:
        location, job = find_job(name, definitions)
    except UsageError:
        place = name.rpartition(":")[0]
        # It may be defined where nothing could be loaded.
        _refuse_broken([report for report in broken if place in (report.location.name, "")])
        raise
    _refuse_broken([report for report in broken if report.location.name == location])
    graph = merge_reports(reports)
    plan = plan_job(location, job, graph, definitions[location], wanted, steps=steps, values_from=values_from)
    return location, str(job["name"]), plan


def _refuse_broken(reports: Sequence[LoadReport]) -> None:
    located = [
        LocatedProblem(report.location.name, problem)
        for report in reports
        for problem in report.problems
        if problem.severity == "error"
    ]
    if located:
        raise UnloadableError(located)


def _find_python(report: LoadReport) -> str:
    worker = report.snapshot.worker if report.snapshot is not None else {}
    return str((worker.get("python") or {}).get("version") or "")
