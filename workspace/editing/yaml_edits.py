"""Change the entries of a workspace.yaml's text, and leave every other character as it is.

Each edit gives the new text. It is parsed again, and refused unless exactly what was meant has changed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import yaml

from atoll_host.workspace.configuration.keys import MAIN_KEYS
from atoll_host.workspace.editing.transaction import EditRefusedError
from atoll_host.workspace.editing.yaml_layout import Layout, Piece, lay_out, read_plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from atoll_host.workspace.configuration.keys import Form


_BOM = "\ufeff"
_PLAIN = re.compile(r"[A-Za-z0-9_./~][A-Za-z0-9_./+@~-]*")
_INDENT = 2


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry that is to be written.

    Attributes:
        form: its key.
        target: what its main key names.
        options: further keys and their values.
    """

    form: Form
    target: str
    options: dict[str, str] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """Give what YAML reads when it is written."""
        if not self.options:
            return {self.form: self.target}
        return {self.form: {MAIN_KEYS[self.form]: self.target, **self.options}}


def add_entry(text: str, entry: NewEntry, file: Path) -> str:
    """Put an entry after the last one of `load_from`.

    Raises:
        EditRefusedError: the file is written in a way that leaves no room for it.
    """
    layout, mark = _open(text, file)
    expected = read_plain(layout.text, file)
    before = expected.get("load_from")
    expected["load_from"] = [*(before if isinstance(before, list) else []), entry.to_plain()]
    return mark + _verified(_add(layout, entry, file), expected, file)


def remove_entry(text: str, number: int, file: Path) -> str:
    """Take an entry out, with the comment directly above it, beside it and in it.

    Raises:
        EditRefusedError: something else refers to it, or it can't be told apart from its surroundings.
    """
    layout, mark = _open(text, file)
    entries = _entries(layout, file)
    _check_anchors(layout, entries.parts[number], file)
    expected = read_plain(layout.text, file)
    del expected["load_from"][number]
    new = _remove_flow(layout, entries, number) if entries.flow else _remove_block(layout, entries, number)
    return mark + _verified(new, expected, file)


def set_option(text: str, number: int, key: str, value: str, file: Path) -> str:
    """Give an entry an option, or another value of one that it has.

    Raises:
        EditRefusedError: the value comes from elsewhere (an alias, an environment variable).
    """
    layout, mark = _open(text, file)
    entry = _entries(layout, file).parts[number]
    if entry.kind != "mapping" or len(entry.parts) != 2:  # noqa: PLR2004 — a key and its value
        raise _refuse(file, "the entry is written as an alias", "write it out")
    _check_anchors(layout, entry, file)
    form = entry.parts[0]
    expected = read_plain(layout.text, file)
    plain = expected["load_from"][number]
    if not isinstance(plain[form.value], dict) or set(plain[form.value]) == {"env"}:
        plain[form.value] = {_main_key(form.value): plain[form.value]}
    plain[form.value][key] = value
    return mark + _verified(_set_option(layout, entry, key, value, file), expected, file)


def replace_entry(text: str, number: int, targets: Sequence[str], file: Path) -> str:
    """Write an entry several times, each time with another target, in the place of the one.

    Raises:
        EditRefusedError: something refers to it, or its target comes from elsewhere.
    """
    if not targets:
        return remove_entry(text, number, file)
    layout, mark = _open(text, file)
    entries = _entries(layout, file)
    entry = entries.parts[number]
    _check_anchors(layout, entry, file)
    target = _find_target(entry)
    if target is None or any(piece.anchor for piece in entry.walk()):
        raise _refuse(file, "the entry's path comes from elsewhere in the file", "write it out")
    if entries.flow:
        start, end, between = entry.start, entry.end, ", "
    else:
        start, end = layout.line_start(layout.dash(entries, number)), _block_end(layout, entries, number)
        between = "" if layout.text[start:end].endswith("\n") else layout.newline
    copies = [
        layout.text[start : target.start] + write_scalar(path) + layout.text[target.end : end] for path in targets
    ]
    expected = read_plain(layout.text, file)
    expected["load_from"][number : number + 1] = [_with_target(expected["load_from"][number], path) for path in targets]
    new = layout.text[:start] + between.join(copies) + layout.text[end:]
    return mark + _verified(new, expected, file)


def write_scalar(value: str) -> str:
    """Write a text so that YAML reads exactly that text."""
    if _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _open(text: str, file: Path) -> tuple[Layout, str]:
    mark = _BOM if text.startswith(_BOM) else ""
    return lay_out(text.removeprefix(_BOM), file), mark


def _entries(layout: Layout, file: Path) -> Piece:
    member = layout.root.member("load_from") if layout.root is not None and layout.root.kind == "mapping" else None
    if member is None or member[1].kind != "list":
        raise _refuse(file, "load_from is not a list that is written in its place", "write it out")
    return member[1]


def _verified(new: str, expected: dict[str, Any], file: Path) -> str:
    lay_out(new, file)
    if read_plain(new, file) != expected:
        raise _refuse(file, "the change would alter more than it should", "change the file by hand")
    return new


def _refuse(file: Path, why: str, hint: str) -> EditRefusedError:
    return EditRefusedError(f"{file.name} was not changed: {why}", hint=hint, file=str(file))


def _add(layout: Layout, entry: NewEntry, file: Path) -> str:
    root, text = layout.root, layout.text
    if root is None:
        return _insert(layout, len(text), ["load_from:", *_block_lines(entry, _INDENT, 1, _INDENT)])
    if root.kind != "mapping":
        raise _refuse(file, "it is no mapping", "write `load_from:` and a list")
    member = root.member("load_from")
    if member is None:
        if root.member("<<") is not None:
            raise _refuse(file, "load_from may come from another mapping by <<", "write load_from out")
        if root.flow:
            return _insert_flow(layout, root, f"load_from: [{_flow_text(entry)}]")
        lead = layout.column(root.start)
        lines = ["load_from:", *_block_lines(entry, _INDENT, 1, _INDENT)]
        return _insert(layout, _after(layout, root.end, 1), [" " * lead + line for line in lines])
    key, value = member
    if value.kind == "list" and value.parts and not value.flow:
        return _add_to_block(layout, value, entry)
    if root.flow or (value.kind == "list" and (value.parts or "\n" in text[value.start : value.end])):
        if value.kind != "list":
            raise _refuse(file, "load_from has no list", "write `load_from: []`")
        return _insert_flow(layout, value, f"{{{_flow_entry(entry)}}}")
    if value.kind == "alias" or value.anchor or (value.kind == "scalar" and value.value not in {"", "~", "null"}):
        raise _refuse(file, "load_from is not a list that is written in its place", "write it out")
    # `load_from:`, `load_from: []` and `load_from: ~` get a block list, and keep the comment beside them.
    rest = text[: value.start].rstrip(" ") + text[value.end :] if value.end > value.start else text
    shorter = Layout(rest, root, [], layout.newline)
    indent = layout.column(key.start) + _INDENT
    return _insert(shorter, shorter.line_end(key.end), _block_lines(entry, indent, 1, _INDENT))


def _add_to_block(layout: Layout, entries: Piece, entry: NewEntry) -> str:
    text = layout.text
    dash = layout.dash(entries, 0)
    last = entries.parts[-1]
    last_dash = layout.dash(entries, len(entries.parts) - 1)
    between = text[last_dash + 1 : last.start]
    gap = len(between) if between.strip(" ") == "" and between else 1
    steps = [
        layout.column(value.start) - layout.column(key.start)
        for item in entries.parts
        if item.kind == "mapping" and not item.flow
        for key, value in item.members()
        if value.kind == "mapping" and not value.flow and not value.anchor
    ]
    column = layout.column(dash)
    lines = _block_lines(entry, column, gap, steps[-1] if steps else _INDENT)
    return _insert(layout, _after(layout, last.end, max(column, 1)), lines)


def _after(layout: Layout, end: int, indent: int) -> int:
    """Give the index after the line on which something ends, and after comments that follow it as far indented."""
    at = layout.line_end(end)
    while at < len(layout.text):
        line = layout.text[at : layout.line_end(at)]
        stripped = line.lstrip(" ")
        if not stripped.startswith("#") or len(line) - len(stripped) < indent:
            break
        at = layout.line_end(at)
    return at


def _block_lines(entry: NewEntry, indent: int, gap: int, step: int) -> list[str]:
    dash = " " * indent + "-" + " " * gap
    if not entry.options:
        return [f"{dash}{entry.form}: {write_scalar(entry.target)}"]
    deeper = " " * (indent + 1 + gap + step)
    values = {MAIN_KEYS[entry.form]: entry.target, **entry.options}
    return [f"{dash}{entry.form}:", *(f"{deeper}{key}: {write_scalar(value)}" for key, value in values.items())]


def _flow_entry(entry: NewEntry) -> str:
    if not entry.options:
        return f"{entry.form}: {write_scalar(entry.target)}"
    values = {MAIN_KEYS[entry.form]: entry.target, **entry.options}
    inside = ", ".join(f"{key}: {write_scalar(value)}" for key, value in values.items())
    return f"{entry.form}: {{{inside}}}"


def _flow_text(entry: NewEntry) -> str:
    return f"{{{_flow_entry(entry)}}}"


def _insert(layout: Layout, at: int, lines: list[str]) -> str:
    """Insert whole lines; a text without a final newline stays without one."""
    text = layout.text
    block = layout.newline.join(lines)
    if at > 0 and text[at - 1] != "\n":
        return text[:at] + layout.newline + block + text[at:]
    return text[:at] + block + layout.newline + text[at:]


def _insert_flow(layout: Layout, collection: Piece, piece: str) -> str:
    """Insert an item after the last one of a collection in brackets."""
    text = layout.text
    if not collection.parts:
        opening = collection.end - 1
        return text[:opening].rstrip(" ") + piece + text[opening:]
    last = collection.parts[-1].end
    first_line = layout.line_start(collection.parts[0].start)
    own_line = text[first_line : collection.parts[0].start].strip() == ""
    lead = layout.newline + text[first_line : collection.parts[0].start] if own_line else " "
    comma = re.match(r"\s*,", text[last : collection.end - 1])
    at = last + comma.end() if comma else last
    line_end = layout.line_end(at)
    if own_line and re.fullmatch(r"[ \t]*(#.*)?\r?\n", text[at:line_end]):
        # A comment beside the last item stays beside it.
        line = lead.lstrip("\r\n") + piece + ("," if comma else "") + layout.newline
        return text[:at] + ("" if comma else ",") + text[at:line_end] + line + text[line_end:]
    if comma is None:
        return text[:last] + "," + lead + piece + text[last:]
    return text[:at] + lead + piece + ("," if own_line else "") + text[at:]


def _remove_block(layout: Layout, entries: Piece, number: int) -> str:
    text = layout.text
    start = layout.line_start(layout.dash(entries, number))
    end = _block_end(layout, entries, number)
    start = _with_comments_above(layout, start, layout.column(layout.dash(entries, number)))
    above = text[layout.line_start(max(start - 1, 0)) : start]
    if (_is_blank(above) or number == 0) and _is_blank(text[end : layout.line_end(end)]):
        end = layout.line_end(end)
    new = text[:start] + text[end:]
    if end == len(text) and not text.endswith("\n"):
        new = new.rstrip("\r\n")
    if len(entries.parts) > 1:
        return new
    assert layout.root is not None  # noqa: S101 — it has the list
    member = layout.root.member("load_from")
    assert member is not None  # noqa: S101 — as above
    colon = text.index(":", member[0].end) + 1
    return new[:colon] + " []" + new[colon:]


def _with_comments_above(layout: Layout, start: int, indent: int | None = None) -> int:
    """Give the index at which the comments directly above a line begin; what is indented further is another's."""
    while start > 0:
        above = layout.line_start(start - 1)
        line = layout.text[above:start]
        stripped = line.lstrip(" ")
        if not stripped.startswith("#") or (indent is not None and len(line) - len(stripped) > indent):
            break
        start = above
    return start


def _is_blank(line: str) -> bool:
    return bool(line) and not line.strip()


def _block_end(layout: Layout, entries: Piece, number: int) -> int:
    """Give the index after the last line of an entry, comments that are indented further than its dash included."""
    column = layout.column(layout.dash(entries, number))
    return _after(layout, max(entries.parts[number].end, layout.dash(entries, number)), column + 1)


def _remove_flow(layout: Layout, entries: Piece, number: int) -> str:
    text, parts = layout.text, entries.parts
    piece = parts[number]
    line = layout.line_start(piece.start)
    end = layout.line_end(piece.end)
    alone = not text[line : piece.start].strip() and re.fullmatch(r"\s*,?[ \t]*(#.*)?\r?\n?", text[piece.end : end])
    if alone and line > entries.start:
        return text[: _with_comments_above(layout, line)] + text[end:]
    if number + 1 < len(parts):
        return text[: piece.start] + text[parts[number + 1].start :]
    if number > 0:
        return text[: parts[number - 1].end] + text[piece.end :]
    comma = re.match(r"\s*,?", text[piece.end :])
    return text[: piece.start] + text[piece.end + (comma.end() if comma else 0) :]


def _check_anchors(layout: Layout, piece: Piece, file: Path) -> None:
    assert layout.root is not None  # noqa: S101 — the piece is in it
    names = {inner.anchor for inner in piece.walk() if inner.anchor}
    inside = {id(inner) for inner in piece.walk()}
    for other in layout.root.walk():
        if other.kind == "alias" and other.value in names and id(other) not in inside:
            why = f"something else refers to the entry by *{other.value}"
            raise _refuse(file, why, f"write what *{other.value} stands for in its place first")


def _set_option(layout: Layout, entry: Piece, key: str, value: str, file: Path) -> str:
    text = layout.text
    form, target = entry.parts
    written = write_scalar(value)
    if target.kind == "alias" or target.anchor:
        raise _refuse(file, f"what {form.value} says is an alias", "write it out")
    is_variable = target.kind == "mapping" and target.member("env") is not None
    if target.kind == "mapping" and not is_variable:
        member = target.member(key)
        if member is not None:
            old = member[1]
            if old.kind != "scalar" or old.anchor:
                raise _refuse(file, f"{key} comes from elsewhere", "change it there")
            return text[: old.start] + written + text[old.end :]
        if target.flow:
            return _insert_flow(layout, target, f"{key}: {written}")
        line = " " * layout.column(target.start) + f"{key}: {written}"
        return _insert(layout, layout.line_end(target.end), [line])
    if target.style in {"|", ">"}:
        raise _refuse(file, f"what {form.value} says is written over several lines", "write it on one line")
    main = _main_key(form.value)
    short = text[target.start : target.end]
    if entry.flow or "\n" in short:
        return text[: target.start] + f"{{{main}: {short}, {key}: {written}}}" + text[target.end :]
    # The comment beside the short form stays beside the key.
    shorter = text[: target.start].rstrip(" ") + text[target.end :]
    inner = " " * (layout.column(form.start) + _INDENT)
    changed = Layout(shorter, None, [], layout.newline)
    return _insert(changed, changed.line_end(form.end), [f"{inner}{main}: {short}", f"{inner}{key}: {written}"])


def _find_target(entry: Piece) -> Piece | None:
    if entry.kind != "mapping" or not entry.parts:
        return None
    form, target = entry.parts[:2]
    if target.kind == "mapping":
        member = target.member(_main_key(form.value))
        target = member[1] if member is not None else target
    return target if target.kind == "scalar" and target.style not in {"|", ">"} else None


def _with_target(plain: dict[str, Any], target: str) -> dict[str, Any]:
    form, value = next(iter(plain.items()))
    return {form: {**value, _main_key(form): target}} if isinstance(value, dict) else {form: target}


def _main_key(form: str) -> str:
    """Give the key that the short form of an entry is short for; an empty text for what is no form."""
    return MAIN_KEYS.get(cast("Form", form), "")
