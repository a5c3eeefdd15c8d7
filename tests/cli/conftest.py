"""Workspaces that many tests read."""

from __future__ import annotations

import pytest
from file_workspaces import BROKEN, SALES, STOCK, write_workspace

from command_line import Folder


@pytest.fixture
def folder(tmp_path):
    """Give a folder of this test's own."""
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory):
    """Give a workspace of two locations that depend on each other."""
    return write_workspace(tmp_path_factory.mktemp("healthy"), sales=SALES, stock=STOCK)


@pytest.fixture(scope="session")
def broken(tmp_path_factory):
    """Give a workspace of a location that loads, one that never did, and one that did once."""
    folder = write_workspace(tmp_path_factory.mktemp("broken"), sales=SALES, stock=STOCK, reports=BROKEN)
    folder.run("list", "--location", "stock").ended(0)
    return folder.write({"stock.py": "import surely_not_there_either\n"})
