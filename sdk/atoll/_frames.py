"""Data frames in Parquet files, with whatever of pyarrow and polars the location has."""

from __future__ import annotations

import sys

from ._annotations import iterate_classes
from ._failures import ExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARK = b"atoll.kind"


def _find(name: str) -> Any:
    """A package, None where the location does not have it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def write_frame(value: Any, path: str) -> bool:
    """Write a data frame or table; False where it is another object, or holds what Parquet has no type for."""
    kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
    try:
        if kind == "polars.DataFrame":
            value.write_parquet(path)
            return True
        if kind in ("pandas.DataFrame", "pyarrow.Table"):
            return _write_table(value, kind, path)
    except Exception as error:
        if isinstance(error, OSError):
            raise
        return False
    return False


def _write_table(value: Any, kind: str, path: str) -> bool:
    arrow, parquet = _find("pyarrow"), _find("pyarrow.parquet")
    if arrow is None or parquet is None:
        return False
    table = arrow.Table.from_pandas(value) if kind == "pandas.DataFrame" else value
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _MARK: kind.encode()})
    parquet.write_table(table, path)
    return True


def read_frame(path: str, annotation: Any) -> Any:
    """The frame in the kind that the annotation names; else the kind it had, where that is here; else any."""
    wanted = [kind.__module__.partition(".")[0] for kind in iterate_classes(annotation)]
    for root in ("pandas", "polars", "pyarrow"):
        if root in wanted:
            return _read_as(path, root)
    table = None
    if _find("pyarrow") is not None and _find("pyarrow.parquet") is not None:
        table = sys.modules["pyarrow.parquet"].read_table(path)
        metadata = table.schema.metadata or {}
        kind = metadata.get(_MARK, b"pandas.DataFrame" if b"pandas" in metadata else b"polars.DataFrame").decode()
        root = kind.partition(".")[0]
        if root == "pyarrow":
            return _unmark(table)
        if root == "pandas" and _find("pandas") is not None:
            return table.to_pandas()
    if _find("polars") is not None:
        return _read_as(path, "polars")
    if table is not None:
        return table.to_pandas() if _find("pandas") is not None else _unmark(table)
    raise _make_unreadable(path, "polars or pyarrow")


def _read_as(path: str, root: str) -> Any:
    if root == "polars":
        polars = _find("polars")
        if polars is None:
            raise _make_unreadable(path, "polars")
        return polars.read_parquet(path)
    arrow, parquet = _find("pyarrow"), _find("pyarrow.parquet")
    if arrow is None or parquet is None:
        raise _make_unreadable(path, "pyarrow")
    table = parquet.read_table(path)
    return _unmark(table) if root == "pyarrow" else table.to_pandas()


def _unmark(table: Any) -> Any:
    metadata = {name: value for name, value in (table.schema.metadata or {}).items() if name != _MARK}
    return table.replace_schema_metadata(metadata or None)


def _make_unreadable(path: str, package: str) -> ExecutionError:
    return ExecutionError(
        f"the data frame at {path} can't be read here", f"add {package} to the location", "not_readable"
    )
