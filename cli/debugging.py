"""Debuggers: the one that locations are given, and the terminal at which it can be asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.envs.loading.target import Debug

if TYPE_CHECKING:
    from atoll_host.runs.planning.plan import RunPlan


def find_debugger(port: int, option: str = "--debug") -> Debug:
    """Find the debugger that locations are given: the one beside us, as theirs need not have any.

    Args:
        port: where it is to listen.
        option: what asks for it.

    Raises:
        UsageError: there is none.
    """
    from importlib.util import find_spec  # noqa: PLC0415 — few debug

    spec = find_spec("debugpy")
    if spec is None or spec.origin is None:
        hint = f"`uv pip install --python {sys.executable} debugpy`, or `uv tool install 'atoll[debug]'`"
        raise UsageError(f"{option} needs debugpy beside atoll, and there is none", hint=hint)
    return Debug(port, Path(spec.origin).parent.parent)


def make_run_debug(plan: RunPlan, port: int | None) -> dict[str, Any]:
    """Say how the steps of a run are debugged, as its request has it.

    Args:
        plan: of the run.
        port: where an editor is waited for; None to stop in this terminal.

    Raises:
        UsageError: there is no terminal or no debugger, or several locations would wait at one port.
    """
    if port is None:
        return {"terminal": _find_terminal()}
    if len(plan.locations) > 1:
        names = ", ".join(plan.locations)
        raise UsageError(
            f"--debug-port is for one location, and this run executes in {names}",
            hint="select assets of one of them, or leave --debug-port out to stop in this terminal",
        )
    debug = find_debugger(port, "--debug-port")
    return {"port": debug.port, "path": str(debug.path)}


def _find_terminal() -> str:
    """Find the device of the terminal in which the user is.

    Raises:
        UsageError: there is none.
    """
    hint = "in a terminal, `breakpoint()` stops there; --debug-port PORT lets an editor attach"
    if sys.platform == "win32":
        raise UsageError("--debug can't stop in this terminal: Windows lets other processes use none", hint=hint)
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        raise UsageError("--debug needs a terminal, and this is none", hint=hint)
    return os.ttyname(sys.stdin.fileno())
