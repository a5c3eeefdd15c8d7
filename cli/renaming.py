"""The body of `atoll rename --asset`: what is remembered of an asset goes on under another key."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from atoll_host.cli.following import open_storage, read_session_instance
from atoll_host.cli.remembering import refuse_busy
from atoll_host.cli.views.creating import created_result
from atoll_host.envs.errors import UsageError
from atoll_host.runs.launching.asking import VALUES
from atoll_host.runs.values import find_target, list_values, move_values
from atoll_host.workspace.describing.text import count, listed
from atoll_host.workspace.snapshots import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def perform_rename_asset(session: Session, old: str, new: str) -> Result:
    """Let the history and the stored values of an asset be those of another key.

    The history first, in one step, then each value: given again after it was killed, the command does the rest.

    Raises:
        UsageError: there is nothing, there is something of the new key already, or that is no key.
        BusyError: a run that makes one of them goes on.
    """
    if not new or not all(new.split("/")):
        raise UsageError(f"{new!r} is no key of an asset", hint="such as sales/orders")
    if old == new:
        raise UsageError("Both keys are the same")
    folder = session.state.path / VALUES
    has_history = False
    if read_session_instance(session).has_storage():
        with open_storage(session) as storage:
            known = storage.assets.latest_of()
            has_history = storage.assets.latest(old) is not None
            _refuse_nothing(old, list(known), has_history=has_history, values=list_values(folder, old))
            if has_history and storage.assets.latest(new) is not None:
                hint = f"`atoll wipe {new}` forgets it"
                raise UsageError(f"Something is remembered of {new!r} already", hint=hint, kind="exists")
            _refuse_values(folder, old, new)
            refuse_busy(storage, (old, new))
            storage.rename_asset(old, new)
    else:
        _refuse_nothing(old, [], has_history=False, values=list_values(folder, old))
        _refuse_values(folder, old, new)
    moved = move_values(folder, old, new)
    notes = list(_advise(session, old, new))

    def draw_notes(console: Console) -> None:
        for note in notes:
            console.print(note, markup=False, soft_wrap=True)

    said = [*(["its history"] if has_history else []), *([count(moved, "stored value")] if moved else [])]
    return created_result(
        "rename",
        f"{old} is {new} from now on: {' and '.join(said) or 'its runs'}",
        data={"locations": [], "notes": notes},
        drawing=draw_notes,
    )


def _refuse_nothing(old: str, known: Sequence[str], *, has_history: bool, values: Sequence[Path]) -> None:
    if has_history or values:
        return
    close = difflib.get_close_matches(old, known, n=1)
    hint = f"did you mean {close[0]}?" if close else "`atoll list assets` lists those that there are"
    raise UsageError(f"Nothing is remembered of {old!r}", hint=hint)


def _refuse_values(folder: Path, old: str, new: str) -> None:
    """Refuse to put a value where there is one."""
    for path in list_values(folder, old):
        target = find_target(folder, path, old, new)
        if target.exists():
            raise UsageError(
                f"There is a value of {new!r} already: {target}",
                hint=f"`atoll wipe {new} --values` removes it",
                kind="exists",
            )


def _advise(session: Session, old: str, new: str) -> Iterator[str]:
    """Say what is left to be changed in the code, as far as the last loads tell."""
    users = []
    for location in session.workspace.locations:
        snapshot = read_snapshot(session.state, location.name)
        for asset in () if snapshot is None else snapshot.definitions.get("assets") or ():
            if asset["key"] == old and asset.get("type") == "materializable":
                yield f"{location.name} still calls it {old}: rename it in its code before it is made again"
            if any(dependency["key"] == old for dependency in asset.get("dependencies") or ()):
                users.append(f"{location.name}:{asset['key']}")
    if users:
        yield f"What depends on {old} has to name {new}: {listed(users)}"
