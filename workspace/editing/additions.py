"""Take an existing project, file, module or package into a workspace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.configuration.entries import Entry, read_declaration
from atoll_host.workspace.configuration.expansion import find_folder, is_glob
from atoll_host.workspace.configuration.globs import match_folders
from atoll_host.workspace.configuration.paths import resolve
from atoll_host.workspace.configuration.reader import Reader
from atoll_host.workspace.configuration.yaml_nodes import compose
from atoll_host.workspace.editing.edit import Edit, Source, preview, require_file
from atoll_host.workspace.editing.subjects import Subject, recognise
from atoll_host.workspace.editing.transaction import Transaction
from atoll_host.workspace.editing.yaml_edits import NewEntry, add_entry
from atoll_host.workspace.names import check_new_location_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from atoll_host.workspace.configuration.keys import Form
    from atoll_host.workspace.location import Location, Workspace


def add_location(
    workspace: Workspace,
    paths: Sequence[str],
    *,
    directory: Path,
    variables: Mapping[str, str],
    location_name: str | None = None,
    options: Mapping[str, str] | None = None,
) -> Edit:
    """Work out how what was named becomes a location of the workspace.

    Args:
        workspace: to change; opened with `empty_allowed`.
        paths: projects, Python files, packages or dotted names of modules. An interpreter, or the folder of a virtual
            environment, loads those that follow it.
        directory: what relative paths start from.
        variables: what `{env: NAME}` in the workspace.yaml looks up.
        location_name: for the one that is added.
        options: further keys of the entry, such as `attribute` or `python`.

    Raises:
        UsageError: there is nothing to add, or it is there already.
        EditRefusedError: the workspace.yaml leaves no room for it.
    """
    file = require_file(workspace, "add")
    if location_name is not None:
        check_new_location_name(location_name)
    subjects = _pair(paths, directory, workspace.root)
    if location_name is not None and len(subjects) > 1:
        raise UsageError("one name can't be given to several locations", hint="add them one by one")
    source = Source.read(file)
    text = source.text
    before = preview(source, text, variables)
    notes: list[str] = []
    for subject, executable in subjects:
        given = {**(options or {}), **({"location_name": location_name} if location_name else {})}
        if executable is not None:
            given["executable_path"] = write_path(executable, workspace.root)
        entries = _read_entries(text, source, variables)
        pattern = _find_pattern(subject, entries, workspace.root) if not given else None
        if pattern is not None:
            notes.append(f"{subject.path.name} is in the workspace already, by the pattern {pattern}")
            continue
        _refuse_double(subject, entries, workspace.root, location_name)
        text = add_entry(text, _make_entry(subject, given, workspace.root), file)
    after = preview(source, text, variables)
    known = {location.name for location in before.locations}
    added = [location for location in after.locations if location.name not in known]
    transaction = Transaction(workspace.root)
    if text != source.text:
        source.replace(text, transaction)
    return Edit(
        _summarise(added, before, after),
        transaction,
        tuple(location.name for location in added),
        tuple(notes),
        tuple(problem for location in added for problem in location.problems),
    )


def _pair(paths: Sequence[str], directory: Path, root: Path) -> list[tuple[Subject, Path | None]]:
    """Give what is to be added, each with the interpreter that was named before it."""
    pairs: list[tuple[Subject, Path | None]] = []
    executable: Path | None = None
    for path in paths:
        subject = recognise(path, directory, root, installed=executable is not None)
        if subject.kind == "interpreter":
            executable = subject.path
        else:
            pairs.append((subject, executable))
    if pairs:
        return pairs
    if executable is not None:
        raise UsageError(
            f"{paths[-1]} is an interpreter, and nothing is named that it should load",
            hint=f"`atoll add {paths[-1]} MODULE_OR_FILE`",
        )
    raise UsageError("there is nothing to add", hint="`atoll add PATH`")


def _read_entries(text: str, source: Source, variables: Mapping[str, str]) -> tuple[Entry, ...]:
    reader = Reader(source.file, variables)
    return read_declaration(compose(text, source.file), reader).entries


def _find_pattern(subject: Subject, entries: Sequence[Entry], root: Path) -> str | None:
    patterns = [entry.target.value for entry in entries if entry.form == "project" and is_glob(entry, root)]
    if subject.kind != "project":
        return None
    return next((pattern for pattern in patterns if subject.path in match_folders(pattern, root)), None)


def _refuse_double(subject: Subject, entries: Sequence[Entry], root: Path, name: str | None) -> None:
    for entry in entries:
        if entry.form == "project":
            same = subject.kind == "project" and not is_glob(entry, root) and find_folder(entry, root) == subject.path
        elif entry.form == "python_file":
            same = subject.kind == "python_file" and resolve(entry.target.value, root) == subject.path
        else:
            same = subject.kind == entry.form and subject.module == entry.target.value
        if same and (name is None or name == entry.get("location_name")):
            raise UsageError(
                f"{subject.module or subject.path} is in the workspace already (line {entry.place.line})",
                hint="give it another name to have it twice",
                kind="exists",
            )


def _make_entry(subject: Subject, options: dict[str, str], root: Path) -> NewEntry:
    form: Form = "project" if subject.kind == "interpreter" else subject.kind
    if subject.module is None:
        return NewEntry(form, write_path(subject.path, root), options)
    if subject.path != root and "working_directory" not in options:
        options = {"working_directory": write_path(subject.path, root), **options}
    return NewEntry(form, subject.module, options)


def write_path(path: Path, root: Path) -> str:
    """Write a path relative to the workspace, unless it leads far away."""
    if path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    if path.is_relative_to(root.parent) and root.parent != root.parent.parent:
        return os.path.relpath(path, root).replace(os.sep, "/")
    return path.as_posix()


def _summarise(added: Sequence[Location], before: Workspace, after: Workspace) -> str:
    if added:
        return "added " + ", ".join(location.name for location in added)
    changed = len(after.locations) != len(before.locations)
    return "the workspace has other locations now" if changed else "nothing to add"
