"""Plan a new code location: a uv project, or a single file with inline script metadata (PEP 723)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.names import check_new_location_name, make_package_name
from atoll_host.workspace.scaffolding.rendering import RenderedFile, render_tree, templates_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OLDEST = 8
"""The oldest minor version of Python 3 that the SDK runs on."""
DEFAULT_TEMPLATE = "default"
_VERSION = re.compile(r"3\.(\d{1,2})(?:\.\d{1,3})?")
_PATCHED = 2
"""Dots in a version that names the patch level."""
_SCRIPT_BLOCK = re.compile(r"(?m)^# /// script\n(?P<content>(?:#(?: .*)?\n)+?)# ///\n")


@dataclass(frozen=True, slots=True)
class LocationRequest:
    """What a new location is to be like, all of it valid.

    Attributes:
        name: of the location.
        python: version such as `3.12` or `3.12.4`.
        template: which tree of `scaffold_templates/location`, or None for a script.
        requirements: as PEP 508 writes them.
    """

    name: str
    python: str
    template: str | None
    requirements: tuple[str, ...] = ()

    @property
    def is_script(self) -> bool:
        """Whether it is a single file."""
        return self.template is None

    @property
    def package(self) -> str:
        """The name of its package; of a script, the stem of its file."""
        return make_package_name(self.name)


def read_request(
    name: str,
    *,
    python: str,
    template: str | None = DEFAULT_TEMPLATE,
    requirements: Sequence[str] = (),
) -> LocationRequest:
    """Check what was asked for.

    Args:
        name: of the location.
        python: a version.
        template: of a project; None for a script.
        requirements: packages to depend on.

    Raises:
        UsageError: something of it can't be.
    """
    check_new_location_name(name)
    known = list_templates()
    if template is not None and template not in known:
        raise UsageError(f"There is no template {template!r}", hint=f"the templates are: {', '.join(known)}")
    return LocationRequest(name, check_python(python), template, _check_requirements(name, requirements))


def list_templates() -> dict[str, str]:
    """Give the templates of locations, each with a line that says what is in it."""
    data = tomllib.loads((templates_folder() / "location" / "templates.toml").read_text(encoding="utf-8"))
    return {name: str(entry["description"]) for name, entry in data.items()}


def check_python(text: str) -> str:
    """Check a version of Python.

    Raises:
        UsageError: it is none, or one that is too old.
    """
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no version of Python", hint="write it as 3.12 or 3.12.4", kind="python_version")
    if int(found[1]) < OLDEST:
        raise UsageError(
            f"Python {text.strip()} is too old for a code location",
            hint=f"3.{OLDEST} is the oldest that works",
            kind="python_version",
        )
    return text.strip()


def plan_location(request: LocationRequest) -> tuple[RenderedFile, ...]:
    """Render the files of a location, relative to the folder that it goes into.

    A project's are below a folder of its name; a script is one file.
    """
    values = {"LOCATION": request.name, "PACKAGE": request.package}
    if request.template is None:
        # A script has no .python-version: what it says itself decides.
        exact = request.python.count(".") == _PATCHED
        pythons = f"=={request.python}" if exact else f"=={request.python}.*"
        files = render_tree(templates_folder() / "script" / "default", {**values, "PYTHONS": pythons})
        return tuple(replace(file, text=add_to_script(file.text, request.requirements)) for file in files)
    folder = PurePosixPath(request.name)
    values["PYTHON"] = ".".join(request.python.split(".")[:2])
    return tuple(
        replace(_adjusted(file, request), path=folder / file.path)
        for file in render_tree(templates_folder() / "location" / request.template, values)
    )


def _adjusted(file: RenderedFile, request: LocationRequest) -> RenderedFile:
    if file.path == PurePosixPath("pyproject.toml"):
        return replace(file, text=add_to_project(file.text, request.requirements))
    if file.path == PurePosixPath(".python-version"):
        return replace(file, text=f"{request.python}\n")
    return file


def add_to_project(text: str, requirements: Iterable[str]) -> str:
    """Add dependencies to a pyproject.toml, keeping comments and order."""
    document = tomlkit.parse(text)
    project = document["project"]
    _extend(project["dependencies"], requirements)
    return tomlkit.dumps(document)


def add_to_script(text: str, requirements: Iterable[str]) -> str:
    """Add dependencies to inline script metadata, keeping comments and order."""
    found = _SCRIPT_BLOCK.search(text)
    wanted = list(requirements)
    if found is None or not wanted:
        return text
    document = tomlkit.parse("".join(line[2:] or "\n" for line in found["content"].splitlines(keepends=True)))
    _extend(document["dependencies"], wanted)
    lines = tomlkit.dumps(document).splitlines(keepends=True)
    content = "".join(f"# {line}" if line.strip() else "#\n" for line in lines)
    return text[: found.start("content")] + content + text[found.end("content") :]


def _extend(array: object, requirements: Iterable[str]) -> None:
    assert isinstance(array, tomlkit.items.Array)  # noqa: S101 — our own templates have it
    for requirement in requirements:
        array.append(requirement)
    array.multiline(len(array) > 1)


def _check_requirements(name: str, texts: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {canonicalize_name(name): name}
    for text in texts:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            problem = str(error).partition("\n")[0]
            raise UsageError(
                f"{text!r} is no requirement: {problem}",
                hint="write it as in pandas, 'pandas>=2' or 'pandas[performance]==2.2.*'",
                kind="requirement",
            ) from None
        key = canonicalize_name(requirement.name)
        if key == canonicalize_name(name):
            raise UsageError(
                f"The location {name} would depend on a package of its own name",
                hint=f"choose another name for the location, such as {name}-data",
                kind="requirement",
            )
        if key in seen:
            raise UsageError(f"{requirement.name} is required twice", hint="join them into one", kind="requirement")
        seen[key] = text
    return tuple(text.strip() for text in texts)


def describe_next(request: LocationRequest) -> Mapping[str, str]:
    """Give what to type next, each with what it does."""
    name = request.name
    steps = {
        f"atoll create asset NAME --location {name}": "add an asset",
        "atoll validate": "check every location",
    }
    return steps if request.is_script else {**steps, f"atoll exec {name} -- pytest": "run its tests in its environment"}
