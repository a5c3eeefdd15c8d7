"""What interpreters said when they were last asked, kept in a folder that several processes may share.

One file an interpreter, named by a hash of its path, its real path, its modification time and size, those of its
`pyvenv.cfg`, and the probe's own text. So an interpreter that was replaced is simply not found, and processes that
write at the same time write the same or different files, never parts of one.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Memory:
    """The folder of answers. It may be deleted at any time; what cannot be read or written is done without."""

    def __init__(self, folder: Path, probe: Path) -> None:
        self._folder = folder
        self._probe = probe
        self._salt: bytes | None = None

    def key(self, path: Path) -> str | None:
        """Give the name for what is known of this file as it is now; None when there is no such file."""
        import hashlib  # noqa: PLC0415 — loads OpenSSL

        try:
            status = path.stat()
        except OSError:
            return None
        if self._salt is None:
            self._salt = self._probe.read_bytes()
        parts = [str(path), str(path.resolve()), str(status.st_mtime_ns), str(status.st_size)]
        parts += [_stamp(folder / "pyvenv.cfg") for folder in (path.parent, path.parent.parent)]
        digest = hashlib.sha256(self._salt)
        digest.update("\0".join(parts).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:40]

    def read(self, key: str) -> dict[str, Any] | None:
        """Give what was written under this key; None when that is nothing, or damaged."""
        try:
            data = json.loads((self._folder / f"{key}.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None

    def write(self, key: str, data: dict[str, Any]) -> None:
        """Keep data under this key, all of it or nothing."""
        temporary = self._folder / f".{key}.{secrets.token_hex(6)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(data), encoding="utf-8")
            temporary.replace(self._folder / f"{key}.json")
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_mtime_ns} {status.st_size}"
