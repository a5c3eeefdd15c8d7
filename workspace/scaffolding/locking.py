"""Make the lock of a location that is not there yet, so that it is written with everything else or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError
from atoll_host.workspace.scaffolding.coverage import joins_uv_workspace
from atoll_host.workspace.scaffolding.rendering import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atoll_host.envs.environments.environments import Environments
    from atoll_host.workspace.scaffolding.locations import LocationRequest


def lock_location(
    environments: Environments, request: LocationRequest, files: Sequence[RenderedFile], destination: Path
) -> RenderedFile | None:
    """Lock a location in a folder of our own, and give the lock as one more of its files.

    Args:
        environments: of the workspace that it will belong to.
        request: what it is.
        files: all of its files so far.
        destination: the folder that they will go into.

    Returns:
        The lock; None where the location will have none of its own.

    Raises:
        EnvironmentFailedError: its requirements have no solution, or no interpreter fits.
    """
    if not request.is_script and joins_uv_workspace(destination / request.name):
        return None
    environments.state.make()
    folder = Path(tempfile.mkdtemp(prefix="new-", dir=environments.state.path))
    try:
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8", newline="\n")
        source = folder / files[0].path if request.is_script else folder / request.name
        spec = EnvironmentSpec(request.name, "script" if request.is_script else "project", source)
        try:
            lock = environments.lock(spec).path
        except EnvironmentFailedError as error:
            # The files that it names are gone in a moment.
            problems = tuple(
                problem.replaced(file=None, line=None, column=None, hint=_hint(problem.hint))
                for problem in error.problems
            )
            raise type(error).of(problems) from None
        if lock is None or not lock.is_relative_to(folder):
            return None
        return RenderedFile(PurePosixPath(lock.relative_to(folder)), lock.read_text(encoding="utf-8"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hint(hint: str | None) -> str:
    said = "nothing was written; --no-sync writes the location without locking it"
    return said if hint is None else f"{hint} ({said})"
