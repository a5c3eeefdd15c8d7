"""Operations over a workspace that was loaded once, in the test's own process; runs are real."""

from __future__ import annotations

import os

from live_pages import load_hub

from atoll_host.envs.environments.environments import Environments
from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner
from atoll_host.envs.sdk_copy import ensure_sdk
from atoll_host.server.operations.operations import Operations
from atoll_host.workspace.loading import Loader
from tests_support import until


def make_loader(path) -> Loader:
    """Give what knows how the locations of a workspace are loaded."""
    variables = dict(os.environ)
    state = StateFolder(path / ".atoll")
    runner = Runner(alone=False)
    discovery = Discovery(runner, variables=variables, cache=path / ".atoll/interpreters")
    return Loader(runner, Environments(runner, state, discovery, variables), state, variables, ensure_sdk(state))


def load_operations(folder) -> Operations:
    """Load a workspace, and give operations over it: the hub is their `hub`."""
    hub = load_hub(folder.path)
    loader = make_loader(folder.path)
    operations = Operations(hub, lambda: loader)
    operations.hub = hub
    return operations


def wait_for_end(operations, run) -> object:
    """Wait until a run has ended, and give it."""
    assert until(lambda: operations.read().runs.get(run.id).is_final)
    return operations.read().runs.get(run.id)
