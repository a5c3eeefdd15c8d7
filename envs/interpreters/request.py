"""What somebody asks for when they ask for a Python: a version, a range, an implementation, or a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from atoll_host.envs.errors import ConfigurationError

if TYPE_CHECKING:
    from atoll_host.envs.interpreters.interpreter import Interpreter

_IMPLEMENTATIONS = {"cpython": "cpython", "pypy": "pypy", "graalpy": "graalpy", "python": None, "cp": "cpython"}
_VERSION = re.compile(
    r"""
    (?:(?P<name>cpython|python|pypy|graalpy|cp)[-@]?)?
    (?P<release>\d{1,4}(?:\.\d{1,4}){0,2})?
    (?P<suffix>(?:a|b|rc)\d{1,4})?
    (?P<free>t|\+freethreaded)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_COMPACT = re.compile(r"3\d{1,2}")
_OPERATOR = re.compile(r"\s*(?:[<>=!~]=|[<>]|===)")
_FORMS = "3.12, 3.12.1, >=3.9,<3.12, cpython-3.12, pypy3.10 or the full path of an interpreter"


@dataclass(frozen=True, slots=True)
class PythonRequest:
    """One wish for a Python.

    Attributes:
        text: as it was written.
        implementation: `cpython`, `pypy`, …; None for any.
        release: the first parts of the version, such as `(3, 9)`; empty for any.
        suffix: of a pre-release, such as `rc1`; then `release` has three parts.
        free_threaded: whether a build without the global interpreter lock is asked for.
        specifier: a range of versions, such as `>=3.9,<3.12`.
        path: an interpreter, which then is the only one that fits.
    """

    text: str
    implementation: str | None = None
    release: tuple[int, ...] = ()
    suffix: str | None = None
    free_threaded: bool = False
    specifier: str | None = None
    path: Path | None = None

    @classmethod
    def parse(cls, text: str, *, file: Path | None = None, line: int | None = None) -> Self:
        """Read a wish: `3.9`, `3.9.18`, `cpython-3.9`, `pypy3.10`, `>=3.9,<3.12`, `3.13t`, `/opt/python/bin/python`.

        Args:
            text: the wish.
            file: where it is written; a relative path of an interpreter is relative to its folder.
            line: where in the file.

        Raises:
            ConfigurationError: it is none of these.
        """
        stripped = text.strip()
        if "/" in stripped or "\\" in stripped:
            return cls(stripped, path=_path(stripped, file, line))
        if _OPERATOR.match(stripped):
            return cls(stripped, specifier=_specifier(stripped, file, line))
        match = _VERSION.fullmatch(stripped)
        if not stripped or match is None or (match["suffix"] and (match["release"] or "").count(".") != 2):  # noqa: PLR2004 — major, minor, micro
            raise _unknown(text, file, line)
        name = (match["name"] or "python").lower()
        release = match["release"] or ""
        if _COMPACT.fullmatch(release):
            release = f"3.{release[1:]}"
        return cls(
            stripped,
            implementation=_IMPLEMENTATIONS[name],
            release=tuple(int(part) for part in release.split(".") if part),
            suffix=(match["suffix"] or "").lower() or None,
            free_threaded=match["free"] is not None,
        )

    def fits(self, interpreter: Interpreter) -> bool:
        """Say whether an interpreter is what is asked for."""
        if self.path is not None:
            return self.path.resolve() == Path(interpreter.executable).resolve()
        if self.implementation not in (None, interpreter.implementation):
            return False
        if self.free_threaded and not interpreter.free_threaded:
            return False
        return self.allows(interpreter.version, interpreter.version_text)

    def allows(self, version: tuple[int, int, int], text: str | None = None) -> bool:
        """Say whether a version is what is asked for, whatever implements it.

        Args:
            version: the release.
            text: the version with its pre-release suffix, where it has one.
        """
        text = text or ".".join(map(str, version))
        if self.specifier is not None:
            from packaging.specifiers import SpecifierSet  # noqa: PLC0415 — 10 ms

            return SpecifierSet(self.specifier).contains(text, prereleases=True)
        if self.suffix is not None:
            return text == ".".join(map(str, self.release)) + self.suffix
        return version[: len(self.release)] == self.release

    @property
    def wants_prerelease(self) -> bool:
        """Whether an alpha, beta or release candidate is asked for by name."""
        if self.specifier is not None:
            from packaging.specifiers import SpecifierSet  # noqa: PLC0415 — 10 ms

            return bool(SpecifierSet(self.specifier).prereleases)
        return self.suffix is not None or self.path is not None

    @property
    def mentioned(self) -> tuple[tuple[int, int, int], ...]:
        """The versions that it is written with, for trying around them."""
        if self.specifier is None:
            texts = [".".join(map(str, self.release))] if self.release else []
        else:
            texts = re.findall(r"\d{1,4}(?:\.\d{1,4})*", self.specifier)
        padded = [[*map(int, text.split(".")), 0, 0][:3] for text in texts]
        return tuple((major, minor, patch) for major, minor, patch in padded)

    @property
    def for_uv(self) -> str:
        """The same wish as uv's command line spells it."""
        if self.specifier is not None:
            return self.specifier
        version = ".".join(map(str, self.release)) + (self.suffix or "") + ("t" if self.free_threaded else "")
        if self.implementation is None:
            return version
        return f"{self.implementation}@{version}" if version else self.implementation


def _path(text: str, file: Path | None, line: int | None) -> Path:
    if text.startswith("~"):
        raise ConfigurationError(
            f"{text!r} is no full path",
            hint="write the path of the interpreter in full",
            file=None if file is None else str(file),
            line=line,
        )
    folder = Path.cwd() if file is None else file.parent
    return (folder / text).absolute()


def _specifier(text: str, file: Path | None, line: int | None) -> str:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 — 10 ms

    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        raise _unknown(text, file, line) from error
    return text


def _unknown(text: str, file: Path | None, line: int | None) -> ConfigurationError:
    return ConfigurationError(
        f"{text.strip()!r} names no Python version and no interpreter",
        hint=f"write {_FORMS}",
        file=None if file is None else str(file),
        line=line,
    )
