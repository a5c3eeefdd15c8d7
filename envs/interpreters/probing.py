"""Ask a file what interpreter it is: an `Interpreter`, or a `Refusal` that says why it is none."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.interpreters.interpreter import Interpreter
from atoll_host.envs.interpreters.places import in_shim_folder, interpreter_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.processes import Child, Runner

PROBE = Path(__file__).with_name("probe.py")
MARKER = "atoll-interpreter: "
TIMEOUT = 20.0
"""Seconds. A start takes 20 ms; on a machine that is busy, with a cold disk, some seconds."""

_GONE = "name an interpreter that exists: `atoll list pythons` shows them"
_LOADER_FAILED = (126, 127)
"""Exit statuses of shells and dynamic linkers for "not found": installing something else can mend that."""

_KEPT = 256 * 1024
"""Bytes of output that are kept of a program which never stops writing."""

_PATIENCE = 5.0
"""Seconds for the last output to be read, where the system cannot end a process that left its group."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is no working interpreter.

    Attributes:
        reason: a clause that follows the path: "cannot be started: Exec format error".
        lasting: whether it will stay so while the file stays as it is.
        hint: what to do about it.
    """

    reason: str
    lasting: bool = False
    hint: str | None = None


def check_file(path: Path) -> Refusal | None:
    """Say what can be said without starting it; None when it can be started."""
    if path.is_dir():
        return Refusal("is a folder", hint=f"name the interpreter in it, such as {interpreter_of(path)}")
    if not path.exists():
        if path.is_symlink():
            return Refusal(f"is a link to {os.path.realpath(path)}, which does not exist", hint=_GONE)
        return Refusal("does not exist", hint=_GONE)
    if not os.access(path, os.X_OK):
        return Refusal("is not executable", hint=f"make it executable (chmod +x {path}), or name another interpreter")
    return None


def ask(path: Path, runner: Runner, variables: Mapping[str, str], timeout: float) -> Interpreter | Refusal:
    """Start a file with the probe and read its answer, whatever else it prints. The answer's `source` is empty.

    Args:
        path: absolute path of a file for which `check_file` had no objection.
        runner: what starts it.
        variables: the caller's environment; those that Python itself reads are left out.
        timeout: seconds.

    Raises:
        RunnerClosedError: the command was interrupted.
    """
    environment = {name: value for name, value in variables.items() if not name.startswith(("PYTHON", "__PYVENV"))}
    command = [str(path), "-E", "-s", "-S", "-B", str(PROBE)]
    try:
        child = runner.start(command, directory=Path(), environment=environment)
    except ToolFailedError as error:
        cause = error.__cause__
        lasting = isinstance(cause, OSError) and cause.errno == errno.ENOEXEC
        return Refusal(str(error).removeprefix(f"{path} "), lasting=lasting)
    returncode, stdout, stderr = _listen(child, runner, timeout)
    for line in reversed(stdout.splitlines()):
        if line.startswith(MARKER):
            return _read(path, line.removeprefix(MARKER))
    said = _remark(stderr) or _remark(stdout)
    suffix = f", saying: {said}" if said else ""
    if returncode is None:
        return Refusal(f"did not answer within {timeout:g} s{suffix}")
    if returncode < 0:
        return Refusal(f"was ended by signal {-returncode}{suffix}")
    if returncode == 0:
        return Refusal(f"is not Python: it ended without an answer{suffix}", lasting=True)
    return Refusal(f"ended with exit status {returncode}{suffix}", lasting=returncode not in _LOADER_FAILED)


def _listen(child: Child, runner: Runner, timeout: float) -> tuple[int | None, str, str]:
    """Wait for the end, and leave no process behind: a wrapper that hangs does so in a child of its own.

    Returns:
        Exit status, or None where its time was over; the ends of what it wrote to stdout and to stderr.
    """
    outputs = (bytearray(), bytearray())
    pipes = (child.stdout, child.stderr)
    readers = [threading.Thread(target=_drain, args=pair, daemon=True) for pair in zip(pipes, outputs, strict=True)]
    returncode: int | None = None
    try:
        with contextlib.suppress(OSError):
            child.stdin.close()
        for reader in readers:
            reader.start()
        returncode = child.wait(timeout)
    finally:
        if returncode is None:
            child.kill()
        else:
            child.end_descendants()
        for reader in readers:
            if reader.ident is not None:
                reader.join(_PATIENCE)
        child.close()
        runner.forget(child)
    stdout, stderr = (bytes(output).decode("utf-8", "replace") for output in outputs)
    return returncode, stdout, stderr


def _drain(pipe: IO[bytes], into: bytearray) -> None:
    with contextlib.suppress(OSError, ValueError):
        while chunk := os.read(pipe.fileno(), 65536):
            into += chunk
            if len(into) > 2 * _KEPT:
                del into[:-_KEPT]


def is_indirect(path: Path) -> bool:
    """Say whether a file only leads to an interpreter, and perhaps to another one each time: a script, a shim."""
    if in_shim_folder(path):
        return True
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _read(path: Path, answer: str) -> Interpreter | Refusal:
    try:
        data: dict[str, Any] = json.loads(answer)
        # What a wrapper or shim leads to can change; what it led to is the interpreter.
        executable = data["executable"] if is_indirect(path) and Path(data["executable"]).is_absolute() else str(path)
        same = data["base_executable"] == data["executable"]
        return Interpreter.from_json(
            {
                **data,
                "executable": executable,
                "base_executable": executable if same else data["base_executable"],
                "source": "",
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Refusal("gave an answer that makes no sense", lasting=True)


def _remark(text: str) -> str:
    """Pick the line that says most: the last one of a traceback, the first one of anything else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    return (lines[-1] if "Traceback" in text else lines[0])[:200]
