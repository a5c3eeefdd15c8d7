"""`instance.yaml`: where runs are remembered, how many go on at once, how long they are kept, who hears of failures."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from atoll_host.envs.errors import ConfigurationError
from atoll_host.workspace.configuration.reader import Reader, shorten
from atoll_host.workspace.configuration.sources import read_source
from atoll_host.workspace.configuration.yaml_nodes import compose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from atoll_host.envs.layout import StateFolder
    from atoll_host.runs.storage.store import Storage
    from atoll_host.workspace.configuration.reader import Member, Text

INSTANCE_FILE = "instance.yaml"
DATABASE = "runs.db"
KEYS = ("storage", "concurrency", "retention", "alerts")
CONCURRENCY_KEYS = ("runs", "workers", "groups")
ALERT_KEYS = ("on_failure",)
TOLD_KEYS = ("command", "webhook")
RETENTION_KEYS = ("runs", "keep", "ticks", "history")
DEFAULT_RUNS = 10
DEFAULT_TICKS = 30 * 86_400.0
_DURATION = re.compile(r"(?P<number>[0-9]{1,6}) ?(?P<unit>hour|day|week)s?")
_SECONDS = {"hour": 3600.0, "day": 86_400.0, "week": 604_800.0}


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How much goes on at once.

    Attributes:
        runs: how many runs of this instance; others wait in the queue.
        workers: how many processes of one run, where the command does not say; None for as many as there are cores.
        groups: by name, how many steps that belong to it, over all runs.
    """

    runs: int = DEFAULT_RUNS
    workers: int | None = None
    groups: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long what has ended is remembered, in seconds; None for ever.

    Attributes:
        runs: runs with their events and output.
        keep: how many of the newest runs stay, whatever their age.
        ticks: evaluations of schedules and sensors.
        history: materialisations and check results, but for the last of each.
    """

    runs: float | None = None
    keep: int = 0
    ticks: float | None = DEFAULT_TICKS
    history: float | None = None


@dataclass(frozen=True, slots=True)
class Alerts:
    """Who is told of runs that fail.

    Attributes:
        command: words of a program that reads it; none where there is no program.
        webhook: URL to which it is posted. It may hold a secret.
    """

    command: tuple[str, ...] = ()
    webhook: str | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Give what there is of them, as a run's process is told."""
        found: dict[str, Any] = {"command": list(self.command)} if self.command else {}
        return found if self.webhook is None else {**found, "webhook": self.webhook}


@dataclass(frozen=True, slots=True)
class Instance:
    """What `instance.yaml` says, or the defaults where there is none.

    Attributes:
        state: the `.atoll` folder.
        url: of the storage; None for SQLite in that folder. It may hold a password.
        file: absolute path of `instance.yaml`; None where there is none.
        concurrency: how much goes on at once.
        retention: for how long what has ended is remembered.
        alerts: who is told of runs that fail.
    """

    state: StateFolder
    url: str | None = field(default=None, repr=False)
    file: Path | None = None
    concurrency: Concurrency = field(default_factory=Concurrency)
    retention: Retention = field(default_factory=Retention)
    alerts: Alerts = field(default_factory=Alerts)

    @property
    def storage_url(self) -> str:
        """URL of the database. It may hold a password."""
        return self.url or f"sqlite:///{(self.state.path / DATABASE).absolute()}"

    def open_storage(self) -> Storage:
        """Open what is remembered, and make it where there is nothing yet.

        Raises:
            StorageTooNewError: a newer version of this tool made the tables.
            StorageError: it can't be opened.
        """
        from atoll_host.runs.storage.store import Storage  # noqa: PLC0415 — SQLAlchemy, only for who remembers

        if self.url is None:
            self.state.make()
        return Storage.open(self.storage_url)

    def has_storage(self) -> bool:
        """Tell whether something may be remembered: nothing is made by a look."""
        return self.url is not None or (self.state.path / DATABASE).exists()


def read_instance(root: Path, state: StateFolder, variables: Mapping[str, str]) -> Instance:
    """Read the `instance.yaml` of a workspace, if there is one.

    Args:
        root: folder of the workspace.
        state: its `.atoll` folder.
        variables: what `{env: NAME}` looks up.

    Raises:
        ConfigurationError: what it says can't be understood: all of that at once.
    """
    file = root / INSTANCE_FILE
    if not os.path.lexists(file):
        return Instance(state)
    reader = Reader(file, variables)
    node = compose(read_source(file), file)
    members = {} if node is None else reader.read_mapping(node, INSTANCE_FILE, KEYS) or {}
    instance = Instance(
        state,
        url=_read_url(members.get("storage"), reader),
        file=file,
        concurrency=_read_concurrency(members.get("concurrency"), reader),
        retention=_read_retention(members.get("retention"), reader),
        alerts=_read_alerts(members.get("alerts"), reader),
    )
    if reader.problems:
        raise ConfigurationError.of(
            tuple(sorted(reader.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
        )
    return instance


def _read_url(member: Member | None, reader: Reader) -> str | None:
    text = None if member is None else reader.read_text(member.value, "storage")
    if text is None:
        return None
    url = text.value.strip()
    hint = "write sqlite:///PATH or postgresql://USER@MACHINE/NAME"
    scheme, mark, rest = url.partition("://")
    if not mark or not rest.strip("/"):
        # What was written is not repeated: it may hold a password.
        reader.report("storage is no URL of a database", hint, text.place)
    elif scheme in {"postgresql", "postgres"}:
        return url
    elif scheme != "sqlite":
        reader.report(f"runs can't be remembered in {shorten(scheme)}", hint, text.place)
    elif not rest.startswith("/"):
        reader.report("the URL of a file has three slashes", f"write sqlite:///{rest}", text.place)
    else:
        return f"sqlite:///{os.path.normpath(reader.file.parent / rest[1:])}"
    return None


def _read_concurrency(member: Member | None, reader: Reader) -> Concurrency:
    members = _read_section(member, "concurrency", CONCURRENCY_KEYS, reader)
    groups: dict[str, int] = {}
    if "groups" in members:
        for name, one in _read_names(members["groups"].value, reader).items():
            limit = _read_count(one.value, f"the group {name}", reader)
            if limit is not None:
                groups[name] = limit
    counts = {
        key: count
        for key in ("runs", "workers")
        if key in members and (count := _read_count(members[key].value, f"{key} of concurrency", reader)) is not None
    }
    return Concurrency(counts.get("runs", DEFAULT_RUNS), counts.get("workers"), groups)


def _read_retention(member: Member | None, reader: Reader) -> Retention:
    members = _read_section(member, "retention", RETENTION_KEYS, reader)
    ages: dict[str, float | None] = {}
    for key in ("runs", "ticks", "history"):
        if key in members:
            ages[key] = _read_duration(members[key].value, f"{key} of retention", reader)
    keep = _read_count(members["keep"].value, "keep of retention", reader, least=0) if "keep" in members else None
    return Retention(ages.get("runs"), keep or 0, ages.get("ticks", DEFAULT_TICKS), ages.get("history"))


def _read_alerts(member: Member | None, reader: Reader) -> Alerts:
    members = _read_section(member, "alerts", ALERT_KEYS, reader)
    if "on_failure" not in members:
        return Alerts()
    what = "on_failure of alerts"
    told = reader.read_mapping(members["on_failure"].value, what, TOLD_KEYS, hint="write `webhook: URL` below it") or {}
    command = reader.read_texts(told["command"].value, f"command of {what}") if "command" in told else ()
    webhook = reader.read_text(told["webhook"].value, f"webhook of {what}") if "webhook" in told else None
    url = None if webhook is None else webhook.value.strip()
    if webhook is not None and not re.match(r"https?://[^/\s]+", url or ""):
        # What was written is not repeated: it may hold a secret.
        reader.report(f"webhook of {what} is no URL", "write https://MACHINE/PATH, or {env: NAME}", webhook.place)
    return Alerts(tuple(text.value for text in command), url)


def _read_section(member: Member | None, name: str, keys: tuple[str, ...], reader: Reader) -> dict[str, Member]:
    if member is None:
        return {}
    return reader.read_mapping(member.value, name, keys, hint=f"write `{keys[0]}:` below it") or {}


def _read_names(node: yaml.Node, reader: Reader) -> dict[str, Member]:
    """Give the members of a mapping whose keys are anybody's names."""
    names = (
        [key.value for key, _ in node.value if isinstance(key.value, str)] if isinstance(node, yaml.MappingNode) else []
    )
    return reader.read_mapping(node, "groups of concurrency", names, hint="write `NAME: 2` below it") or {}


def _read_count(node: yaml.Node, what: str, reader: Reader, *, least: int = 1) -> int | None:
    text = reader.read_text(node, what)
    if text is None:
        return None
    number = _parse_count(text)
    if number is None or number < least:
        message = f"{what} must be a whole number from {least} on, not {shorten(text.value)}"
        reader.report(message, f"write {max(least, 4)}", text.place)
        return None
    return number


def _parse_count(text: Text) -> int | None:
    word = text.value.strip()
    return int(word) if re.fullmatch("[0-9]{1,9}", word) else None


def _read_duration(node: yaml.Node, what: str, reader: Reader) -> float | None:
    text = reader.read_text(node, what)
    if text is None:
        return None
    word = text.value.strip()
    if word == "forever":
        return None
    seconds = parse_age(word)
    if not seconds:
        message = f"{what} must be a time such as 90 days, or forever, not {shorten(text.value)}"
        reader.report(message, "write 90 days", text.place)
        return None
    return seconds


def parse_age(word: str) -> float | None:
    """Give the seconds of a time such as `90 days`; None where it is none."""
    found = _DURATION.fullmatch(word)
    return None if found is None else int(found["number"]) * _SECONDS[found["unit"]]
