"""Where interpreters lie on this machine: the files to ask, from folder names alone. Starts nothing."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

WINDOWS = sys.platform == "win32"
SOURCES = ("uv", "PATH", "pyenv", "asdf", "mise", "active environment", "executable_path")
"""Where an interpreter can come from; the earlier source is named when several lead to the same one."""

_NAME = re.compile(r"(?:python|pypy)(?P<version>3(?:\.\d+)?t?)?" + (r"\.exe" if WINDOWS else ""))
_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be an interpreter.

    Attributes:
        path: absolute path.
        source: one of `SOURCES`.
    """

    path: Path
    source: str


def candidates(variables: Mapping[str, str], explicit: Sequence[Path] = ()) -> list[Candidate]:
    """List every file that may be an interpreter, in the order of `SOURCES`; several may be the same one.

    Args:
        variables: the caller's environment; also says where HOME is.
        explicit: paths named by the workspace.
    """
    shims = _shim_folders(variables)
    found = [Candidate(path, "uv") for path in _in_installations(_uv_folder(variables))]
    found += [Candidate(path, "PATH") for path in _on_path(variables, shims)]
    for source, folders in _version_managers(variables, shims).items():
        found += [Candidate(path, source) for folder in folders for path in _in_installations(folder)]
    found += [Candidate(path, "active environment") for _, path in active_environments(variables)]
    found += [Candidate(path, "executable_path") for path in explicit]
    return found


def active_environments(variables: Mapping[str, str]) -> list[tuple[str, Path]]:
    """Give the variable that names an active environment with the path of its interpreter, the nearest first."""
    return [(name, interpreter_of(Path(variables[name]).absolute())) for name in _ACTIVE if variables.get(name)]


def interpreter_of(prefix: Path) -> Path:
    """Give the path of the interpreter that an environment's folder has, or would have."""
    if not WINDOWS:
        return prefix / "bin" / "python"
    inside = prefix / "Scripts" / "python.exe"
    return inside if inside.exists() else prefix / "python.exe"


def commands_on_path(name: str, variables: Mapping[str, str]) -> list[Path]:
    """List the files of that name in the folders of PATH, in its order, shims among them."""
    file = f"{name}.exe" if WINDOWS else name
    paths = (folder / file for folder in _path_folders(variables))
    return [path for path in paths if path.is_file() and os.access(path, os.X_OK)]


def in_shim_folder(path: Path) -> bool:
    """Say whether a version manager chooses anew, at each start, what a file stands for."""
    return _manager(path.parent) is not None


def _on_path(variables: Mapping[str, str], shims: set[Path]) -> Iterator[Path]:
    seen = set(shims)
    for folder in _path_folders(variables):
        real = folder.resolve()
        if real not in seen and _manager(folder) is None:
            seen.add(real)
            yield from _named_like_interpreters(folder)


def _path_folders(variables: Mapping[str, str]) -> Iterator[Path]:
    """Give the folders of PATH. Relative ones are left out: what lies in the working directory is not started."""
    for folder in map(Path, variables.get("PATH", "").split(os.pathsep)):
        if folder.is_absolute():
            yield folder


def _named_like_interpreters(folder: Path) -> list[Path]:
    """List what is called like an interpreter, the most particular name first, so that links lead to that one."""
    try:
        with os.scandir(folder) as entries:
            matches = [match for match in (_NAME.fullmatch(entry.name) for entry in entries) if match is not None]
    except OSError:
        return []
    matches.sort(key=lambda match: (-len(match["version"] or ""), match.string))
    paths = [folder / match.string for match in matches]
    return [path for path in paths if _may_be_started(path)]


def _may_be_started(path: Path) -> bool:
    # Windows has empty files called python.exe that open the store.
    return not WINDOWS or path.lstat().st_size > 0


def _in_installations(folder: Path | None) -> Iterator[Path]:
    """Look into each installation in a folder; links such as `3.12 -> 3.12.1` come after what they lead to."""
    if folder is None:
        return
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return
    for path in sorted(paths, key=Path.is_symlink):
        yield from _named_like_interpreters(path / "bin")[:1] or _named_like_interpreters(path)[:1]


def _named(variable: str, variables: Mapping[str, str]) -> Path | None:
    return Path(variables[variable]) if variables.get(variable) else None


def _under_home(variables: Mapping[str, str], *parts: str) -> Path | None:
    home = _named("USERPROFILE" if WINDOWS else "HOME", variables)
    return home and home.joinpath(*parts)


def _data_folder(variables: Mapping[str, str], windows_variable: str) -> Path | None:
    if WINDOWS:
        return _named(windows_variable, variables)
    return _named("XDG_DATA_HOME", variables) or _under_home(variables, ".local", "share")


def _uv_folder(variables: Mapping[str, str]) -> Path | None:
    """Find the folder that uv installs interpreters in (`uv python dir`, without starting uv)."""
    named = _named("UV_PYTHON_INSTALL_DIR", variables)
    if named is not None:
        return named.absolute()
    data = _data_folder(variables, "APPDATA")
    return data and data.joinpath("uv", *(["data"] if WINDOWS else []), "python")


def _roots(variables: Mapping[str, str]) -> dict[str, Path | None]:
    """Give each version manager's own folder."""
    pyenv = _under_home(variables, ".pyenv", *(["pyenv-win"] if WINDOWS else []))
    data = _data_folder(variables, "LOCALAPPDATA")
    return {
        "pyenv": _named("PYENV_ROOT", variables) or pyenv,
        "asdf": _named("ASDF_DATA_DIR", variables) or _under_home(variables, ".asdf"),
        "mise": _named("MISE_DATA_DIR", variables) or (data and data / "mise"),
    }


def _version_managers(variables: Mapping[str, str], shims: Iterable[Path]) -> dict[str, list[Path]]:
    """Give the folders of installations by version manager, also of those that only PATH betrays."""
    roots: dict[str, list[Path]] = {name: [root] if root else [] for name, root in _roots(variables).items()}
    known = {root.resolve() for folders in roots.values() for root in folders}
    for folder in sorted(shims):
        name = _manager(folder)
        if name is not None and folder.parent not in known:
            roots[name].append(folder.parent)
    inside = {"pyenv": ("versions",), "asdf": ("installs", "python"), "mise": ("installs", "python")}
    return {name: [root.joinpath(*inside[name]) for root in folders] for name, folders in roots.items()}


def _shim_folders(variables: Mapping[str, str]) -> set[Path]:
    """Give the real paths of folders whose files only choose among a version manager's interpreters."""
    known = {(root / "shims").resolve() for root in _roots(variables).values() if root}
    return known | {folder.resolve() for folder in _path_folders(variables) if _manager(folder) is not None}


def _manager(folder: Path) -> str | None:
    """Name the version manager that a folder of shims belongs to: `shims` beside its installations."""
    if folder.name != "shims":
        return None
    if (folder.parent / "versions").is_dir():
        return "pyenv"
    if (folder.parent / "installs").is_dir():
        return "mise" if "mise" in folder.parent.name else "asdf"
    return None
