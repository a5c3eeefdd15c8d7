"""Read configuration files as text, or say in one sentence why that can't be done."""

from __future__ import annotations

import codecs
import os
import stat
from typing import TYPE_CHECKING

from atoll_host.envs.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 10_000_000
"""Bytes. Nobody writes that much configuration; a path that leads to a data file should not fill the memory."""
_WIDE_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"),
               (codecs.BOM_UTF16_BE, "UTF-16"))  # fmt: skip


def read_source(file: Path) -> str:
    """Read a UTF-8 file. A byte order mark is left in the text, line endings are as in the file.

    Raises:
        ConfigurationError: there is no such file, it can't be read, or it is not UTF-8.
    """
    return decode_source(read_bytes(file), file)


def read_bytes(file: Path) -> bytes:
    """Read a regular file.

    Raises:
        ConfigurationError: it is not there, is a folder or a device, is too large, or may not be read.
    """
    try:
        status = os.stat(file)  # noqa: PTH116 — Path.stat costs twice as much, and this is done for every project
        if stat.S_ISDIR(status.st_mode):
            raise ConfigurationError(
                f"{file.name} is a folder, not a file", hint="name the file that is meant", file=str(file)
            )
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"{file.name} is not a regular file", hint="name a text file", file=str(file))
        if status.st_size > _LARGEST:
            raise ConfigurationError(
                f"{file.name} has {status.st_size} bytes, which is more than a configuration file has",
                hint="name the file that is meant",
                file=str(file),
            )
        return file.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(f"There is no file {file}", hint="is the path right?", file=str(file)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            f"{file.name} can't be read: {reason}", hint="look at the file's permissions", file=str(file)
        ) from None


def decode_source(data: bytes, file: Path) -> str:
    """Decode UTF-8.

    Raises:
        ConfigurationError: it is not UTF-8, with the line and column of the first byte that isn't.
    """
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            raise ConfigurationError(
                f"{file.name} is encoded as {encoding}", hint="save it as UTF-8", file=str(file), line=1, column=1
            )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        raise ConfigurationError(
            f"{file.name} is not UTF-8: byte 0x{data[error.start]:02x} makes no character",
            hint="save it as UTF-8",
            file=str(file),
            line=before.count(b"\n") + 1,
            column=len(before[line_start:].decode("utf-8", "replace")) + 1,
        ) from None


def suggest(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    """Give the known word that was probably meant, if one is near."""
    import difflib  # noqa: PLC0415 — only to complain

    plain = {name.replace("-", "_").lower(): name for name in known}
    close = difflib.get_close_matches(word.replace("-", "_").lower(), list(plain), n=1, cutoff=0.6)
    return plain[close[0]] if close else None
