"""The variables of a location's processes: what activation would give, without what the caller's shell leaks."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DENIED_PREFIXES = ("PYTHON", "CONDA_", "UV_", "ATOLL_", "__PYVENV_LAUNCHER__")
_DENIED = frozenset({"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYENV_VERSION", "_OLD_VIRTUAL_PATH"})


def location_variables(
    caller: Mapping[str, str], *, prefix: Path | None, executable: Path, env_files: Iterable[Path] = ()
) -> dict[str, str]:
    """Give the whole environment of a location's process.

    Args:
        caller: the host's own variables.
        prefix: folder of the virtual environment; None when the interpreter is in none.
        executable: the interpreter, whose folder comes first on PATH.
        env_files: `.env` files; later ones win over earlier ones, and all of them over the caller's.

    Raises:
        ConfigurationError: a `.env` file that is named is not there or cannot be read.
    """
    variables = activated(caller, prefix=prefix, executable=executable)
    for file in env_files:
        variables.update(read_env_file(file))
    return variables


def activated(caller: Mapping[str, str], *, prefix: Path | None, executable: Path) -> dict[str, str]:
    """Give the caller's variables with PATH and VIRTUAL_ENV as activating the environment would set them."""
    variables = {
        name: value
        for name, value in caller.items()
        if name not in _DENIED and not name.upper().startswith(_DENIED_PREFIXES)
    }
    leaked = caller.get("VIRTUAL_ENV")
    scripts = str(executable.parent)
    folders = [folder for folder in variables.get("PATH", os.defpath).split(os.pathsep) if folder]
    if leaked:
        ours = {str(Path(leaked) / "bin"), str(Path(leaked) / "Scripts")}
        folders = [folder for folder in folders if folder not in ours]
    variables["PATH"] = os.pathsep.join([scripts, *(folder for folder in folders if folder != scripts)])
    if prefix is not None:
        variables["VIRTUAL_ENV"] = str(prefix)
    if sys.platform == "win32" and prefix is not None:
        variables["VIRTUAL_ENV_PROMPT"] = prefix.name
    return variables


def read_env_file(file: Path) -> dict[str, str]:
    """Read a `.env` file.

    Raises:
        ConfigurationError: it is not there, or cannot be read.
    """
    from dotenv import dotenv_values  # noqa: PLC0415 — most workspaces have no such file
    from dotenv.parser import parse_stream  # noqa: PLC0415 — as above

    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(
            f"The variables file {file.name} is not there", hint="create it, or take its name out", file=str(file)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The variables file {file.name} cannot be read: {error}", file=str(file)) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ConfigurationError(
            f"The variables file {file.name} has a NUL character, which no variable can have",
            hint="save it as plain text",
            file=str(file),
            line=line,
        )
    wrong = next((binding for binding in parse_stream(io.StringIO(text)) if binding.error), None)
    if wrong is not None:
        message = f"The variables file {file.name} has a line that says no variable"
        raise ConfigurationError(message, hint="write NAME=VALUE", file=str(file), line=wrong.original.line)
    values = dotenv_values(stream=io.StringIO(text))
    impossible = next((name for name in values if not name or "=" in name), None)
    if impossible is not None:
        message = f"The variables file {file.name} names a variable {impossible!r}, which can't be one"
        raise ConfigurationError(message, hint="write NAME=VALUE", file=str(file))
    return {name: value for name, value in values.items() if value is not None}
