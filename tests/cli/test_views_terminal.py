"""On a real terminal: lines that fit it, colours, and none at all where they are not wanted."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys

import pytest
from rich.cells import cell_len

from command_line import ATOLL

if sys.platform == "win32":
    pytest.skip("platform: no pseudo-terminals on Windows", allow_module_level=True)

import fcntl
import pty
import struct
import termios

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def shown(folder, *words, columns=80, **variables):
    """Give what a command writes to its standard output and standard error, which are a terminal of this width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "CI"}}
    environment |= {"TERM": "xterm-256color", **variables}
    process = subprocess.Popen(
        [*ATOLL, *words], cwd=folder.path, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    data = b""
    with contextlib.suppress(OSError):  # on Linux, what tells that the other end is closed
        while piece := os.read(ours, 65536):
            data += piece
    os.close(ours)
    process.wait(timeout=60)
    return data.decode("utf-8").replace("\r\n", "\n")


@pytest.mark.parametrize(
    "words",
    [("list",), ("list", "assets"), ("show", "asset", "raw_orders"), ("graph",), ("validate",)],
    ids=" ".join,
)
def test_lines_fit_the_terminal_and_have_colours(broken, words):
    text = shown(broken, *words)
    assert "\x1b[1m" in text
    # What the display of progress wrote over is no line that anybody sees.
    lines = [CODES.sub("", line.rpartition("\r")[2]) for line in text.splitlines()]
    assert [line for line in lines if cell_len(line) > 80 and len(line.split()) > 2] == []


def test_no_color_means_no_colour_and_nothing_bold(healthy):
    text = shown(healthy, "list", "assets", NO_COLOR="1")
    assert not [code for code in CODES.findall(text) if code.endswith("m")]
    assert "raw_orders" in text


def test_a_terminal_that_knows_nothing_gets_nothing_but_text(healthy):
    assert "\x1b" not in shown(healthy, "list", "assets", TERM="dumb")
