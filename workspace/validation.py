"""Validate a workspace: its configuration, its environments, what its locations define, and how they fit together."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.envs.environments.reviewing import review
from atoll_host.envs.errors import Problem, UsageError
from atoll_host.workspace.checks.reports import check_report, check_workspace
from atoll_host.workspace.findings.choosing import Choice, find_unknown, is_chosen, is_strict, split_words
from atoll_host.workspace.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from atoll_host.workspace.changes.affected import Plan
    from atoll_host.workspace.loading import Loader, LoadReport
    from atoll_host.workspace.location import Location, Workspace

_LOCKS = frozenset({"lock_missing", "lock_stale"})
_UNBUILT = frozenset({"environment_missing", "environment_stale", "environment", "interpreter_gone"})
"""What a failed attempt to build an environment explains better."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller asks for.

    Attributes:
        select: words of codes, each of which may hold several with commas between them; empty where it does not select.
        ignore: the same, of what is not wanted.
        strict: whether warnings fail too; None for what the workspace says.
        locked: whether a lock that is missing or stale is an error.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool | None = None
    locked: bool = False

    def choose(self) -> Choice:
        """Give the codes that the caller wants.

        Raises:
            UsageError: a word is no beginning of a code.
        """
        select, ignore = split_words(self.select), split_words(self.ignore)
        for option, words in (("--select", select), ("--ignore", ignore)):
            for word in words:
                fault = find_unknown(word)
                if fault is not None:
                    raise UsageError(f"{option}: {fault[0]}", hint=fault[1])
        return Choice(select or None, ignore)


@dataclass(frozen=True, slots=True)
class Validation:
    """What was loaded, and what is wrong.

    Attributes:
        reports: one for each location that was asked for, in the order of the workspace.
        findings: all that is wrong and wanted, by location and place, whichever location was the fastest.
        strict: whether warnings make it fail, where a location does not say otherwise.
        strict_locations: whether warnings of a location make it fail, by name.
        skipped: why each location of these did not have to be loaded, by name.
        affected: why each of the others had to be, where that was a question.
    """

    reports: tuple[LoadReport, ...]
    findings: tuple[Finding, ...]
    strict: bool = field(default=False)
    strict_locations: Mapping[str, bool] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    affected: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether what was found is reason enough not to go on."""
        return any(self.is_failure(finding) for finding in self.findings)

    def is_failure(self, finding: Finding) -> bool:
        """Tell whether a finding makes it fail: an error, or a warning where that is strict."""
        return finding.severity == "error" or self.strict_locations.get(finding.location or "", self.strict)


def validate(
    workspace: Workspace,
    locations: Sequence[Location],
    loader: Loader,
    options: Options | None = None,
    *,
    built: Iterable[tuple[str | None, Problem]] = (),
    on_report: Callable[[LoadReport], None] | None = None,
    plan: Plan | None = None,
) -> Validation:
    """Load locations, and find everything that is wrong with them.

    Args:
        workspace: what they belong to.
        locations: which ones.
        loader: loads them.
        options: what the caller asks for.
        built: what came of building environments before, each problem with the location that has it.
        on_report: called in this thread with each report as it arrives.
        plan: which of them need not be loaded, since nothing about them changed; what is wrong with such a location
            alone is not said again, what is wrong between locations is.

    Raises:
        UsageError: a word of the options is no beginning of a code.
        RunnerClosedError: the command was interrupted.
    """
    options = options or Options()
    chosen = options.choose()
    pool = ThreadPoolExecutor(max_workers=min(max(len(locations), 1), max(2, os.cpu_count() or 1)))
    try:
        waiting = [location for location in locations if plan is None or location.name in plan.affected]
        reviews = {location.name: pool.submit(review_location, loader, location) for location in waiting}
        reports = loader.load_all(workspace, waiting, on_report)
        if plan is not None:
            names = plan.spread(workspace, reports)
            waiting = [location for location in locations if location.name in names]
            reviews |= {location.name: pool.submit(review_location, loader, location) for location in waiting}
            reports = _in_order(workspace, [*reports, *loader.load_all(workspace, waiting, on_report)])
        reviewed = {name: job.result() for name, job in reviews.items()}
    except BaseException:
        # The threads may wait for uv: that has to end first.
        loader.runner.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    failures = _by_location(built)
    found: list[tuple[str | None, Problem]] = [(None, problem) for problem in workspace.problems]
    for report in reports:
        name = report.location.name
        checked = check_report(workspace, report, loader.variables)
        problems = join_problems(failures.pop(name, ()), (*report.problems, *reviewed[name], *checked))
        found += [(name, problem) for problem in problems]
    asked = {location.name for location in locations}
    everything = reports if plan is None else _in_order(workspace, [*reports, *plan.known_reports(workspace)])
    found += [(name, problem) for name, problem in check_workspace(workspace, everything) if name in asked]
    found += [(name, problem) for name, problems in failures.items() for problem in problems]
    wanted = choose_findings(workspace, found, chosen, locked=options.locked)
    nearer = {location.name: location.choices for location in workspace.locations}
    strict = bool(workspace.choice.strict) if options.strict is None else options.strict
    of_locations = {name: is_strict((workspace.choice, *choices)) for name, choices in nearer.items() if name in asked}
    skipped, affected = ({}, {}) if plan is None else (plan.skipped, plan.affected)
    return Validation(
        tuple(reports),
        _sort(wanted, workspace),
        strict=strict,
        strict_locations=of_locations if options.strict is None else {},
        skipped={name: reason for name, reason in skipped.items() if name in asked},
        affected={name: reason for name, reason in affected.items() if name in asked},
    )


def choose_findings(
    workspace: Workspace,
    found: Iterable[tuple[str | None, Problem]],
    chosen: Choice | None = None,
    *,
    locked: bool = False,
) -> list[Finding]:
    """Make findings of problems, each once, and keep those that are wanted.

    Args:
        workspace: says which are, and so do its locations.
        found: each problem with the location that has it.
        chosen: which the caller wants.
        locked: whether a lock that is missing or stale is an error.
    """
    findings = (Finding.of(name, _weigh(problem, locked=locked)) for name, problem in dict.fromkeys(found))
    nearer = {location.name: location.choices for location in workspace.locations}
    return [
        finding
        for finding in findings
        if is_chosen(
            finding.code.number,
            (workspace.choice, *nearer.get(finding.location or "", ()), chosen or Choice()),
        )
    ]


def find_nothing_else(problems: Iterable[Problem], options: Options | None = None) -> Validation:
    """Give the validation of a workspace that cannot be read, whose problems are all that can be said.

    Raises:
        UsageError: a word of the options is no beginning of a code.
    """
    options = options or Options()
    choice = options.choose()
    findings = (Finding.of(None, problem) for problem in problems)
    wanted = [finding for finding in findings if is_chosen(finding.code.number, (choice,))]
    return Validation((), tuple(sorted(wanted, key=lambda finding: finding.sort_key)), strict=bool(options.strict))


def _in_order(workspace: Workspace, reports: Iterable[LoadReport]) -> list[LoadReport]:
    rank = {location.name: number for number, location in enumerate(workspace.locations)}
    return sorted(reports, key=lambda report: rank[report.location.name])


def review_location(loader: Loader, location: Location) -> tuple[Problem, ...]:
    """Review a location's environment, where its configuration says which that is."""
    if any(problem.severity == "error" for problem in location.problems):
        return ()
    return review(loader.environments, location.environment, _home(location))


def _home(location: Location) -> Path:
    """Give what says which Python a location is for."""
    return location.target.file or location.root


def _by_location(built: Iterable[tuple[str | None, Problem]]) -> dict[str | None, list[Problem]]:
    found: dict[str | None, list[Problem]] = {}
    for name, problem in built:
        found.setdefault(name, []).append(problem)
    return found


def join_problems(built: Iterable[Problem], problems: Iterable[Problem]) -> Iterator[Problem]:
    """Give all problems of a location, without those that only say that the environment is not built."""
    built = tuple(built)
    yield from built
    explained = any(problem.severity == "error" for problem in built)
    kinds = {problem.kind for problem in built if problem.severity == "error"}
    for problem in problems:
        if explained and problem.kind in kinds | _UNBUILT | _LOCKS:
            continue
        yield problem


def _weigh(problem: Problem, *, locked: bool) -> Problem:
    """Make a lock that is out of step a warning where it may change, and an error where it may not."""
    return problem if locked or problem.kind not in _LOCKS else problem.replaced(severity="warning")


def _sort(findings: Iterable[Finding], workspace: Workspace) -> tuple[Finding, ...]:
    rank: dict[str | None, int] = {location.name: number for number, location in enumerate(workspace.locations)}
    return tuple(sorted(findings, key=lambda finding: (rank.get(finding.location, -1), finding.sort_key)))
