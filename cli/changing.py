"""What the commands that change a workspace's own files share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.cli.session import Session
from atoll_host.cli.views.creating import created_result
from atoll_host.cli.views.problems import short_path
from atoll_host.envs.errors import UsageError
from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from atoll_host.cli.result import Result
    from atoll_host.workspace.editing import Edit
    from atoll_host.workspace.location import Workspace


@dataclass(frozen=True, slots=True)
class Changeable:
    """A workspace that has a workspace.yaml.

    Attributes:
        workspace: as it is before the change.
        file: its workspace.yaml.
    """

    workspace: Workspace
    file: Path

    @property
    def root(self) -> Path:
        """The folder of workspace.yaml."""
        return self.file.parent

    def choices(self) -> dict[str, str]:
        """Give the locations to choose from, each with where it is."""
        return {location.name: short_path(str(location.root)) for location in self.workspace.locations}

    def refuse_taken(self, name: str, *, but: str | None = None) -> None:
        """Refuse the name of a location that is there, in whatever case: it names a folder too.

        Args:
            name: that is wanted.
            but: the location that may have it.

        Raises:
            UsageError: it is taken.
        """
        for location in self.workspace.locations:
            if location.name != but and location.name.lower() == name.lower():
                raise UsageError(
                    f"There is a location {location.name} already", hint="choose another name", kind="exists"
                )


def open_to_change(session: Session) -> Changeable:
    """Open the session's workspace, which may be without a location yet.

    Raises:
        ConfigurationError: there is none, or it can't be understood.
        UsageError: it is a lone project, which has no workspace.yaml to write to.
    """
    workspace = open_workspace(
        session.directory, file=session.workspace_file, variables=session.variables, empty_allowed=True
    )
    if workspace.file is None:
        raise UsageError(
            f"{workspace.root} is a project of its own, without a workspace.yaml",
            hint="atoll create workspace NAME makes a workspace; atoll add PATH, in it, takes the project in",
        )
    session.workspace = workspace
    return Changeable(workspace, workspace.file)


def reopen(session: Session, file: Path) -> Session:
    """Give a session that sees the workspace as it is now."""
    return Session(session.renderer, session.runner, file)


def edit_result(command: str, edit: Edit, next_steps: Mapping[str, str]) -> Result:
    """Make the change, and give the result that says so."""
    changed = edit.commit()
    said = edit.summary[:1].upper() + edit.summary[1:]

    def draw_notes(console: Console) -> None:
        for note in edit.notes:
            console.print(note, markup=False, soft_wrap=True)

    return created_result(
        command,
        said,
        changed=changed,
        next_steps=next_steps if changed else {},
        data={"locations": list(edit.names), "notes": list(edit.notes)},
        problems=[LocatedProblem(edit.names[0] if edit.names else None, problem) for problem in edit.problems],
        drawing=draw_notes if edit.notes else None,
    )
