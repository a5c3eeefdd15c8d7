"""The `.venv` beside a project's `pyproject.toml`: a link to the current generation, for editors and activation."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from atoll_host.envs.errors import Problem

_NEW = ".venv.atoll-new"


def link(project: Path, prefix: Path) -> Problem | None:
    """Let `.venv` lead to the environment, all at once. Never touches what the user made.

    Args:
        project: folder of the project.
        prefix: the environment.

    Returns:
        A warning when something of the user's stands there.

    Raises:
        OSError: the link cannot be made.
    """
    place = project / ".venv"
    if not is_free(place):
        return _in_the_way(place)
    target = _relative(project, prefix)
    with contextlib.suppress(OSError):
        if str(place.readlink()) == target:
            return None
    new = project / _NEW
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    new.symlink_to(target, target_is_directory=True)
    new.replace(place)
    return None


def unlink(project: Path, prefix: Path) -> None:
    """Remove the link if it leads to the given environment."""
    place = project / ".venv"
    with contextlib.suppress(OSError):
        if place.is_symlink() and str(place.readlink()) == _relative(project, prefix):
            place.unlink()


def can_link(project: Path) -> bool:
    """Try whether links can be made there."""
    new = project / _NEW
    try:
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        new.symlink_to("nowhere", target_is_directory=True)
        new.unlink()
    except (OSError, NotImplementedError):
        return False
    return True


def is_free(place: Path) -> bool:
    """Say whether we may put our link there: nothing is there, or a broken link, or a link of ours."""
    if not os.path.lexists(place):
        return True
    try:
        target = place.parent / place.readlink()
    except OSError:
        return False
    parts = Path(os.path.normpath(target)).parts
    ours = len(parts) > 4 and parts[-4:-2] == (".atoll", "envs")  # noqa: PLR2004 — …/.atoll/envs/<location>/<name>
    return ours or not place.exists()


def _in_the_way(place: Path) -> Problem:
    what = "a link that you made" if place.is_symlink() else "a folder of its own"
    return Problem(
        "venv_in_the_way",
        f"{place} is {what}, so it was left alone and does not lead to the environment that is used",
        f"remove it (editors then get the right environment at the next sync): rm -r {place}",
        file=str(place),
        severity="warning",
    )


def _relative(project: Path, prefix: Path) -> str:
    real = os.path.realpath(prefix)
    try:
        return os.path.relpath(real, os.path.realpath(project))
    except ValueError:  # another drive on Windows
        return real
