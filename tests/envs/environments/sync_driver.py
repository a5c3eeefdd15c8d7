"""Sync one project in a process of its own, to be killed: `python sync_driver.py ROOT CACHE LOCK_MODE DAYS`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from atoll_host.envs.environments.environments import Environments
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner


def main(root: Path, cache: Path, lock_mode: str, days: int) -> None:
    """Build anew, `days` days from now, so that old generations are removed as well."""
    with Runner() as runner:
        environments = Environments(
            runner,
            StateFolder(root / ".atoll"),
            Discovery(runner, variables=os.environ, cache=cache),
            dict(os.environ),
            allow_download=False,
            now=lambda: time.time() + 86_400 * days,
        )
        environments.sync(EnvironmentSpec("loc", "project", root / "loc"), lock_mode=lock_mode, rebuild=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
