"""Run `atoll` as users do: a process of its own, in a workspace written for the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ATOLL = [sys.executable, "-m", "atoll_host.cli"]


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    command: tuple[str, ...]
    folder: Path
    status: int
    out: str
    err: str

    def json(self):
        """Read what it printed as JSON."""
        return json.loads(self.out)

    def ended(self, status: int) -> Outcome:
        """Fail, showing everything, unless it ended with this status; never accept a traceback of ours."""
        told = f"{' '.join(self.command)} in {self.folder} ended with {self.status}\n--- out\n{self.out}\n--- err\n{self.err}"
        assert self.status == status, told
        assert "Traceback (most recent call last)" not in self.err, told
        return self

    @property
    def problems(self) -> list[dict]:
        """The problems of a `--json` envelope."""
        return self.json()["problems"]


class Folder:
    """A folder that a test fills with files and runs commands in."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, files: dict[str, str | bytes]) -> Folder:
        """Write files, with the folders that they are in."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def run(self, *words: str, variables: dict[str, str | None] | None = None, inside: str = ".") -> Outcome:
        """Run `atoll` with these words."""
        folder = self.path / inside
        environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}}
        environment["COLUMNS"] = "100"
        for name, value in (variables or {}).items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        done = subprocess.run(
            [*ATOLL, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=280,
            check=False,
        )
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        return Outcome(words, folder, done.returncode, out, err)
