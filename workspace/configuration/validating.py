"""Which findings are wanted: `validate:` in workspace.yaml, `[tool.atoll.validate]` in pyproject.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.workspace.configuration.keys import VALIDATE_KEYS
from atoll_host.workspace.configuration.sources import suggest
from atoll_host.workspace.findings.choosing import Choice, find_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from atoll_host.workspace.configuration.reader import Reader

_CODES = ("select", "ignore")
"""The keys whose values are codes."""
Fault = tuple[str, str, tuple[str | int, ...]]
"""Message, hint, and path below the table."""


def read_validate(node: yaml.Node, what: str, reader: Reader) -> Choice:
    """Read a `validate:` mapping: which codes are wanted, and whether warnings fail."""
    members = reader.read_mapping(node, what, VALIDATE_KEYS, hint="write `ignore: [ATL…]` below it") or {}
    lists: dict[str, tuple[str, ...]] = {}
    for name in _CODES:
        member = members.get(name)
        texts = () if member is None else reader.read_texts(member.value, f"{name} of {what}")
        for text in texts:
            fault = find_unknown(text.value)
            if fault is not None:
                reader.report(f"{name} of {what}: {fault[0]}", fault[1], text.place)
        lists[name] = tuple(text.value for text in texts)
    strict = members.get("strict")
    word = None if strict is None else reader.read_choice(strict.value, f"strict of {what}", ("true", "false"))
    return Choice(lists["select"] or None, lists["ignore"], None if word is None else word == "true")


def check_table(table: Any) -> tuple[Choice, list[Fault]]:
    """Check a `[tool.atoll.validate]`; what is wrong is left out of the choice."""
    if not isinstance(table, dict):
        return Choice(), [
            ("validate in [tool.atoll] must be a table", "write `[tool.atoll.validate]` and its keys", ())
        ]
    faults: list[Fault] = []
    strict: bool | None = None
    lists: dict[str, tuple[str, ...]] = dict.fromkeys(_CODES, ())
    for name, value in table.items():
        if name in lists:
            found = list(_check_codes(name, value))
            faults += found
            lists[name] = () if found else tuple(value)
        elif name == "strict":
            if isinstance(value, bool):
                strict = value
            else:
                faults.append(("strict in [tool.atoll.validate] must be true or false", "write strict = true", (name,)))
        else:
            close = suggest(name, VALIDATE_KEYS)
            hint = f"did you mean {close}?" if close else "it may have: " + ", ".join(VALIDATE_KEYS)
            faults.append((f"unknown key {name} in [tool.atoll.validate]", hint, (name,)))
    return Choice(lists["select"] or None, lists["ignore"], strict), faults


def _check_codes(name: str, value: Any) -> Iterator[Fault]:
    what = f"{name} in [tool.atoll.validate]"
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        yield f"{what} must be a list of codes", f'write {name} = ["ATL…"]', (name,)
        return
    for number, item in enumerate(value):
        fault = find_unknown(item)
        if fault is not None:
            yield f"{what}: {fault[0]}", fault[1], (name, number)
