"""The generations of one location's environment: built aside, checked, and made current by one atomic replace.

    .atoll/envs/<location>/
        current.json            which generation is current
        <fingerprint>[-n]/      a virtual environment
            atoll-environment.json   its record, written last: without it the folder is wreckage

A process that is killed anywhere leaves either the old or the new generation current, and both are complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from atoll_host.envs.interpreters.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORD = "atoll-environment.json"
CURRENT = "current.json"
IN_PROGRESS = "in-progress.json"
"""Stands beside the generations while an environment is built in place."""

_FORM = 1
_PREFIX_LENGTH = 12
_KEPT_SECONDS = 600
"""A generation that was current within this time stays: a worker may be about to start in it."""
_KEPT_SECONDS_UNSEEN = 86_400
"""The same where we cannot see which processes use it."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a complete generation.

    Attributes:
        fingerprint: of inputs and interpreter.
        inputs: digest of each thing that shaped it, by name.
        interpreter: the base interpreter.
        interpreter_stamp: real path, size and modification time of the interpreter's file.
        reason: why that interpreter.
        backend: `uv` or `virtualenv`.
        prefix: where it was built, absolute: an environment that was moved is not the same.
        site_packages: folders of packages, relative to the prefix.
        distributions: names of the metadata folders found there.
        lock_checked: whether the lock is known to be in step with what it locks.
        seconds: how long the build took.
        built: when it was complete, in seconds since the epoch; None in records of earlier versions.
    """

    fingerprint: str
    inputs: dict[str, str]
    interpreter: Interpreter
    interpreter_stamp: tuple[str, int, int]
    reason: str
    backend: str
    prefix: str
    site_packages: tuple[str, ...]
    distributions: tuple[str, ...]
    lock_checked: bool = True
    seconds: float = 0.0
    built: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give what is written into the generation."""
        return {
            "form": _FORM,
            "fingerprint": self.fingerprint,
            "inputs": self.inputs,
            "interpreter": self.interpreter.to_json(),
            "interpreter_stamp": list(self.interpreter_stamp),
            "reason": self.reason,
            "backend": self.backend,
            "prefix": self.prefix,
            "site_packages": list(self.site_packages),
            "distributions": list(self.distributions),
            "lock_checked": self.lock_checked,
            "seconds": round(self.seconds, 3),
            "built": self.built,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: the data is not of that shape.
        """
        if data["form"] != _FORM:
            raise ValueError(data["form"])
        path, size, modified = data["interpreter_stamp"]
        return cls(
            fingerprint=data["fingerprint"],
            inputs=dict(data["inputs"]),
            interpreter=Interpreter.from_json(data["interpreter"]),
            interpreter_stamp=(path, size, modified),
            reason=data["reason"],
            backend=data["backend"],
            prefix=data["prefix"],
            site_packages=tuple(data["site_packages"]),
            distributions=tuple(data["distributions"]),
            lock_checked=data["lock_checked"],
            seconds=data["seconds"],
            built=data.get("built"),
        )


@dataclass(frozen=True, slots=True)
class Generation:
    """A complete environment on disk.

    Attributes:
        prefix: its folder, absolute.
        record: what is known of it.
    """

    prefix: Path
    record: Record

    @property
    def executable(self) -> Path:
        """The interpreter of the virtual environment."""
        return executable_of(self.prefix)

    def site_packages(self) -> list[Path]:
        """List its folders of packages."""
        return [self.prefix / relative for relative in self.record.site_packages]

    def installed(self) -> tuple[str, ...]:
        """List the metadata folders that are there now, in order."""
        return list_distributions(self.site_packages())


def executable_of(prefix: Path) -> Path:
    """Give the path of a virtual environment's interpreter."""
    return prefix / "Scripts" / "python.exe" if sys.platform == "win32" else prefix / "bin" / "python"


def list_distributions(folders: list[Path]) -> tuple[str, ...]:
    """List the metadata folders in the given folders of packages, in order."""
    names: set[str] = set()
    for folder in folders:
        with contextlib.suppress(OSError):
            # Not `iterdir`, which makes a path of each name: this runs for every location of every command.
            listed = os.listdir(folder)  # noqa: PTH208 — a listing of very many names, for every command
            names.update(name for name in listed if name.endswith((".dist-info", ".egg-info")))
    return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class Generations:
    """The folder of one location's generations. Whoever changes anything holds the location's lock.

    Attributes:
        folder: `.atoll/envs/<location>`, absolute.
        now: gives the time, in seconds since the epoch.
    """

    folder: Path
    now: Callable[[], float] = field(default=time.time)

    def current(self) -> Generation | None:
        """Give the generation that is current and complete."""
        data = _read(self.folder / CURRENT)
        if not isinstance(data, dict):
            return None
        if isinstance(data.get("in_place"), str):
            return None if self.in_progress() else self._load(Path(data["in_place"]))
        name = data.get("generation")
        return self._load(self.folder / name) if isinstance(name, str) and _is_plain(name) else None

    def named(self) -> str | None:
        """Give the name of what is current, be it complete or not."""
        data = _read(self.folder / CURRENT)
        return (data.get("generation") or data.get("in_place")) if isinstance(data, dict) else None

    def in_progress(self) -> bool:
        """Say whether a build in place was begun and not ended."""
        return (self.folder / IN_PROGRESS).exists()

    def complete(self) -> list[Generation]:
        """List the complete generations, the oldest first."""
        found = [generation for path in self._folders() if (generation := self._load(path)) is not None]
        return sorted(found, key=lambda generation: (generation.prefix / RECORD).stat().st_mtime_ns)

    def find(self, fingerprint: str) -> Generation | None:
        """Find a complete generation of that fingerprint in which nothing was changed since."""
        for generation in reversed(self.complete()):
            record = generation.record
            if (
                record.fingerprint == fingerprint
                and record.prefix == str(generation.prefix)
                and generation.installed() == record.distributions
                and generation.executable.exists()
            ):
                return generation
        return None

    def free_path(self, fingerprint: str) -> Path:
        """Give a path for a new generation. No folder has it, wreckage included: its maker may still write there."""
        start = self.folder / fingerprint[:_PREFIX_LENGTH]
        path, count = start, 0
        while os.path.lexists(path):
            count += 1
            path = start.with_name(f"{start.name}-{count}")
        return path

    def remove_wreckage(self) -> None:
        """Remove the folders that no record completes, and left-over temporary files."""
        for path in self._folders():
            if not (path / RECORD).exists():
                remove(path)
        with contextlib.suppress(OSError):
            for path in self.folder.glob(".*-new"):
                path.unlink(missing_ok=True)

    def finish(self, prefix: Path, record: Record) -> Generation:
        """Write the record that makes a folder a complete generation."""
        write_json(prefix / RECORD, record.to_json())
        return Generation(prefix, record)

    def make_current(self, generation: Generation) -> None:
        """Switch to a complete generation, all at once; the one before remembers when it was left."""
        before = self.current()
        if before is not None and before.prefix != generation.prefix:
            with contextlib.suppress(OSError):
                os.utime(before.prefix / RECORD, (self.now(), self.now()))
        inside = generation.prefix.parent == self.folder
        key, value = ("generation", generation.prefix.name) if inside else ("in_place", str(generation.prefix))
        write_json(self.folder / CURRENT, {"form": _FORM, key: value})

    def remove_unused(self, *, current: bool = False, previous: bool = False) -> list[Path]:
        """Remove generations that nobody needs: not the current one, the one before, young ones and ones in use.

        Args:
            current: whether the current one may go too.
            previous: whether the one before, and young ones, may go too.
        """
        now = self.now()
        here = self.current()
        others = [one for one in self.complete() if here is None or one.prefix != here.prefix]
        doomed = others if previous else others[:-1]
        if not previous:
            young = _KEPT_SECONDS if _can_see_users() else _KEPT_SECONDS_UNSEEN
            doomed = [one for one in doomed if now - (one.prefix / RECORD).stat().st_mtime > young]
        if current and here is not None:
            doomed = [*doomed, here]
        removed = []
        in_use = find_users([one.prefix for one in doomed]) if doomed else set()
        for one in doomed:
            if one.prefix in in_use:
                continue
            if here is not None and one.prefix == here.prefix:
                (self.folder / CURRENT).unlink(missing_ok=True)
            remove(one.prefix)
            removed.append(one.prefix)
        return removed

    def _folders(self) -> list[Path]:
        try:
            entries = list(os.scandir(self.folder))
        except OSError:
            return []
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]

    @staticmethod
    def _load(prefix: Path) -> Generation | None:
        data = _read(prefix / RECORD)
        if not isinstance(data, dict):
            return None
        try:
            return Generation(prefix, Record.from_json(data))
        except (KeyError, TypeError, ValueError):
            return None


def remove(folder: Path) -> None:
    """Remove a generation, its record first, so that what is left after a kill is known as wreckage."""
    with contextlib.suppress(OSError):
        (folder / RECORD).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def write_json(file: Path, data: dict[str, Any]) -> None:
    """Write a small file all at once.

    Raises:
        OSError: it cannot be written; what was there before still is.
    """
    new = file.with_name(f".{file.name}-{secrets.token_hex(6)}-new")
    try:
        new.write_text(json.dumps(data), encoding="utf-8")
        new.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _is_plain(name: str) -> bool:
    return name not in {"", ".", ".."} and not set(name) & {"/", "\\", ":"}


def _can_see_users() -> bool:
    return Path("/proc/self/environ").exists()


def find_users(prefixes: list[Path]) -> set[Path]:
    """Find the environments that a running process uses, where `/proc` tells (proc(5)); elsewhere none are found."""
    used: set[Path] = set()
    for text in _processes():
        for prefix in prefixes:
            name = os.fsencode(prefix)
            if any(name + end in text for end in (b"/", b"\0", b":")):
                used.add(prefix)
    return used


def _processes() -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and int(process.name) != os.getpid():
                for part in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        yield (process / part).read_bytes()
