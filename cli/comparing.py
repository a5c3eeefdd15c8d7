"""What `atoll diff` does: find what git can have changed, load that on both revisions, compare."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.views.comparison import describe_comparison, draw_comparison
from atoll_host.cli.views.comparison_markdown import write_markdown
from atoll_host.cli.views.problems import LocatedProblem
from atoll_host.workspace.changes.affected import plan_changes
from atoll_host.workspace.changes.comparison import Described, compare
from atoll_host.workspace.changes.git import Repository
from atoll_host.workspace.changes.revisions import Revisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.workspace.changes.git import Revision
    from atoll_host.workspace.loading import LoadReport
    from atoll_host.workspace.location import Workspace


def compare_with(session: Session, name: str, *, form: str, exit_code: bool) -> Result:
    """Compare the definitions of all locations with those of a revision.

    Args:
        session: of the command.
        name: of the revision.
        form: `text`, `markdown` or `json`.
        exit_code: whether differences make the exit status 1.

    Raises:
        UsageError: there is no such revision, or no repository.
        ToolFailedError: git fails.
    """
    workspace, loader = session.workspace, session.loader
    repository = Repository.find(session.runner, workspace.root, session.variables)
    revision = repository.resolve(name, exact=True)
    open_there = make_opener(session, repository)
    plan = plan_changes(
        repository, revision, workspace, session.environments, variables=session.variables, open_there=open_there
    )
    chosen = [location for location in workspace.locations if location.name in plan.affected]
    with session.renderer.progress("Loading", len(chosen)) as advance:
        reports = loader.load_all(workspace, chosen, on_report=lambda _: advance())
    known = {report.location.name: report for report in plan.known_reports(workspace)}
    revisions = Revisions(repository, workspace, loader, open_there, repr(session.sources))
    loaded = known | {report.location.name: report for report in reports}
    after = {location.name: revisions.describe_now(loaded[location.name]) for location in workspace.locations}
    before = after
    if plan.changes.statuses:
        with session.renderer.progress(f"Loading what {name} has", 1) as advance:
            before = revisions.describe(revision.commit, known)
            advance()
    _keep_now(repository, revisions, after)
    comparison = compare(before, after)
    data = describe_comparison(comparison, revision, plan.skipped)

    def view(console: Console) -> None:
        if form == "markdown":
            console.file.write(write_markdown(comparison, revision))
        else:
            draw_comparison(console, comparison, revision)

    then = () if before is after else _problems_then(before, revision)
    problems = (*_problems_now(reports), *then)
    failed = any(item.problem.severity == "error" for item in problems) or (exit_code and bool(comparison.locations))
    return Result("diff", data, view, tuple(problems), int(failed))


def make_opener(session: Session, repository: Repository) -> Callable[[Path], Workspace]:
    """Give what opens the same workspace in another folder with the repository's files."""
    from atoll_host.workspace.configuration import open_sources  # noqa: PLC0415 — the workspace itself brings it

    top = repository.top

    def moved(path: Path, folder: Path) -> Path:
        return folder / path.relative_to(top) if path.is_relative_to(top) else path

    def open_there(folder: Path) -> Workspace:
        sources = session.sources
        there = replace(
            sources,
            files=tuple(moved(file, folder) for file in sources.files),
            python_files=tuple(moved(file, folder) for file in sources.python_files),
            working_directory=sources.working_directory and moved(sources.working_directory, folder),
        )
        return open_sources(moved(session.directory, folder), there, variables=session.variables)

    return open_there


def _keep_now(repository: Repository, revisions: Revisions, after: Mapping[str, Described]) -> None:
    """Keep what was loaded for the commit that is checked out, where the files are the commit's."""
    head = repository.resolve("HEAD", exact=True)
    if not repository.changes(head).statuses:
        with contextlib.suppress(OSError):
            revisions.keep(head.commit, after)


def _problems_now(reports: Iterable[LoadReport]) -> Iterator[LocatedProblem]:
    for report in reports:
        if report.status == "failed":
            yield from (LocatedProblem(report.location.name, problem) for problem in report.problems)


def _problems_then(before: Mapping[str, Described], revision: Revision) -> Iterator[LocatedProblem]:
    """Say what could not be loaded on the other revision, which nobody can mend any more."""
    for name, described in before.items():
        for problem in described.problems:
            message = f"At {revision.name}: {problem.message}"
            yield LocatedProblem(name, problem.replaced(message=message, hint=None, file=None, line=None, column=None,
                                                        frames=(), severity="warning"))  # fmt: skip
