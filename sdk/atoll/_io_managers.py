"""The IO managers that are there: values in memory, and values in files."""

# ruff: noqa: PTH100, PTH118 -- importing pathlib would cost more than all of the SDK

from __future__ import annotations

import os

from ._annotations import iterate_classes
from ._arguments import show
from ._failures import ExecutionError
from ._metadata import MetadataValue
from ._resources import ConfigurableIOManager, IOManager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from ._io_contexts import InputContext, IOContext, OutputContext

_LONGEST_NAME = 180
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. =,+@")


class _PartitionedIOManager(IOManager):
    """A value of one partition is stored as it is; of several, it is a dict by partition key, and loaded as one."""

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        keys = context.asset_partition_keys
        if len(keys) <= 1:
            self.write(context, list_names(context, keys[0] if keys else None), obj)
            return
        if not isinstance(obj, dict) or set(obj) != set(keys):
            message = f"the value of {len(keys)} partitions must be a dict with a value for each, not {show(obj)}"
            raise ExecutionError(message, f"its keys: {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}")  # noqa: PLR2004 -- as many as are named
        for key in keys:
            self.write(context, list_names(context, key), obj[key])

    def load_input(self, context: InputContext) -> Any:
        keys = context.asset_partition_keys
        if not keys and context.has_asset_partitions:
            return (
                {} if dict in iterate_classes(getattr(context.value_type, "__origin__", context.value_type)) else None
            )
        if len(keys) <= 1:
            return self.read(context, list_names(context, keys[0] if keys else None))
        return {key: self.read(context, list_names(context, key)) for key in keys}

    def write(self, context: OutputContext, names: Sequence[str], value: Any) -> None:
        raise NotImplementedError

    def read(self, context: InputContext, names: Sequence[str]) -> Any:
        raise NotImplementedError


class InMemoryIOManager(_PartitionedIOManager):
    """Keeps values in this process, as the very objects that were returned."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], Any] = {}

    def write(self, context: OutputContext, names: Sequence[str], value: Any) -> None:
        del context  # the names say it all
        self.values[tuple(names)] = value

    def read(self, context: InputContext, names: Sequence[str]) -> Any:
        if tuple(names) not in self.values:
            raise _make_missing(context, names, "make it in the same run, or give resources={'io_manager': …}")
        return self.values[tuple(names)]


class FilesystemIOManager(_PartitionedIOManager, ConfigurableIOManager):
    """Keeps each value in a file below `base_dir`, whose name tells the asset and partition, or run, step and output.

    Data frames of pandas and polars and tables of pyarrow become Parquet where the location has what it takes, values
    of JSON types become JSON, everything else is pickled. A file is written beside its place and put there at once:
    whoever looks sees the old value or the new one, whenever the writer ends.
    """

    base_dir: str

    def write(self, context: OutputContext, names: Sequence[str], value: Any) -> None:
        from ._files import write_value

        path = write_value(self._make_path(names), value)
        context.add_output_metadata({"path": MetadataValue.path(path)})

    def read(self, context: InputContext, names: Sequence[str]) -> Any:
        from ._files import find_file, read_value

        path = find_file(self._make_path(names))
        if path is None:
            raise _make_missing(context, names, f"make it first; it would be at {self._make_path(names)}.*")
        return read_value(path, context.value_type)

    def _make_path(self, names: Sequence[str]) -> str:
        return os.path.join(os.path.abspath(self.base_dir), *map(make_file_name, names))


def list_names(context: IOContext, partition: str | None) -> list[str]:
    """The folders and the file of a value; no key of an asset is written like a partition or a run."""
    if context.asset_key is not None:
        return [*context.asset_key.path, *([] if partition is None else [f"partition={partition}"])]
    source = getattr(context, "upstream_output", None) or context
    return [f"run={source.run_id}", str(source.step_key), str(source.name)]


def make_file_name(name: str) -> str:
    """A name as one that every file system takes, different for different names."""
    text = "".join(
        c if c in _SAFE else "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "surrogatepass")) for c in name
    )
    if not text.strip(". ") or text.endswith((".", " ")):
        text = f"{text[:-1]}%{ord(text[-1]):02X}" if text else "%"
    if len(text) > _LONGEST_NAME:
        from hashlib import sha256

        text = f"{text[:_LONGEST_NAME]}~{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return text


def _make_missing(context: InputContext, names: Sequence[str], hint: str) -> ExecutionError:
    if context.asset_key is None:
        return ExecutionError(f"no value is stored of {'/'.join(names)}", hint, "not_stored")
    partition = names[len(context.asset_key.path) :]
    shown = f" for {partition[0]}" if partition else ""
    return ExecutionError(f"no value of asset '{context.asset_key}' is stored{shown}", hint, "not_stored")
