"""A change of a workspace that has been worked out and not been made yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.envs.errors import ConfigurationError, UsageError
from atoll_host.workspace.configuration.opening import read_workspace
from atoll_host.workspace.configuration.sources import decode_source, read_bytes
from atoll_host.workspace.editing.transaction import EditRefusedError, Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from atoll_host.envs.errors import Problem
    from atoll_host.workspace.location import Workspace


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be changed.

    Attributes:
        summary: one sentence.
        transaction: the changes of files; empty when there is nothing to do.
        names: of the locations that come, go or change.
        notes: further sentences, such as what stays on disk.
        problems: what keeps a new location from being loaded; it is added all the same.
    """

    summary: str
    transaction: Transaction
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.transaction.is_empty

    def commit(self) -> tuple[Path, ...]:
        """Make the change, all of it or nothing.

        Returns:
            The files that were written.

        Raises:
            AtollError: as `Transaction.commit`.
        """
        return self.transaction.commit()


@dataclass(frozen=True, slots=True)
class Source:
    """A file's content as it was read for an edit.

    Attributes:
        file: absolute path.
        data: its bytes, which must still be there when the edit is made.
        text: its bytes, decoded.
    """

    file: Path
    data: bytes
    text: str

    @classmethod
    def read(cls, file: Path) -> Source:
        """Read a UTF-8 file.

        Raises:
            ConfigurationError: that is not possible.
        """
        data = read_bytes(file)
        return cls(file, data, decode_source(data, file))

    def replace(self, text: str, transaction: Transaction) -> None:
        """Have its content replaced."""
        transaction.replace(self.file, text, expected=self.data)


def require_file(workspace: Workspace, command: str) -> Path:
    """Give the workspace.yaml, without which there is no list of locations to change.

    Raises:
        UsageError: the workspace is a lone project or file.
    """
    if workspace.file is None:
        raise UsageError(
            f"`atoll {command}` changes a workspace.yaml, and {workspace.root} has none",
            hint="`atoll create workspace NAME` makes a workspace",
        )
    return workspace.file


def preview(source: Source, text: str, variables: Mapping[str, str]) -> Workspace:
    """Read the workspace as it will be.

    Raises:
        EditRefusedError: it would not be a workspace that can be read.
    """
    try:
        return read_workspace(source.file, variables, text=text, empty_allowed=True)
    except ConfigurationError as error:
        problem = error.problems[0]
        raise EditRefusedError(
            f"{source.file.name} was not changed: {problem.message}", hint=problem.hint, file=str(source.file)
        ) from None
