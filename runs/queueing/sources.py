"""What automation knows of locations: their definitions, whether they are broken, and how they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from atoll_host.envs.errors import ConfigurationError, EnvironmentFailedError
from atoll_host.runs.launching.asking import make_run_request

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.planning.plan import RunPlan
    from atoll_host.workspace.loading import Loader, LoadReport
    from atoll_host.workspace.location import Workspace


@dataclass(frozen=True, slots=True)
class Subject:
    """A location as automation sees it.

    Attributes:
        name: of the location.
        definitions: of the last load that went well; empty where there was none.
        broken: why it can't be evaluated now; None where it can.
        generation: another one after each reload: a worker belongs to one.
    """

    name: str
    definitions: Mapping[str, Any]
    broken: str | None = None
    generation: Hashable = None


class Source(Protocol):
    """Something that knows locations. It is asked from several threads."""

    def locations(self) -> Mapping[str, Subject]:
        """Give all locations, by name."""

    def make_load_request(self, name: str) -> LoadRequest:
        """Say how a location is loaded.

        Raises:
            AtollError: it has no environment, or a file with variables is not there.
        """

    def reports(self) -> Sequence[LoadReport]:
        """Give what runs are planned with: the last load of each location."""

    def make_run_request(
        self, reports: Sequence[LoadReport], plan: RunPlan, instance: Instance, **facts: Any
    ) -> RunRequest:
        """Say everything that the process of a run needs; see `launching.asking.make_run_request`.

        Raises:
            AtollError: a location has no environment, or a file with variables is not there.
        """


class ReportSource:
    """Locations as load reports tell of them: for a server, which has reports, and for commands, which recall them.

    Args:
        loader: knows how locations are loaded.
        get_workspace: gives the workspace as it is now.
        get_reports: gives the last report of each location; called often, so it loads nothing.
    """

    def __init__(
        self, loader: Loader, get_workspace: Callable[[], Workspace], get_reports: Callable[[], Sequence[LoadReport]]
    ) -> None:
        self._loader = loader
        self._get_workspace = get_workspace
        self._get_reports = get_reports

    def locations(self) -> dict[str, Subject]:
        """Give all locations that have a report, by name."""
        return {report.location.name: make_subject(report) for report in self._get_reports()}

    def reports(self) -> Sequence[LoadReport]:
        """Give the reports."""
        return self._get_reports()

    def make_load_request(self, name: str) -> LoadRequest:
        """Say how a location is loaded.

        Raises:
            EnvironmentFailedError: it has no environment.
            ConfigurationError: there is no such location, or a file with variables is not there.
        """
        report = next((report for report in self._get_reports() if report.location.name == name), None)
        if report is None:
            raise ConfigurationError(f"There is no location {name!r}", hint="atoll list locations")
        if report.environment is None:
            message = f"{name} has no environment"
            raise EnvironmentFailedError(message, hint=f"atoll sync {name}", kind="environment_missing")
        return self._loader.make_request(self._get_workspace(), report.location, report.environment)

    def make_run_request(
        self, reports: Sequence[LoadReport], plan: RunPlan, instance: Instance, **facts: Any
    ) -> RunRequest:
        """Say everything that the process of a run needs; see `launching.asking.make_run_request`."""
        return make_run_request(self._loader, self._get_workspace(), reports, plan, instance, **facts)


def make_subject(report: LoadReport) -> Subject:
    """Give a location as a load report tells of it."""
    broken = None
    if report.status == "failed":
        first = next((problem for problem in report.problems if problem.severity == "error"), None)
        broken = first.message if first is not None else "it could not be loaded"
    loaded = None if report.snapshot is None else report.snapshot.loaded_at
    return Subject(report.location.name, report.definitions, broken, loaded)
