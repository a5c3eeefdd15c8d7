"""Remove environments that nobody needs."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from atoll_host.envs.environments import dot_venv
from atoll_host.envs.environments.generations import CURRENT, IN_PROGRESS, Generations, find_users
from atoll_host.envs.environments.locks import hold_location
from atoll_host.envs.environments.results import Cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from atoll_host.envs.environments.inspecting import Inspector
    from atoll_host.envs.environments.spec import EnvironmentSpec

_UNFINISHED = ("new-", ".new-")
"""How the names of folders begin that become something else, or go, before their command ends."""
_UNFINISHED_SECONDS = 3600
"""A younger one may be in use. Nothing that is made there takes as long."""
_BLOCK = 512
"""Bytes in the unit of `st_blocks` (stat(2))."""


def measure(folder: Path) -> int:
    """Give the bytes that a folder takes on disk, each file with several names counted once."""
    total = 0
    seen: set[tuple[int, int]] = set()
    for status in _statuses(folder):
        if status.st_nlink > 1:
            key = (status.st_dev, status.st_ino)
            if key in seen:
                continue
            seen.add(key)
        total += _size(status)
    return total


def measure_gain(folder: Path) -> int:
    """Give the bytes that removing a folder would free: files that the cache has too are none."""
    names: dict[tuple[int, int], int] = {}
    total = 0
    for status in _statuses(folder):
        if status.st_nlink > 1:
            key = (status.st_dev, status.st_ino)
            names[key] = names.get(key, 0) + 1
            if names[key] < status.st_nlink:
                continue
        total += _size(status)
    return total


def clean(environments: Inspector, spec: EnvironmentSpec, *, current: bool) -> Cleaned:
    """Do what `Environments.clean` says."""
    with hold_location(environments.state, spec.location, _ignore):
        generations = environments.generations(spec)
        here = generations.current()
        result = _clean(generations, current=current)
    if here is not None and spec.kind == "project" and spec.source is not None and here.prefix in result.removed:
        dot_venv.unlink(spec.source, here.prefix)
    return result


def clean_strays(environments: Inspector, known: Iterable[str]) -> Cleaned:
    """Do what `Environments.clean_strays` says."""
    home = environments.state.path / "envs"
    names = set(known)
    results = []
    with contextlib.suppress(FileNotFoundError):
        for folder in sorted(home.iterdir()):
            if folder.name not in names and folder.is_dir() and not folder.is_symlink():
                with hold_location(environments.state, folder.name, _ignore):
                    results.append(_clean(Generations(folder, environments.now), current=True))
    results.append(_remove_unfinished(environments))
    return Cleaned(
        sum(one.freed for one in results),
        tuple(path for one in results for path in one.removed),
        tuple(path for one in results for path in one.kept),
    )


def _remove_unfinished(environments: Inspector) -> Cleaned:
    """Remove what commands left that were killed while they made something: a lock, a copy of the SDK."""
    state = environments.state.path
    doomed = []
    for folder in [*_folders(state), *_folders(state / "sdk")]:
        if folder.name.startswith(_UNFINISHED):
            with contextlib.suppress(OSError):
                if environments.now() - folder.stat().st_mtime > _UNFINISHED_SECONDS:
                    doomed.append(folder)
    freed = sum(measure_gain(folder) for folder in doomed)
    for folder in doomed:
        shutil.rmtree(folder, ignore_errors=True)
    return Cleaned(freed, tuple(doomed))


def _clean(generations: Generations, *, current: bool) -> Cleaned:
    complete = [generation.prefix for generation in generations.complete()]
    here = generations.current()
    in_place = here is not None and here.prefix not in complete
    gains = {path: measure_gain(path) for path in complete}
    if in_place and here is not None and current:
        gains[here.prefix] = measure_gain(here.prefix)
    wreckage = [path for path in _folders(generations.folder) if path not in complete]
    freed = sum(measure_gain(path) for path in wreckage)
    generations.remove_wreckage()
    removed = generations.remove_unused(current=current, previous=True)
    left = [path for path in complete if path not in removed and (here is None or path != here.prefix or current)]
    if current and not left:
        for name in (CURRENT, IN_PROGRESS):
            (generations.folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            generations.folder.rmdir()
    kept = find_users(left)
    return Cleaned(freed + sum(gains.get(path, 0) for path in removed), (*wreckage, *removed), tuple(sorted(kept)))


def _folders(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    return []


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    for path, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            with contextlib.suppress(OSError):
                yield os.lstat(os.path.join(path, name))  # noqa: PTH118 — tens of thousands of files


def _size(status: os.stat_result) -> int:
    return status.st_blocks * _BLOCK if hasattr(status, "st_blocks") else status.st_size


def _ignore() -> None:
    """Wait without a word."""
