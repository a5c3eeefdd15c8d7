"""The process of a run is started before it is known what is to be run: it imports what it needs meanwhile."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.launching.launcher import LocalLauncher

_COMMANDS = (("materialize",), ("run",), ("runs", "retry"))
_NEEDLESS = frozenset({"-h", "--help", "--dry-run"})
_early: list[LocalLauncher] = []


def warm_up(arguments: Sequence[str]) -> None:
    """Start the process of a run, where these words ask for one. Without a request it ends with us."""
    wanted = any(tuple(arguments[: len(words)]) == words for words in _COMMANDS)
    if not wanted or len(arguments) < 2 or not _NEEDLESS.isdisjoint(arguments):  # noqa: PLR2004 — it names what is run
        return
    from atoll_host.envs.errors import AtollError  # noqa: PLC0415 — not for `--help`, which needs nothing of the rooms

    launcher = make_launcher(Path.cwd(), os.environ)
    # What keeps it from starting is said when it is needed.
    with contextlib.suppress(AtollError):
        launcher.warm_up()
    _early.append(launcher)


def make_launcher(directory: Path, variables: Mapping[str, str]) -> LocalLauncher:
    """Give the launcher that was warmed up, or else one that is not.

    Args:
        directory: working directory of the run's process.
        variables: of it.
    """
    from atoll_host.runs.launching.launcher import LocalLauncher  # noqa: PLC0415 — few commands start runs

    return _early.pop() if _early else LocalLauncher(directory, variables)
