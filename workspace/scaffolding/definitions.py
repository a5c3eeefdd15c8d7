"""Plan a new definition: its module and test, or its place in a file that somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from atoll_host.envs.errors import AtollError
from atoll_host.workspace.scaffolding.imports import UnknownShapeError
from atoll_host.workspace.scaffolding.layout import Layout, find_layout
from atoll_host.workspace.scaffolding.rendering import RenderedFile, render_tree, templates_folder
from atoll_host.workspace.scaffolding.splicing import (
    ARGUMENTS,
    append_definition,
    quote,
    splice_definition,
    splice_resource,
)
from atoll_host.workspace.scaffolding.writing import Change, refuse_existing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path, PurePosixPath

    from atoll_host.workspace.location import Location

Kind = Literal["asset", "check", "job", "schedule", "sensor", "resource"]

FOLDERS: Mapping[Kind, str] = {
    "asset": "assets",
    "check": "checks",
    "job": "jobs",
    "schedule": "schedules",
    "sensor": "sensors",
    "resource": "resources",
}
"""The kinds, and where below the package each of them lives."""


@dataclass(frozen=True, slots=True)
class DefinitionPlan:
    """What a new definition needs.

    Attributes:
        changes: the files, the one with the definition first.
        tested: whether a test is among them.
    """

    changes: tuple[Change, ...]
    tested: bool


class NotUnderstoodError(AtollError):
    """A file is written in a way that we can't add to; it says what to paste instead.

    Attributes:
        paste: the text, ready to be pasted.
    """

    kind = "not_understood"

    def __init__(self, message: str, *, hint: str, file: Path, paste: str) -> None:
        super().__init__(message, hint=hint, file=str(file))
        self.paste = paste


def plan_definition(
    location: Location, kind: Kind, name: str, details: Mapping[str, str] | None = None
) -> DefinitionPlan:
    """Plan a new definition.

    Args:
        location: where it goes.
        kind: what it is.
        name: a valid name.
        details: `asset` for a check, `selection` for a job, `cron` and `job` for a schedule, `job` for a sensor.

    Raises:
        UsageError: a file of that name is there.
        NotUnderstoodError: it would have to go into a file whose shape is not understood.
        ConfigurationError: the location's code is not among its files.
    """
    layout = find_layout(location)
    values = {"NAME": name, **_details(kind, name, details or {})}
    folder = None if layout.folder is None else layout.folder / FOLDERS[kind]
    if folder is None or folder.with_suffix(".py").is_file():
        target = layout.file if folder is None else folder.with_suffix(".py")
        module = layout.module if folder is None else f"{layout.package}.{FOLDERS[kind]}"
        files = _render(kind, {**values, "MODULE": module})
        return _plan_in_file(layout, kind, name, target, files, has_module=location.target.form != "file")
    module = f"{layout.package}.{FOLDERS[kind]}.{name}"
    return _plan_module(layout, kind, name, module, _render(kind, {**values, "MODULE": module}))


def _details(kind: Kind, name: str, details: Mapping[str, str]) -> dict[str, str]:
    if kind == "check":
        return {"ASSET": quote(details["asset"]), "ARGUMENT": _argument(details["asset"], name)}
    if kind == "job":
        return {"SELECTION": quote(details["selection"])}
    if kind == "schedule":
        return {"CRON": quote(details["cron"]), "JOB": quote(details["job"])}
    if kind == "sensor":
        return {"JOB": quote(details["job"])}
    return {"CLASS": make_class_name(name)} if kind == "resource" else {}


def make_class_name(name: str) -> str:
    """Give the name of the class of a resource: `my_warehouse` is a `MyWarehouse`."""
    joined = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return f"{joined}Resource" if joined in (name, "ConfigurableResource") else joined


def _argument(asset: str, check: str) -> str:
    """Give the name of the parameter that receives an asset's value."""
    from atoll_host.workspace.names import find_definition_fault  # noqa: PLC0415 — only for checks

    name = asset.rpartition("/")[2].replace("-", "_").replace(".", "_")
    return "value" if name in (check, "config") or find_definition_fault(name) else name


def _render(kind: Kind, values: Mapping[str, str]) -> dict[PurePosixPath, RenderedFile]:
    return {file.path: file for file in render_tree(templates_folder() / "definitions" / kind, values)}


def _plan_module(
    layout: Layout, kind: Kind, name: str, module: str, files: Mapping[PurePosixPath, RenderedFile]
) -> DefinitionPlan:
    changes = []
    for path, file in files.items():
        if path.parts[0] == "tests":
            continue
        target = _below(layout, path)
        if target.exists() and path.name == "__init__.py":
            continue
        refuse_existing(target, {target: file.text})
        changes.append(Change(target, file.text))
    changes.sort(key=lambda change: change.path.name == "__init__.py")
    if kind == "resource":
        before = _read(layout.file)
        try:
            text = splice_resource(before, name=name, module_name=module, attribute=layout.attribute)
        except UnknownShapeError as error:
            paste = f"from {module} import {name}\n\n{_say_handed_in(kind, name)}"
            raise _not_understood(layout.file, error, paste, "add the resource by hand") from None
        changes.append(Change(layout.file, text, before))
    tests = list(_plan_tests(layout, files))
    return DefinitionPlan((*changes, *tests), bool(tests))


def _plan_in_file(
    layout: Layout,
    kind: Kind,
    name: str,
    target: Path,
    files: Mapping[PurePosixPath, RenderedFile],
    *,
    has_module: bool,
) -> DefinitionPlan:
    snippet = next(file.text for path, file in files.items() if path.stem == name and path.parts[0] == "defs")
    before = _read(target)
    changes = []
    try:
        if target == layout.file:
            text = splice_definition(before, kind=kind, name=name, snippet=snippet, attribute=layout.attribute)
        else:
            text = append_definition(before, snippet=snippet)
            if kind == "resource":
                given = _read(layout.file)
                module = f"{layout.package}.{FOLDERS[kind]}"
                spliced = splice_resource(given, name=name, module_name=module, attribute=layout.attribute)
                changes.append(Change(layout.file, spliced, given))
    except UnknownShapeError as error:
        paste = f"{snippet}\n\n{_say_handed_in(kind, name)}"
        raise _not_understood(target, error, paste, "add it by hand: the text to paste is printed") from None
    changes.insert(0, Change(target, text, before))
    tests = list(_plan_tests(layout, files)) if has_module else []
    return DefinitionPlan((*changes, *tests), bool(tests))


def _plan_tests(layout: Layout, files: Mapping[PurePosixPath, RenderedFile]) -> Iterable[Change]:
    if layout.tests is None:
        return
    for path, file in files.items():
        if path.parts[0] == "tests":
            target = layout.tests.joinpath(*path.parts[1:])
            refuse_existing(target, {target: file.text})
            yield Change(target, file.text)


def _say_handed_in(kind: Kind, name: str) -> str:
    value = f'{{"{name}": {name}}}' if kind == "resource" else f"[{name}]"
    return f"# and among the arguments of Definitions(...):\n{ARGUMENTS[kind]}={value}\n"


def _not_understood(file: Path, error: UnknownShapeError, paste: str, hint: str) -> NotUnderstoodError:
    return NotUnderstoodError(f"nothing was added to {file.name}: {error}", hint=hint, file=file, paste=paste)


def _below(layout: Layout, path: PurePosixPath) -> Path:
    assert layout.folder is not None  # noqa: S101 — for the type checker: the caller asked
    return layout.folder.joinpath(*path.parts[1:])


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise AtollError(
            f"{file.name} is not UTF-8: {error}", hint="save it as UTF-8", file=str(file), kind="not_understood"
        ) from None
