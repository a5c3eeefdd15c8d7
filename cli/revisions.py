"""The workspace of a command on another git revision, and what has changed since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.workspace.changes.affected import plan_changes
from atoll_host.workspace.changes.git import Repository
from atoll_host.workspace.configuration import open_sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atoll_host.cli.session import Session
    from atoll_host.workspace.changes.affected import Plan
    from atoll_host.workspace.location import Workspace


def plan_since(session: Session, name: str, *, exact: bool = False) -> Plan:
    """Find out which locations what git has changed since a revision can affect.

    Args:
        session: of the command.
        name: of the revision.
        exact: whether that very commit is meant, and not where the work since then began.

    Raises:
        UsageError: there is no such revision, or no repository.
        ToolFailedError: git fails.
    """
    workspace = session.workspace
    repository = Repository.find(session.runner, workspace.root, session.variables)
    return plan_changes(
        repository,
        repository.resolve(name, exact=exact),
        workspace,
        session.environments,
        variables=session.variables,
        open_there=make_opener(session, repository),
    )


def make_opener(session: Session, repository: Repository) -> Callable[[Path], Workspace]:
    """Give what opens the same workspace in another folder with the repository's files."""
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
