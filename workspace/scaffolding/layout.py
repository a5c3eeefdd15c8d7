"""How a code location's files are laid out: where a new definition goes, where its test goes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.envs.errors import ConfigurationError
from atoll_host.workspace.scaffolding.splicing import find_package_loader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from atoll_host.workspace.location import Location

_DEFINITIONS = ("defs", "definitions")
"""Names by which a package usually imports its `Definitions` from one of its modules."""
_DEEPEST = 4
"""Imports that are followed from one module to the next."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a location are.

    Attributes:
        file: the module that makes the `Definitions`, absolute.
        module: the name that tests import it by.
        attribute: which `Definitions` of the module is loaded, where that is known.
        package: dotted name of the package whose modules are all loaded; None where definitions are handed in singly.
        folder: that package's folder.
        tests: where tests go, which need not exist; None where there is no place for them.
    """

    file: Path
    module: str
    attribute: str | None
    package: str | None
    folder: Path | None
    tests: Path | None


def find_layout(location: Location) -> Layout:
    """Look at a location's files, starting and importing nothing.

    Raises:
        ConfigurationError: the location's module is no file that can be edited.
    """
    target = location.target
    folders = [*location.search_paths, location.root, location.root / "src"]
    file = target.file if target.file is not None else find_module(target.module, folders)
    if file is None or not file.is_file():
        raise ConfigurationError(
            f"the module {target.module} of the location {location.name} is not among its files",
            hint="only code that is in the location's folder can be added to",
            file=str(location.declared_at.file),
            line=location.declared_at.line,
            kind="no_module",
        )
    file, module, attribute = _follow(file, target.module, target.attribute, folders)
    package, folder = _find_package(_read(file), module, file, folders)
    return Layout(file, module, attribute, package, folder, _tests_folder(location))


def find_module(name: str, folders: Iterable[Path]) -> Path | None:
    """Give the file of a module or package below one of the folders."""
    parts = name.split(".")
    for folder in folders:
        for path in (folder.joinpath(*parts, "__init__.py"), folder.joinpath(*parts[:-1], f"{parts[-1]}.py")):
            if path.is_file():
                return path
    return None


def _follow(file: Path, module: str, attribute: str | None, folders: list[Path]) -> tuple[Path, str, str | None]:
    """Follow `from .definitions import defs` to the module that makes the object."""
    for _ in range(_DEEPEST):
        origin = _find_origin(_read(file), attribute)
        if origin is None:
            break
        source, name = origin
        dotted = _absolute(source, module, is_package=file.name == "__init__.py")
        found = find_module(dotted, folders)
        if found is None:
            break
        file, module, attribute = found, dotted, name
    return file, module, attribute


def _find_origin(text: str, attribute: str | None) -> tuple[str, str] | None:
    try:
        tree = ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError):
        return None
    wanted = (attribute,) if attribute else _DEFINITIONS
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module != "atoll":
            for alias in node.names:
                if (alias.asname or alias.name) in wanted:
                    return "." * node.level + (node.module or ""), alias.name
    return None


def _find_package(text: str, module: str, file: Path, folders: list[Path]) -> tuple[str | None, Path | None]:
    named = find_package_loader(text)
    if named is None:
        return None, None
    package = _absolute(named, module, is_package=file.name == "__init__.py")
    found = find_module(package, folders)
    if found is None or found.name != "__init__.py":
        return None, None
    return package, found.parent


def _absolute(name: str, module: str, *, is_package: bool) -> str:
    """Resolve the dots that a module's name starts with."""
    level = len(name) - len(name.lstrip("."))
    if not level:
        return name
    parts = module.split(".")
    kept = parts[: len(parts) - level + (1 if is_package else 0)]
    return ".".join([*kept, name[level:]] if name[level:] else kept)


def _tests_folder(location: Location) -> Path | None:
    environment = location.environment
    if environment.kind == "project" and environment.source is not None:
        return environment.source / "tests"
    tests = location.root / "tests"
    return tests if environment.kind != "script" and tests.is_dir() else None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file.name} can't be read: {error}", hint="save it as UTF-8", file=str(file), kind="no_module"
        ) from None
