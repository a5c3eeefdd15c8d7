"""`atoll create workspace`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atoll_host.cli.options import JsonFlag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from atoll_host.cli.asking import Asker
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.workspace.findings.located import Located
    from atoll_host.workspace.scaffolding.workspaces import Ci

_COMMAND = "create workspace"


class CiSystem(StrEnum):
    """Which CI system gets a workflow file."""

    github = "github"
    none = "none"


_DEV = "see it all on a page, live while you edit"


def add_to(group: typer.Typer) -> None:
    """Add the command."""
    group.command("workspace")(create_workspace)


def create_workspace(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Folder to create it in.")] = None,
    example: Annotated[
        str | None, typer.Option("--example", metavar="EXAMPLE", help="Fill it with an example, such as islands.")
    ] = None,
    ci: Annotated[
        CiSystem | None, typer.Option("--ci", help="Add a workflow that checks the workspace at every push.")
    ] = None,
    no_sync: Annotated[
        bool, typer.Option("--no-sync", help="Write the example's files only; build no environments.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Create a workspace: a folder with a workspace.yaml, a README, and a schema of workspace.yaml for editors.

    With --example it holds code locations, whose environments are built and which are then listed.

    Examples:

      atoll create workspace demo --example islands

      atoll create workspace analytics --ci github
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.asking import Asker
        from atoll_host.workspace.scaffolding.workspaces import check_workspace_name

        asker = Asker.of(session)
        chosen = name
        if chosen is None:
            chosen = asker.text("Name of the workspace's folder", option="NAME", check=check_workspace_name)
        check_workspace_name(chosen)
        return _create(session, chosen, example, _choose_ci(asker, ci, example), sync=not no_sync)

    perform(_COMMAND, body, as_json=as_json)


def _choose_ci(asker: Asker, ci: CiSystem | None, example: str | None) -> Ci:
    if ci is not None:
        return ci.value
    # An example is there to be looked at.
    wanted = example is None and asker.agree("Add a GitHub workflow that validates the workspace?", default=False)
    return "github" if wanted else "none"


def _create(session: Session, name: str, example: str | None, ci: Ci, *, sync: bool) -> Result:
    from atoll_host.cli.views.creating import created_result
    from atoll_host.workspace.scaffolding.examples import ExamplePlan, plan_example
    from atoll_host.workspace.scaffolding.workspaces import plan_workspace
    from atoll_host.workspace.scaffolding.writing import refuse_existing, write_tree

    folder = session.directory / name
    plan = ExamplePlan(())
    if example is not None:
        plan = plan_example(example, session.discovery.all())
    files = plan_workspace(name, ci=ci, example=plan.files)
    was_there = refuse_existing(folder, {folder / file.path: file.text for file in files})
    written = write_tree(folder, files, empty=["locations"])
    for note in plan.notes:
        session.renderer.note(note)
    data: dict[str, Any] = {"workspace": str(folder), "notes": list(plan.notes)}
    drawing: Callable[[Console], None] | None = None
    problems: tuple[Located, ...] = ()
    if example is not None and sync:
        drawing, more, problems = _build(session, folder)
        data.update(more)
    return created_result(
        _COMMAND,
        f"The workspace {name} was there already" if was_there else f"Created the workspace {name}",
        written=written,
        next_steps=_next_steps(name, example, synced=sync),
        data=data,
        problems=problems,
        drawing=drawing,
    )


def _build(
    session: Session, folder: Path
) -> tuple[Callable[[Console], None] | None, dict[str, Any], tuple[Located, ...]]:
    """Build the environments of the new workspace and load its locations; give how that is drawn, data, problems."""
    from atoll_host.cli.changing import reopen
    from atoll_host.cli.views.locations import locations_result
    from atoll_host.cli.views.syncing import sync_with_progress

    inside = reopen(session, folder / "workspace.yaml")
    chosen = inside.locations(None)
    synced = sync_with_progress(inside, chosen)
    with session.renderer.progress("Loading", len(chosen)) as advance:
        reports = inside.loader.load_all(inside.workspace, chosen, on_report=lambda _: advance())
    listed = locations_result(reports)
    known = {(item.location, item.problem.message) for item in listed.problems}
    problems = (
        *listed.problems,
        *(item for item in synced.problems if (item.location, item.problem.message) not in known),
    )
    return listed.view, {"synced": synced.data, "locations": listed.data}, problems


def _next_steps(name: str, example: str | None, *, synced: bool) -> dict[str, str]:
    inside = {f"cd {name}": ""}
    if example is None:
        return {**inside, "atoll create location NAME": "add a code location", "atoll dev": _DEV}
    build = {} if synced else {"atoll sync": "build the environments"}
    return {
        **inside,
        **build,
        "atoll graph": "see how assets depend on one another, across locations",
        "atoll validate": "check everything",
        "atoll dev": _DEV,
    }
