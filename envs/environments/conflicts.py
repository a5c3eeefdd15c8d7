"""Find installed packages that do not fit one another, from their metadata alone; nothing is started.

What a distribution requires stands in its METADATA as `Requires-Dist`
(https://packaging.python.org/en/latest/specifications/core-metadata/).
"""

from __future__ import annotations

import re
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.requirements import Requirement

    from atoll_host.envs.environments.spec import Environment
    from atoll_host.envs.interpreters.interpreter import Interpreter


def package_folders(environment: Environment) -> list[Path]:
    """List the folders of packages that an interpreter of its own, or its virtual environment, has."""
    interpreter = environment.interpreter
    prefix = environment.prefix or Path(interpreter.prefix)
    candidates = (
        prefix / "lib" / f"python{interpreter.minor}" / "site-packages",
        prefix / "lib64" / f"python{interpreter.minor}" / "site-packages",
        prefix / "Lib" / "site-packages",
    )
    found = {folder.resolve(): folder for folder in reversed(candidates) if folder.is_dir()}
    return [found[real] for real in reversed(found)]


def find_conflicts(location: str, folders: Sequence[Path], interpreter: Interpreter) -> tuple[Problem, ...]:
    """Say which installed packages need what is not there, as one problem.

    Args:
        location: its name.
        folders: of packages, in the order in which they are searched.
        interpreter: what reads them.
    """
    installed: dict[str, tuple[str, str, list[str]]] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.dist-info/METADATA")):
            found = _read(file)
            if found is not None:
                installed.setdefault(_normalise(found[0]), found)
    conflicts = sorted(dict.fromkeys(_iterate(installed, interpreter)), key=str.lower)
    if not conflicts:
        return ()
    more = f", and {len(conflicts) - 1} more" if len(conflicts) > 1 else ""
    return (
        Problem(
            "packages_conflict",
            f"packages of {location} do not fit one another: {conflicts[0]}{more}",
            "install what is asked for, or other versions of what asks",
            file=str(folders[0]),
            detail="\n".join(conflicts) if more else None,
            severity="warning",
        ),
    )


def _read(file: Path) -> tuple[str, str, list[str]] | None:
    """Give name, version and requirements of a distribution; None where its metadata is damaged."""
    try:
        with file.open("rb") as stream:
            headers = BytesHeaderParser().parse(stream)
    except (OSError, ValueError):
        return None
    name, version = headers.get("Name"), headers.get("Version")
    if not name or not version:
        return None
    return str(name), str(version), [str(line) for line in headers.get_all("Requires-Dist") or ()]


def _iterate(installed: dict[str, tuple[str, str, list[str]]], interpreter: Interpreter) -> Iterator[str]:
    from packaging.markers import default_environment  # noqa: PLC0415 — 10 ms, for few locations
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 — as above

    environment: dict[str, Any] = dict(default_environment())
    environment |= {
        "python_version": interpreter.minor,
        "python_full_version": interpreter.version_text,
        "implementation_name": interpreter.implementation,
        "implementation_version": interpreter.version_text,
        "platform_python_implementation": {"cpython": "CPython", "pypy": "PyPy"}.get(
            interpreter.implementation, interpreter.implementation
        ),
        "extra": "",
    }
    for name, version, lines in installed.values():
        for line in lines:
            try:
                requirement = Requirement(line)
                if requirement.marker is not None and not requirement.marker.evaluate(environment):
                    continue
            except (InvalidRequirement, KeyError, ValueError):
                continue
            other = installed.get(_normalise(requirement.name))
            if other is None:
                yield f"{name} {version} needs {_without_marker(requirement)}, which is not installed"
            elif not requirement.specifier.contains(other[1], prereleases=True):
                yield f"{name} {version} needs {_without_marker(requirement)}, and {other[0]} {other[1]} is installed"


def _without_marker(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
