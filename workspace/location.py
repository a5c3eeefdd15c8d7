"""A code location as its workspace names it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atoll_host.workspace.findings.choosing import Choice

if TYPE_CHECKING:
    from pathlib import Path

    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.envs.errors import Problem
    from atoll_host.envs.loading.target import LoadTarget


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file.

    Attributes:
        file: absolute path.
        line: from 1; None for the whole file.
        column: from 1; None for the whole line.
    """

    file: Path
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A named reference to where `Definitions` live, and to the environment that can load them.

    Attributes:
        name: unique in the workspace.
        root: working directory of its workers, absolute.
        search_paths: put before everything else on the worker's `sys.path`.
        target: what is imported.
        environment: what kind of environment loads it.
        timeout: seconds that a load may take.
        memory: bytes that the processes of a load may hold together; None for three quarters of the machine's.
        cpu: seconds of processor time that they may take together; None for any number.
        env_files: `.env` files of the location, absolute, later ones win.
        inputs: patterns of data files that shape its definitions, relative to `root`.
        tags: for selecting locations.
        declared_at: where the workspace names it.
        problems: why it can't be loaded as it is configured (a file that is not there, a mistake in pyproject.toml);
            what the other attributes say is then the best that could be made of it.
        choices: which findings are wanted, by its own configuration and by its workspace's entry, the nearer one last.
    """

    name: str
    root: Path
    search_paths: tuple[Path, ...]
    target: LoadTarget
    environment: EnvironmentSpec
    declared_at: Place
    timeout: float = 60.0
    memory: int | None = None
    cpu: float | None = None
    env_files: tuple[Path, ...] = ()
    inputs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder whose code locations are known.

    Attributes:
        root: absolute path; `.atoll` is in it.
        file: its `workspace.yaml`; None for a lone project or file.
        locations: in the order of declaration (a glob's in alphabetical order).
        env_files: `.env` files that every location gets, absolute, before its own.
        choice: which findings are wanted, and whether warnings fail.
        whole: whether these are all the locations that there are, so that what none of them has exists nowhere.
        problems: what is wrong with its configuration beside what its locations say themselves; entries of which no
            location could be made are missing then.
    """

    root: Path
    file: Path | None
    locations: tuple[Location, ...]
    env_files: tuple[Path, ...] = ()
    choice: Choice = field(default_factory=Choice)
    whole: bool = True
    problems: tuple[Problem, ...] = ()
