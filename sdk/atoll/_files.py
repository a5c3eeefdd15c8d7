"""Values in files: Parquet, JSON or pickle, each written whole or not at all."""

# ruff: noqa: PTH105, PTH107, PTH116, PTH118, PTH120, PTH123, S301 -- no pathlib; our own pickles
# ruff: noqa: PTH103 -- os.makedirs, for a path that is text

from __future__ import annotations

import os

from ._arguments import show
from ._failures import ExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_PROTOCOL = 4  # every supported Python reads it
_DEEPEST = 200
_ENDINGS = (".parquet", ".json", ".pickle")


def write_value(base: str, value: Any) -> str:
    """Write a value to `base` with an ending that tells its form; the path.

    Raises:
        ExecutionError: it can't be written in any form.
    """
    os.makedirs(os.path.dirname(base), exist_ok=True)
    for ending, write in _list_writers(value):
        path = f"{base}{ending}"
        if _write_whole(path, write):
            for other in _ENDINGS:
                if other != ending:
                    _remove(f"{base}{other}")
            return path
    raise AssertionError("pickling raises where it fails")


def _list_writers(value: Any) -> list[tuple[str, Callable[[str], bool]]]:
    writers: list[tuple[str, Callable[[str], bool]]] = []
    root = type(value).__module__.partition(".")[0]
    if root in ("pandas", "polars", "pyarrow"):
        from ._frames import write_frame

        writers.append((".parquet", lambda path: write_frame(value, path)))
    elif is_json(value):
        writers.append((".json", lambda path: _write_json(value, path)))
    writers.append((".pickle", lambda path: _write_pickle(value, path)))
    return writers


def _write_whole(path: str, write: Callable[[str], bool]) -> bool:
    """Write beside the path, make it durable, and put it there in one step; False where this form does not do."""
    temporary = os.path.join(os.path.dirname(path), f".atoll-{os.getpid()}-{os.urandom(6).hex()}.part")
    try:
        if not write(temporary):
            return False
        _make_durable(temporary)
        _make_newest(temporary, path)
        os.replace(temporary, path)
        _make_durable(os.path.dirname(path), is_folder=True)
    finally:
        _remove(temporary)
    return True


def _make_durable(path: str, *, is_folder: bool = False) -> None:
    if is_folder and os.name == "nt":
        return  # a folder can't be opened there
    descriptor = os.open(path, os.O_RDONLY if is_folder or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_newest(temporary: str, path: str) -> None:
    """Of a value's files in several forms, which a kill can leave, the newest counts: so this one has to be."""
    base = path.rpartition(".")[0]
    newest = max(_get_time(f"{base}{ending}") for ending in _ENDINGS)
    if _get_time(temporary) <= newest:
        os.utime(temporary, ns=(newest + 1_000_000, newest + 1_000_000))


def _get_time(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return -1


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return


def find_file(base: str) -> str | None:
    """The file of a value; None where there is none."""
    times = {f"{base}{ending}": _get_time(f"{base}{ending}") for ending in _ENDINGS}
    path = max(times, key=times.__getitem__)
    return path if times[path] >= 0 else None


def read_value(path: str, annotation: Any = None) -> Any:
    """The value in a file, a data frame in the kind that the annotation asks for.

    Raises:
        ExecutionError: this Python can't read it.
    """
    if path.endswith(".parquet"):
        from ._frames import read_frame

        return read_frame(path, annotation)
    if path.endswith(".json"):
        import json

        with open(path, encoding="utf-8") as file:
            return json.load(file)
    import pickle

    with open(path, "rb") as file:
        try:
            return pickle.load(file)
        except Exception as error:
            message = f"the value at {path} can't be read here: {type(error).__name__}: {error}"
            hint = "it is pickled; JSON types and data frames travel between locations, or an IO manager of your own"
            raise ExecutionError(message, hint, "not_readable") from error


def is_json(value: Any, depth: int = 0) -> bool:
    """Whether JSON gives back an equal value of the same types."""
    kind = type(value)
    if kind in (str, bool, int) or value is None:
        return True
    if kind is float:
        return bool(value - value == 0)  # neither infinite nor NaN
    if depth > _DEEPEST:
        return False
    if kind is list:
        return all(is_json(item, depth + 1) for item in value)
    if kind is dict:
        return all(type(name) is str and is_json(item, depth + 1) for name, item in value.items())
    return False


def _write_json(value: Any, path: str) -> bool:
    import json

    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:  # a number too long to be written in decimal
        return False
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def _write_pickle(value: Any, path: str) -> bool:
    import pickle

    with open(path, "wb") as file:
        try:
            pickle.dump(value, file, _PROTOCOL)
        except Exception as error:
            message = f"{show(value)} can't be stored: {type(error).__name__}: {error}"
            hint = "return something that can be pickled, or give the asset an IO manager of your own"
            raise ExecutionError(message, hint) from error
    return True
