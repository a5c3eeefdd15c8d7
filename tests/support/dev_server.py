"""Run `atoll dev` as users do: a process of its own on a free port, ended with the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from command_line import ATOLL

PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""


class DevServer:
    """A development server, or a daemon, that runs in a workspace."""

    def __init__(
        self, folder: Path, *words: str, variables: dict[str, str] | None = None, command: str = "dev"
    ) -> None:
        environment = {**os.environ, **(variables or {})}
        environment.pop("COLUMNS", None)
        self.folder = folder
        self.log = (folder.parent / f"{folder.name}-dev.log").open("w+b")
        self.process = subprocess.Popen(
            [*ATOLL, command, *(["--no-open"] if command == "dev" else []), "--port", "0", *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
        self.url = ""
        self.token: str | None = None
        try:
            self.until(self._is_there, "it serves")
        except BaseException:
            self.stop()
            raise

    def _is_there(self) -> bool:
        file = self.folder / ".atoll" / "dev.json"
        if not file.is_file():
            return False
        said = json.loads(file.read_text(encoding="utf-8"))
        self.url, self.token = said["url"].rstrip("/"), said["token"]
        return bool(said["pid"] == self.process.pid and self.get("/api/health") is not None)

    def get(self, path: str) -> Any:
        """Give what the API answers, under `data` where there is such an envelope."""
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}{path}", headers=headers), timeout=30) as answer:
            said = json.load(answer)
        return said["data"] if isinstance(said, dict) and "data" in said else said

    def until(self, done: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
        """Ask until the answer is true, and give it; fail with the server's output when that takes too long."""
        deadline = time.monotonic() + patience
        failure: BaseException | None = None
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if found := done():
                    return found
            except (OSError, ValueError, KeyError) as error:
                failure = error
            time.sleep(0.02)
        raise AssertionError(f"waited in vain until {what} ({failure!r})\n{self.output}")

    def until_settled(self, *names: str) -> dict[str, dict[str, Any]]:
        """Wait until locations, all when none is named, are neither waiting nor loading; give their rows by name."""

        def settled() -> dict[str, dict[str, Any]] | None:
            rows = {row["name"]: row for row in self.get("/api/locations")}
            wanted = [rows[name] for name in names] if names else list(rows.values())
            done = all(row["activity"] == "idle" and row["word"] not in {"loading", "idle"} for row in wanted)
            return rows if wanted and done else None

        return self.until(settled, "locations have settled")

    @property
    def output(self) -> str:
        """What it printed."""
        self.log.flush()
        return Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """End it as Ctrl-C does; give its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
