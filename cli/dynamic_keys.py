"""The bodies of `atoll partitions …`: the keys of dynamic partitions."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from atoll_host.cli.following import open_storage, read_session_instance
from atoll_host.cli.result import Result
from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.partition_keys import list_dynamic
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.snapshots import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.cli.session import Session

_SEPARATOR = "|"


def list_result(session: Session, name: str | None) -> Result:
    """List the keys of dynamic partitions, or of those of one name.

    Raises:
        UsageError: there are none of this name.
    """
    found: dict[str, list[str]] = {one: [] for one in list_defined_names(session)}
    if read_session_instance(session).has_storage():
        with open_storage(session) as storage:
            found.update({one: list(keys) for one, keys in storage.partitions.list_all().items()})
    if name is not None:
        _check_name(name, list(found))
        found = {name: found[name]}
    data = [{"name": one, "keys": keys} for one, keys in sorted(found.items())]

    def view(console: Console) -> None:
        if not data:
            console.print("No location has dynamic partitions", markup=False)
        for item in data:
            console.print(one_line(f"{item['name']}: {count(len(item['keys']), 'key')}"), markup=False)
            for key in item["keys"]:
                console.print(f"  {one_line(key)}", markup=False, soft_wrap=True)

    return Result("partitions list", data, view)


def add_result(session: Session, name: str, keys: Sequence[str]) -> Result:
    """Add keys.

    Raises:
        UsageError: nothing has partitions of this name, or a key can't be one.
    """
    _check_name(name, list_defined_names(session))
    for key in keys:
        if not key or _SEPARATOR in key or "..." in key:
            raise UsageError(f"{key!r} can't be the key of a partition", hint="it is a text without | and ...")
    with open_storage(session) as storage:
        before = set(storage.partitions.list(name))
        storage.partitions.add(name, keys)
        new = [key for key in dict.fromkeys(keys) if key not in before]
        return _changed("partitions add", name, new, list(storage.partitions.list(name)))


def delete_result(session: Session, name: str, keys: Sequence[str]) -> Result:
    """Delete keys.

    Raises:
        UsageError: one is not there.
    """
    if not read_session_instance(session).has_storage():
        raise UsageError(f"The partitions {name!r} have no keys")
    with open_storage(session) as storage:
        before = list(storage.partitions.list(name))
        for key in keys:
            if key not in before:
                close = difflib.get_close_matches(key, before, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"atoll partitions list {name}"
                raise UsageError(f"The partitions {name!r} have no key {key!r}", hint=hint)
        storage.partitions.delete(name, keys)
        return _changed("partitions delete", name, list(dict.fromkeys(keys)), list(storage.partitions.list(name)))


def list_defined_names(session: Session) -> list[str]:
    """Name the dynamic partitions of all locations, as they were loaded last."""
    names: set[str] = set()
    for location in session.workspace.locations:
        snapshot = read_snapshot(session.state, location.name)
        names |= set() if snapshot is None else list_dynamic(snapshot.definitions)
    return sorted(names)


def _check_name(name: str, known: Sequence[str]) -> None:
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known) or 'none, as last loaded'}"
    raise UsageError(f"Nothing has dynamic partitions {name!r}", hint=hint)


def _changed(command: str, name: str, changed: list[str], keys: list[str]) -> Result:
    data = {"name": name, "changed": changed, "keys": keys}
    verb = "added to" if command == "partitions add" else "deleted from"

    def view(console: Console) -> None:
        text = f"{count(len(changed), 'key')} {verb} {name}: {count(len(keys), 'key')} now"
        console.print(one_line(text), markup=False, soft_wrap=True)

    return Result(command, data, view)
