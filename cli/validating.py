"""What `atoll validate` does: build where asked to, load, check, report in as many languages as asked for."""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.statuses import FAULT
from atoll_host.cli.views.arrivals import show_arrivals
from atoll_host.cli.views.problems import draw_problems
from atoll_host.cli.views.reports.context import Context
from atoll_host.cli.views.reports.places import find_repository
from atoll_host.cli.views.syncing import sync_with_progress
from atoll_host.cli.views.validation import describe_skipped, draw_validation
from atoll_host.envs.errors import ConfigurationError, Problem, UsageError
from atoll_host.workspace.describing.text import count
from atoll_host.workspace.describing.validation import describe_validation
from atoll_host.workspace.findings.choosing import is_chosen
from atoll_host.workspace.findings.codes import code_of
from atoll_host.workspace.findings.located import LocatedProblem, count_severities
from atoll_host.workspace.validation import Options, find_nothing_else, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.workspace.findings.located import Located
    from atoll_host.workspace.location import Workspace
    from atoll_host.workspace.validation import Validation

FORMATS = ("text", "json", "github", "gitlab", "junit", "sarif")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        locations: names; empty for all.
        report: format of what is printed.
        outputs: further reports, each as `FORMAT=FILE`.
        select: codes or their beginnings, separated by commas.
        ignore: the same, for what is left out.
        strict: whether warnings fail too; None for what the configuration says.
        sync: whether environments are built first.
        locked: whether a lock that is missing or stale is an error.
        verbose: whether tracebacks are shown whole.
        changed: a git revision: locations are left out that nothing can have changed for since then.
    """

    locations: tuple[str, ...] = ()
    report: str = "text"
    outputs: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool | None = None
    sync: bool = False
    locked: bool = False
    verbose: bool = False
    changed: str | None = None


def perform_validation(session: Session, request: Request) -> Result:
    """Validate, write the reports that go to files, and give what is printed.

    Raises:
        UsageError: the command line makes no sense.
    """
    outputs = read_outputs(request.outputs, session.directory)
    validation = find(session, request)
    context = _context(session, request)
    result = _result(session, request, validation, context)
    refused = write_outputs(outputs, lambda name: report_text(name, validation, context, result))
    if not refused:
        return result
    if not session.renderer.as_json:
        draw_problems(session.renderer.err, refused)
    return Result("validate", result.data, result.view, (*result.problems, *refused), FAULT, problems_in_view=True)


def find(session: Session, request: Request) -> Validation:
    """Build environments where asked to, load, and find what is wrong; a workspace that cannot be read is a finding.

    Raises:
        UsageError: there is no location of such a name, or a word is no code.
        ConfigurationError: the workspace cannot be read, and findings that say so are not wanted.
    """
    options = Options(request.select, request.ignore, request.strict, locked=request.locked)
    # Wrong words are told before anything is built or loaded.
    options.choose()
    try:
        workspace = session.workspace
    except ConfigurationError as error:
        validation = find_nothing_else(error.problems, options)
        if not validation.failed:
            # Nobody wanted to hear of it, and yet nothing was validated.
            raise
        return validation
    chosen = session.locations(request.locations)
    _refuse_unsaid(workspace, options)
    plan = None
    waiting = chosen
    if request.changed is not None:
        from atoll_host.cli.revisions import plan_since  # noqa: PLC0415 — most do without git

        plan = plan_since(session, request.changed)
        waiting = [location for location in chosen if location.name in plan.affected]
    built: tuple[Located, ...] = ()
    if request.sync:
        built = sync_with_progress(session, waiting, lock_mode="locked" if request.locked else "update").problems
    names = [location.name for location in waiting]
    with show_arrivals(session.renderer.err, names, wanted=not session.renderer.as_json) as arrived:
        validation = validate(
            workspace,
            chosen,
            session.loader,
            options,
            built=((item.location, item.problem) for item in built),
            on_report=arrived,
            plan=plan,
        )
    if not session.renderer.as_json:
        for line in describe_skipped(validation, verbose=request.verbose):
            session.renderer.note(line)
    return validation


def _refuse_unsaid(workspace: Workspace, options: Options) -> None:
    """Refuse to leave out entries of the workspace's file that mean nothing, where nobody wants to hear of it.

    Raises:
        ConfigurationError: something is wrong with the file, and findings that say so are not wanted.
    """
    choices = (workspace.choice, options.choose())
    numbers = {code_of(problem.kind).number for problem in workspace.problems}
    if not all(is_chosen(number, choices) for number in numbers):
        raise ConfigurationError.of(workspace.problems)


def _context(session: Session, request: Request) -> Context:
    root = find_repository(session.directory, session.variables)
    return Context(root, version("atoll"), verbose=request.verbose)


def _result(session: Session, request: Request, validation: Validation, context: Context) -> Result:
    def view(console: Console) -> None:
        if request.report == "text":
            draw_validation(console, validation, verbose=request.verbose)
            return
        console.file.write(report_text(request.report, validation, context, result))
        locations = count(len(validation.reports), "location")
        session.renderer.note(count_severities(validation.findings) or f"All well in {locations}")

    data = describe_validation(validation)
    result = Result("validate", data, view, validation.findings, int(validation.failed), problems_in_view=True)
    return result


def read_outputs(words: tuple[str, ...], directory: Path) -> dict[Path, str]:
    """Read values of `--output`: the format of each file.

    Raises:
        UsageError: a format is unknown, a file is missing or a folder, or two reports would go to one file.
    """
    outputs: dict[Path, str] = {}
    for word in words:
        name, mark, file = word.partition("=")
        if not mark or not file or name not in FORMATS:
            hint = f"the formats are: {', '.join(FORMATS)}"
            raise UsageError(f"--output {word!r} is not FORMAT=FILE, such as sarif=atoll.sarif", hint=hint)
        path = directory / file
        if path.is_dir():
            raise UsageError(f"--output {word!r} names a folder", hint=f"{word.rstrip('/')}/atoll.{name}")
        if path in outputs:
            raise UsageError(f"Two reports would go to {file}", hint="give each a file of its own")
        outputs[path] = name
    return outputs


def report_text(name: str, validation: Validation, context: Context, result: Result) -> str:
    """Give the report in one of the formats."""
    if name == "json":
        return f"{json.dumps(result.to_json(), indent=2)}\n"
    return _formats()[name](validation, context)


def write_outputs(outputs: Mapping[Path, str], report: Callable[[str], str]) -> list[LocatedProblem]:
    """Write the reports, each file in one step; give what the operating system refused."""
    refused = []
    for path, name in outputs.items():
        try:
            _write(path, report(name).encode("utf-8", "replace"))
        except OSError as error:
            message = f"The {name} report could not be written: {error.strerror or error}"
            refused.append(LocatedProblem(None, Problem("tool", message, file=str(path))))
    return refused


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if (path.exists() and not path.is_file()) or path.parts[:2] in {("/", "dev"), ("/", "proc")}:
        # A pipe, or /dev/stderr: nothing that could be replaced.
        with path.open("ab") as stream:
            stream.write(data)
        return
    target = path.resolve()
    temporary = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    try:
        # With the permissions that any new file has.
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _formats() -> dict[str, Callable[[Validation, Context], str]]:
    from atoll_host.cli.views.reports.github import github  # noqa: PLC0415 — only where one of them is asked for
    from atoll_host.cli.views.reports.gitlab import gitlab  # noqa: PLC0415 — as above
    from atoll_host.cli.views.reports.junit import junit  # noqa: PLC0415 — as above
    from atoll_host.cli.views.reports.sarif import sarif  # noqa: PLC0415 — as above
    from atoll_host.cli.views.reports.text import text  # noqa: PLC0415 — as above

    return {"github": github, "gitlab": gitlab, "junit": junit, "sarif": sarif, "text": text}
