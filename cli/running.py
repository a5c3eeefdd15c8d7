"""What `materialize`, `run` and `runs retry` have in common: load, plan, launch, follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.cli.reading import load_reports
from atoll_host.cli.result import Result
from atoll_host.envs.errors import UsageError
from atoll_host.runs.launching.asking import make_run_request
from atoll_host.runs.planning.configuring import read_config
from atoll_host.runs.planning.drafting import UnloadableError, draft_assets, draft_job
from atoll_host.runs.planning.planner import Wanted
from atoll_host.runs.planning.recalling import recall_all
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.cli.session import Session
    from atoll_host.runs.launching.launcher import LocalLauncher
    from atoll_host.runs.planning.plan import RunPlan
    from atoll_host.workspace.graph.graph import AssetGraph
    from atoll_host.workspace.loading import LoadReport


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line says of a run beside what it makes."""

    partition: str | None = None
    partition_range: str | None = None
    config: str | None = None
    tags: Sequence[str] = ()
    dry_run: bool = False
    detach: bool = False
    jobs: int | None = None
    timeout: float | None = None
    debug: bool = False
    debug_port: int | None = None

    @property
    def is_debugged(self) -> bool:
        """Whether a debugger is asked for."""
        return self.debug or self.debug_port is not None


@dataclass(slots=True)
class RunDraft:
    """A run before it is planned: how it is remembered, and what was loaded for it."""

    command: str
    options: RunOptions
    wanted: Wanted
    facts: dict[str, Any] = field(default_factory=dict)


def told(command: str, work: Callable[[], Result]) -> Result:
    """Do something; where locations stand in its way, the result says which."""
    try:
        return work()
    except UnloadableError as error:
        return Result(command, None, None, error.located, exit_status=1)


def make_draft(session: Session, command: str, options: RunOptions) -> RunDraft:
    """Read what the command line says of a run.

    Raises:
        UsageError: it makes no sense.
    """
    if options.partition is not None and options.partition_range is not None:
        raise UsageError("--partition and --partition-range exclude each other")
    check_options(options)
    config = None if options.config is None else read_config(options.config, session.directory)
    wanted = Wanted(options.partition, read_range(options.partition_range), config)
    return RunDraft(command, options, wanted, {"tags": read_tags(options.tags), "config": config})


def check_options(options: RunOptions) -> None:
    """Refuse options that can't be meant together.

    Raises:
        UsageError: they can't.
    """
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs {options.jobs} leaves nothing to work", hint="--jobs 1 and more")
    if options.is_debugged and options.detach:
        raise UsageError("--debug and --detach exclude each other: somebody has to be there")


def read_tags(words: Sequence[str]) -> dict[str, str]:
    """Read values of `--tag`.

    Raises:
        UsageError: one is not NAME=VALUE.
    """
    tags = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark or not name:
            raise UsageError(f"--tag {word!r} is not NAME=VALUE", hint="such as --tag team=sales")
        tags[name] = value
    return tags


def read_range(text: str | None) -> tuple[str, str] | None:
    """Read the value of `--partition-range`.

    Raises:
        UsageError: it is not FIRST...LAST.
    """
    if text is None:
        return None
    first, mark, last = text.partition("...")
    if not mark or not first or not last:
        raise UsageError(
            f"--partition-range {text!r} is not FIRST...LAST", hint="such as --partition-range 2024-01-01...2024-01-31"
        )
    return first, last


def perform_assets(session: Session, launcher: LocalLauncher, selection: str, options: RunOptions) -> Result:
    """Make what a selection chooses: the body of `atoll materialize`."""
    draft = make_draft(session, "materialize", options)
    draft.facts |= {"kind": "assets", "selection": selection}
    reports = load_for_run(session)
    return carry_out_assets(session, launcher, draft, reports, lambda graph: select(graph, selection))


def carry_out_assets(
    session: Session,
    launcher: LocalLauncher,
    draft: RunDraft,
    reports: Sequence[LoadReport],
    choose: Callable[[AssetGraph], set[str]],
) -> Result:
    """Plan to make assets, and do it.

    Raises:
        AtollError: they can't be made.
    """
    plan = draft_assets(reports, choose, draft.wanted)
    return _finish(session, launcher, draft, reports, plan)


def perform_job(session: Session, launcher: LocalLauncher, name: str, options: RunOptions) -> Result:
    """Execute a job: the body of `atoll run`."""
    draft = make_draft(session, "run", options)
    reports = load_for_run(session)
    return carry_out_job(session, launcher, draft, reports, name)


def carry_out_job(
    session: Session,
    launcher: LocalLauncher,
    draft: RunDraft,
    reports: Sequence[LoadReport],
    name: str,
    *,
    steps: tuple[str, ...] | None = None,
    values_from: Mapping[str, str] | None = None,
) -> Result:
    """Plan to execute a job, or some of its steps, and do it."""
    location, job, plan = draft_job(reports, name, draft.wanted, steps=steps, values_from=values_from)
    draft.facts |= {"kind": "job", "job": job, "location": location}
    return _finish(session, launcher, draft, reports, plan)


def load_for_run(session: Session) -> list[LoadReport]:
    """Give what all locations define: what nothing has changed of since it was last loaded is not loaded again."""
    loader, workspace = session.loader, session.workspace
    return recall_all(loader, workspace, lambda names: load_reports(session, names))


def _finish(
    session: Session, launcher: LocalLauncher, draft: RunDraft, reports: Sequence[LoadReport], plan: RunPlan
) -> Result:
    if draft.options.dry_run:
        from atoll_host.cli.views.runs.plans import plan_result  # noqa: PLC0415 — only for a plan that is shown

        return plan_result(draft.command, plan)
    from atoll_host.cli.following import Interrupts, read_session_instance, show_launched, watch_run  # noqa: PLC0415 — not for a plan that is shown

    if draft.options.is_debugged:
        from atoll_host.cli.debugging import make_run_debug  # noqa: PLC0415 — few debug

        draft.facts["debug"] = make_run_debug(plan, draft.options.debug_port)
    session.state.make()
    options, instance = draft.options, read_session_instance(session)
    request = make_run_request(
        session.loader,
        session.workspace,
        reports,
        plan,
        instance,
        jobs=1 if options.is_debugged else options.jobs,
        timeout=options.timeout,
        followed=not options.detach,
        **draft.facts,
    )
    if options.detach:
        return show_launched(session, launcher.launch(request), draft.command)
    if options.debug_port is not None:
        session.renderer.note(f"{plan.locations[0]} waits for an editor to attach to 127.0.0.1:{options.debug_port}")
    # From here on Ctrl-C is the run's.
    with Interrupts() as interrupts:
        return watch_run(session, launcher.launch(request), draft.command, interrupts, is_silent=options.is_debugged)
