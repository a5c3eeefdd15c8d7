"""Workspaces for tests that run the whole tool."""

from __future__ import annotations

import pytest

from command_line import Folder


@pytest.fixture
def folder(tmp_path):
    """Give a folder of this test's own."""
    return Folder(tmp_path)
