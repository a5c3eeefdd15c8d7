"""The workspace's own copy of the SDK, and the path file by which an environment sees it.

The copy is what makes locations independent of this tool: upgrading, moving or removing it leaves them working.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import atoll_host.envs
from atoll_host.envs.errors import ToolFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from atoll_host.envs.layout import StateFolder

PATH_FILE = "atoll-sdk.pth"
_POINTER = "copied.json"
_VERSION = re.compile(r"""^__version__\s*=\s*["']([^"']+)["']""", re.MULTILINE)


def sdk_source() -> Path:
    """Give the SDK that this installation carries: the folder of the package `atoll`."""
    return Path(atoll_host.envs.__file__).parent.parent / "sdk" / "atoll"


def ensure_sdk(state: StateFolder, *, source: Path | None = None) -> Path:
    """Copy the SDK into the workspace unless it is there, complete or not at all; older versions stay.

    The folder is named after the version. Where another content has taken that name (while the SDK itself is being
    edited), the content's hash is added, so that a folder, once there, never changes.

    Args:
        state: of the workspace.
        source: the package's folder; the one of this installation when left out.

    Returns:
        The folder that stands on a worker's `sys.path`, absolute.

    Raises:
        ToolFailedError: this installation has no SDK.
        OSError: the copy cannot be written.
    """
    source = source or sdk_source()
    stamp = _stamp(source)
    if not stamp:
        raise ToolFailedError(f"the SDK is missing from this installation: {source}", hint="install atoll again")
    home = state.sdk("0").parent
    pointer = home / _POINTER
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(pointer.read_bytes())
        folder = home / str(known["folder"])
        if known["stamp"] == stamp and (folder / "atoll" / "__init__.py").is_file():
            return folder
    content = _content(source)
    version = _version(source)
    folder = state.sdk(version)
    if folder.is_dir() and _content(folder / "atoll") != content:
        folder = state.sdk(f"{version}+{content[:8]}")
    if not folder.is_dir():
        state.make()
        home.mkdir(exist_ok=True)
        _copy(source, folder)
    _write(pointer, json.dumps({"stamp": stamp, "folder": folder.name}))
    return folder


def write_path_file(site_packages: Path, sdk: Path, *, seen_from: Iterable[Path] = ()) -> bool:
    """Make `import atoll` work in an environment, by a path file with relative lines.

    `site` joins such a line to the folder textually, without resolving links, so an environment that is also reached
    through a link needs a line for each way in; a line that leads nowhere is ignored.

    Args:
        site_packages: the environment's folder of packages.
        sdk: what `ensure_sdk` gave.
        seen_from: the same folder of packages as it is named through links.

    Returns:
        Whether the file had to be written.

    Raises:
        OSError: it cannot be written.
    """
    lines: list[str] = []
    for way in (site_packages, *seen_from):
        try:
            line = os.path.relpath(sdk, way)
        except ValueError:  # another drive on Windows
            line = str(sdk)
        if line not in lines:
            lines.append(line)
    text = "".join(f"{line}\n" for line in lines)
    file = site_packages / PATH_FILE
    with contextlib.suppress(OSError):
        if file.read_text(encoding="utf-8") == text:
            return False
    _write(file, text)
    return True


def _files(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(Path(entry.path))
            elif not entry.name.endswith(".pyc"):
                yield Path(entry.path)


def _stamp(source: Path) -> list[str]:
    """Say cheaply what is there: a change of any file changes it."""
    stamp = []
    for path in _files(source):
        status = path.stat()
        stamp.append(f"{path.relative_to(source).as_posix()} {status.st_size} {status.st_mtime_ns}")
    return [hashlib.sha256("\n".join(stamp).encode()).hexdigest()] if stamp else []


def _content(package: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(package):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _version(source: Path) -> str:
    with contextlib.suppress(OSError):
        found = _VERSION.search((source / "_version.py").read_text(encoding="utf-8"))
        if found:
            return found[1]
    return "0"


def _copy(source: Path, folder: Path) -> None:
    building = folder.parent / f".new-{secrets.token_hex(6)}"
    try:
        for file in _files(source):
            copy = building / "atoll" / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        try:
            building.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process was quicker otherwise
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}-{secrets.token_hex(6)}")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
