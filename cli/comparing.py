"""What `atoll diff` does: find what git can have changed, load that on both revisions, compare."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.revisions import make_opener, plan_since
from atoll_host.cli.views.comparison import describe_comparison, draw_comparison
from atoll_host.cli.views.comparison_markdown import write_markdown
from atoll_host.workspace.changes.comparison import Described, compare
from atoll_host.workspace.changes.revisions import Revisions
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.workspace.changes.git import Repository, Revision
    from atoll_host.workspace.loading import LoadReport


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
        ConfigurationError: something is wrong with the workspace's file: what is missing would look removed.
    """
    workspace, loader = session.whole_workspace, session.loader
    plan = plan_since(session, name, exact=True)
    repository, revision = plan.changes.repository, plan.changes.revision
    chosen = [location for location in workspace.locations if location.name in plan.affected]
    with session.renderer.progress("Loading", len(chosen)) as advance:
        reports = loader.load_all(workspace, chosen, on_report=lambda _: advance())
    known = {report.location.name: report for report in plan.known_reports(workspace)}
    revisions = Revisions(repository, workspace, loader, make_opener(session, repository), repr(session.sources))
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
