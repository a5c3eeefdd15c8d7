"""Where the default IO manager keeps the values of an asset: the host removes them and moves them, and reads none.

How files are named is the SDK's to say (`sdk/atoll/_io_managers.py`); a test holds one against the other.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ENDINGS = (".parquet", ".json", ".pickle")
_PARTITION = "partition="
_LONGEST_NAME = 180
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. =,+@")


def list_values(folder: Path, asset: str, partitions: Sequence[str] | None = None) -> list[Path]:
    """Give the files in which the values of an asset are, in order.

    Args:
        folder: of all values.
        asset: the key, such as `sales/orders`.
        partitions: only values of these; by default all, and that of the asset without partitions.
    """
    place = _find_place(folder, asset)
    if partitions is not None:
        bases = [place / make_file_name(f"{_PARTITION}{key}") for key in partitions]
        return [path for base in bases for path in _list_forms(base)]
    inner = [] if not place.is_dir() else [path for path in sorted(place.iterdir()) if _is_partition(path)]
    return [*_list_forms(place), *inner]


def move_values(folder: Path, old: str, new: str) -> int:
    """Put the values of an asset where another one's are kept; give how many files were moved.

    Each file is moved in one step: what a kill leaves behind is moved by calling this again.
    """
    paths = list_values(folder, old)
    for path in paths:
        place = find_target(folder, path, old, new)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    remove_empty(folder, _find_place(folder, old))
    return len(paths)


def find_target(folder: Path, path: Path, old: str, new: str) -> Path:
    """Say where a file with a value of one asset belongs, if it is one of another asset."""
    target = _find_place(folder, new)
    is_whole = path.parent != _find_place(folder, old)
    return target.with_name(target.name + path.suffix) if is_whole else target / path.name


def remove_values(folder: Path, asset: str, partitions: Sequence[str] | None = None) -> int:
    """Remove the values of an asset, or of some of its partitions; give how many files there were."""
    paths = list_values(folder, asset, partitions)
    for path in paths:
        path.unlink(missing_ok=True)
    remove_empty(folder, _find_place(folder, asset))
    return len(paths)


def remove_empty(folder: Path, place: Path) -> None:
    """Remove a folder and those that it is in as long as nothing is in them, up to the folder of all values."""
    while place != folder and folder in place.parents:
        try:
            place.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        place = place.parent


def make_file_name(name: str) -> str:
    """Give a name as one that every file system takes, different for different names."""
    text = "".join(
        c if c in _SAFE else "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "surrogatepass")) for c in name
    )
    if not text.strip(". ") or text.endswith((".", " ")):
        text = f"{text[:-1]}%{ord(text[-1]):02X}" if text else "%"
    if len(text) > _LONGEST_NAME:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        text = f"{text[:_LONGEST_NAME]}~{digest[:16]}"
    return text


def _find_place(folder: Path, asset: str) -> Path:
    return folder.joinpath(*map(make_file_name, asset.split("/")))


def _list_forms(base: Path) -> list[Path]:
    found = [base.with_name(base.name + ending) for ending in ENDINGS]
    return [path for path in found if path.is_file()]


def _is_partition(path: Path) -> bool:
    return path.name.startswith(_PARTITION) and path.suffix in ENDINGS and path.is_file()
