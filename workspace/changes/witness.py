"""What a load saw, in digests: whether what its trace names is still as it was then.

A trace names files, folders and variables. It says what a load of *now* would depend on only while all of these are as
they were when it was recorded: a helper that has changed since may read files that the trace does not know.
"""

from __future__ import annotations

import glob
import hashlib
import itertools
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from atoll_host.envs.environments.spec import Environment
    from atoll_host.workspace.location import Location

KEY = "witness"
"""Under this name the digests stand in a trace."""

_LARGEST = 64 * 1024 * 1024
"""In bytes. A larger file is identified by its size and times."""
_NO_INFLUENCE = frozenset({"__pycache__", ".atoll", ".git", ".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
_MOST_FILES = 5000
"""Where a location has more files of its own, its loads prove nothing about later ones."""
_MOST_BYTES = 8 * 1024 * 1024
"""Of a location's own files; where they are larger, they are identified by their sizes and times."""
_OF_ONE_LOAD = frozenset({"TMPDIR", "TEMP", "TMP"})
"""Every load has a temporary folder of its own."""
_MOST_FOLDERS = 1000
_MOST_SHARED_FILES = 10_000
"""Where a working directory that is shared holds more, its loads prove nothing about later ones."""
_FOLDER_DIGITS = 16
"""Hexadecimal digits kept of the digest of a folder."""
_VARIABLE_DIGITS = 4
"""Hexadecimal digits kept of the digest of all variables: enough to notice a change, too few to find a value by."""


def with_witness(
    trace: Mapping[str, Any],
    location: Location,
    environment: Environment,
    variables: Mapping[str, str],
    *,
    since: float,
    env_files: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Add to a trace what is to be compared later.

    Args:
        trace: of a load that has just ended.
        location: what was loaded.
        environment: what loaded it.
        variables: all that the worker had.
        since: when the load began, in seconds since the epoch; what changed later may not be what was read.
        env_files: absolute paths of the `.env` files that were read.
    """
    contents = {path: _digest(path, since) for path in sorted({*_paths(trace), *env_files})}
    witness = {
        "contents": contents,
        "configuration": digest_configuration(location, environment),
        "variables": _digest_variables(trace, variables),
        "own": _digest_own(location, since),
        "shared": _digest_shared(location, since),
    }
    return {**trace, KEY: witness}


def find_change(
    trace: Mapping[str, Any],
    location: Location,
    environment: Environment,
    variables: Mapping[str, str],
    *,
    spared: Collection[str] = (),
) -> str | None:
    """Say what is not as it was when a trace was recorded; None when everything is.

    Args:
        trace: of the last load.
        location: what was loaded.
        environment: what would load it now.
        variables: all that the worker would have.
        spared: absolute paths of folders below its working directory that are other locations' own.
    """
    witness = trace.get(KEY)
    if not isinstance(witness, dict):
        return "its last load recorded too little"
    if witness.get("configuration") != digest_configuration(location, environment):
        return "its configuration or its environment is another than when it was last loaded"
    if witness.get("variables") != _digest_variables(trace, variables):
        return "variables that it reads are others than when it was last loaded"
    for path, digest in witness.get("contents", {}).items():
        if digest is None or digest != _digest(path, None):
            return f"{path} is not as it was when it was last loaded"
    if witness.get("own") is None or witness["own"] != _digest_own(location, None):
        return "its files are not as they were when it was last loaded"
    before, now = witness.get("shared"), _digest_shared(location, None)
    if not isinstance(before, dict) or now is None:
        return f"{location.root}, its working directory, holds too much to tell whether it is as it was"
    for folder in sorted(before.keys() | now.keys()):
        if before.get(folder) is None or before[folder] != now.get(folder):
            path = os.path.normpath(os.path.join(location.root, folder))  # noqa: PTH118 — as below
            if not any(path == one or path.startswith(f"{one}{os.sep}") for one in spared):
                return f"{path}, in its working directory, is not as it was when it was last loaded"
    return None


def describe_configuration(location: Location) -> str:
    """Give everything about a location that shapes its load, as text; where it is declared is no part of that."""
    return repr(replace(location, declared_at=None, problems=()))  # type: ignore[arg-type]  # for its text alone: no location is declared nowhere


def digest_configuration(location: Location, environment: Environment) -> str:
    """Give the digest of what a location is loaded as and with."""
    parts = (
        describe_configuration(location),
        str(environment.executable),
        environment.interpreter.version_text,
        environment.fingerprint or "",
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _paths(trace: Mapping[str, Any]) -> Iterator[str]:
    for name in ("sources", "files", "folders", "search_path"):
        yield from (path for path in trace.get(name, ()) if os.path.isabs(path))  # noqa: PTH117 — texts


def _digest_variables(trace: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in trace.get("variables", ()):
        if name in _OF_ONE_LOAD:
            continue
        value = variables.get(name)
        digest.update(f"{name}\0{'unset' if value is None else f'={value}'}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:_VARIABLE_DIGITS]


def _digest_own(location: Location, since: float | None) -> str | None:
    """Identify a location's own files and its inputs: what it looks at without opening leaves no trace."""
    found: list[tuple[str, os.stat_result]] = []
    try:
        for path in _walk_own(location):
            found.append((path, os.stat(path)))  # noqa: PTH116 — as below
            if len(found) > _MOST_FILES:
                return None
    except OSError:
        return None
    if since is not None and any(max(status.st_mtime, status.st_ctime) >= since for _, status in found):
        return None
    by_content = sum(status.st_size for _, status in found) <= _MOST_BYTES
    digest = hashlib.sha256()
    for path, status in sorted(found):
        said = _digest(path, since) if by_content else f"{status.st_size}:{status.st_mtime_ns}"
        digest.update(f"{path}\0{said}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _digest_shared(location: Location, since: float | None) -> dict[str, str | None] | None:
    """Identify the folders below a working directory that is not the location's alone, by names and sizes in them.

    Whether a file is there, and how large it is, can be asked without a trace.

    Returns:
        A digest for each folder, by its path relative to the working directory; None for one in which something changed
        after `since`. Nothing at all where there is too much, a folder cannot be read, or no git repository is there to
        compare with.
    """
    own = {str(folder) for folder in list_own_folders(location)}
    if str(location.root) in own:
        return {}
    above = (location.root, *location.root.parents)
    if not any(os.path.lexists(folder / ".git") for folder in above):
        return None
    found: dict[str, str | None] = {}
    waiting, files = [str(location.root)], 0
    while waiting:
        folder = waiting.pop()
        names: list[str] = []
        changed = False
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if _counts(entry) and entry.path not in own:
                            waiting.append(entry.path)
                    elif entry.name[-4:] != ".pyc":
                        status = entry.stat(follow_symlinks=False)
                        changed |= since is not None and max(status.st_mtime, status.st_ctime) >= since
                        names.append(f"{entry.name}\0{status.st_size}\0")
        except OSError:
            return None
        files += len(names)
        digest = hashlib.sha256("".join(sorted(names)).encode("utf-8", "surrogateescape")).hexdigest()
        found[os.path.relpath(folder, location.root)] = None if changed else digest[:_FOLDER_DIGITS]
        if len(found) > _MOST_FOLDERS or files > _MOST_SHARED_FILES:
            return None
    return found


def _counts(entry: os.DirEntry[str]) -> bool:
    return entry.name not in _NO_INFLUENCE and not os.path.exists(f"{entry.path}/pyvenv.cfg")  # noqa: PTH110 — as below


def list_own_folders(location: Location) -> list[Path]:
    """Give the folders that are a location's alone, where its working directory may be that of others too."""
    if location.target.file is not None:
        return [location.target.file.parent]
    if location.environment.kind == "project":
        return [location.root]
    package = location.target.module.partition(".")[0]
    folders = [path / package for path in location.search_paths]
    return [folder for folder in folders if folder.is_dir()] or [location.root]


def _walk_own(location: Location) -> Iterator[str]:
    for folder, folders, names in itertools.chain.from_iterable(map(os.walk, list_own_folders(location))):
        folders[:] = [
            name
            for name in folders
            if name not in _NO_INFLUENCE and not os.path.exists(f"{folder}/{name}/pyvenv.cfg")  # noqa: PTH110 — as below
        ]
        yield from (f"{folder}/{name}" for name in names if name[-4:] != ".pyc")
    for pattern in location.inputs:
        yield from filter(os.path.isfile, glob.iglob(str(location.root / pattern), recursive=True))  # noqa: PTH207 — as above


def _digest(path: str, since: float | None) -> str | None:
    """Identify what is at a path; None where it changed after `since`, or can't be read."""
    try:
        status = os.stat(path)  # noqa: PTH116 — this runs for every traced file of every load
        if stat.S_ISDIR(status.st_mode):
            names = sorted(name for name in os.listdir(path) if name not in _NO_INFLUENCE and name[-4:] != ".pyc")  # noqa: PTH208 — as above
            return "folder:" + hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()
        if since is not None and max(status.st_mtime, status.st_ctime) >= since:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > _LARGEST:
            return f"large:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"
        with open(path, "rb") as file:  # noqa: PTH123 — as above
            return "file:" + hashlib.sha256(file.read()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except (OSError, ValueError):
        return None
