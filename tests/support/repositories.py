"""A git repository with a workspace of several locations, each loaded by this interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from atoll_host.envs.environments.environments import Environments
from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner
from atoll_host.envs.sdk_copy import ensure_sdk
from atoll_host.workspace.changes.affected import plan_changes
from atoll_host.workspace.changes.git import Repository
from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.loading import Loader

DEFS = "import atoll\n\n\n@atoll.asset{arguments}\ndef {name}():\n    pass\n\n\ndefs = atoll.Definitions(assets=[{name}])\n"


def definitions(name, *upstream, before=""):
    """Write a module with one asset."""
    return before + DEFS.format(name=name, arguments=f"(deps={list(upstream)!r})" if upstream else "")


def entry(name, **more):
    """Write the entry of a location whose file is in a folder of its own."""
    return {"python_file": {"relative_path": f"{name}/{name}.py", "location_name": name, **more}}


class Repo:
    """A repository that a test fills, commits to and asks about."""

    def __init__(self, path: Path, runner: Runner, cache: Path) -> None:
        self.path = path
        self.runner = runner
        self.cache = cache
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "tests@example.com")
        self.git("config", "user.name", "tests")
        self.git("config", "commit.gpgsign", "false")

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.path, capture_output=True, check=True, env=self.variables)
        return done.stdout.decode("utf-8", "replace").strip()

    def write(self, files: dict[str, str | bytes | None]) -> Repo:
        for name, text in files.items():
            file = self.path / name
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def workspace_file(self, *entries: dict, **more) -> Repo:
        """Write a workspace.yaml whose locations are loaded by this interpreter."""
        for entry in entries:
            (inside,) = entry.values()
            inside.setdefault("executable_path", sys.executable)
        return self.write({"workspace.yaml": json.dumps({"load_from": list(entries), **more}, indent=1)})

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def open(self):
        return open_workspace(self.path, variables=self.variables)

    def environments(self, state: str = ".atoll") -> Environments:
        folder = StateFolder(self.path / state)
        return Environments(
            self.runner, folder, Discovery(self.runner, variables=self.variables, cache=self.cache), self.variables
        )

    def load(self, *names: str, state: str = ".atoll"):
        """Load locations, or all of them, and give the reports by name."""
        environments = self.environments(state)
        loader = Loader(self.runner, environments, environments.state, self.variables, ensure_sdk(environments.state))
        workspace = self.open()
        chosen = [one for one in workspace.locations if not names or one.name in names]
        return {report.location.name: report for report in loader.load_all(workspace, chosen)}

    def repository(self) -> Repository:
        return Repository.find(self.runner, self.path, self.variables)

    def plan(self, ref: str = "HEAD", **variables: str):
        repository = self.repository()
        given = {**self.variables, **variables}

        def open_there(folder):
            return open_workspace(folder, variables=self.variables)

        revision, environments = repository.resolve(ref), self.environments()
        return plan_changes(repository, revision, self.open(), environments, variables=given, open_there=open_there)
