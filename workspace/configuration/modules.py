"""Find the module that has a project's definitions, and see before any process is started that one isn't there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.workspace.configuration.sources import suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

_MODULE_SUFFIXES = (".py", ".so", ".pyd", ".pyc")


@dataclass(frozen=True, slots=True)
class Guess:
    """What was found by a project's name.

    Attributes:
        module: dotted name; None when nothing was found.
        tried: the files that were looked for.
    """

    module: str | None
    tried: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class MissingModule:
    """A part of a dotted name that certainly isn't there.

    Attributes:
        package: the package that exists.
        folder: where that is.
        part: the name that is not in it.
        near: a dotted name that may have been meant.
    """

    package: str
    folder: Path
    part: str
    near: str | None


def list_search_paths(project: Path) -> tuple[Path, ...]:
    """Give what stands on `sys.path` for a project: `src`, where that is a folder of packages, and its own folder."""
    src = project / "src"
    if os.path.isdir(src) and not os.path.isfile(src / "__init__.py"):  # noqa: PTH112, PTH113 — they never raise
        return (src, project)
    return (project,)


def guess_module(name: str, search_paths: Sequence[Path]) -> Guess:
    """Find `<package>.definitions`, else `<package>`, by a project's name."""
    tried: list[Path] = []
    spellings = (re.sub(r"[-.]+", "_", name), re.sub(r"-+", "_", name), name.lower().replace("-", "_"))
    packages = [one for one in dict.fromkeys(spellings) if all(part.isidentifier() for part in one.split("."))]
    for inside in ("/definitions.py", "/definitions/__init__.py", "/__init__.py", ".py"):
        for folder in search_paths:
            for package in packages:
                file = Path(f"{folder}/{package.replace('.', '/')}{inside}")
                if os.path.isfile(file):  # noqa: PTH113 — as above
                    return Guess(package + (".definitions" if inside.startswith("/definitions") else ""), ())
                tried.append(file)
    return Guess(None, tuple(tried))


def list_packages(search_paths: Sequence[Path]) -> list[str]:
    """Give the names of the packages that stand in the folders, tests left out."""
    found: list[str] = []
    for folder in search_paths:
        names = sorted(_list_names(folder))
        found += [name for name in names if name.isidentifier() and os.path.isfile(folder / name / "__init__.py")]  # noqa: PTH113 — as above
    return [name for name in dict.fromkeys(found) if name not in {"test", "tests", "docs"}]


def find_missing(module: str, search_paths: Sequence[Path]) -> MissingModule | None:
    """Find the part of a dotted name that can't be imported; None where that is not certain.

    It is certain where the first part is a package with an `__init__.py` that changes neither its path nor the table of
    modules, and nothing in its folder bears the next name. A name that is nowhere to be seen may be installed.
    """
    first, *parts = module.split(".")
    for search_path in search_paths:
        folder = search_path / first
        initial = folder / "__init__.py"
        if os.path.isfile(initial):  # noqa: PTH113 — as above
            break
        if first in _list_modules(search_path):
            return None
    else:
        return None
    package = first
    for part in parts:
        names = _list_modules(folder)
        if part not in names:
            if _has_own_ways(folder / "__init__.py"):
                return None
            usual = "definitions" if "definitions" in names else None
            near = suggest(part, tuple(sorted(names))) or usual
            return MissingModule(package, folder, part, f"{package}.{near}" if near else None)
        folder = folder / part
        package = f"{package}.{part}"
        if not os.path.isdir(folder):  # noqa: PTH112 — as above
            return None
    return None


def _has_own_ways(initial: Path) -> bool:
    try:
        text = initial.read_bytes()
    except OSError:
        return False
    return b"__path__" in text or b"sys.modules" in text or b"meta_path" in text


def _list_modules(folder: Path) -> set[str]:
    """Give the names in a folder that can be imported: modules, and folders (also without `__init__.py`)."""
    found = set()
    for name in _list_names(folder):
        stem, dot, _ = name.partition(".")
        if (not dot and stem != "__pycache__") or (name.endswith(_MODULE_SUFFIXES) and stem != "__init__"):
            found.add(stem)
    return found


def _list_names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 — names are wanted, not paths
    except OSError:
        return []
