"""Read values from YAML nodes, and collect what is wrong with them, each at its own line and column."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from atoll_host.envs.errors import Problem
from atoll_host.workspace.configuration.keys import LONGEST_TIMEOUT, SMALLEST_MEMORY
from atoll_host.workspace.configuration.sources import suggest
from atoll_host.workspace.location import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SIZE = re.compile(r"(?P<number>[0-9]{1,15}(\.[0-9]{1,9})?) ?((?P<unit>[kmgtKMGT])(?P<binary>i)?)?[bB]?")
_CORE = "tag:yaml.org,2002:"
_SCALARS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge"))
_NULL = _CORE + "null"
_MERGE = _CORE + "merge"


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as it is written in the file, and where.

    Attributes:
        value: the text, whatever YAML would make of it (`3.10` stays `3.10`).
        place: where it stands.
        variable: the environment variable that it came from.
    """

    value: str
    place: Place
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A key and its value in a mapping."""

    key: yaml.Node
    value: yaml.Node


class Reader:
    """Reads one file's nodes.

    Attributes:
        file: absolute path, for the problems.
        variables: what `{env: NAME}` looks up.
        problems: what was wrong so far.
    """

    def __init__(self, file: Path, variables: Mapping[str, str]) -> None:
        self.file = file
        self.variables = variables
        self.problems: list[Problem] = []
        # A mapping that is merged in many places is read once, and one that merges itself never comes to an end.
        self._collected: dict[int, tuple[yaml.Node, dict[str, Member]]] = {}
        self._being_collected: set[int] = set()

    def place(self, node: yaml.Node) -> Place:
        """Give the position at which a node begins."""
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def report(self, message: str, hint: str | None, at: yaml.Node | Place) -> None:
        """Note that something is wrong."""
        place = at if isinstance(at, Place) else self.place(at)
        self.problems.append(Problem("configuration", message, hint, str(place.file), place.line, place.column))

    def read_mapping(
        self, node: yaml.Node, what: str, known: Sequence[str], *, hint: str | None = None
    ) -> dict[str, Member] | None:
        """Give the members of a mapping by their keys; None when it is none.

        Args:
            node: what to read.
            what: names it in messages.
            known: the keys that it may have; for other keys a problem is noted.
            hint: what to write where it is no mapping.
        """
        if not isinstance(node, yaml.MappingNode) or node.tag != _CORE + "map":
            self.report(f"{what} must be a mapping, not {describe(node)}", hint or "write `key: value`", node)
            return None
        members = self._collect(node, what)
        for name, member in list(members.items()):
            if name not in known:
                close = suggest(name, tuple(known))
                self.report(
                    f"unknown key {name} in {what}",
                    f"did you mean {close}?" if close else "it may have: " + ", ".join(known),
                    member.key,
                )
                del members[name]
        return members

    def _collect(self, node: yaml.MappingNode, what: str) -> dict[str, Member]:
        if id(node) not in self._collected:
            self._being_collected.add(id(node))
            self._collected[id(node)] = node, self._collect_once(node, what)
            self._being_collected.discard(id(node))
        return dict(self._collected[id(node)][1])

    def _collect_once(self, node: yaml.MappingNode, what: str) -> dict[str, Member]:
        members: dict[str, Member] = {}
        merged: dict[str, Member] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for name, member in self._merge(value, what).items():
                    merged.setdefault(name, member)
            elif not isinstance(key, yaml.ScalarNode):
                self.report(f"a key of {what} must be a word, not {describe(key)}", "write `key: value`", key)
            elif key.value in members:
                first = members[key.value].key.start_mark
                self.report(
                    f"{key.value} is there twice in {what}: first in line {first.line + 1}", "keep one of them", key
                )
            else:
                members[key.value] = Member(key, value)
        return {**merged, **members}

    def _merge(self, node: yaml.Node, what: str) -> dict[str, Member]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        members: dict[str, Member] = {}
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                self.report(f"<< in {what} must name a mapping", "write `<<: *name`", node)
                return {}
            if id(source) in self._being_collected:
                self.report(f"<< in {what} names the mapping that it is in", "remove it", node)
                return {}
            for name, member in self._collect(source, what).items():
                members.setdefault(name, member)
        return members

    def read_text(self, node: yaml.Node, what: str) -> Text | None:
        """Give a scalar's text, or the variable that `{env: NAME}` stands for; None when it is neither."""
        if isinstance(node, yaml.MappingNode) and node.tag == _CORE + "map":
            return self._read_variable(node, what)
        if not isinstance(node, yaml.ScalarNode):
            self.report(f"{what} must be text, not {describe(node)}", "write one value", node)
            return None
        if node.tag not in _SCALARS:
            self.report(
                f"{what} has the tag {node.tag.replace(_CORE, '!!')}, which is not understood", "remove it", node
            )
            return None
        if is_null(node) or not node.value.strip():
            self.report(f"{what} has no value", "write one after the colon, or remove the key", node)
            return None
        if "\0" in node.value:
            self.report(f"{what} has the character U+0000 in it", "remove the character", node)
            return None
        return Text(node.value, self.place(node))

    def _read_variable(self, node: yaml.MappingNode, what: str) -> Text | None:
        members = self._collect(node, what)
        member = members.get("env")
        if member is None or len(members) != 1 or not isinstance(member.value, yaml.ScalarNode):
            self.report(f"{what} must be text or {{env: NAME}}, not a mapping", "write one value", node)
            return None
        name = member.value.value
        if name not in self.variables:
            close = suggest(name, tuple(self.variables)) if name else None
            hint = f"did you mean {close}? Otherwise set it" if close else f"set it: {name}=… atoll …"
            self.report(f"the environment variable {name!r}, which {what} names, is not set", hint, member.value)
            return None
        if not self.variables[name].strip():
            self.report(f"the environment variable {name!r}, which {what} names, is empty", "set it", member.value)
            return None
        return Text(self.variables[name], self.place(member.value), name)

    def read_texts(self, node: yaml.Node, what: str) -> tuple[Text, ...]:
        """Give a list of scalars; one scalar is a list of one."""
        if not isinstance(node, yaml.SequenceNode):
            text = self.read_text(node, what)
            return () if text is None else (text,)
        texts = [self.read_text(item, f"an item of {what}") for item in node.value]
        return tuple(text for text in texts if text is not None)

    def read_seconds(self, node: yaml.Node, what: str) -> float | None:
        """Give a number of seconds above 0."""
        text = self.read_text(node, what)
        if text is None:
            return None
        seconds = parse_seconds(text.value)
        if seconds is None:
            self.report(
                f"{what} must be a number of seconds above 0, not {shorten(text.value)}", "write 60", text.place
            )
        return seconds

    def read_size(self, node: yaml.Node, what: str) -> int | None:
        """Give a number of bytes, written with a unit."""
        text = self.read_text(node, what)
        if text is None:
            return None
        size = parse_size(text.value)
        if size is None:
            self.report(f"{what} must be a size from 16 MiB on, not {shorten(text.value)}", "write 2GiB", text.place)
        return size

    def read_choice(self, node: yaml.Node, what: str, choices: Sequence[str]) -> str | None:
        """Give one of a few words."""
        text = self.read_text(node, what)
        if text is None or text.value in choices:
            return None if text is None else text.value
        self.report(
            f"{what} must be {' or '.join(choices)}, not {shorten(text.value)}", f"write {choices[0]}", text.place
        )
        return None


def is_null(node: yaml.Node) -> bool:
    """Tell whether a node is a value that was left out, or `null`."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def parse_seconds(text: str) -> float | None:
    """Read a number of seconds above 0 and at most a day; None where it is none."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and 0 < seconds <= LONGEST_TIMEOUT else None


def parse_size(text: str) -> int | None:
    """Read a size such as `2GiB`, `500 MB` or `2147483648` in bytes; None where it is none, or next to nothing."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    power = " KMGT".index((found["unit"] or " ").upper())
    base = 1024 if found["binary"] else 1000
    size = int(float(found["number"]) * base**power)
    return size if SMALLEST_MEMORY <= size < 1 << 60 else None


def describe(node: yaml.Node) -> str:
    """Say what a node is, for a message."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    kinds = {_CORE + "null": "nothing", _CORE + "int": "a number", _CORE + "float": "a number"}
    return kinds.get(node.tag, f"the text {shorten(str(node.value))}")


def shorten(text: str) -> str:
    """Quote a text for a message, and cut a long one."""
    return repr(text if len(text) <= 60 else text[:57] + "…")  # noqa: PLR2004 — half a line of a terminal
