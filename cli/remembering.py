"""The bodies of `atoll report` and `atoll wipe`: what is remembered of assets, changed by hand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.cli.following import open_storage, read_session_instance
from atoll_host.cli.result import Result
from atoll_host.cli.running import load_for_run, read_tags
from atoll_host.envs.errors import AtollError, UsageError
from atoll_host.runs.launching.asking import VALUES
from atoll_host.runs.planning.partition_keys import check_existing
from atoll_host.runs.planning.partitioning import name_partitions
from atoll_host.runs.storage.records import ACTIVE, RunFilter
from atoll_host.runs.values import list_values, remove_values
from atoll_host.workspace.describing.finding import find
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.runs.storage.asset_records import AssetEvent
    from atoll_host.runs.storage.store import Storage

_TYPES = {bool: "bool", int: "int", float: "float", dict: "json", list: "json", type(None): "null"}


class BusyError(AtollError):
    """A run that makes the asset goes on."""

    exit_status = 2
    kind = "busy"


@dataclass(frozen=True, slots=True)
class Reported:
    """What the command line says of a materialisation that took place elsewhere."""

    partition: str | None = None
    metadata: Sequence[str] = ()
    description: str | None = None
    tags: Sequence[str] = ()
    data_version: str | None = None


def perform_report(session: Session, name: str, reported: Reported) -> Result:
    """Remember that an asset was made elsewhere: the body of `atoll report`.

    Raises:
        UsageError: there is no such asset or partition, or the metadata can't be read.
    """
    metadata = read_metadata(reported.metadata)
    if reported.description is not None:
        metadata["description"] = {"type": "text", "value": reported.description}
    tags = read_tags(reported.tags)
    found = find("asset", name, load_for_run(session))
    _check_partition(found.name, found.definition, reported.partition)
    is_made = found.definition.get("type") == "materializable"
    with open_storage(session) as storage:
        event = storage.assets.report(
            found.name,
            partition=reported.partition,
            location=found.report.location.name if is_made else None,
            metadata=metadata,
            tags=tags,
            data_version=reported.data_version,
        )
    data = describe_asset_event(event)

    def view(console: Console) -> None:
        part = "" if event.partition is None else f", partition {event.partition}"
        console.print(one_line(f"Reported: {event.asset}{part} was materialised"), markup=False, soft_wrap=True)

    return Result("report", data, view)


def describe_asset_event(event: AssetEvent) -> dict[str, Any]:
    """Give a materialisation or observation as JSON."""
    return {
        "number": event.number,
        "kind": event.kind,
        "asset": event.asset,
        "partition": event.partition,
        "time": event.time,
        "run": event.run,
        "location": event.location,
        "metadata": dict(event.metadata),
        "tags": dict(event.tags),
        "data_version": event.data_version,
    }


def read_metadata(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read values of `--metadata`: each NAME=VALUE, where VALUE is JSON or text, or a JSON object of several.

    Raises:
        UsageError: one is neither.
    """
    found: dict[str, dict[str, Any]] = {}
    for word in words:
        if word.lstrip().startswith("{"):
            values = _read_json(word)
            if not isinstance(values, dict):
                raise UsageError(f"--metadata {word!r} is no JSON object", hint="""such as --metadata '{"rows": 3}'""")
            found.update({name: _type_value(value) for name, value in values.items()})
            continue
        name, mark, text = word.partition("=")
        if not mark or not name:
            raise UsageError(f"--metadata {word!r} is not NAME=VALUE", hint="such as --metadata rows=120")
        value = _read_json(text)
        found[name] = _type_value(text if value is None and text != "null" else value)
    return found


def _read_json(text: str) -> Any:
    def refuse(_: str) -> Any:
        raise ValueError

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def _type_value(value: Any) -> dict[str, Any]:
    """Give a value the type that suits it; one that has a type keeps it."""
    if isinstance(value, dict) and set(value) == {"type", "value"} and isinstance(value["type"], str):
        return value
    if isinstance(value, str):
        return {"type": "url" if re.match(r"https?://\S+$", value) else "text", "value": value}
    return {"type": _TYPES[type(value)], "value": value}


def _check_partition(asset: str, definition: Mapping[str, Any], partition: str | None) -> None:
    described = definition.get("partitions")
    if described is None:
        if partition is not None:
            raise UsageError(f"{asset!r} has no partitions", hint="leave --partition out")
    elif partition is None:
        message = f"{asset!r} has {name_partitions(described)}, and no partition is chosen"
        raise UsageError(message, hint="say which: --partition KEY")
    else:
        check_existing(described, [partition])


@dataclass(frozen=True, slots=True)
class WipeOptions:
    """What the command line says of what is to be forgotten."""

    partitions: Sequence[str] = ()
    history: bool = True
    values: bool = False
    dry_run: bool = False
    yes: bool = False


def perform_wipe(session: Session, selection: str, options: WipeOptions) -> Result:
    """Forget what was made of assets: the body of `atoll wipe`.

    Raises:
        UsageError: nothing is chosen, or nobody agreed.
        BusyError: a run that makes one of the assets goes on.
    """
    from atoll_host.cli.asking import Asker  # noqa: PLC0415 — only where something is to be agreed to

    folder = session.state.path / VALUES
    partitions = list(dict.fromkeys(options.partitions)) or None
    if not read_session_instance(session).has_storage() and not folder.exists():
        keys = sorted(_choose_keys(session, selection, None))
        return _wipe_result([_describe_wiped(key, 0, [], options) for key in keys], options)
    with open_storage(session) as storage:
        keys = sorted(_choose_keys(session, selection, storage))
        refuse_busy(storage, keys)
        found = [
            _describe_wiped(
                key,
                _count_made(storage, key, partitions) if options.history else 0,
                list_values(folder, key, partitions) if options.values else [],
                options,
            )
            for key in keys
        ]
        total = [sum(item[name] for item in found) for name in ("partitions", "values")]
        if options.dry_run or not any(total):
            return _wipe_result(found, options)
        if not options.yes:
            asker = Asker.of(session)
            if not asker.can_ask:
                raise UsageError(
                    "What is forgotten does not come back", hint="say so with --yes, or look with --dry-run"
                )
            if not asker.agree(_ask(keys, *total), default=False):
                raise UsageError("Nothing was forgotten")
        # Others may have begun since the question.
        refuse_busy(storage, keys)
        for key in keys:
            # The history first: what is no more must not be told of.
            if options.history:
                storage.assets.wipe(key, partitions)
            if options.values:
                remove_values(folder, key, partitions)
    return _wipe_result(found, options)


def refuse_busy(storage: Storage, keys: Sequence[str]) -> None:
    """Refuse to touch assets that a run makes now or is about to make.

    Raises:
        BusyError: there is such a run.
    """
    for key in keys:
        wanted = RunFilter(statuses=("queued", *sorted(ACTIVE)), asset=key)
        for run in storage.runs.list(wanted, limit=1).runs:
            message = f"Run {run.number} is {run.status} and makes {key!r}"
            raise BusyError(message, hint=f"wait for its end, or `atoll runs cancel {run.number}`")


def _choose_keys(session: Session, selection: str, storage: Storage | None) -> set[str]:
    """Give the keys that a selection chooses, or the one key of an asset that is only remembered."""
    graph = merge_reports(load_for_run(session))
    keys = {graph.nodes[name].key for name in select(graph, selection)}
    if not keys and storage is not None and storage.assets.latest(selection) is not None:
        return {selection}
    if not keys:
        raise UsageError(
            "The selection chooses no asset", hint="`atoll list assets --select SELECTION` shows what it does"
        )
    return keys


def _count_made(storage: Storage, key: str, partitions: Sequence[str] | None) -> int:
    return len(storage.assets.latest_partitions(key, partitions))


def _describe_wiped(key: str, made: int, values: Sequence[Path], options: WipeOptions) -> dict[str, Any]:
    return {
        "asset": key,
        "partitions": made,
        "values": len(values),
        "files": [str(path.absolute()) for path in values] if options.dry_run else [],
    }


def _ask(keys: Sequence[str], made: int, values: int) -> str:
    named = keys[0] if len(keys) == 1 else count(len(keys), "asset")
    parts = [count(made, "materialisation")] if made else []
    parts += [count(values, "stored value")] if values else []
    return f"Forget {' and '.join(parts)} of {named}"


def _wipe_result(found: Sequence[Mapping[str, Any]], options: WipeOptions) -> Result:
    data = {"dry_run": options.dry_run, "assets": [dict(item) for item in found]}

    def view(console: Console) -> None:
        touched = [item for item in found if item["partitions"] or item["values"]]
        if not touched:
            console.print("Nothing is remembered of it", markup=False)
            return
        for item in touched:
            parts = [count(item["partitions"], "materialisation")] if item["partitions"] else []
            parts += [count(item["values"], "stored value")] if item["values"] else []
            verb = "would be forgotten" if options.dry_run else "forgotten"
            console.print(one_line(f"{item['asset']}: {', '.join(parts)} {verb}"), markup=False, soft_wrap=True)

    return Result("wipe", data, view)
