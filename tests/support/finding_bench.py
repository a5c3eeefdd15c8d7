"""What validates a workspace in this process and without the network, and the examples of the codes' pages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from atoll_host.envs.environments.environments import Environments
from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner
from atoll_host.envs.sdk_copy import ensure_sdk
from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.findings.codes import NUMBERS
from atoll_host.workspace.findings.page import read_page
from atoll_host.workspace.loading import Loader
from atoll_host.workspace.syncing import sync_all
from atoll_host.workspace.validation import Options, find_nothing_else, validate

PYTHON = "PYTHON_OF_SALES"
"""The variable by which the examples of pages name an interpreter."""


def example_files(number: str) -> dict[str, str]:
    """Give the files of the example on a code's page."""
    blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", read_page(NUMBERS[number]), re.MULTILINE | re.DOTALL)
    files = dict(blocks)
    if files and "workspace.yaml" not in files:
        entries = [
            {"python_file": {"relative_path": name, "executable_path": {"env": PYTHON}}}
            for name in files
            if name != "atoll.py"
        ]
        files["workspace.yaml"] = json.dumps({"load_from": entries})
    return files


@dataclass
class Bench:
    """A workspace folder with what works on it."""

    root: Path
    runner: Runner
    cache: Path
    variables: dict[str, str] = field(default_factory=dict)

    def write(self, files: dict[str, str]) -> Bench:
        """Write files."""
        for name, text in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return self

    @property
    def environments(self) -> Environments:
        """What builds without downloading interpreters."""
        discovery = Discovery(self.runner, variables=self.variables, cache=self.cache)
        state = StateFolder(self.root / ".atoll")
        return Environments(self.runner, state, discovery, self.variables, allow_download=False)

    def open(self):
        """Read the workspace."""
        return open_workspace(self.root, variables=self.variables)

    def sync(self, mode="update"):
        """Build the environments; give what went wrong as `validate` takes it."""
        reports = sync_all(self.environments, self.runner, self.open().locations, lock_mode=mode)
        return [(report.location.name, problem) for report in reports for problem in report.problems]

    def validate(self, *names, options=None, built=()):
        """Validate all locations or those that are named."""
        try:
            workspace = self.open()
        except ConfigurationError as error:
            return find_nothing_else(error.problems, options)
        environments = self.environments
        sdk = ensure_sdk(environments.state)
        loader = Loader(self.runner, environments, environments.state, self.variables, sdk)
        locations = [one for one in workspace.locations if not names or one.name in names]
        return validate(workspace, locations, loader, options or Options(), built=built)


def numbers(validation) -> list[str]:
    """Give the codes that were found, each once."""
    return sorted({finding.code.number for finding in validation.findings})
