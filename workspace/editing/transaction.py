"""Write new files and folders and replace existing files: all of it, or nothing.

Everything is first written beside its place under a hidden name, then put in place by renaming: whole new folders at
once, then single new files, then replacements in the order in which they were asked for. When something fails in
between, or Ctrl-C arrives, what is in place already is taken back. A process that is killed leaves every file either as
it was or as it was to become, and the same command run again accepts what is in place already.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import signal
import stat
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, ToolFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HIDDEN = ".atoll-new-"
_STAGED = re.compile(re.escape(_HIDDEN) + r"(\d+)-[0-9a-f]{8}")
_READABLE = 0o644
_EXECUTABLE = 0o755


class EditRefusedError(AtollError):
    """A change that can't be made without losing something."""

    kind = "edit_refused"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class _Replacement:
    path: Path
    content: bytes
    expected: bytes


class Transaction:
    """Changes of files below one folder, made by `commit`.

    Attributes:
        root: nothing outside of it is touched, through symbolic links neither.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: list[Path] = []
        self._files: dict[Path, _File] = {}
        self._replacements: dict[Path, _Replacement] = {}

    def make_folder(self, path: Path) -> None:
        """Have an empty folder made; one that is there already is left as it is."""
        self._folders.append(self._inside(path))

    def create(self, path: Path, content: str | bytes, *, executable: bool = False) -> None:
        """Have a new file written, with the folders that it is in.

        Raises:
            UsageError: a different file is there already, or the path leads out of the root.
        """
        place = self._inside(path)
        self._files[place] = _File(place, _encode(content), executable)

    def replace(self, path: Path, content: str | bytes, *, expected: bytes) -> None:
        """Have the content of an existing file replaced; its mode stays.

        Args:
            path: of the file. Where it is a symbolic link, the file that it leads to is replaced.
            content: what will be in it.
            expected: what was in it when the change was worked out; `commit` refuses when that is no longer so.

        Raises:
            UsageError: the path leads out of the root.
        """
        place = self._inside(path)
        self._replacements[place] = _Replacement(place, _encode(content), expected)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Everything that will be written."""
        return (*self._folders, *self._files, *self._replacements)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.paths

    def commit(self) -> tuple[Path, ...]:
        """Make the changes.

        Returns:
            The files and folders that were written; those that were there with the same content are not among them.

        Raises:
            UsageError: a file is in the way.
            EditRefusedError: a file has changed since the change was worked out.
            ToolFailedError: the system refuses (no permission, no space); nothing is changed then.
        """
        files = [file for file in self._files.values() if not _is_same(file)]
        replacements = [one for one in self._replacements.values() if one.content != one.expected]
        folders = [folder for folder in self._folders if not folder.is_dir()]
        for replacement in replacements:
            _check_unchanged(replacement)
        touched = [file.path for file in files] + [one.path for one in replacements]
        for folder in {path.parent for path in touched} | {self.root}:
            _clear_wreckage(folder)
        undo: list[Callable[[], None]] = []
        staged: list[Path] = []
        try:
            moves = self._stage(files, replacements, staged)
            with _uninterrupted():
                for move in moves:
                    undo.append(move())  # noqa: PERF401 — when one fails, those before it have to be known
        except OSError as error:
            _take_back(undo)
            raise _explain(error, self.root) from None
        except BaseException:
            _take_back(undo)
            raise
        finally:
            for path in staged:
                _remove(path)
        return (*folders, *(file.path for file in files), *(one.path for one in replacements))

    def _inside(self, path: Path) -> Path:
        """Give the real place of a path, which must be below the root."""
        root = Path(os.path.realpath(self.root))
        place = Path(os.path.realpath(self.root / path))
        if place != root and not place.is_relative_to(root):
            raise UsageError(
                f"{path} leads out of {self.root}", hint="name a place inside of the workspace", kind="outside_root"
            )
        return place

    def _stage(
        self, files: list[_File], replacements: list[_Replacement], staged: list[Path]
    ) -> list[Callable[[], Callable[[], None]]]:
        """Write everything under hidden names; give the moves that put it in place, each of which gives its undoing."""
        moves: list[Callable[[], Callable[[], None]]] = []
        trees: dict[Path, Path] = {}

        def stage_in_tree(path: Path, *, is_folder: bool) -> Path | None:
            """Give the hidden place for a path in a folder that isn't there yet; None where its folder is there."""
            top = _find_missing(path, is_folder=is_folder)
            if top is None:
                return None
            if top not in trees:
                trees[top] = hidden = _hide(top)
                staged.append(hidden)
                hidden.mkdir()
                moves.append(partial(_move_new, hidden, top))
            return trees[top] / path.relative_to(top)

        for folder in self._folders:
            place = stage_in_tree(folder, is_folder=True)
            if place is not None:
                place.mkdir(parents=True, exist_ok=True)
        for file in files:
            place = stage_in_tree(file.path, is_folder=False)
            if place is None:
                place = _hide(file.path)
                staged.append(place)
                moves.append(partial(_move_new, place, file.path))
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, file.content, _EXECUTABLE if file.executable else _READABLE)
        for replacement in replacements:
            place = _hide(replacement.path)
            staged.append(place)
            _write(place, replacement.content, stat.S_IMODE(replacement.path.stat().st_mode), exact=True)
            moves.append(partial(_move_over, place, replacement))
        return moves


def _encode(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8")


def _is_same(file: _File) -> bool:
    """Tell whether a new file is there already, which is fine.

    Raises:
        UsageError: something else is there.
    """
    if not os.path.lexists(file.path):
        return False
    if file.path.is_file():
        with contextlib.suppress(OSError):
            if file.path.read_bytes() == file.content:
                return True
    raise UsageError(
        f"{file.path} exists already",
        hint="choose another name, or remove it first",
        kind="exists",
        file=str(file.path),
    )


def _check_unchanged(replacement: _Replacement) -> None:
    try:
        current = replacement.path.read_bytes()
    except OSError as error:
        raise _explain(error, replacement.path) from None
    if current != replacement.expected:
        raise EditRefusedError(
            f"{replacement.path.name} was changed by somebody else in the meantime",
            hint="run the command again",
            file=str(replacement.path),
        )


def _find_missing(path: Path, *, is_folder: bool) -> Path | None:
    """Give the topmost folder on the way to a path that isn't there yet."""
    top = None
    folder = path if is_folder else path.parent
    while not folder.is_dir():
        if os.path.lexists(folder):
            raise UsageError(
                f"{folder} is a file, and a folder is needed there", hint="choose another name", kind="exists"
            )
        top, folder = folder, folder.parent
    return top


def _hide(path: Path) -> Path:
    return path.with_name(f"{_HIDDEN}{os.getpid()}-{secrets.token_hex(4)}")


def _write(path: Path, content: bytes, mode: int, *, exact: bool = False) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if exact:
            file.flush()
            os.fsync(file.fileno())
    if exact:
        path.chmod(mode)


def _move_new(hidden: Path, path: Path) -> Callable[[], None]:
    """Put something new in its place, where nothing may be."""
    if hidden.is_dir():
        if os.path.lexists(path):
            # os.rename would put it in the place of an empty folder.
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        hidden.rename(path)
        return lambda: _remove(path)
    try:
        # Unlike a renaming, a link never takes another file's place.
        os.link(hidden, path)
    except (PermissionError, NotImplementedError):
        _rename_new(hidden, path)
    except OSError as error:
        if error.errno not in {errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}:
            raise
        _rename_new(hidden, path)
    return lambda: _remove(path)


def _rename_new(hidden: Path, path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    hidden.rename(path)


def _move_over(hidden: Path, replacement: _Replacement) -> Callable[[], None]:
    """Put new content in the place of a file's old content."""
    mode = stat.S_IMODE(replacement.path.stat().st_mode)
    hidden.replace(replacement.path)

    def put_back() -> None:
        before = _hide(replacement.path)
        _write(before, replacement.expected, mode, exact=True)
        before.replace(replacement.path)

    return put_back


def _clear_wreckage(folder: Path) -> None:
    """Remove what processes that were killed had staged in a folder."""
    if os.name == "nt":
        # There, asking whether a process lives by sending it nothing would end it.
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 — names are wanted
            found = _STAGED.fullmatch(name)
            if found is not None:
                try:
                    os.kill(int(found[1]), 0)
                except ProcessLookupError:
                    _remove(folder / name)
                except (OSError, OverflowError):
                    continue


def _take_back(undo: list[Callable[[], None]]) -> None:
    with _uninterrupted():
        for step in reversed(undo):
            with contextlib.suppress(OSError):
                step()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended; it is raised then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
    if arrived:
        raise KeyboardInterrupt


def _explain(error: OSError, place: Path) -> AtollError:
    name = error.filename2 or error.filename or place
    if isinstance(error, FileExistsError):
        return UsageError(f"{name} exists already", hint="choose another name, or remove it first", kind="exists")
    hints = {errno.ENOSPC: "make room and run the command again", errno.EROFS: "the file system can only be read"}
    hint = hints.get(error.errno or 0, "look at the permissions of the folder")
    return ToolFailedError(f"Nothing was changed: {name} can't be written ({error.strerror})", hint=hint)
