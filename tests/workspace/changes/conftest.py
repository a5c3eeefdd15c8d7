"""A git repository of each test's own."""

from __future__ import annotations

import pytest
from repositories import Repo

from atoll_host.envs.processes import Runner


@pytest.fixture
def runner():
    with Runner() as started:
        yield started


@pytest.fixture
def repo(tmp_path, runner):
    return Repo(tmp_path / "repo", runner, tmp_path / "cache")
