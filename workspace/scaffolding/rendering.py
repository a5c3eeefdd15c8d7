"""Render trees of template files.

A placeholder is `__NAME__`: capitals between double underscores, in the name of a file or folder or in its text.
That is a valid name in Python, TOML and YAML, so that templates can be read, parsed and linted as what they are, and
it is none that Python itself uses (its own are lower-case). Rendering is strict: a placeholder without a value is an
error, and so is a value that no placeholder asks for.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"__([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)__")
_LIKE_ONE = re.compile(r"(?<!\w)__\w*[A-Z]\w*__(?!\w)")
_LITTER = frozenset({"__pycache__", ".DS_Store", ".ruff_cache", ".pytest_cache", ".mypy_cache", ".venv"})
_EXECUTABLE = 0o755
_PLAIN = 0o644


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file that is to be written.

    Attributes:
        path: relative to where the tree goes, never with `..`.
        text: its contents, with line feeds as line ends.
        mode: permission bits.
    """

    path: PurePosixPath
    text: str
    mode: int = _PLAIN


class TemplateError(Exception):
    """A template and the values for it do not fit: a mistake of this tool, not of its user."""


def templates_folder() -> Path:
    """Give the folder that holds the template trees, in every kind of install."""
    from atoll_host import scaffold_templates  # noqa: PLC0415 — only where something is rendered

    return Path(next(iter(scaffold_templates.__path__)))


def render_tree(folder: Path, values: Mapping[str, str]) -> tuple[RenderedFile, ...]:
    """Render every file below a folder, in alphabetical order of their paths.

    Args:
        folder: a template tree.
        values: what stands for each placeholder, such as `{"PACKAGE": "sales"}`.

    Raises:
        TemplateError: a placeholder has no value, a value has no placeholder, two files come out at the same path, or
            there is no file at all.
    """
    used: set[str] = set()
    files: dict[PurePosixPath, RenderedFile] = {}
    for source in _sources(folder):
        relative = source.relative_to(folder).as_posix()
        path = PurePosixPath(_render(relative, values, used, relative))
        if path in files or path.is_absolute() or ".." in path.parts:
            raise TemplateError(f"{relative} would be written to {path}")
        mode = _EXECUTABLE if source.stat().st_mode & stat.S_IXUSR else _PLAIN
        text = source.read_text(encoding="utf-8")
        files[path] = RenderedFile(path, _render(text, values, used, relative), mode)
    if not files:
        raise TemplateError(f"there is no template in {folder}")
    if unused := values.keys() - used:
        raise TemplateError(f"nothing in {folder} asks for {', '.join(sorted(unused))}")
    return tuple(files[path] for path in sorted(files))


def render_text(text: str, values: Mapping[str, str], where: str = "text") -> str:
    """Put values in the place of placeholders.

    Raises:
        TemplateError: a placeholder has no value, or what looks like one is none.
    """
    return _render(text, values, set(), where)


def _render(text: str, values: Mapping[str, str], used: set[str], where: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise TemplateError(f"{where}: nothing stands for __{name}__")
        used.add(name)
        return values[name]

    remains = _PLACEHOLDER.sub("", text)
    if misspelt := _LIKE_ONE.search(remains):
        raise TemplateError(f"{where}: {misspelt.group()} is no placeholder: they are spelt in capitals")
    return _PLACEHOLDER.sub(value, text)


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not _LITTER.intersection(parts) and path.suffix != ".pyc":
            yield path
