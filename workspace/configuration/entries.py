"""The entries of `load_from`, as they are written."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml

from atoll_host.workspace.configuration.keys import (
    BACKENDS,
    ENTRY_KEYS,
    MAIN_KEYS,
    UNSUPPORTED_ENTRIES,
    WORKSPACE_KEYS,
)
from atoll_host.workspace.configuration.reader import Member, Reader, Text, describe, is_null
from atoll_host.workspace.configuration.sources import suggest
from atoll_host.workspace.configuration.validating import read_validate
from atoll_host.workspace.findings.choosing import Choice
from atoll_host.workspace.names import find_location_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from atoll_host.envs.errors import Problem
    from atoll_host.workspace.configuration.keys import Form, ValueKind
    from atoll_host.workspace.location import Place

_FORMS: tuple[Form, ...] = ("project", "python_file", "python_module", "python_package", "autoload_defs_module")
_EXAMPLE = "write `- project: PATH`, `- python_file: PATH` or `- python_module: NAME`"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `load_from`.

    Attributes:
        form: its key.
        place: where its key stands.
        target: path, pattern or dotted name.
        texts: the other values, by key.
        lists: the values that are lists, by key.
        timeout: seconds, or None.
        memory: bytes, or None.
        cpu: seconds of processor time, or None.
        choice: which findings are wanted; None where it does not say.
        problems: what is wrong with it, and left out of the other attributes.
    """

    form: Form
    place: Place
    target: Text
    texts: dict[str, Text] = field(default_factory=dict)
    lists: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    timeout: float | None = None
    memory: int | None = None
    cpu: float | None = None
    choice: Choice | None = None
    problems: tuple[Problem, ...] = ()

    def get(self, key: str) -> str | None:
        """Give a value's text, or None where it is not there."""
        text = self.texts.get(key)
        return None if text is None else text.value


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a workspace.yaml says.

    Attributes:
        file: absolute path.
        entries: in their order.
        load_from: where `load_from` or its value stands; None when it is not there.
        env_files: `.env` files for every location.
        timeout: seconds, for every location that does not say otherwise.
        memory: bytes, likewise.
        cpu: seconds of processor time, likewise.
        backend: what builds environments, where a location does not say otherwise.
        is_empty: whether there is nothing in the file.
        choice: which findings are wanted, and whether warnings fail.
    """

    file: Path
    entries: tuple[Entry, ...] = ()
    load_from: Place | None = None
    env_files: tuple[Text, ...] = ()
    timeout: float | None = None
    memory: int | None = None
    cpu: float | None = None
    backend: str | None = None
    is_empty: bool = False
    choice: Choice = field(default_factory=Choice)


def read_declaration(root: yaml.Node | None, reader: Reader) -> Declaration:
    """Read a whole workspace.yaml. What is wrong is left out of the result.

    It is in the problems of the entry that has it; otherwise, and where no location can be made of the entry, in the
    reader's.
    """
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value.strip()):
        return Declaration(reader.file, is_empty=True)
    if isinstance(root, yaml.SequenceNode):
        reader.report("workspace.yaml is a list, and should be a mapping", "write `load_from:` above the list", root)
        return Declaration(reader.file)
    members = reader.read_mapping(root, reader.file.name, tuple(WORKSPACE_KEYS), hint="write `load_from:` and a list")
    if members is None:
        return Declaration(reader.file)
    env_file, timeout, backend = (members.get(name) for name in ("env_file", "timeout", "backend"))
    load_from, wanted = members.get("load_from"), members.get("validate")
    return Declaration(
        file=reader.file,
        entries=() if load_from is None else _read_entries(load_from, reader),
        load_from=None if load_from is None else reader.place(load_from.key),
        env_files=() if env_file is None else reader.read_texts(env_file.value, "env_file"),
        timeout=None if timeout is None else reader.read_seconds(timeout.value, "timeout"),
        memory=reader.read_size(members["memory"].value, "memory") if "memory" in members else None,
        cpu=reader.read_seconds(members["cpu"].value, "cpu") if "cpu" in members else None,
        backend=None if backend is None else reader.read_choice(backend.value, "backend", BACKENDS),
        choice=Choice() if wanted is None else read_validate(wanted.value, "validate", reader),
    )


def _read_entries(load_from: Member, reader: Reader) -> tuple[Entry, ...]:
    node = load_from.value
    if is_null(node):
        return ()
    if not isinstance(node, yaml.SequenceNode):
        hint = "write `- ` before each entry" if isinstance(node, yaml.MappingNode) else _EXAMPLE
        reader.report(f"load_from must be a list of entries, not {describe(node)}", hint, node)
        return ()
    entries = []
    for item in node.value:
        before = len(reader.problems)
        entry = _read_entry(item, reader)
        if entry is not None:
            entries.append(replace(entry, problems=tuple(reader.problems[before:])))
            del reader.problems[before:]
    return tuple(entries)


def _read_entry(node: yaml.Node, reader: Reader) -> Entry | None:
    if isinstance(node, yaml.ScalarNode):
        text = node.value.strip()
        form = "python_file" if text.endswith(".py") else "project"
        what = "an entry of load_from is empty" if not text else f"an entry of load_from must say what {text} is"
        reader.report(what, f"write `- {form}: {text}`" if text else _EXAMPLE, node)
        return None
    known = (*_FORMS, *UNSUPPORTED_ENTRIES)
    before = len(reader.problems)
    if isinstance(node, yaml.MappingNode) and len(node.value) > 1 and _has_options_outside(node, reader):
        return None
    members = reader.read_mapping(node, "an entry of load_from", known, hint=_EXAMPLE)
    if not members:
        if members is not None and len(reader.problems) == before:
            reader.report("an entry of load_from is empty", _EXAMPLE, node)
        return None
    if len(members) > 1:
        names = list(members)
        second = members[names[1]].key
        reader.report(
            f"one entry has both {names[0]} and {names[1]}",
            f"write `- ` before {names[1]}: each is its own entry",
            second,
        )
        return None
    name, member = next(iter(members.items()))
    if name in UNSUPPORTED_ENTRIES:
        message, hint = UNSUPPORTED_ENTRIES[name]
        reader.report(message, hint, member.key)
        return None
    return _read_form(next(form for form in _FORMS if form == name), member, reader)


def _has_options_outside(node: yaml.MappingNode, reader: Reader) -> bool:
    """Note the mistake of writing an entry's options beside its key instead of below it."""
    keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    form = next((form for form in _FORMS if any(key.value == form for key in keys)), None)
    if form is None:
        return False
    stray = [key for key in keys if key.value in ENTRY_KEYS[form]]
    for key in stray:
        reader.report(
            f"{key.value} stands beside {form}, and belongs below it",
            f"write `{form}:` and below it, indented further, `{MAIN_KEYS[form]}: …` and `{key.value}: …`",
            key,
        )
    return bool(stray)


def _read_form(form: Form, member: Member, reader: Reader) -> Entry | None:
    place = reader.place(member.key)
    main = MAIN_KEYS[form]
    node = member.value
    short = not isinstance(node, yaml.MappingNode) or [getattr(key, "value", None) for key, _ in node.value] == ["env"]
    if short:
        target = reader.read_text(node, form)
        return None if target is None else Entry(form, place, target)
    known = ENTRY_KEYS[form]
    members = reader.read_mapping(node, form, tuple(known))
    if members is None:
        return None
    texts: dict[str, Text] = {}
    lists: dict[str, tuple[Text, ...]] = {}
    others: dict[str, Any] = {}
    for name, option in members.items():
        what = f"{name} of {form}"
        if known[name] in _OTHERS:
            others[name] = _OTHERS[known[name]](reader, option.value, what)
        elif known[name] in {"texts", "paths"}:
            lists[name] = reader.read_texts(option.value, what)
        elif name == "backend":
            choice = reader.read_choice(option.value, what, BACKENDS)
            if choice is not None:
                texts[name] = Text(choice, reader.place(option.value))
        else:
            text = reader.read_text(option.value, what)
            if text is not None:
                texts[name] = text
    if main not in members:
        close = next((name for name in (key.value for key, _ in node.value) if suggest(name, (main,))), None)
        if close is None:
            reader.report(f"{form} does not say its {main}", f"write `{main}: …` below it", place)
        return None
    _check(texts, form, reader)
    if main not in texts:
        return None
    limits = others.get("timeout"), others.get("memory"), others.get("cpu")
    return Entry(form, place, texts[main], texts, lists, *limits, others.get("validate"))


_OTHERS: Mapping[ValueKind, Callable[[Reader, yaml.Node, str], Any]] = {
    "number": lambda reader, node, what: reader.read_seconds(node, what),
    "size": lambda reader, node, what: reader.read_size(node, what),
    "validate": lambda reader, node, what: read_validate(node, what, reader),
}
"""How values are read that are neither text nor texts."""


def _check(texts: dict[str, Text], form: Form, reader: Reader) -> None:
    name = texts.get("location_name")
    fault = None if name is None else find_location_fault(name.value)
    if name is not None and fault is not None:
        reader.report(fault.message, fault.hint, name.place)
        del texts["location_name"]
    for key in ("attribute", "module"):
        text = texts.get(key)
        if text is not None and not is_dotted(text.value, single=key == "attribute"):
            reader.report(f"{key} of {form} is {text.value!r}, which is no Python name", "write NAME", text.place)
            del texts[key]
    for first, second in (("executable_path", "requirements"), ("executable_path", "python")):
        if first in texts and second in texts:
            reader.report(
                f"{form} has both {first} and {second}: an interpreter is used as it is",
                f"keep {first} or {second}",
                texts[second].place,
            )


def is_dotted(name: str, *, single: bool = False) -> bool:
    """Tell whether a text is a name, or names with dots between them, that Python can import."""
    parts = name.split(".")
    return (not single or len(parts) == 1) and all(
        part.isidentifier() and not keyword.iskeyword(part) for part in parts
    )
